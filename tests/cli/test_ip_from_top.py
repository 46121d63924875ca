"""`cognito-proxy ip block --from-top` and `--row`: which rows are blocked, with which note, and which are spared."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cognito_proxy.cli import ip_from_top
from cognito_proxy.cli.app import app
from cognito_proxy.cli.errors import NOT_ALL_REACHED
from cognito_proxy.top.last import keep, proxy_key
from cognito_proxy.top.look import Answer
from cognito_proxy.top.own_address import NotTold
from cognito_proxy.top.questions import Kind, Subject
from cognito_proxy.top.rows import Finding, Row
from cognito_proxy.top.running import Window
from tests.cli.deployed_proxy import REGION, DeployedProxy

Run = Callable[..., Result]
ME = "203.0.113.77"
HOUR = 3600


def a_row(who: str, kind: Kind = Kind.ADDRESS, count: int = 77) -> Row:
    return Row(
        who=who, kind=kind, findings=(Finding(count=count, measure="blocked", query="waf/addresses-with-most-blocks"),)
    )


def kept(*rows: Row, stack: str, age: timedelta = timedelta()) -> None:
    """As `top` leaves it."""
    at = datetime.now(tz=UTC) - age
    window = Window(since=datetime(2026, 11, 20, 11, 0, tzinfo=UTC), until=datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    answer = Answer(subject=Subject.ADDRESSES, window=window, rows=rows, asked=[], bytes_scanned=0, problems=[])
    keep(answer, proxy=proxy_key(stack=stack, region=REGION, local=False), at=at)


@pytest.fixture
def run(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `cognito-proxy ip …` for the proxy's stack, by somebody at ME."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(ip_from_top, "own_address", lambda: ME)

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ["ip", *arguments, "--stack", proxy.stack])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def refusal(result: Result, exit_code: int) -> str:
    assert (result.exit_code, result.stdout) == (exit_code, "")
    return result.stderr.splitlines()[-1].removeprefix("error: ")


@pytest.mark.proves("block-names-evidence", "block-ends-by-itself")
def test_blocks_for_a_day_with_the_evidence_as_note(proxy: DeployedProxy, run: Run) -> None:
    kept(a_row("192.0.2.1"), a_row("2001:db8:1:2:", Kind.PREFIX), a_row("192.0.2.3"), stack=proxy.stack)
    before = int(time.time())
    result = run("block", "--from-top", "2")
    assert (result.exit_code, result.stderr) == (0, "")
    assert (proxy.deny[4].addresses, proxy.deny[6].addresses) == (("192.0.2.1/32",), ("2001:db8:1:2::/64",))
    entry = proxy.entries(proxy.deny[4])["192.0.2.1/32"]
    assert entry.note == (
        "top addresses: 77 blocked (waf/addresses-with-most-blocks), 2026-11-20 11:00 to 2026-11-20 12:00 UTC"
    )
    assert entry.expires_at is not None
    assert before + 24 * HOUR <= entry.expires_at <= before + 24 * HOUR + 60


def test_a_row_by_its_number_with_a_time_and_a_note_of_ones_own(proxy: DeployedProxy, run: Run) -> None:
    kept(a_row("192.0.2.1"), a_row("192.0.2.2"), stack=proxy.stack)
    result = run("block", "--row", "2", "--for", "1h", "--note", "case 7" + "x" * 249, "--json")
    assert result.exit_code == 0
    (edited,) = json.loads(result.stdout)
    assert edited["address"] == "192.0.2.2/32"
    assert edited["note"].startswith("case 7x")
    assert edited["note"].endswith(
        "77 blocked (waf/addresses-with-most-blocks), 2026-11-20 11:00 to 2026-11-20 12:00 UTC"
    )
    assert len(edited["note"]) <= 256
    assert proxy.entries(proxy.deny[4])["192.0.2.2/32"].expires_at is not None
    assert int(time.time()) + HOUR + 60 > (proxy.entries(proxy.deny[4])["192.0.2.2/32"].expires_at or 0)


def test_a_note_never_outgrows_its_place_however_long_the_evidence_is(proxy: DeployedProxy, run: Run) -> None:
    row = a_row("192.0.2.1")
    long = Row(who=row.who, kind=row.kind, findings=(Finding(count=7, measure="m" * 300, query="q"),))
    kept(long, stack=proxy.stack)
    for note in ((), ("--note", "case 7")):
        (edited,) = json.loads(run("block", "--row", "1", "--json", *note).stdout)
        assert len(edited["note"]) == 256


@pytest.mark.proves("top-only-addresses-blocked")
def test_what_is_no_address_is_left_out_and_said(proxy: DeployedProxy, run: Run) -> None:
    kept(a_row("192.0.2.1"), a_row("0123456789abcdef", Kind.ADDRESS_HASH), stack=proxy.stack)
    result = run("block", "--from-top", "2")
    assert result.exit_code == NOT_ALL_REACHED
    assert result.stderr == "warning: row 2: 0123456789abcdef is a hash of an address, which nobody can block\n"
    assert proxy.deny[4].addresses == ("192.0.2.1/32",)


@pytest.mark.proves("top-spares-you")
def test_neither_the_caller_nor_the_allow_list_is_blocked_without_force(proxy: DeployedProxy, run: Run) -> None:
    assert run("allow", "198.51.100.7").exit_code == 0
    kept(a_row("203.0.113", Kind.PREFIX), a_row("198.51.100", Kind.PREFIX), a_row("198.51.100.7"), stack=proxy.stack)
    result = run("block", "--from-top", "3")
    assert refusal(result, 1) == "none of these rows is to be blocked; nothing was changed"
    assert "row 1: 203.0.113.0/24 holds your own address; --force blocks it" in result.stderr
    assert "row 2: 198.51.100.0/24 has to do with 198.51.100.7 on the allow list" in result.stderr
    assert "row 3: 198.51.100.7 has to do with 198.51.100.7 on the allow list" in result.stderr
    assert proxy.deny[4].addresses == ()
    assert run("block", "--row", "1", "--force").exit_code == 0
    assert proxy.deny[4].addresses == ("203.0.113.0/24",)


@pytest.mark.proves("top-spares-you")
def test_who_is_not_known_to_aws_must_say_who_it_is(
    proxy: DeployedProxy, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise NotTold("checkip was not reached")

    monkeypatch.setattr(ip_from_top, "own_address", nobody)
    kept(a_row("192.0.2.1"), stack=proxy.stack)
    assert "give it with --own-address" in refusal(run("block", "--row", "1"), 1)
    assert proxy.deny[4].addresses == ()
    result = run("block", "--row", "1", "--own-address", "192.0.2.1")
    assert "holds your own address" in result.stderr
    assert "--own-address: 'me' is no address" in refusal(run("block", "--row", "1", "--own-address", "me"), 2)
    two = run("block", "--row", "1", "--own-address", "2001:db8::1", "--own-address", "192.0.2.1")
    assert "holds your own address" in two.stderr
    assert run("block", "--row", "1", "--own-address", "192.0.2.9").exit_code == 0


@pytest.mark.proves("top-more-than-ten")
def test_more_than_ten_are_shown_and_blocked_with_yes_only(proxy: DeployedProxy, run: Run) -> None:
    kept(*(a_row(f"192.0.2.{number}") for number in range(1, 12)), stack=proxy.stack)
    result = run("block", "--from-top", "11")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 11
    assert result.stdout.startswith("would block 192.0.2.1 until 20")
    assert result.stderr == "warning: nothing was changed: more than 10 at once are blocked with --yes only\n"
    assert proxy.deny[4].addresses == ()
    planned = json.loads(run("block", "--from-top", "11", "--dry-run", "--json").stdout)
    assert {each["outcome"] for each in planned} == {"dry run"}
    assert run("block", "--from-top", "11", "--yes").exit_code == 0
    assert len(proxy.deny[4].addresses) == 11


@pytest.mark.proves("top-more-than-ten")
def test_ten_are_blocked_at_once_unless_it_is_a_dry_run(proxy: DeployedProxy, run: Run) -> None:
    kept(*(a_row(f"192.0.2.{number}") for number in range(1, 11)), stack=proxy.stack)
    assert run("block", "--from-top", "10", "--dry-run").exit_code == 0
    assert proxy.deny[4].addresses == ()
    assert run("block", "--from-top", "100").exit_code == 0
    assert len(proxy.deny[4].addresses) == 10


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--row", "3"], "--row: 3 is not in the last run of top; it has rows 1 to 1"),
        (["192.0.2.1", "--row", "1"], "addresses, and --from-top or --row: give one of the two"),
        (["--row", "1", "--yes", "--dry-run"], "--dry-run and --yes: give one of them"),
        (["--row", "1", "--for", "1h", "--until", "2030-01-31T18:00Z"], "--for and --until: give one of them"),
        (["192.0.2.1", "--force"], "--own-address, --dry-run, --yes and --force go with --from-top and --row"),
        (["--row", "1", "--web-acl-arn", "arn"], "--from-top and --row need --stack, or --local"),
    ],
)
def test_a_wrong_call_is_one_line(proxy: DeployedProxy, run: Run, arguments: list[str], told: str) -> None:
    kept(a_row("192.0.2.1"), stack=proxy.stack)
    assert refusal(run("block", *arguments), 2).startswith(told)
    assert proxy.deny[4].addresses == ()


@pytest.mark.proves("top-fresh-only")
def test_only_a_fresh_run_about_this_proxy_is_acted_on(proxy: DeployedProxy, run: Run) -> None:
    assert refusal(run("block", "--from-top", "1"), 1).startswith("there is no last run of top")
    kept(a_row("192.0.2.1"), stack="Other")
    assert "was about Other in eu-west-1 (AWS)" in refusal(run("block", "--from-top", "1"), 1)
    kept(a_row("192.0.2.1"), stack=proxy.stack, age=timedelta(minutes=61))
    assert "too old to act on" in refusal(run("block", "--from-top", "1"), 1)
    kept(stack=proxy.stack)
    assert refusal(run("block", "--from-top", "1"), 1) == "the last run of top named nobody"
    assert proxy.deny[4].addresses == ()
