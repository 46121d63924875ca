"""What attackers do: how much, how fast, and from where."""

import re
from collections import Counter
from ipaddress import ip_address, ip_network

import pytest

from local.attack.cast import Cast, is_attacked
from local.attack.results import Setting
from local.attack.scenarios import SCENARIOS, SECONDS, Move, Scenario, scenarios_of

CAST = Cast()
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def moves(name: str, *, scale: float = 1) -> list[Move]:
    return BY_NAME[name].moves(CAST, scale=scale, tag="tag")


def name_of(move: Move) -> str:
    return str(move.document.get("Username") or move.document["AuthParameters"]["USERNAME"])


@pytest.mark.proves("attack-call-bound")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_makes_so_many_calls_and_no_more(scenario: Scenario) -> None:
    for scale in (0.5, 1, 10):
        made = scenario.moves(CAST, scale=scale, tag="tag")
        assert len(made) == round(scenario.calls * scale)
        assert all(0 <= move.at < SECONDS for move in made)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_names_tell_an_attackers_call_from_a_users(scenario: Scenario) -> None:
    assert all(is_attacked(name_of(move)) for move in moves(scenario.name))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_address_is_anybodys(scenario: Scenario) -> None:
    """TEST-NET-1 to 3, 2001:db8::/32 (RFC 5737, 3849) and the range between carriers and customers (RFC 6598)."""
    ranges = [
        ip_network(name)
        for name in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "100.64.0.0/10", "2001:db8::/32")
    ]
    for move in scenario.moves(CAST, scale=10, tag="tag"):
        address = ip_address(move.address)
        assert any(address in found for found in ranges), address


def test_stuffing_is_one_address_and_many_users() -> None:
    made = moves("credential-stuffing")
    assert len({move.address for move in made}) == 1
    assert len({name_of(move) for move in made}) == len(made)


def test_a_spray_is_many_addresses_and_one_user() -> None:
    made = moves("spray")
    assert len({move.address for move in made}) == 60
    assert len({name_of(move) for move in made}) == 1


@pytest.mark.parametrize("name", ["one-64", "one-64-ipv6"])
def test_a_flood_of_one_64_never_uses_an_address_twice(name: str) -> None:
    addresses = [move.address for move in moves(name, scale=10)]
    assert len(set(addresses)) == len(addresses)
    assert all(ip_address(address) in ip_network("2001:db8:bad:1::/64") for address in addresses)


def test_a_slow_attack_has_two_calls_of_an_address_and_one_address_of_a_network() -> None:
    found = Counter(move.address for move in moves("slow", scale=10))
    assert set(found.values()) == {2}
    assert len({address.rpartition(".")[0] for address in found}) == len(found)


def test_message_fraud_never_uses_an_address_twice_and_a_third_of_its_numbers_are_of_another_country() -> None:
    made = moves("message-fraud", scale=2)
    numbers = [move.document["UserAttributes"][1]["Value"] for move in made]
    assert len({move.address.rpartition(".")[0] for move in made}) == len(made)
    ranges = Counter(number[:8] for number in numbers)
    assert sorted(ranges.values(), reverse=True)[:7] == [160, 32, 32, 32, 32, 32, 1]
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d", number) for number in numbers)  # kept for fiction


def test_message_fraud_is_played_where_messages_can_be_counted() -> None:
    assert "message-fraud" in [scenario.name for scenario in scenarios_of("regional")]
    assert "message-fraud" not in [scenario.name for scenario in scenarios_of("edge")]


def test_ipv6_is_played_at_the_edge_only() -> None:
    assert [scenario.name for scenario in scenarios_of("edge") if scenario.ipv6] == ["one-64-ipv6"]
    assert not any(scenario.ipv6 for scenario in scenarios_of("regional"))


def test_nothing_that_is_printed_by_accident_holds_a_password() -> None:
    shown = repr([moves("sign-up-flood"), moves("slow"), CAST, list(Setting)])
    assert CAST.mark not in shown
