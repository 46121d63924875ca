"""`cognito-proxy top` on its own: options, table, JSON, exit codes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from cognito_proxy.cli import top
from cognito_proxy.cli.app import app
from cognito_proxy.cli.errors import NOT_ALL_REACHED
from cognito_proxy.top.last import last
from tests.smoke.fakes import stack, target
from tests.top.aws import Aws
from tests.top.test_look import insights
from tests.top.test_places import PHYSICAL, REGIONAL

Run = Callable[..., Result]
WAF_ONLY = {"Resources": {"WafLog": REGIONAL["Resources"]["WafLog"]}}
FUNCTION_ONLY = {"Resources": {name: REGIONAL["Resources"][name] for name in ("Function", "Log")}}
BLOCKED = {"blocked most, by rule": [{"httpRequest.clientIp": "192.0.2.1", "blocked": "77"}]}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `cognito-proxy top …` on scripted logs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    for name in ("AWS_PROFILE", "COGNITO_PROXY_STACK"):
        monkeypatch.delenv(name, raising=False)

    def invoke(aws: Aws, *arguments: str, template: Mapping[str, Any] = WAF_ONLY) -> Result:
        found = target(stack=stack(template, PHYSICAL))
        monkeypatch.setattr(top, "stack_target", lambda *_, **__: found)
        monkeypatch.setattr(top.Aws, "client", lambda _, service, *, region=None: aws(service, region=region))
        result = CliRunner().invoke(app, ["top", *arguments, "--stack", "Proxy"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.mark.proves("top-says-cost")
def test_shows_a_table_and_what_it_read(run: Run) -> None:
    result = run(insights(BLOCKED), "addresses")
    assert (result.exit_code, result.stderr) == (0, "")
    row = next(line for line in result.stdout.splitlines() if "192.0.2.1" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "1",
        "192.0.2.1",
        "address",
        "77 blocked (waf/addresses-with-most-blocks)",
        "yes",
    ]
    assert "2 queries read 1.0 kB: waf/addresses-with-most-blocks in eu-west-1, " in result.stdout


def test_json_has_the_same_and_the_rows_are_kept(run: Run) -> None:
    result = run(insights(BLOCKED), "--json", "--since", "30m")
    document = json.loads(result.stdout)
    assert document["rows"] == [
        {
            "row": 1,
            "who": "192.0.2.1",
            "kind": "address",
            "can_be_blocked": True,
            "findings": [{"count": 77, "measure": "blocked", "query": "waf/addresses-with-most-blocks"}],
        }
    ]
    assert (document["subject"], document["bytes_scanned"], document["not_answered"]) == ("addresses", 1000, [])
    kept = last()
    assert kept is not None
    assert [row.who for row in kept.rows] == ["192.0.2.1"]
    assert (kept.window.until - kept.window.since).total_seconds() == 1800


def test_nobody_is_an_answer_too(run: Run) -> None:
    result = run(insights({}), "prefixes")
    assert result.exit_code == 0
    assert result.stdout.startswith("nobody is above the queries' thresholds since 20")


def test_rows_of_hashes_say_how_to_see_addresses(run: Run) -> None:
    hashed = {"with most errors.": [{"address_hash": "0123456789abcdef", "errors": "60"}]}
    result = run(insights(hashed), template=FUNCTION_ONLY)
    assert result.exit_code == 0
    assert "hash of an address" in result.stdout
    assert result.stderr.startswith("warning: these rows are keyed hashes, which nobody can block")


def test_without_a_region_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    result = CliRunner().invoke(app, ["top", "--stack", "Proxy"])
    assert (result.exit_code, result.stderr) == (2, "error: no Region; give --region or set AWS_REGION\n")


def test_without_a_stack_it_says_so(run: Run) -> None:
    result = CliRunner().invoke(app, ["top"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: give --stack, ")


def refusing(which: str) -> Aws:
    refused = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "StartQuery")
    base = insights(BLOCKED)
    start = base.answers["start_query"]

    def answer(region: str, **given: Any) -> Any:
        return refused if which in given["queryString"] else start(region, **given)

    base.answers = {**base.answers, "start_query": answer}
    return base


@pytest.mark.proves("top-goes-on")
def test_a_query_without_an_answer_is_a_warning_and_exit_code_3(run: Run) -> None:
    result = run(refusing("InitiateAuth calls"))
    assert result.exit_code == NOT_ALL_REACHED
    assert "192.0.2.1" in result.stdout
    assert result.stderr == (
        "warning: waf/callers-of-initiate-auth in eu-west-1: AWS refused StartQuery (AccessDeniedException): no\n"
    )


def test_no_answer_at_all_is_one_line(run: Run) -> None:
    result = run(refusing("#"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: AWS refused StartQuery (AccessDeniedException): no\n"


def test_no_log_is_one_line(run: Run) -> None:
    result = run(Aws(answers={}), "usernames")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: no log of this stack tells usernames")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "31d"], "--since: '31d' is not allowed; allowed is 1m to 30d"),
        (["--since", "1x"], "--since: '1x' is not allowed"),
        (["nobody"], "Invalid value"),
        (["--most", "101"], "Invalid value"),
        (["--timeout", "1"], "Invalid value"),
    ],
)
def test_a_wrong_call_is_one_line(run: Run, arguments: list[str], told: str) -> None:
    result = run(Aws(answers={}), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {told}")


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_000_000, "2.0 MB"), (3e15, "3000.0 TB")],
)
def test_sizes_are_readable(count: int, told: str) -> None:
    assert top.size(int(count)) == told
