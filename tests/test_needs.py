"""The marks by which `make unit` chooses its tests, and the watch over what a test starts."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import MARKS, OF_FIXTURES, OF_PATHS, ROOT, Watch, imports_cdk, needs, started


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/proxy/test_vectors.py", set()),
        ("tests/proxy", set()),
        ("tests/simulators/waf/test_evaluator.py", set()),
        ("tests/firewall/test_pool_shield.py", {"node"}),
        ("tests/app/test_app.py", {"node"}),
        ("tests/constructs", {"node"}),
        ("tests/local/test_demo.py", {"node", "emulator"}),
        ("tests/e2e/test_cors.py", {"node", "emulator"}),
        ("tests/e2e/browser/test_story.py", {"node", "emulator", "browser"}),
    ],
)
def test_a_file_s_needs_are_seen(path: str, expected: set[str]) -> None:
    assert needs(ROOT / path) == expected


@pytest.mark.parametrize(
    ("fixtures", "expected"),
    [(["tmp_path"], set()), (["clock", "default_template"], {"node"}), (["waf", "emulator"], {"emulator"})],
)
def test_a_fixture_s_needs_are_seen(fixtures: list[str], expected: set[str]) -> None:
    assert needs(ROOT / "tests" / "proxy" / "test_vectors.py", fixtures) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import json", False),
        ("import aws_cdk as cdk", True),
        ("from aws_cdk.assertions import Template", True),
        ("from constructs import Construct", True),
        # The library's public names are imported when they are asked for.
        ("from cognito_proxy import RegionalProxy", True),
        ("from cognito_proxy.app_clients import rotation_commands", False),
        ("from cognito_proxy.list_edits import edits", False),
        ("import cognito_proxy.firewall.web_acl", True),
        ("from tests.constructs import synthesized", True),
        ("from proxy import edge", False),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import aws_cdk", False),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import json\nelse:\n    import aws_cdk", True),
        ("try:\n    import aws_cdk\nexcept ImportError:\n    pass", True),
        ("try:\n    import json\nexcept ImportError:\n    import aws_cdk", True),
        ("def test():\n    import aws_cdk", False),
        ("class Tests:\n    import aws_cdk", True),
    ],
)
def test_an_import_of_the_cdk_is_found(tmp_path: Path, source: str, expected: bool) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(source)
    assert imports_cdk(file) is expected


def test_every_path_that_is_named_is_there() -> None:
    assert [path for path in OF_PATHS if not (ROOT / path).exists()] == []
    assert {mark for marks in OF_PATHS.values() for mark in marks} == MARKS.keys()


def test_every_fixture_that_is_named_is_there() -> None:
    named = {function.name for file in ROOT.glob("tests/**/conftest.py") for function in functions_of(file)}
    assert OF_FIXTURES.keys() - named == set()


def functions_of(file: Path) -> list[ast.FunctionDef]:
    return [
        statement for statement in ast.parse(file.read_text("utf-8")).body if isinstance(statement, ast.FunctionDef)
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ([sys.executable, "-m", "pytest"], set()),
        ([sys.executable, "-m"], set()),
        (["/bin/ps", "-eo", "pid="], set()),
        (["node", "/somewhere/jsii-runtime.js"], {"node"}),
        ([".venv/bin/cdk", "synth"], {"node"}),
        ([sys.executable, "app.py"], {"node"}),
        ([sys.executable, str(ROOT / "app.py")], {"node"}),
        ([sys.executable, "/somewhere/app.py"], set()),
        ([sys.executable, "-P", "-m", "ministack"], {"emulator"}),
        ([sys.executable, "-m", "local", "--variant", "edge"], {"emulator"}),
        ([sys.executable, "-m", "local.demo"], {"node", "emulator"}),
        (["node", "driver.mjs", "/somewhere/site"], {"node", "browser"}),
    ],
)
def test_what_a_command_starts_is_known(command: list[str], expected: set[str]) -> None:
    assert set(started(command)) == expected


def test_a_test_that_starts_what_its_marks_do_not_tell_fails(request: pytest.FixtureRequest) -> None:
    watch = Watch(while_collecting=False)
    watch.watch(request.node)
    event = ("subprocess.Popen", ("node", ["node", "x.js"], None, None))
    with pytest.raises(pytest.fail.Exception, match=r"marks_do_not_tell_fails starts what the mark `node` stands for"):
        watch(*event)
    request.node.add_marker("node")
    watch(*event)


def test_an_import_may_start_something_unless_only_unit_tests_are_wanted() -> None:
    event = ("subprocess.Popen", ("node", ["node", "x.js"], None, None))
    Watch(while_collecting=False)(*event)
    with pytest.raises(pytest.fail.Exception, match="the import of a test module starts"):
        Watch(while_collecting=True)(*event)


def test_the_watch_is_kept_while_tests_run(request: pytest.FixtureRequest) -> None:
    with pytest.raises(pytest.fail.Exception, match="starts what the mark `node` stands for"):
        subprocess.run([str(Path(sys.executable).with_name("node")), "--version"], check=True)
