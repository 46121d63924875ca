"""`cognito-proxy audit`: what it takes, what it prints, and its exit codes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from cognito_proxy.cli import audit as command
from cognito_proxy.cli.app import app
from cognito_proxy.cli.errors import DOOR_OPEN
from tests.audit.cloud import POOL, SECRET, Cloud


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """AWS with a proxy's stack, and an app client of the proxy's."""
    made = Cloud()
    made.add("ours", ClientSecret=SECRET, PreventUserExistenceErrors="ENABLED")

    def target(_context: object, *, stack: str | None, **_: object) -> SimpleNamespace:
        return SimpleNamespace(aws=SimpleNamespace(client=lambda service, region: made(service)), stack=stack)

    monkeypatch.setattr(command, "target", target)
    outputs = {"AppClientId": "ours", "AppClientIdIos": "ios", "UserPoolId": POOL}
    monkeypatch.setattr(command, "stack_outputs", lambda *_: outputs)
    return made


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["audit", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.proves("audit-exit-code")
def test_a_pool_without_a_door(cloud: Cloud) -> None:
    code, out, err = run("--stack", "Proxy")
    assert (code, err) == (0, "")
    assert "closed: app client ours (name of ours), the proxy's" in out


@pytest.mark.proves("audit-exit-code")
def test_a_pool_with_a_door(cloud: Cloud) -> None:
    cloud.add("old")
    code, out, _ = run("--stack", "Proxy")
    assert code == DOOR_OPEN == 4
    assert "OPEN: app client old" in out


@pytest.mark.proves("audit-exit-code")
def test_a_door_that_is_accepted(cloud: Cloud) -> None:
    cloud.add("old")
    cloud.add("older")
    assert run("--stack", "Proxy", "--accept", "old")[0] == DOOR_OPEN
    assert run("--stack", "Proxy", "--accept", "old", "--accept", "older")[0] == 0


def test_accepting_one_that_is_not_there_is_told(cloud: Cloud) -> None:
    code, _, err = run("--stack", "Proxy", "--accept", "typo")
    assert (code, err) == (0, "warning: --accept: 'typo' is not an app client of the pool\n")


def test_the_pool_by_its_id(cloud: Cloud) -> None:
    code, out, _ = run("--user-pool-id", POOL)
    assert code == 0
    assert "secret-elsewhere" in out


@pytest.mark.proves("audit-goes-on")
def test_json_is_one_document_whatever_is_refused(cloud: Cloud) -> None:
    cloud.refuse = {"GetMetricData": "AccessDeniedException", "GetWebACLForResource": "AccessDeniedException"}
    code, out, err = run("--stack", "Proxy", "--json")
    assert code == 0
    assert json.loads(out)["web_acl_known"] is False
    assert len(err.splitlines()) == 2
    assert all(line.startswith("warning: AWS refused ") for line in err.splitlines())
    assert "GetMetricData" in err
    assert "not known" in err


@pytest.mark.proves("audit-keeps-no-secret")
def test_no_secret_is_shown(cloud: Cloud) -> None:
    assert SECRET not in "".join(map(str, [*run("--stack", "Proxy"), *run("--stack", "Proxy", "--json")]))


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ([], 2, "error: give --user-pool-id, or --stack, a proxy's CloudFormation stack with the output UserPoolId"),
        (["--user-pool-id", "shop"], 2, "error: --user-pool-id: 'shop' is not a user pool's id, such as "),
        (
            ["--user-pool-id", "eu-west-1_Other", "--stack", "Proxy"],
            2,
            "error: --user-pool-id: eu-west-1_Other is not ",
        ),
        (
            ["--user-pool-id", "eu-west-1_Other"],
            1,
            "error: user pool eu-west-1_Other: not in eu-west-1 of this account",
        ),
        (["--user-pool-id", POOL, "--days", "0"], 2, "error: Invalid value for '--days'"),
    ],
)
def test_one_line_says_what_is_wrong(cloud: Cloud, arguments: list[str], code: int, line: str) -> None:
    got, out, err = run(*arguments)
    assert (got, out) == (code, "")
    assert err.startswith(line)
    assert err.count("\n") == 1


def test_without_the_permission_to_ask_cognito(cloud: Cloud) -> None:
    cloud.refuse = {"ListUserPoolClients": "AccessDeniedException"}
    code, _, err = run("--user-pool-id", POOL)
    assert (code, err) == (
        1,
        "error: AWS refused ListUserPoolClients (AccessDeniedException): not allowed here\n",
    )
