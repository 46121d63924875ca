"""Whom the saved queries name, counted in what a front saw: exactly at each query's limit, and nobody below it."""

from collections.abc import Iterator

import pytest

from local.attack import suggestions
from local.attack.suggestions import Seen, limit_of, suggested_blocks

ATTACKER, OTHER = "198.51.100.7", "198.51.100.8"


def seen(
    count: int,
    *,
    operation: str = "InitiateAuth",
    usernames: int = 1,
    address: str = ATTACKER,
    is_error: bool = False,
    at: float = 0.0,
) -> Iterator[Seen]:
    for number in range(count):
        yield Seen(at=at, address=address, operation=operation, username=f"u{number % usernames}", is_error=is_error)


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("callers-of-initiate-auth", 100),
        ("addresses-with-most-errors", 50),
        ("prefixes-with-most-errors", 50),
        ("one-address-many-usernames", 10),
        ("sign-up-bursts", 20),
    ],
)
def test_limits_are_those_of_the_saved_queries(query: str, limit: int) -> None:
    assert limit_of(query) == limit


def test_a_query_without_a_limit_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "insights_query", lambda *_: "# nothing\nfilter a = 1")
    with pytest.raises(ValueError, match="no line"):
        limit_of("sign-up-bursts")


@pytest.mark.parametrize(
    ("calls", "named"),
    [
        (list(seen(100)), True),
        (list(seen(99)), False),
        (list(seen(10, usernames=10)), True),
        (list(seen(9, usernames=9)), False),
        (list(seen(50, operation="GetUser", is_error=True)), True),
        (list(seen(49, operation="GetUser", is_error=True)), False),
        (list(seen(20, operation="SignUp")), True),
        (list(seen(19, operation="SignUp")), False),
        ([*seen(19, operation="SignUp"), *seen(19, operation="SignUp", at=61.0)], False),
        (list(seen(300, operation="GetUser")), False),
    ],
    ids=lambda value: f"{len(value)} calls" if isinstance(value, list) else str(value),
)
def test_names_an_address_from_the_limit_on(calls: list[Seen], named: bool) -> None:
    assert suggested_blocks(calls) == ((f"{ATTACKER}/32",) if named else ())


def test_names_a_network_when_several_of_its_addresses_were_seen() -> None:
    calls = [*seen(25, address=ATTACKER, is_error=True), *seen(25, address=OTHER, is_error=True)]
    assert suggested_blocks(calls) == ("198.51.100.0/24",)


def test_an_address_in_a_named_network_is_not_named_again() -> None:
    calls = [*seen(100, address=ATTACKER, is_error=True), *seen(1, address=OTHER)]
    assert suggested_blocks(calls) == ("198.51.100.0/24",)


def test_names_a_64_of_ipv6() -> None:
    calls = [call for last in range(20) for call in seen(1, operation="SignUp", address=f"2001:db8:bad:1::{last:x}")]
    assert suggested_blocks(calls) == ("2001:db8:bad:1::/64",)
