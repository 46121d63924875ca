"""The client suite and an attack against one run: what was written meanwhile, anywhere, holds nothing secret.

Every value that crosses the wire with a secret name is a sentinel: passwords, codes, tokens, sessions, SRP values, and
the secret hashes that the proxy adds. So are the client secret and the log's key. The run logs usernames and addresses
as they are (`log_plain`), so that where these may stand is seen, too; that they stand nowhere by default is seen in
test_nothing_secret_is_logged.py.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from local import LocalRun
from local.attack.as_text import tell
from local.attack.cast import Cast
from local.attack.picture import draw
from local.attack.results import Setting
from local.attack.run import attack
from local.attack.scenarios import SCENARIOS
from local.deployment.function_logs import function_logs
from local.screen.exchanges import Exchanges
from local.screen.function_lines import member_of, shortened, summary
from local.screen.screen import Screen
from local.simulators.common.http import HttpRequest, HttpResponse, document_of
from local.simulators.common.journal import Journal
from tests.e2e.deployment import Deployment
from tests.e2e.setups import EDGE, REGIONAL, Setup
from tests.e2e.story import CLIENTS, Codes, Passwords, Person, steps_of
from tests.e2e.story import Report as StepReport
from tests.e2e.telling import tell as tell_story
from tests.leaks import Search, forms_of

ROOT = Path(__file__).resolve().parents[2]
SENTINEL = "sentinel-4711-0815"
"""Stands in every password."""
NAME = "somebody-2342-1337"
"""Stands in the names of the client suite's users, which are their e-mail addresses."""
SECONDS = 24
"""Two fifths of the usual calls: 96 sign-ups, 120 attempts."""
PLAYED = ("sign-up-flood", "credential-stuffing")
SETTINGS = (Setting.PROXY, Setting.BLOCKS)
"""Without a proxy nothing of ours is written; of an attack with blocks, the first half meets the firewall alone."""
ATTACKER = "198.51.100.7"
FUNCTION_LOG, EDGE_LOG = "function log", "edge-function.log"
WAF_LOG, EMULATOR_LOG, LAST = ".local/waf.log", ".local/emulator.log", "state/cognito-proxy/top/last.json"
SCREEN = "screen of make local"

pytestmark = [
    pytest.mark.timeout(580),
    # pycognito takes the time from a method that Python 3.12 deprecates.
    pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning"),
]

SECRET = frozenset(
    {
        "AccessToken",
        "ClientSecret",
        "ConfirmationCode",
        "IdToken",
        "NEW_PASSWORD",
        "PASSWORD",
        "PASSWORD_CLAIM_SECRET_BLOCK",
        "PASSWORD_CLAIM_SIGNATURE",
        "Password",
        "PreviousPassword",
        "ProposedPassword",
        "REFRESH_TOKEN",
        "RefreshToken",
        "SALT",
        "SECRET_BLOCK",
        "SECRET_HASH",
        "SRP_A",
        "SRP_B",
        "SecretHash",
        "Session",
        "Token",
    }
)
"""Members of requests and answers, with and without the proxy, whose values must never be written."""

WHO = frozenset({"USERNAME", "USER_ID_FOR_SRP", "UserSub", "Username", "Value"})
"""Members that say who somebody is."""

HARMLESS = frozenset(
    {
        "AttributeName",
        "AuthFlow",
        "ChallengeName",
        "ClientId",
        "ClientName",
        "DeliveryMedium",
        "Destination",
        "ExplicitAuthFlows",
        "Name",
        "PreventUserExistenceErrors",
        "SupportedIdentityProviders",
        "TIMESTAMP",
        "TokenType",
        "UserPoolId",
        "UserStatus",
        "__type",
        "message",
    }
)
"""All other members: the test of them fails for one that nobody has judged."""

NO_SECRETS = frozenset({"minutes", "cognito-proxy-smoke"})
"""What else stands under these names: the unit of a token's life, and what `smoke` sends in the place of tokens."""


@dataclass(kw_only=True)
class Wire:
    """All texts that crossed the wire at the proxy and at Cognito, by the name of their member."""

    texts: dict[str, set[str]] = field(default_factory=dict, repr=False)

    def tap(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Hear what every journal is told, before it redacts."""
        record = Journal.record

        def heard(journal: Journal, request: HttpRequest, response: HttpResponse) -> None:
            for body in (request.body, response.body):
                self._hear(document_of(body), "")
            record(journal, request, response)

        monkeypatch.setattr(Journal, "record", heard)

    def _hear(self, value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                self._hear(member, key)
        elif isinstance(value, list):
            for member in value:
                self._hear(member, name)
        elif isinstance(value, str) and value:
            self.texts.setdefault(name, set()).add(value)

    def of(self, names: frozenset[str]) -> Iterator[tuple[str, str]]:
        """What each is, and the text."""
        for name in sorted(names):
            for number, text in enumerate(sorted(self.texts.get(name, ()))):
                yield f"{name} {number}", text


@dataclass(kw_only=True)
class Written:
    """Everything that one run left behind, by where it stands."""

    setup: Setup
    wire: Wire = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)
    """Of the app client: its secret, and all that the secret's document holds."""
    reports: Mapping[str, list[StepReport]]
    """What each client told of its steps."""
    texts: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def sentinels(self) -> dict[str, str]:
        """All that is secret, by what it is. What holds the sentinel is found by it."""
        on_the_wire = {
            what: text for what, text in self.wire.of(SECRET) if SENTINEL not in text and text not in NO_SECRETS
        }
        return {"sentinel": SENTINEL, **self.secrets, **on_the_wire}

    @cached_property
    def search(self) -> Search:
        return Search(self.sentinels)

    @cached_property
    def people(self) -> dict[str, str]:
        """Names of users. Shorter ones would be found by chance. Of an e-mail address, the end is no name."""
        names = {text for _, text in self.wire.of(WHO) if len(text) >= 12 and "@" not in text}
        mails = {text[-20:] for _, text in self.wire.of(WHO) if text.endswith("@example.com") and len(text) >= 20}
        return {f"name {name}": name for name in names} | {f"e-mail {mail}": mail for mail in mails} | {"suite": NAME}

    def lines(self) -> list[dict[str, Any]]:
        """The functions' own lines, parsed."""
        texts = [text for where, text in self.texts.items() if _is_function_log(where)]
        calls = [member_of(line) for text in texts for line in text.decode().splitlines()]
        return [dict(call) for call in calls if call is not None]

    def places(self, values: Mapping[str, str]) -> dict[str, set[str]]:
        """Where which of these stand, in whatever form."""
        search = Search(values)
        found: dict[str, set[str]] = {}
        for where, text in self.texts.items():
            for leak in search.leaks(where, text):
                found.setdefault(where, set()).add(leak.what)
        return found


@dataclass(kw_only=True)
class Meanwhile:
    """What is done, and what is read, while the attacked run is up."""

    setup: Setup
    folder: Path
    person: Person
    texts: dict[str, bytes] = field(default_factory=dict, repr=False)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    reports: dict[str, list[StepReport]] = field(default_factory=dict)

    def __call__(self, run: LocalRun) -> None:
        deployment = Deployment(run=run, setup=self.setup)
        with (self.folder / "screen.txt").open("w+", encoding="utf-8") as file:
            self._suite(run, deployment, Screen(file=file))
            file.seek(0)
            self.texts[SCREEN] = file.read().encode()
        (self.folder / "screen.txt").unlink()
        for words in (
            "top addresses",
            "top prefixes --json",
            "top usernames",
            "top clients",
            "top addresses --json",
            "ip block --from-top 5 --dry-run",
            "ip list --json",
            "smoke --junit smoke.xml",
        ):
            self.texts[f"cognito-proxy {words}"] = self._command(*words.split())
        self.secrets |= _secrets(run, deployment)
        self.texts |= _emulated(run)
        # While it is up: its outputs are there, too.
        self.texts |= {str(file.relative_to(self.folder)): file.read_bytes() for file in _files(self.folder)}

    def _suite(self, run: LocalRun, deployment: Deployment, screen: Screen) -> None:
        exchanges = Exchanges(screen.tell, is_direct=run.is_direct)
        run.journal.observe(exchanges.at_cognito)
        run.viewer_journal.observe(exchanges.at_proxy)
        for number, client in enumerate(CLIENTS):
            name = self.person.username.replace("@", f"-{number}@")
            person = Person(username=name, passwords=self.person.passwords, codes=self.person.codes)
            self.reports[client] = tell_story(client, deployment, person)
            for _ in range(100):
                screen.show(seconds=0)

    def _command(self, *arguments: str) -> bytes:
        environment = {name: os.environ[name] for name in ("PATH", "HOME")} | {
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "COLUMNS": "240",
        }
        finished = subprocess.run(
            [sys.executable, "-m", "cognito_proxy.cli", *arguments, "--local"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            timeout=150,
            check=False,
        )
        return finished.stdout + finished.stderr


def _secrets(run: LocalRun, deployment: Deployment) -> dict[str, str]:
    found = {"client secret": deployment.client_secret()}
    for region in sorted({stack.region for stack in run.stacks.values()}):
        secrets = run.client("secretsmanager", region=region)
        for secret in secrets.list_secrets()["SecretList"]:
            document = json.loads(secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"])
            found |= {
                f"{name} of {secret['Name']} in {region}": value
                for name, value in document.items()
                if name not in ("client_id", "user_pool_id", "region")
            }
    return found


def _emulated(run: LocalRun) -> dict[str, bytes]:
    """What AWS's services in the emulator were told: logs, metrics, alarms."""
    found: dict[str, bytes] = {}
    for region in sorted({stack.region for stack in run.stacks.values()}):
        found[f"{FUNCTION_LOG} {region}"] = function_logs(run.client("logs", region=region)).encode()
        metrics = run.client("cloudwatch", region=region)
        found[f"metrics {region}"] = json.dumps(
            [metrics.list_metrics(), metrics.describe_alarms()], default=str
        ).encode()
    calls = [call for text in _function_lines(found, run) if (call := member_of(text)) is not None]
    found["VERBOSE=1 make local"] = "\n".join([*map(shortened, calls), summary(calls)]).encode()
    return found


def _function_lines(found: Mapping[str, bytes], run: LocalRun) -> list[str]:
    texts = [text.decode() for where, text in found.items() if where.startswith(FUNCTION_LOG)]
    texts += [file.read_text() for file in run.log_files if file.name == EDGE_LOG and file.exists()]
    return [line for text in texts for line in text.splitlines()]


def _is_function_log(where: str) -> bool:
    return where.startswith(FUNCTION_LOG) or where.endswith(EDGE_LOG)


def _files(folder: Path) -> Iterator[Path]:
    yield from (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink())


@pytest.fixture(scope="module", params=[REGIONAL, EDGE], ids=str)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    setup, folder, wire, said = request.param, tmp_path_factory.mktemp("leaks"), Wire(), list[str]()
    cast = Cast(mark=f"{SENTINEL}-cast")
    person = Person(
        username=f"{NAME}-Name@Example.com",
        passwords=Passwords(
            initial=f"Aa1!{SENTINEL}-initial",
            wrong=f"Aa1!{SENTINEL}-wrong",
            changed=f"Aa1!{SENTINEL}-changed",
            reset=f"Aa1!{SENTINEL}-reset",
        ),
        codes=Codes(wrong="735294"),
    )
    meanwhile = Meanwhile(setup=setup, folder=folder, person=person)
    with pytest.MonkeyPatch.context() as monkeypatch:
        wire.tap(monkeypatch)
        report = attack(
            variant=setup.variant,
            scenarios=[replace(scenario, settings=SETTINGS) for scenario in SCENARIOS if scenario.name in PLAYED],
            seconds=SECONDS,
            work_dir=folder / ".local",
            cast=cast,
            command="pytest",
            say=said.append,
            meet=meanwhile,
        )
    out = io.StringIO()
    tell(report, Console(file=out, width=110))
    draw(report, folder / "attack.png")
    told = {
        "attack's screen": "\n".join([*said, out.getvalue()]).encode(),
        "attack's JSON": json.dumps(report.as_document()).encode(),
        "attack.png": (folder / "attack.png").read_bytes(),
    }
    return Written(
        setup=setup,
        wire=wire,
        secrets=meanwhile.secrets,
        reports=meanwhile.reports,
        texts={**meanwhile.texts, **told},
    )


def test_the_clients_and_the_attack_did_what_they_do(written: Written) -> None:
    """Otherwise the tests below would pass for want of anything written."""
    for client in CLIENTS:
        failed = {report["step"]: report["error_name"] for report in written.reports[client] if not report["ok"]}
        assert failed == {step.name: step.error for step in steps_of(client) if step.error}
    operations = {line["operation"] for line in written.lines()}
    assert operations >= {"SignUp", "InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken"}
    assert {"_aws", "username", "address"} <= {member for line in written.lines() for member in line}
    assert ATTACKER.encode() in written.texts[WAF_LOG]
    assert b'"action":"BLOCK"' in written.texts[WAF_LOG]
    assert b"GetTokensFromRefreshToken" in written.texts[SCREEN]
    assert ATTACKER.encode() in written.texts["cognito-proxy top addresses"]
    for place in (LAST, ".local/outputs.json", EMULATOR_LOG, "smoke.xml", "attack.png", "attack's JSON"):
        assert written.texts[place]
    kinds = {what.split()[0] for what in written.sentinels}
    assert kinds >= {"AccessToken", "IdToken", "RefreshToken", "SRP_A", "SECRET_HASH", "SecretHash", "ClientSecret"}
    assert {name.split()[0] for name in written.secrets} == {"client", "client_secret", "log_key"}


def test_every_member_on_the_wire_was_judged(written: Written) -> None:
    assert set(written.wire.texts) <= SECRET | WHO | HARMLESS


@pytest.mark.proves("threat-logs")
def test_nothing_secret_stands_in_anything_that_was_written(written: Written) -> None:
    leaks = {leak for where, text in written.texts.items() for leak in written.search.leaks(where, text)}
    # `make local` shows the codes that nobody sends here.
    codes = {what for what, text in written.sentinels.items() if text in (Codes().confirmation, Codes().reset)}
    assert {leak.what for leak in leaks if leak.where == SCREEN} == codes
    assert sorted(leak for leak in leaks if leak.where != SCREEN) == []


def test_a_sentinel_in_any_form_would_have_been_found(written: Written) -> None:
    log = next(text for where, text in written.texts.items() if _is_function_log(where) and text)
    token = next(what for what in written.sentinels if what.startswith("IdToken"))
    for what in ("sentinel", "client secret", token):
        for form, text in forms_of(written.sentinels[what]):
            middle = len(log) // 2
            planted = log[middle - 500 : middle] + text.encode() + log[middle : middle + 500]
            assert (what, form) in {(leak.what, leak.form) for leak in written.search.leaks("here", planted)}


def test_usernames_stand_where_the_documents_say_and_nowhere_else(written: Written) -> None:
    """docs/logs.md: with `log_plain` in the functions' lines. `make local` shows them on its screen."""
    found = written.places(written.people)
    # The emulator's own log tells whom an administrator made.
    assert {what for what in found.pop(EMULATOR_LOG, set()) if "victim-" not in what} == set()
    logs = {where for where in found if _is_function_log(where)}
    assert logs
    assert set(found) == logs | {SCREEN}
    # No e-mail address but of those whose name it is.
    assert [what for where in found for what in found[where] if what.startswith("e-mail")] == []
    rest = [{name: value for name, value in line.items() if name != "username"} for line in written.lines()]
    assert Search(written.people).leaks("lines without usernames", json.dumps(rest).encode()) == set()


def test_addresses_stand_where_the_documents_say_and_nowhere_else(written: Written) -> None:
    """docs/logs.md: with `log_plain` in the functions' lines. AWS WAF logs them; `top` and what it keeps name them."""
    found = {where for where, text in written.texts.items() if ATTACKER.encode() in text}
    told = {"cognito-proxy top addresses", "cognito-proxy top addresses --json", LAST}
    told |= {"cognito-proxy ip block --from-top 5 --dry-run", "attack's screen", "attack's JSON"}
    logs = {where for where in found if _is_function_log(where)}
    assert logs
    assert found == logs | told | {WAF_LOG}
    rest = [
        {name: value for name, value in line.items() if name not in ("address", "prefix")} for line in written.lines()
    ]
    assert "198.51.100." not in json.dumps(rest)
