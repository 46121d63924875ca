"""A user's own code around the calls: what is bundled with the function, what synth refuses and warns of."""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import AppClient, EdgeAdminCalls, EdgeProxy, FailurePolicy, Guards, PropertyError, RegionalProxy
from cognito_proxy.common.python_function import RUNTIME
from cognito_proxy.interceptors import _guard_files, _guard_source
from cognito_proxy.interceptors.made import Made
from cognito_proxy.proxies.alarms import ProxyAlarms
from cognito_proxy_guards import Sensitive
from proxy.settings import parse_settings
from tests.constructs.synthesized import EDGE_REGION, REGION, joined, only

CHECK = "from cognito_proxy_guards import Call, Reject\n\ndef check(call: Call) -> Reject | None:\n    return None\n"
SEEN = "def seen(call, outcome):\n    pass\n"

Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write files into a folder."""

    def write(files: Mapping[str, str | bytes] | None = None, *, folder: str = "code") -> Path:
        for path, text in (files or {"my_guards.py": CHECK}).items():
            place = tmp_path / folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / folder

    return write


def guards(code: str | Path, **properties: Any) -> Guards:
    return Guards(code=code, **({"module": "my_guards"} | properties))


def stack_with(own: Guards | None, *, edge: bool = False, outdir: Path | None = None, **properties: Any) -> Stack:
    region = EDGE_REGION if edge else REGION
    stack = Stack(App(outdir=outdir and str(outdir)), "Stack", env=Environment(region=region))
    client = AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"))
    (EdgeProxy if edge else RegionalProxy)(stack, "Proxy", app_clients=[client], guards=own, **properties)
    return stack


def made(own: Guards) -> Made:
    return own.make(Stack(App(), "Stack"))


def asset_of(stack: Stack) -> Path:
    """The folder with the proxy's function."""
    app = App.of(stack)
    assert app is not None
    (asset,) = (path for path in Path(app.synth().directory).glob("asset.*") if (path / "proxy/regional.py").is_file())
    return asset


def bundled(asset: Path) -> set[str]:
    """What is in it besides the proxy."""
    files = {path.relative_to(asset).as_posix() for path in asset.rglob("*") if path.is_file()}
    return {path for path in files if not path.startswith("proxy/")}


API = {"cognito_proxy_guards/" + name for name in ("__init__.py", "call.py", "names.py", "outcome.py", "reject.py")}


def part_of(stack: Stack) -> dict[str, Any]:
    (function,) = (
        resource
        for resource in Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
        if resource["Properties"]["Handler"] == "proxy.regional.handler"
    )
    text = joined(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"])
    parse_settings(text.replace("<WebClient", "arn:aws:secretsmanager:eu-west-1:1:secret:<WebClient"))
    part: dict[str, Any] = json.loads(text)["guards"]
    return part


def test_the_least_one_can_write(written: Written) -> None:
    stack = stack_with(guards(written()))
    assert part_of(stack) == {"module": "my_guards", "functions": ["check"], "seconds": 0.5}
    assert bundled(asset_of(stack)) == API | {"my_guards.py"}
    Annotations.from_stack(stack).has_no_warning("*", Match.string_like_regexp("guards"))


def test_everything_set(written: Written) -> None:
    code = written({"my_guards/__init__.py": CHECK + SEEN, "my_guards/words.txt": "x"})
    own = guards(
        str(code),
        timeout=Duration.seconds(2),
        on_failure=FailurePolicy.CLOSED,
        operations=["SignUp", "InitiateAuth"],
        attributes=["email", "custom:plan"],
        metadata=["plan"],
        sees=[Sensitive.PASSWORD],
        tells=["risk"],
    )
    stack = stack_with(own)
    assert part_of(stack) == {
        "module": "my_guards",
        "functions": ["check", "seen"],
        "seconds": 2,
        "closed": True,
        "operations": ["InitiateAuth", "SignUp"],
        "attributes": ["custom:plan", "email"],
        "metadata": ["plan"],
        "sees": ["password"],
        "tells": ["risk"],
    }
    assert bundled(asset_of(stack)) == API | {"my_guards/__init__.py", "my_guards/words.txt"}
    Annotations.from_stack(stack).has_warning("/Stack/Proxy", Match.string_like_regexp("sees password of users"))


def test_without_guards_nothing_of_it_is_there() -> None:
    assert bundled(asset_of(stack_with(None))) == set()


def test_the_edge_carries_its_part_in_the_header(written: Written) -> None:
    stack = stack_with(guards(written()), edge=True)
    distribution = only(Template.from_stack(stack), "AWS::CloudFront::Distribution")
    (origin,) = distribution["Properties"]["DistributionConfig"]["Origins"]
    document = joined(origin["OriginCustomHeaders"][0]["HeaderValue"]["Fn::Base64"])
    assert json.loads(document)["guards"] == {"module": "my_guards", "functions": ["check"], "seconds": 0.5}
    assert "my_guards.py" in bundled(asset_of(stack))


@pytest.mark.proves("guard-observer-at-the-edge")
def test_an_observer_at_the_edge_needs_answers_that_the_function_sees(written: Written) -> None:
    own = guards(written({"my_guards.py": CHECK + SEEN, "without.py": "from my_guards import check\n"}))
    for properties in (
        {},
        {"threat_protection": True, "edge_admin_calls": EdgeAdminCalls.IN_PLACE},
        {"edge_admin_calls": EdgeAdminCalls.GENERATED},
    ):
        with pytest.raises(PropertyError, match=r"^guards: seen of 'my_guards' would never run"):
            stack_with(own, edge=True, **properties)
    stack_with(own, edge=True, threat_protection=True)
    stack_with(guards(own.code, module="without"), edge=True)


def test_what_is_left_out(written: Written) -> None:
    code = written(
        {
            "my_guards/__init__.py": CHECK,
            "my_guards/rules.py": "",
            "my_guards/__pycache__/rules.cpython-313.pyc": b"x",
            "my_guards/tests/test_rules.py": "",
            "my_guards/test_more.py": "",
            "my_guards/rules_test.py": "",
            "tests/test_it.py": "",
            "test_it.py": "",
            "conftest.py": "",
            "stale.pyc": b"x",
            "bin/program": "#!/home/somebody/python",
            ".git/config": "x",
            ".env": "x",
            "vendored/__init__.py": "",
            "vendored/tests/__init__.py": "",
            "vendored/bin/tool.py": "",
            "vendored-1.0.dist-info/METADATA": "x",
        }
    )
    assert bundled(asset_of(stack_with(guards(code)))) - API == {
        "my_guards/__init__.py",
        "my_guards/rules.py",
        "vendored/__init__.py",
        "vendored/tests/__init__.py",
        "vendored/bin/tool.py",
        "vendored-1.0.dist-info/METADATA",
    }


@pytest.mark.proves("guard-asset-deterministic")
def test_the_same_content_has_the_same_name_wherever_it_stands(written: Written) -> None:
    first, second = written(folder="first"), written(folder="second")
    (second / "my_guards.py").chmod(0o600)
    (second / "__pycache__").mkdir()
    (second / "__pycache__" / "my_guards.cpython-313.pyc").write_bytes(b"x")
    os.utime(second / "my_guards.py", (1, 1))
    assets = [asset_of(stack_with(guards(code))) for code in (first, second)]
    assert assets[0].name == assets[1].name
    assert (assets[1] / "my_guards.py").stat().st_mode & 0o777 == 0o644
    (second / "my_guards.py").write_text(CHECK + "# changed\n")
    assert asset_of(stack_with(guards(second))).name != assets[0].name


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("proxy/__init__.py", "package of the proxy's function"),
        ("proxy.py", "package of the proxy's function"),
        ("cognito_proxy_guards/__init__.py", "package of the proxy's function"),
        ("json.py", "module of Python's own"),
        ("ssl/__init__.py", "module of Python's own"),
        ("hmac.cpython-313-x86_64-linux-gnu.so", "module of Python's own"),
        ("sitecustomize.py", "module of Python's own"),
    ],
)
def test_a_name_that_would_hide_another_module_is_refused(written: Written, name: str, named: str) -> None:
    code = written({"my_guards.py": CHECK, name: ""})
    with pytest.raises(PropertyError, match=f"^code must not hold '{re.escape(name.partition('/')[0])}', .*{named}"):
        made(guards(code))


@pytest.mark.parametrize("target", ["my_guards.py", "/etc/hostname", "nowhere", "."])
def test_a_symbolic_link_is_refused(written: Written, target: str) -> None:
    code = written({"my_guards.py": CHECK, "package/__init__.py": ""})
    (code / "package" / "link").symlink_to(target)
    with pytest.raises(PropertyError, match=r"^code must hold no symbolic link: package/link$"):
        made(guards(code))


def test_what_is_no_file_is_refused(written: Written) -> None:
    code = written()
    os.mkfifo(code / "pipe")
    with pytest.raises(PropertyError, match=r"^code must hold files and folders only: pipe$"):
        made(guards(code))


def test_it_has_a_largest_size(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _guard_files.MAX_BYTES == 50_000_000
    monkeypatch.setattr(_guard_files, "MAX_BYTES", len(CHECK) + 10)
    made(guards(written({"my_guards.py": CHECK, "data": b"x" * 10})))
    with pytest.raises(PropertyError, match=f"^code must have at most {len(CHECK) + 10} bytes, not {len(CHECK) + 11}$"):
        made(guards(written({"more": b"x"})))


@pytest.mark.proves("guard-code-refused")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def check(call:\n", r"^module: my_guards.py: .*line 1 \(read with Python"),
        ("x = 1\n", "^module: 'my_guards' has neither check"),
        ("class A:\n    def check(self, call): pass\n", "has neither check"),
        ("async def check(call): pass\n", "must be an ordinary function, not async"),
        ("def check(): pass\n", "must take what check"),
        ("def check(call, more): pass\n", "must take what check"),
        ("def check(call, *, more): pass\n", "must take what check"),
        ("def seen(call): pass\n", r"must take what seen\(call, outcome\) takes"),
        (b"\xff\xfe def", "^module: my_guards.py: "),
        (b"x = '\0'", "^module: my_guards.py: "),
    ],
)
def test_code_that_cannot_be_a_guard_is_refused_at_synth(
    written: Written, monkeypatch: pytest.MonkeyPatch, text: str | bytes, message: str
) -> None:
    monkeypatch.setattr(_guard_source, "FUNCTIONS_PYTHON", sys.version_info[:2])
    with pytest.raises(PropertyError, match=message):
        made(guards(written({"my_guards.py": text})))


@pytest.mark.parametrize(
    "text",
    [
        "def check(call, more=1): pass\n",
        "def check(*calls): pass\n",
        "def check(call, *, more=1): pass\n",
        "from rules import check\n",
        "from rules import judge as check\n",
        "check = print\n",
        "import functools\n@functools.cache\ndef check(): pass\n",
        "raise SystemExit('never run at synth')\ndef check(call): pass\n",
    ],
)
def test_what_may_be_a_guard_passes_and_is_not_run(written: Written, text: str) -> None:
    found = made(guards(written({"my_guards.py": text, "rules.py": ""})))
    assert found.settings["guards"]["functions"] == ["check"]


def test_the_syntax_of_all_that_is_the_users_own_is_checked_and_of_nothing_else(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_guard_source, "FUNCTIONS_PYTHON", sys.version_info[:2])
    made(guards(written({"my_guards.py": CHECK, "vendored/template.py": "def {{ name }}():"})))
    with pytest.raises(PropertyError, match=r"^module: helper.py: "):
        made(guards(written({"helper.py": "def {{ name }}():"})))


def test_the_functions_python_counts_not_the_one_that_synthesizes(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = "match 1:\n    case _: pass\ndef check(call): pass\n"
    monkeypatch.setattr(_guard_source, "FUNCTIONS_PYTHON", (3, 9))
    with pytest.raises(PropertyError, match=r"^module: my_guards.py: .* the function's is 3\.9\)$"):
        made(guards(written({"my_guards.py": newer})))
    # What the parser here does not know yet, the function's may: it is said, and not refused.
    monkeypatch.setattr(_guard_source, "FUNCTIONS_PYTHON", (3, 99))
    stack = stack_with(guards(written({"my_guards.py": "def check(call): pass\nsyntax of tomorrow\n"})))
    assert part_of(stack)["functions"] == ["check"]
    Annotations.from_stack(stack).has_warning("/Stack/Proxy", Match.string_like_regexp("the code was not checked"))


def test_the_functions_python_is_that_of_the_runtime() -> None:
    assert RUNTIME.name == f"python{'.'.join(map(str, _guard_source.FUNCTIONS_PYTHON))}"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"module": "my-guards"}, "^module must be a module's dotted name"),
        ({"module": "../my_guards"}, "^module must be"),
        ({"module": "other"}, "^module: 'other' is not in "),
        ({"module": "my_guards.rules"}, "^module: 'my_guards.rules' is not in "),
        ({"timeout": Duration.seconds(11)}, "^timeout must be from 1 milli.* to 10 seconds, not 11 seconds"),
        ({"timeout": Duration.millis(0)}, "^timeout must be"),
        ({"operations": ["AdminGetUser"]}, "^operations: 'AdminGetUser' is none of "),
        ({"sees": ["client_secret"]}, "^sees: 'client_secret' is none of access_token, answer, code, password"),
        ({"attributes": ["e mail"]}, "^attributes: 'e mail' is not"),
        ({"tells": [""]}, "^tells: '' is not"),
        ({"metadata": [str(number) for number in range(26)]}, "^metadata must hold at most 25 names, not 26"),
    ],
)
def test_a_property_out_of_its_bounds_is_refused(written: Written, properties: dict[str, Any], message: str) -> None:
    code = written()
    with pytest.raises(PropertyError, match=message):
        made(guards(code, **properties))


def test_an_alarm_rings_when_a_guard_fails(written: Written) -> None:
    stack = Stack(App(), "Proxy", env=Environment(region=REGION))
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123")
    client = AppClient(stack, "Client", user_pool=pool)
    ProxyAlarms(stack, "Alarms", proxy=RegionalProxy(stack, "Proxy", app_clients=[client], guards=guards(written())))
    Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Namespace": "CognitoProxy",
            "MetricName": "GuardFailures",
            "Threshold": 5,
            "AlarmDescription": "The sign-in proxy had guards that failed",
            "Dimensions": Match.array_with([{"Name": "variant", "Value": "regional"}]),
        },
    )


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PropertyError, match=r"^code must be a folder, not "):
        made(guards(tmp_path / "none"))


RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from proxy.call import Call
from proxy.interceptors import Tools
from proxy.interceptors.guards import Guards
from proxy.messages import Request
from proxy.reading import Reading
guards = Guards(json.loads(sys.argv[2]), Tools(settings=None, pseudonyms=None, after_answer=None))
call = Call(time=0.0, started=0.0)
request = Request(method="POST", headers={}, body=b"", client_ip="192.0.2.1")
try:
    guards.before(Reading(operation="GetUser", request=request, body={}), call, deadline=1e9)
except Exception as error:
    print(error, *call.problems)
"""


@pytest.mark.proves("guard-vendored")
def test_what_pip_has_put_into_the_folder_is_imported_in_the_function(written: Written, tmp_path: Path) -> None:
    wheel = tmp_path / "tiny_rules-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_rules/__init__.py", 'WORDS = "Said by a dependency."\ndef main(): pass\n')
        info = "tiny_rules-1.0.dist-info/"
        archive.writestr(f"{info}METADATA", "Metadata-Version: 2.1\nName: tiny-rules\nVersion: 1.0\n")
        archive.writestr(f"{info}WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}entry_points.txt", "[console_scripts]\ntiny = tiny_rules:main\n")
        archive.writestr(f"{info}RECORD", "")
    text = (
        "from cognito_proxy_guards import Reject\nimport tiny_rules\n"
        "def check(call):\n    return Reject(tiny_rules.WORDS)\n"
    )
    code = written({"my_guards.py": text})
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-qq", "--no-index", "--target", str(code), str(wheel)],
        check=True,
        timeout=60,
    )
    assert (code / "bin" / "tiny").is_file()
    stack = stack_with(guards(code))
    asset, part = asset_of(stack), part_of(stack)
    assert not [path for path in bundled(asset) if path.startswith("bin/") or path.endswith(".pyc")]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", RUN, str(asset), json.dumps(part)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert run.stdout == "Said by a dependency.\n"
