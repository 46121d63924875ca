"""Attacks against one run, with fewer calls: what must hold of them, and that nothing secret is written anywhere."""

import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from cognito_proxy.cli import ip_edits
from cognito_proxy.cli.ip_edits import Wish
from cognito_proxy.cli.proxy_lists import ListName
from cognito_proxy.list_edits.backoff import Backoff
from local import LocalRun
from local.attack.as_text import tell
from local.attack.cast import ORDINARY, Cast
from local.attack.command import main
from local.attack.picture import draw
from local.attack.results import USUAL, Outcome, Played, Report, Setting
from local.attack.run import PHONE_RULES, attack
from local.attack.scenarios import PRICE_OF_A_MESSAGE, SCENARIOS
from local.attack.suggestions import Operator

# Six tenths of the usual calls. The default limits are as they are: 50 sign-ups and 100 attempts of an address.
SECONDS = 36
SIGN_UPS, ATTEMPTS = 50, 100
ALLOWED, ANOTHER, ANOTHER_NETWORK = "198.51.100.7", "203.0.113.9", "203.0.113.0/24"
BLOCKS_OF_A_QUERY = 60
NAMES = ("sign-up-flood", "credential-stuffing", "one-64", "slow")
# That rates by address do not see it, the slow attack shows.
FRAUD = replace(SCENARIOS[-1], settings=(Setting.PROXY, Setting.PHONE_RULES), calls=200)
MESSAGES = int(PHONE_RULES["message_limit"])

pytestmark = [
    pytest.mark.timeout(400),
    # pycognito takes the time from a method that Python 3.12 deprecates.
    pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning"),
]


@dataclass(kw_only=True)
class Attacked:
    """What a run reported, and all that was written meanwhile."""

    report: Report
    mark: str
    folder: Path
    said: list[str]
    logs: str
    journals: str
    connected: frozenset[str]
    """Hosts that this process connected to."""
    spared: "Spared"

    def outcome(self, name: str, setting: Setting) -> Outcome:
        (played,) = (played for played in self.report.played if played.name == name)
        return played.outcomes[setting]

    def reached(self, name: str) -> dict[Setting, int]:
        return {setting: self.outcome(name, setting).reached for setting in USUAL}


@dataclass(frozen=True, kw_only=True)
class Spared:
    """What an operator did who saw the same of three addresses: an allowed one, this machine's, and another."""

    would_block: tuple[str, ...]
    blocked: tuple[str, ...]
    denied: list[str]
    denied_afterwards: list[str]


@dataclass(kw_only=True)
class Met:
    """What can be asked of a run while it is up."""

    logs: str = ""
    journals: str = field(default="", repr=False)
    spared: Spared | None = None

    def __call__(self, run: LocalRun) -> None:
        self.logs = run.logs()
        self.journals = repr([run.journal.calls(), run.viewer_journal.calls()])
        self.spared = _spared(run)


def _spared(run: LocalRun) -> Spared:
    log = run.outputs_file.with_name("waf.log")
    line = next(each for each in map(json.loads, log.read_text().splitlines()) if each["action"] == "BLOCK")
    with log.open("a") as stream:
        for address in (ALLOWED, "127.0.0.1", ANOTHER):
            line["httpRequest"]["clientIp"], line["timestamp"] = address, int(time.time() * 1000)
            stream.write((json.dumps(line) + "\n") * BLOCKS_OF_A_QUERY)
    operator, backoff = Operator(run.outputs, run.outputs_file), Backoff(10)
    lists, now = operator.lists(), int(time.time())
    allowed = Wish(addresses=ip_edits.parse([ALLOWED]), note="", expires_at=None, now=now)
    list(ip_edits.put(lists, ListName.ALLOW, [allowed], caller="test", overridden=(), backoff=backoff))
    later = datetime.now(UTC) + timedelta(minutes=10)
    would_block, blocked = operator.would_block(later), operator.block(later)
    denied = ip_edits.listed(lists, ListName.DENY, backoff=backoff)
    operator.unblock(blocked)
    return Spared(
        would_block=would_block,
        blocked=blocked,
        denied=denied,
        denied_afterwards=ip_edits.listed(lists, ListName.DENY, backoff=backoff),
    )


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder, cast, said, met = tmp_path_factory.mktemp("attack"), Cast(), list[str](), Met()
    with _connections() as connected:
        report = attack(
            variant="regional",
            scenarios=[*(scenario for scenario in SCENARIOS if scenario.name in NAMES), FRAUD],
            seconds=SECONDS,
            work_dir=folder,
            cast=cast,
            command="pytest",
            say=said.append,
            meet=met,
        )
    draw(report, folder / "attack.png")
    assert met.spared is not None
    return Attacked(
        report=report,
        mark=cast.mark,
        folder=folder,
        said=said,
        logs=met.logs,
        journals=met.journals,
        connected=frozenset(connected),
        spared=met.spared,
    )


@contextmanager
def _connections() -> Iterator[set[str]]:
    """Hosts that anything in this process connects to meanwhile, by Python's audit event `socket.connect`."""
    seen, listening = set[str](), [True]

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.connect" and listening:
            address = arguments[1]
            seen.add(str(address[0]) if isinstance(address, tuple) else "a file")

    # A hook cannot be taken away again; it stops to listen.
    sys.addaudithook(note)
    try:
        yield seen
    finally:
        listening.clear()


@pytest.mark.proves("attack-loopback")
def test_connects_to_loopback_only(attacked: Attacked) -> None:
    assert "127.0.0.1" in attacked.connected
    assert attacked.connected <= {"127.0.0.1", "::1", "localhost", "a file"}


def test_everything_was_played(attacked: Attacked) -> None:
    assert attacked.report.complete
    assert [played.name for played in attacked.report.played] == [*NAMES, FRAUD.name]


@pytest.mark.proves("attack-proxy-alone")
@pytest.mark.parametrize("name", NAMES)
def test_without_a_firewall_every_call_of_an_attack_reaches_cognito(attacked: Attacked, name: str) -> None:
    for setting in (Setting.DIRECT, Setting.PROXY):
        outcome = attacked.outcome(name, setting)
        assert outcome.reached == outcome.sent > 0


@pytest.mark.proves("attack-one-address-stopped", simulator="waf")
@pytest.mark.parametrize(("name", "limit"), [("sign-up-flood", SIGN_UPS), ("credential-stuffing", ATTEMPTS)])
def test_the_firewall_lets_one_address_no_further_than_its_limit(attacked: Attacked, name: str, limit: int) -> None:
    outcome = attacked.outcome(name, Setting.FIREWALL)
    assert outcome.sent > 1.5 * limit
    # Calls that are made together overtake one another, but none is counted twice.
    assert outcome.reached == limit


@pytest.mark.proves("attack-ipv6-off", simulator="waf")
def test_the_firewall_keeps_ipv6_out_where_it_is_off(attacked: Attacked) -> None:
    assert attacked.outcome("one-64", Setting.FIREWALL).reached == 0


@pytest.mark.proves("attack-many-addresses", simulator="waf")
def test_a_slow_attack_from_many_addresses_gets_through_everything(attacked: Attacked) -> None:
    """This is what it is: rates by address do not see it, and the queries name nobody."""
    reached = set(attacked.reached("slow").values())
    assert reached == {attacked.outcome("slow", Setting.DIRECT).sent}
    assert attacked.outcome("slow", Setting.BLOCKS).blocked == ()


@pytest.mark.proves("attack-messages")
def test_phone_rules_stop_a_fraud_at_their_ceiling_and_who_has_an_account_is_unhurt(attacked: Attacked) -> None:
    without = attacked.outcome(FRAUD.name, Setting.PROXY)
    assert (without.gained, without.hurt) == (without.sent, 0)
    ruled = attacked.outcome(FRAUD.name, Setting.PHONE_RULES)
    assert ruled.hurt <= 1
    messages = ruled.gained + 1 - ruled.hurt  # with the newcomer's, who wants one, too
    # What went out uncounted, since the emulator was too slow, is told of.
    assert MESSAGES <= messages <= MESSAGES + ruled.uncounted


def test_what_a_fraud_costs_is_printed_with_and_without_and_called_an_example(attacked: Attacked) -> None:
    out = io.StringIO()
    tell(attacked.report, Console(file=out, width=200))
    for setting in FRAUD.settings:
        assert f"${attacked.outcome(FRAUD.name, setting).gained * PRICE_OF_A_MESSAGE:.2f}" in out.getvalue()
    assert "The dollars are an example" in out.getvalue()


def test_accounts_are_opened_until_the_firewall_stops_the_attempts(attacked: Attacked) -> None:
    without = attacked.outcome("credential-stuffing", Setting.PROXY).gained
    guarded = attacked.outcome("credential-stuffing", Setting.FIREWALL).gained
    assert without > guarded > 0


@pytest.mark.parametrize("name", ["sign-up-flood", "one-64", "slow"])
@pytest.mark.parametrize("setting", [Setting.DIRECT, Setting.PROXY, Setting.FIREWALL])
def test_ordinary_users_are_unhurt(attacked: Attacked, name: str, setting: Setting) -> None:
    outcome = attacked.outcome(name, setting)
    assert (outcome.hurt, outcome.refused, outcome.users) == (0, 0, len(ORDINARY) + 1)


@pytest.mark.proves("attack-neighbours", simulator="waf")
def test_who_shares_the_address_of_a_stuffing_is_limited_with_it(attacked: Attacked) -> None:
    assert attacked.outcome("credential-stuffing", Setting.FIREWALL).hurt == 1


@pytest.mark.parametrize(
    ("name", "blocked"),
    [
        # Of an address that signs up, only the network is counted.
        ("sign-up-flood", ("198.51.100.0/24",)),
        ("credential-stuffing", ("198.51.100.0/24", "198.51.100.7/32")),
    ],
)
def test_top_names_the_attacker_and_a_block_stops_all_that_it_sends(
    attacked: Attacked, name: str, blocked: tuple[str, ...]
) -> None:
    outcome = attacked.outcome(name, Setting.BLOCKS)
    assert outcome.blocked == blocked
    assert (outcome.reached_later, outcome.hurt) == (0, 1)


@pytest.mark.parametrize("name", ["sign-up-flood", "credential-stuffing"])
def test_keyed_hashes_alone_name_nobody_whom_one_can_block(attacked: Attacked, name: str) -> None:
    """With so few calls the firewall's own log stays below its queries' limit of 50 blocks."""
    assert attacked.outcome(name, Setting.BLOCKS).blocked_by_default == ()


def test_the_firewalls_log_names_a_network_of_ipv6_with_plain_lines_and_without(attacked: Attacked) -> None:
    outcome = attacked.outcome("one-64", Setting.BLOCKS)
    assert outcome.blocked == outcome.blocked_by_default == ("2001:db8:bad:1::/64",)


def test_blocks_are_taken_off_before_the_next_scenario(attacked: Attacked) -> None:
    """Stuffing comes after the flood, from the same address."""
    assert attacked.outcome("credential-stuffing", Setting.FIREWALL).reached == ATTEMPTS


def test_neither_this_machine_nor_the_allow_list_is_blocked(attacked: Attacked) -> None:
    spared, another = attacked.spared, (ANOTHER_NETWORK, f"{ANOTHER}/32")
    assert spared.blocked == spared.would_block == another
    assert sorted(spared.denied) == list(another)
    assert spared.denied_afterwards == []


@pytest.mark.proves("attack-no-bypass", oracle="Cognito of the emulator")
def test_nothing_bypasses_the_proxy(attacked: Attacked) -> None:
    assert attacked.report.bypass_sent == 20
    assert attacked.report.bypass_passed == 0


def test_functions_logged_the_calls(attacked: Attacked) -> None:
    """Otherwise the next test would pass for want of a log."""
    for operation in ("SignUp", "InitiateAuth", "RespondToAuthChallenge"):
        assert operation in attacked.logs
        assert operation in attacked.journals


@pytest.mark.proves("attack-no-secrets")
def test_nothing_that_was_written_holds_a_password_or_a_token(attacked: Attacked) -> None:
    out = io.StringIO()
    tell(attacked.report, Console(file=out, width=110))
    told = [out.getvalue(), json.dumps(attacked.report.as_document()), *attacked.said]
    for text in (*told, attacked.logs, attacked.journals, repr(attacked.report)):
        assert attacked.mark not in text
        assert "eyJ" not in text  # how a token begins
    files = [file for file in attacked.folder.rglob("*") if file.is_file()]
    assert attacked.folder / "attack.png" in files
    assert [file for file in files if attacked.mark.encode() in file.read_bytes()] == []


def test_the_text_says_what_is_not_modelled(attacked: Attacked) -> None:
    out = io.StringIO()
    tell(attacked.report, Console(file=out, width=130))
    text = out.getvalue()
    for words in (
        "On AWS it estimates",
        "lock-out",
        "log_plain",
        "IpReputation, AnonymousIp",
        "20 of 20 calls refused",
    ):
        assert words in text


def test_the_picture_is_small_and_says_nothing_of_the_machine(attacked: Attacked) -> None:
    picture = (attacked.folder / "attack.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 100_000
    assert b"Matplotlib" not in picture
    assert str(attacked.folder).encode() not in picture


def test_a_run_that_is_out_of_time_says_so(attacked: Attacked) -> None:
    played = attacked.report.played[0]
    cut = Played(name=played.name, title=played.title, what=played.what, gain=played.gain, outcomes={})
    report = Report(**{**vars(attacked.report), "played": (cut,)})
    out = io.StringIO()
    tell(report, Console(file=out, width=130))
    assert "not played" in out.getvalue()
    assert "The time was up" in out.getvalue()
    assert not report.complete


@pytest.mark.proves("attack-bounds")
@pytest.mark.parametrize("seconds", ["29", "601", "long"])
def test_refuses_another_number_of_seconds(
    seconds: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTACK_SECONDS", seconds)
    assert main([]) == 1
    error = f"error: ATTACK_SECONDS: {seconds!r} is not allowed; allowed is 30 to 600\n"
    assert capsys.readouterr() == ("", error)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--variant", "moon"], "variant 'moon' is not one of: regional, edge"),
        (["--only", "one-64-ipv6"], "--only: 'one-64-ipv6' cannot be played here; there are: sign-up-flood, "),
    ],
)
def test_refuses_in_one_line_what_it_cannot_play(
    arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {error}")
    assert told.count("\n") == 1
