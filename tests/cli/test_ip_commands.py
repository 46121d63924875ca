"""`cognito-proxy ip` from the arguments to the stores and back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from cognito_proxy.cli import ip_listing
from cognito_proxy.cli.app import app
from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.proxy_lists import find_lists
from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.list_edits.entries import State
from cognito_proxy.list_edits.ip_set import WafArn
from tests.cli.deployed_proxy import DeployedProxy

Run = Callable[..., Result]

HOUR = 3600


@pytest.fixture
def run(proxy: DeployedProxy) -> Run:
    """Run `cognito-proxy ip …` for the proxy's stack."""

    def invoke(*arguments: str, stack: str | None = None) -> Result:
        result = CliRunner().invoke(app, ["ip", *arguments, "--stack", stack or proxy.stack])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def lines(result: Result) -> list[str]:
    """What a successful command said."""
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.splitlines()


def refusal(result: Result, exit_code: int = 1) -> str:
    """The one line of a command that failed."""
    assert (result.exit_code, result.stdout) == (exit_code, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return line.removeprefix("error: ")


def rows(run: Run) -> dict[tuple[str, str], dict[str, str | None]]:
    """What `list --json` says by list and address."""
    return {(row["list"], row["address"]): row for row in json.loads("\n".join(lines(run("list", "--json"))))}


def test_blocks_addresses_and_ranges_of_both_kinds(proxy: DeployedProxy, run: Run) -> None:
    said = lines(run("block", "203.0.113.9", "192.0.2.0/25,192.0.2.200", "2001:DB8:0::/48", "--note", "scraper"))
    assert said == [
        "203.0.113.9 blocked for good",
        "192.0.2.0/25 blocked for good",
        "192.0.2.200 blocked for good",
        "2001:db8::/48 blocked for good",
    ]
    assert set(proxy.deny[4].addresses) == {"203.0.113.9/32", "192.0.2.0/25", "192.0.2.200/32"}
    assert set(proxy.deny[6].addresses) == {"2001:db8::/48"}
    assert {entry.note for entry in proxy.entries(proxy.deny[4]).values()} == {"scraper"}


def test_lists_are_separate(proxy: DeployedProxy, run: Run) -> None:
    assert lines(run("allow", "192.0.2.1")) == ["192.0.2.1 allowed for good"]
    assert proxy.allow[4].addresses == ("192.0.2.1/32",)
    assert proxy.deny[4].addresses == ()
    assert lines(run("unallow", "192.0.2.1")) == ["192.0.2.1 no longer allowed"]
    assert proxy.allow[4].addresses == ()


def test_an_expiry_is_kept(proxy: DeployedProxy, run: Run) -> None:
    before = int(time.time())
    (line,) = lines(run("block", "203.0.113.9", "--for", "24h"))
    assert line.startswith("203.0.113.9 blocked until 20")
    entry = proxy.entries(proxy.deny[4])["203.0.113.9/32"]
    assert entry.expires_at is not None
    assert before + 24 * HOUR <= entry.expires_at <= before + 24 * HOUR + 60
    assert entry.state is State.LISTED


def test_until_takes_a_moment_with_its_zone(proxy: DeployedProxy, run: Run) -> None:
    moment = time.gmtime(time.time() + 48 * HOUR)
    text = time.strftime("%Y-%m-%dT%H:%M", moment)
    (line,) = lines(run("block", "203.0.113.9", "--until", f"{text}Z"))
    assert line == f"203.0.113.9 blocked until {text.replace('T', ' ')} UTC"


@pytest.mark.proves("never-ends-sooner")
def test_blocking_again_keeps_the_note_and_never_ends_sooner(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.9", "--for", "24h", "--note", "first"))
    lines(run("block", "203.0.113.9", "--for", "7d"))
    extended = proxy.entries(proxy.deny[4])["203.0.113.9/32"]
    (line,) = lines(run("block", "203.0.113.9", "--for", "30m", "--note", "second"))
    assert line.endswith(", as before; unblock it first to end that sooner")
    entry = proxy.entries(proxy.deny[4])["203.0.113.9/32"]
    assert (entry.note, entry.expires_at, entry.added_at) == ("second", extended.expires_at, extended.added_at)
    assert extended.note == "first"
    assert proxy.deny[4].addresses == ("203.0.113.9/32",)


def test_an_address_from_the_console_stays_for_good(proxy: DeployedProxy, run: Run) -> None:
    proxy.deny[4].addresses = ("203.0.113.9/32",)
    (line,) = lines(run("block", "203.0.113.9", "--for", "1h", "--note", "known now"))
    assert line == "203.0.113.9 blocked for good, as before; unblock it first to end that sooner"
    assert rows(run)["deny", "203.0.113.9/32"]["note"] == "known now"


def test_unblocking_takes_entry_and_address(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.9", "203.0.113.10"))
    assert lines(run("unblock", "203.0.113.9", "203.0.113.77", "2001:db8::1")) == [
        "203.0.113.9 no longer blocked",
        "203.0.113.77 was not blocked",
        "2001:db8::1 was not blocked",
    ]
    assert proxy.deny[4].addresses == ("203.0.113.10/32",)
    assert set(proxy.entries(proxy.deny[4])) == {"203.0.113.10/32"}


@pytest.mark.proves("unblock-tells")
def test_unblocking_says_what_still_blocks(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.0/24", "203.0.113.9"))
    result = run("unblock", "203.0.113.9", "198.51.100.7")
    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        "203.0.113.9 no longer blocked",
        "203.0.113.9 is still blocked by 203.0.113.0/24 (set by hand)",
        "198.51.100.7 was not blocked",
        "198.51.100.7 is still blocked by 198.51.100.0/24 (from the settings)",
    ]


def test_addresses_written_in_full_by_aws_are_the_same(proxy: DeployedProxy, run: Run) -> None:
    proxy.deny[6].addresses = ("2001:0db8:0000:0000:0000:0000:0000:0001/128",)
    assert lines(run("unblock", "2001:db8::1")) == ["2001:db8::1 no longer blocked"]
    assert proxy.deny[6].addresses == ()


def test_the_description_of_an_ip_set_survives(proxy: DeployedProxy, run: Run) -> None:
    before = proxy.deny[4].description
    lines(run("block", "203.0.113.9"))
    assert proxy.deny[4].description == before != ""


def test_list_shows_both_lists_for_people(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.9", "--for", "1410m", "--note", "[bold]scraper"))
    lines(run("allow", "2001:db8::/48"))
    proxy.deny[4].addresses += ("192.0.2.1/32",)
    shown = "\n".join(lines(run("list")))
    for part in ("203.0.113.9", "23h ", "[bold]scraper", "2001:db8::/48", "never", "192.0.2.1", "198.51.100.0/24"):
        assert part in shown, part
    assert shown.count("settings") == 1


def test_list_cuts_nothing_in_a_pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines(run("block", "2001:db8:1111:2222:3333:4444:5555:6666", "--note", "a note of several words"))
    (line,) = (line for line in lines(run("list")) if "2001" in line)
    assert "2001:db8:1111:2222:3333:4444:5555:6666" in line
    assert "a note of several words" in line


def test_list_folds_no_address_on_a_narrow_terminal(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.128/25", "--note", "a note of several words"))
    proxy_lists = find_lists(Aws(), WafArn.parse(proxy.web_acl_arn))
    console = Console(width=60, force_terminal=True, file=StringIO())
    listed = ip_listing.rows(proxy_lists, backoff=Backoff(5))
    console.print(ip_listing.as_table(listed, title=proxy.stack, now=0))
    assert "203.0.113.128/25" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.proves("json-or-nothing")
def test_list_as_json(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.9", "--for", "24h", "--note", "scraper"))
    found = rows(run)
    assert list(found) == [("deny", "198.51.100.0/24"), ("deny", "203.0.113.9/32")]
    row = found["deny", "203.0.113.9/32"]
    assert (row["state"], row["note"], row["added_by"]) == ("listed", "scraper", "root")
    assert str(row["expires_at"]).endswith("Z")
    assert found["deny", "198.51.100.0/24"] == {
        "list": "deny",
        "address": "198.51.100.0/24",
        "state": "settings",
        "note": None,
        "added_at": None,
        "added_by": None,
        "expires_at": None,
    }


def test_what_the_console_took_off_is_not_listed(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.9"))
    proxy.deny[4].addresses = ()
    assert ("deny", "203.0.113.9/32") not in rows(run)


def test_an_allowed_address_inside_a_denied_range_is_legitimate(proxy: DeployedProxy, run: Run) -> None:
    """The allow list comes first: an office inside a blocked provider."""
    assert lines(run("block", "203.0.113.0/24")) == ["203.0.113.0/24 blocked for good"]
    assert lines(run("allow", "203.0.113.9", "198.51.100.7")) == [
        "203.0.113.9 allowed for good",
        "198.51.100.7 allowed for good",
    ]
    assert lines(run("block", "2001:db8::/32")) == ["2001:db8::/32 blocked for good"]
    assert "203.0.113.0/24" in "\n".join(lines(run("list")))


def warned(result: Result, *warnings: str) -> list[str]:
    """What a command said that was done, and warned."""
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [f"warning: {warning}" for warning in warnings]
    return result.stdout.splitlines()


def let_in(denied: str, allowed: str, remedy: str | None = None) -> str:
    """The warning about a denied entry that does nothing."""
    return (
        f"{denied} is on the deny list and let in all the same, since {allowed} is on the allow list, "
        f"which comes first; to block it: {remedy or f'cognito-proxy ip unallow {allowed}'}"
    )


@pytest.mark.proves("never-denied-refused", "blocked-inside-allowed")
@pytest.mark.parametrize("denied", ["203.0.113.9", "203.0.113.0/25", "203.0.113.0/24"])
def test_blocking_what_an_allowed_range_holds_is_done_with_a_warning(
    proxy: DeployedProxy, run: Run, denied: str
) -> None:
    lines(run("allow", "203.0.113.0/24"))
    result = run("block", denied, "192.0.2.1")
    assert warned(result, let_in(denied, "203.0.113.0/24")) == [
        f"{denied} put onto the deny list for good",
        "192.0.2.1 blocked for good",
    ]
    assert len(proxy.deny[4].addresses) == 2


@pytest.mark.proves("blocked-inside-allowed")
def test_allowing_a_range_that_holds_denied_addresses_is_done_with_a_warning(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.9", "2001:db8::1"))
    result = run("allow", "203.0.113.0/24", "2001:db8::/32", "198.51.100.0/23")
    said = warned(
        result,
        let_in("203.0.113.9", "203.0.113.0/24"),
        let_in("198.51.100.0/24", "198.51.100.0/23"),
        let_in("2001:db8::1", "2001:db8::/32"),
    )
    assert said[0] == "203.0.113.0/24 allowed for good"
    assert len(proxy.allow[4].addresses) == 2


@pytest.mark.proves("blocked-inside-allowed")
def test_list_warns_of_denied_addresses_that_are_let_in(proxy: DeployedProxy, run: Run) -> None:
    proxy.allow[4].addresses = ("203.0.113.0/24",)
    proxy.deny[4].addresses = ("203.0.113.9/32", "192.0.2.1/32")
    shown = warned(run("list", "--json"), let_in("203.0.113.9", "203.0.113.0/24"))
    assert len(json.loads("\n".join(shown))) == 4


def test_what_the_settings_allow_is_not_taken_off_by_a_command(proxy: DeployedProxy, run: Run) -> None:
    allowed = proxy.waf.add_ip_set("AllowSettings", "IPV4", addresses=["203.0.113.0/24"])
    (rules,) = (found["Rules"] for found in proxy.waf.web_acls.values())
    references = rules[0]["Statement"]["OrStatement"]["Statements"]
    references.append({"IPSetReferenceStatement": {"ARN": allowed.arn}})
    remedy = "take 203.0.113.0/24 out of the setting allow_ips and deploy"
    warned(run("block", "203.0.113.9"), let_in("203.0.113.9", "203.0.113.0/24", remedy))


def test_edits_as_json(proxy: DeployedProxy, run: Run) -> None:
    lines(run("allow", "192.0.2.0/24"))
    result = run("block", "192.0.2.1", "203.0.113.9", "--for", "24h", "--note", "scraper", "--json")
    assert (result.exit_code, len(result.stderr.splitlines())) == (0, 1)
    overridden, blocked = json.loads(result.stdout)
    assert (overridden["address"], overridden["overridden_by"]) == (
        "192.0.2.1/32",
        [{"address": "192.0.2.0/24", "origin": "by hand"}],
    )
    assert str(blocked.pop("expires_at")).endswith("Z")
    assert str(blocked.pop("added_at")).endswith("Z")
    assert blocked == {
        "list": "deny",
        "address": "203.0.113.9/32",
        "outcome": "listed",
        "note": "scraper",
        "added_by": "root",
        "overridden_by": [],
        "still_covered_by": [],
    }


def test_taking_off_as_json(proxy: DeployedProxy, run: Run) -> None:
    lines(run("block", "203.0.113.9"))
    result = run("unblock", "203.0.113.9", "198.51.100.7", "--json")
    assert (result.exit_code, result.stderr) == (3, "")
    removed, absent = json.loads(result.stdout)
    assert (removed["outcome"], removed["still_covered_by"], removed["expires_at"]) == ("removed", [], None)
    assert (absent["outcome"], absent["still_covered_by"]) == (
        "absent",
        [{"address": "198.51.100.0/24", "origin": "settings"}],
    )


@pytest.mark.proves("json-or-nothing")
def test_a_failure_has_no_json_on_stdout(run: Run) -> None:
    assert "neither an IPv4" in refusal(run("block", "203.0.113.300", "--json"), exit_code=2)
    assert refusal(run("list", "--json", stack="nowhere")).startswith("stack nowhere: not in eu-west-1")


def test_empty_lists_are_said_to_be_empty(proxy: DeployedProxy, run: Run) -> None:
    proxy.deny_from_settings.addresses = ()
    (line,) = lines(run("list"))
    assert line.endswith(": both lists are empty")
    assert json.loads("\n".join(lines(run("list", "--json")))) == []


def test_refuses_more_than_a_list_holds(proxy: DeployedProxy, run: Run) -> None:
    proxy.deny[4].addresses = tuple(f"10.{n // 250}.{n % 250}.1/32" for n in range(9_999))
    assert lines(run("block", "203.0.113.9")) == ["203.0.113.9 blocked for good"]
    assert refusal(run("block", "203.0.113.9", "203.0.113.10")) == (
        "deny list: 10001 IPv4 entries; AWS WAF takes at most 10000 in an IP set"
    )
    assert len(proxy.deny[4].addresses) == 10_000


@pytest.mark.proves("exit-code-2")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["block", "203.0.113.300"], "address: '203.0.113.300' is neither an IPv4 nor an IPv6 address or range"),
        (["block", "0.0.0.0/0"], "address: '0.0.0.0/0' is everybody"),
        (["allow", "::/0"], "address: '::/0' is everybody"),
        (["block", "203.0.113.9/24"], "has bits set behind its prefix; write 203.0.113.0/24 or 203.0.113.9"),
        (["unblock", "example.com"], "'example.com' is neither"),
        (["block", " , "], "address: none given"),
        (["block", "203.0.113.9", "--for", "24"], "--for: '24' is not allowed; allowed is 1m to 3650d"),
        (["block", "203.0.113.9", "--for", "0m"], "--for: '0m' is not allowed"),
        (["block", "203.0.113.9", "--for", "3651d"], "--for: '3651d' is not allowed"),
        (["block", "203.0.113.9", "--until", "2030-01-31"], "--until: '2030-01-31' is not allowed"),
        (["block", "203.0.113.9", "--until", "2001-01-31T00:00Z"], "allowed is a time from now to 3650 days ahead"),
        (["block", "203.0.113.9", "--until", "tomorrow"], "--until: 'tomorrow' is not allowed"),
        (["block", "203.0.113.9", "--for", "1h", "--until", "2030-01-31T00:00Z"], "give one of them"),
        (["block", "203.0.113.9", "--note", "a\nb"], r"--note: 'a\nb' is not allowed"),
        (["block", "203.0.113.9", "--note", "x" * 257], "allowed are up to 256 printable characters"),
        (["block"], "Missing argument 'ADDRESS' (see --help)"),
        (["blok", "203.0.113.9"], "No such command 'blok'. Did you mean"),
        (["list", "--nope"], "No such option: --nope"),
    ],
)
def test_a_wrong_call_is_one_line(run: Run, proxy: DeployedProxy, arguments: list[str], message: str) -> None:
    assert message in refusal(run(*arguments), exit_code=2)
    assert proxy.waf.updates == 0


def test_names_a_stack_that_is_not_there(run: Run) -> None:
    assert refusal(run("list", stack="nowhere")) == (
        "stack nowhere: not in eu-west-1; give its Region with --region (an edge proxy's is us-east-1)"
    )
