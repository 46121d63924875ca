"""An hour of traffic with planted attacks among ordinary callers, the same at each run.

With it lies what must not be named: attacks before and after the hour, and ordinary callers just below each threshold.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

SINCE = datetime(2026, 11, 20, 10, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=1)

STUFFING = "198.51.100.7"
"""One address, many usernames."""
SPRAYED = "ceo@example.com"
"""One username, many addresses."""
SPRAYING = [f"100.64.{network}.{network % 200 + 1}" for network in range(60)]
SIGNING_UP = ["203.0.113.10", "203.0.113.11"]
"""A sign-up flood out of one /24."""
FLOOD_OF_ONE_64 = "2001:db8:bad:1"
"""A /64 with a new address for each call."""
FLOODING = "198.51.100.200"
"""Many InitiateAuth calls with one username."""
BREAKING = "192.0.2.66"
"""Whose calls end in server errors."""
ANONYMOUS = "198.18.0.5"
"""Blocked by a rule inside of a managed group."""
LIMITED = "198.18.7.7"
"""Blocked by the rate limit."""
BEFORE, AFTER = "198.51.100.250", "198.51.100.251"
"""Attack before and after the hour: named by nobody who asks about it."""

OFFICE = "192.0.2.10"
"""Nine users behind one address."""
PROBE = "192.0.2.20"
"""A monitor: 99 calls of InitiateAuth in the hour."""
POLLING = "192.0.2.30"
"""An app that asks who its user is, 150 times in the hour."""
CLUMSY = "192.0.2.130"
"""49 errors in the hour; BREAKING, of the same /24, is left out of that network's errors."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call, and how it ended."""

    at: datetime
    address: str
    operation: str
    username: str | None = None
    status: int = 200
    error: str | None = None
    rule: str | None = None
    """The web ACL's rule that blocked it."""
    rule_in_group: str | None = None
    known_user: bool = True


def calls() -> list[Call]:
    """All calls, in the order of time."""
    dice = random.Random(20261120)  # noqa: S311 - the same traffic each time
    every = [*_ordinary(dice), *_close_to_thresholds(), *_attacks(dice), *_at_other_times(), *_blocked(dice)]
    return sorted(every, key=lambda call: call.at)


def _spread(start: float, end: float, count: int) -> Iterator[datetime]:
    """`count` moments from minute `start` to before minute `end`."""
    for index in range(count):
        yield SINCE + timedelta(minutes=start + (end - start) * index / count)


def _ordinary(dice: random.Random) -> Iterator[Call]:
    for number in range(700):
        version_6 = number % 7 == 0
        address = f"2001:db8:{number:x}:5::{number:x}" if version_6 else f"10.{number // 200}.{number % 200}.77"
        username = f"user{number}@example.com"
        for _ in range(dice.randint(1, 3)):
            at = SINCE + timedelta(seconds=dice.uniform(-3600, 7200))
            yield Call(at=at, address=address, operation="InitiateAuth", username=username)
            wrong = dice.random() < 0.15
            yield Call(
                at=at + timedelta(seconds=1),
                address=address,
                operation="RespondToAuthChallenge",
                username=username,
                status=400 if wrong else 200,
                error="NotAuthorizedException" if wrong else None,
            )
        if dice.random() < 0.2:
            yield Call(at=at, address=address, operation="SignUp", username=username)
        yield Call(at=at + timedelta(seconds=5), address=address, operation="GetUser")


def _close_to_thresholds() -> Iterator[Call]:
    for index, at in enumerate(_spread(0, 60, 45)):
        yield Call(at=at, address=OFFICE, operation="InitiateAuth", username=f"colleague{index % 9}@example.com")
    for at in _spread(0, 60, 99):
        yield Call(at=at, address=PROBE, operation="InitiateAuth", username="probe@example.com")
    for at in _spread(0, 60, 150):
        yield Call(at=at, address=POLLING, operation="GetUser")
    for at in _spread(0, 60, 49):
        yield _refused(at, CLUMSY, "ConfirmSignUp", "clumsy@example.com", "CodeMismatchException")
    for at in _spread(30, 31, 19):
        yield Call(at=at, address="192.0.2.200", operation="SignUp", username=f"class{at.second}@example.com")
    for network in range(9):
        at = SINCE + timedelta(minutes=3 * network)
        yield Call(at=at, address=f"100.100.{network}.1", operation="InitiateAuth", username="traveller@example.com")


def _attacks(dice: random.Random) -> Iterator[Call]:
    for index, at in enumerate(_spread(5, 15, 400)):
        name = f"leaked{index}@example.com"
        error = "NotAuthorizedException" if index % 2 else "UserNotFoundException"
        yield _refused(at, STUFFING, "InitiateAuth", name, error, known_user=bool(index % 2))
    for index, at in enumerate(_spread(0, 60, 300)):
        yield _refused(at, SPRAYING[index % 60], "InitiateAuth", SPRAYED, "NotAuthorizedException")
    for index, at in enumerate(_spread(20, 22, 160)):
        yield Call(at=at, address=SIGNING_UP[index % 2], operation="SignUp", username=f"bot{index}@example.net")
    for index, at in enumerate(_spread(45, 47, 200)):
        address = IPv6Address(f"{FLOOD_OF_ONE_64}::") + dice.getrandbits(64)
        spelled = str(address) if dice.random() < 0.5 else address.exploded
        yield _refused(at, spelled, "ForgotPassword", f"someone{index}@example.com", "LimitExceededException")
    for at in _spread(25, 35, 500):
        yield _refused(at, FLOODING, "InitiateAuth", "victim@example.com", "TooManyRequestsException")
    for at in _spread(40, 41, 40):
        yield Call(
            at=at, address=BREAKING, operation="RevokeToken", status=502, error="InternalErrorException", username=None
        )


def _at_other_times() -> Iterator[Call]:
    for address, start in ((BEFORE, -120), (AFTER, 60)):
        for index, at in enumerate(_spread(start, start + 20, 800)):
            name, rule = f"other{index}@example.com", "RateLimit" if index % 4 == 0 else None
            yield _refused(at, address, "InitiateAuth", name, "NotAuthorizedException")
            yield Call(at=at, address=address, operation="SignUp", username=name, status=502, rule=rule)


def _blocked(dice: random.Random) -> Iterator[Call]:
    for at in _spread(50, 52, 70):
        yield Call(
            at=at,
            address=ANONYMOUS,
            operation="SignUp" if dice.random() < 0.1 else "InitiateAuth",
            status=403,
            error="ForbiddenException",
            rule="AnonymousIp",
            rule_in_group="HostingProviderIPList",
        )
    for at in _spread(54, 56, 120):
        yield Call(
            at=at,
            address=LIMITED,
            operation="InitiateAuth",
            status=403,
            error="ForbiddenException",
            rule="RateLimit",
        )


def _refused(at: datetime, address: str, operation: str, username: str, error: str, *, known_user: bool = True) -> Call:
    return Call(
        at=at,
        address=address,
        operation=operation,
        username=username,
        status=400,
        error=error,
        known_user=known_user,
    )
