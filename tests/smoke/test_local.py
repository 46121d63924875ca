"""`cognito-proxy smoke` against both variants on this machine: all pass that can, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from local import LocalRun, local_run
from local.simulators.common.root_client import root_client, root_session

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "https://app.example.com"
FLAGS = {
    "rotation_days": "30",
    "app_clients": "web,ios",
    "allowed_origins": ORIGIN,
    "deny_ips": "198.51.100.0/24",
    # More than all these runs send.
    "rate_limit": "20000",
    "sign_up_rate_limit": "1000",
    "recovery_rate_limit": "1000",
    "sign_in_attempts_rate_limit": "1000",
    "sign_in_rate_limit": "1000",
}
USER_PREFIX = "cognito-proxy-smoke-"

_NO_TLS = {"dns", "tls"}
_OF_AWS = {"cognito-texts"}
_NO_CLOUDWATCH = {"dashboard", "alarms", "function-metrics", "quota-metrics"}
NOT_CHECKABLE = {
    "regional": _NO_TLS | _OF_AWS | _NO_CLOUDWATCH | {"web-acl-attached", "log-line"},
    "edge": _NO_TLS | _OF_AWS | _NO_CLOUDWATCH | {"log-group", "log-line"},
}
"""What the emulator cannot show. Everything else that is run must pass."""

_ON_REQUEST = {
    "user-signs-in",
    "user-refreshes",
    "user-resets",
    "user-revokes",
    "user-deleted",
    "deny-me",
    "flood-stopped",
}
_ELSEWHERE = {"alarm-mail", "old-tls-refused", "pool-shield", "user-true-address"}
OF_OTHER_VARIANT = {
    "regional": {"function-version", "response-headers-policy", "secret-replicas"},
    "edge": {"may-invoke-function"},
}


@dataclass(frozen=True, kw_only=True)
class Local:
    """A run, and the command in its checkout."""

    run: LocalRun
    folder: Path

    @property
    def variant(self) -> str:
        return self.run.outputs.variant

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def begin(self, *arguments: str, where: tuple[str, ...] = ("--local",)) -> subprocess.Popen[str]:
        environment = {name: os.environ[name] for name in ("PATH", "HOME")}
        environment |= {
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.state),
            # What must not get in the way of --local.
            "HTTP_PROXY": "http://127.0.0.1:9",
            "COGNITO_PROXY_STACK": "CognitoProxyInProduction",
            "AWS_PROFILE": "nobody",
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": self.run.upstream,
        }
        if where != ("--local",):
            environment.pop("HTTP_PROXY")
        return subprocess.Popen(
            [sys.executable, "-m", "cognito_proxy.cli", "smoke", *where, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def smoke(self, *arguments: str, where: tuple[str, ...] = ("--local",)) -> tuple[int, str, str]:
        process = self.begin(*arguments, where=where)
        stdout, stderr = process.communicate(timeout=150)
        return process.returncode, stdout, stderr

    def results(self, *arguments: str, where: tuple[str, ...] = ("--local",)) -> dict[str, Any]:
        code, stdout, stderr = self.smoke(*arguments, "--json", where=where)
        assert stderr == ""
        document = json.loads(stdout)
        results: dict[str, Any] = {result["name"]: result for result in document["results"]}
        failed = {name: result["evidence"] for name, result in results.items() if result["verdict"] == "failed"}
        assert (code, failed, document["left"]) == (0, {}, [])
        return results

    def users(self) -> list[str]:
        outputs = self.run.outputs
        cognito = self.run.client("cognito-idp", region=outputs.region)
        return [
            user["Username"]
            for user in cognito.list_users(UserPoolId=outputs.user_pool_id)["Users"]
            if user["Username"].startswith(USER_PREFIX)
        ]

    def records(self) -> list[Path]:
        return sorted((self.state / "cognito-proxy" / "smoke").glob("*"))

    def secrets(self) -> list[str]:
        """What must be in nothing that is told."""
        found = []
        for stack in self.run.stacks.values():
            for name, arn in stack.outputs.items():
                if name.startswith("SecretArn"):
                    secrets = self.run.client("secretsmanager", region=arn.split(":")[3])
                    found.append(json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])["client_secret"])
        assert len(found) == 2
        return found


@pytest.fixture(scope="module", params=["regional", "edge"])
def local(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    folder = tmp_path_factory.mktemp("checkout")
    with local_run(variant=request.param, context=FLAGS, work_dir=folder / ".local") as run:
        yield Local(run=run, folder=folder)


def by_verdict(results: dict[str, Any], verdict: str) -> set[str]:
    return {name for name, result in results.items() if result["verdict"] == verdict}


@pytest.mark.proves("smoke-exit-code", "not-checkable-not-passed")
def test_everything_passes_that_can_and_nothing_else_counts_as_passed(local: Local) -> None:
    results = local.results()
    assert by_verdict(results, "not checkable here") == NOT_CHECKABLE[local.variant]
    assert by_verdict(results, "skipped") == _ON_REQUEST | _ELSEWHERE | OF_OTHER_VARIANT[local.variant]
    assert results["web-acl-lists"]["evidence"].endswith("1 from the settings")
    assert "for 2 app client(s)" in results["rotation-function"]["evidence"]


@pytest.mark.proves("smoke-changes-nothing")
def test_a_plain_run_with_all_probes_changes_nothing(local: Local) -> None:
    """Every call of AWS that it makes is recorded, by boto3's own event."""
    recorder = local.folder / "sitecustomize.py"
    log = local.folder / "calls.txt"
    recorder.write_text(
        "import boto3.session\n"
        "made = boto3.session.Session.client\n"
        "def client(self, *args, **more):\n"
        "    client = made(self, *args, **more)\n"
        "    def note(model, params, **_):\n"
        f"        with open({str(log)!r}, 'a') as file:\n"
        "            print(model.service_model.service_name, model.name, params.get('body', b''), file=file)\n"
        "    client.meta.events.register('before-call', note)\n"
        "    return client\n"
        "boto3.session.Session.client = client\n"
    )
    process = subprocess.run(
        [sys.executable, "-m", "cognito_proxy.cli", "smoke", "--local", "--probe", "--json"],
        cwd=local.folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "PYTHONPATH": f"{local.folder}:{ROOT}",
            "XDG_STATE_HOME": str(local.state),
        },
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    recorder.unlink()
    assert (process.returncode, process.stderr) == (0, "")
    calls = [line.split(" ", 2) for line in log.read_text().splitlines()]
    log.unlink()
    assert len(calls) > 20
    looking = ("Get", "List", "Describe", "Filter", "Query")
    others = {(service, name) for service, name, _ in calls if not name.startswith(looking)}
    # The first is asked only where it changes nothing; the second is for a user that does not exist.
    assert others == {("lambda", "Invoke"), ("cognito-idp", "AdminInitiateAuth")}
    assert all("endPrevious" in body and "Now" not in body for _, name, body in calls if name == "Invoke")
    assert local.records() == []


def test_a_user_lives_through_it_all_and_is_gone(local: Local) -> None:
    results = local.results("--user", "--probe")
    wanted = {"user-signs-in", "user-refreshes", "user-resets", "user-revokes", "user-deleted"}
    assert wanted <= by_verdict(results, "passed")
    assert {"signing-in-place", "exact-texts", "settings-header-of-a-viewer"} <= set(results)
    probes = {name for name, result in results.items() if result["probe"]}
    assert len(probes) == 10
    # An emulator proves nothing of AWS, whatever it answers.
    assert by_verdict(results, "passed").isdisjoint(probes)
    assert "edge_admin_calls=in_place" in results["signing-in-place"]["evidence"]
    assert (local.users(), local.records()) == ([], [])


def test_ones_own_address_is_denied_and_let_in_again(local: Local) -> None:
    results = local.results("--deny-me", "--only", "deny-me")
    assert results["deny-me"]["verdict"] == "passed"
    assert "preflight was answered with 204" in results["deny-me"]["evidence"]
    assert local.results("--only", "web-acl-lists", "--only", "function")["web-acl-lists"]["evidence"] == (
        "allow 0 by hand, 0 from the settings; deny 0 by hand, 1 from the settings"
    )
    assert local.records() == []


@pytest.mark.proves("smoke-shows-no-secret")
def test_nothing_secret_is_told(local: Local) -> None:
    junit = local.folder / "junit.xml"
    code, stdout, stderr = local.smoke("--user", "--probe", "--junit", str(junit))
    assert code == 0
    told = [stdout, stderr, junit.read_text(), local.smoke("--user", "--probe", "--json")[1]]
    for secret in local.secrets():
        assert not any(secret in text for text in told)
    assert not any("eyJ" in text for text in told)  # how every token begins
    suite = ET.fromstring(junit.read_text())  # noqa: S314 - written a moment ago
    assert suite.get("failures") == "0"


def _began_to_make(local: Local, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not any(path.suffix == ".json" for path in local.records()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


ENDS = [("--user", "--only", "user-signs-in", "--only", "user-refreshes"), ("--deny-me", "--only", "deny-me")]


@pytest.mark.proves("smoke-removes")
@pytest.mark.parametrize("arguments", ENDS, ids=["user", "deny-me"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_however_it_ends_nothing_is_left(local: Local, arguments: tuple[str, ...], number: signal.Signals) -> None:
    process = local.begin(*arguments)
    _began_to_make(local, process)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in (130, 0), stderr  # it may be quicker than the signal
    assert (local.users(), local.records()) == ([], [])
    assert local.results("--only", "web-acl-lists", "--only", "function")["function"]["verdict"] == "passed"


@pytest.mark.proves("smoke-removes-later")
@pytest.mark.parametrize("after", [0.0, 0.2])
@pytest.mark.parametrize("arguments", ENDS, ids=["user", "deny-me"])
def test_what_a_killed_run_leaves_the_next_one_says_and_removes(
    local: Local, arguments: tuple[str, ...], after: float
) -> None:
    process = local.begin(*arguments)
    _began_to_make(local, process)
    time.sleep(after)
    process.kill()
    process.communicate()
    left = len(local.records())
    code, stdout, stderr = local.smoke("--only", "function")
    assert (code, stderr) == (0, "")
    assert stdout.count("an earlier run left ") == left
    assert stdout.count(": removed") == left
    assert (local.users(), local.records()) == ([], [])


def test_an_endpoint_alone_needs_no_credentials(local: Local) -> None:
    outputs = local.run.outputs
    where = ("--endpoint", local.run.endpoint, "--client-id", outputs.client_id, "--region", outputs.region)
    results = local.results("--origin", ORIGIN, where=where)
    passed = {
        "endpoint",
        "function",
        "preflight-allowed-origin",
        "foreign-origin",
        "security-headers",
        "wrong-path",
        "get-refused",
        "direct-call-refused",
        "foreign-client-refused",
        "administrator-operation-refused",
        "unknown-operation-refused",
        "malformed-body-refused",
        "refusals-readable",
        "app-clients-answer",
        "firewall-stops",
        "cognito-texts",
    }
    assert by_verdict(results, "passed") == passed
    assert {"settings", "secret", "web-acl-rules", "log-line"} <= by_verdict(results, "not checkable here")


@pytest.mark.proves("smoke-exit-code")
def test_a_wrong_secret_is_named_and_nothing_misleads(local: Local) -> None:
    """One broken deployment, mended again, to see that a failure is one: exit code, advice, and what is skipped."""
    outputs = next(stack.outputs for stack in local.run.stacks.values() if "SecretArn" in stack.outputs)
    secrets = local.run.client("secretsmanager", region=local.run.outputs.region)
    client_id = local.run.outputs.client_id
    cognito = root_client(
        root_session(), "cognito-idp", endpoint_url=local.run.upstream, region=local.run.outputs.region
    )
    arn = outputs["SecretArn"]
    kept = secrets.get_secret_value(SecretId=arn)["SecretString"]
    document = json.loads(kept) | {"user_pool_id": "eu-west-1_Other"}
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(document))
    try:
        code, stdout, _ = local.smoke("--json")
    finally:
        secrets.put_secret_value(SecretId=arn, SecretString=kept)
        cognito.close()
    results = {result["name"]: result for result in json.loads(stdout)["results"]}
    assert code == 1
    assert by_verdict(results, "failed") == {"secret-belongs"}
    assert (
        results["secret-belongs"]["evidence"]
        == f"{client_id}: its secret holds a value of eu-west-1_Other / {client_id}"
    )
    assert results["app-clients-answer"]["evidence"] == "secret-belongs failed"


def test_a_flood_asks_first(local: Local) -> None:
    code, _, stderr = local.smoke("--flood", "60", "--only", "flood-stopped")
    assert (code, stderr) == (2, "error: --flood asks before it begins; give --yes where nobody can answer\n")
