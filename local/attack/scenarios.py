"""What attackers do. Addresses are from ranges for documentation and tests, which nobody has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Any

from local.attack.cast import ROBOT, SPRAYED, Cast, is_leaked, victim
from local.attack.results import USUAL, Setting

SECONDS = 300.0
"""How long a scenario takes in its own time: the window of the default rates."""

_ONE_ADDRESS = "198.51.100.7"
_HOSTS_OF_A_SPRAY = 60
_NETWORKS_OF_A_SPRAY = ("198.51.100", "203.0.113")
_ONE_64 = int(IPv6Address("2001:db8:bad:1::"))
_CALLS_OF_A_SLOW_HOST = 2

PRICE_OF_A_MESSAGE = 0.00645
"""Dollars for one text message to a number in the United States, as in AWS's example of a log line of 2016, seen on
2026-11-21 at https://repost.aws/knowledge-center/monitor-sns-texts-cloudwatch. An example: the price hangs on the
country, and numbers that fraud is about cost many times that. https://aws.amazon.com/end-user-messaging/pricing/"""

_PUMPED_RANGES = 5


@dataclass(frozen=True, kw_only=True)
class Move:
    """One call of an attacker."""

    at: float
    """Seconds since the scenario began."""
    address: str
    operation: str
    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One attack."""

    name: str
    title: str
    what: str
    """In a sentence."""
    gain: str
    """What a call that succeeds gives the attacker, as the head of a column says it."""
    neighbour: str
    """The address of the ordinary user who shares the attacker's address or network."""
    calls: int
    """How many, at scale 1."""
    make: Callable[[int, Cast, str], Iterator[Move]] = field(repr=False)
    ipv6: bool = False
    """Whether the firewall is the one of a proxy that answers on IPv6."""
    settings: tuple[Setting, ...] = USUAL
    """What it is played in. Phone rules with ceilings are a regional proxy's."""
    price: float | None = None
    """Dollars that one gain of the attackers' costs whoever pays for the pool, as an example."""

    def moves(self, cast: Cast, *, scale: float, tag: str) -> list[Move]:
        """The calls, spread evenly over the scenario's time. `tag` stands in the names of users who are signed up."""
        return list(self.make(round(self.calls * scale), cast, tag))


def _sign_up(number: int, cast: Cast, tag: str) -> Mapping[str, Any]:
    name = f"{ROBOT}{tag}-{number}"
    return {
        "Username": name,
        "Password": cast.password(name),
        "UserAttributes": [{"Name": "email", "Value": f"{name}@example.com"}],
    }


def _try(name: str, password: str) -> Mapping[str, Any]:
    return {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": name, "PASSWORD": password}}


def _try_leaked(number: int, cast: Cast) -> Mapping[str, Any]:
    name = victim(number)
    return _try(name, cast.password(name) if is_leaked(number) else cast.guess(name, number))


def _at(number: int, calls: int) -> float:
    return SECONDS * number / calls


def _sign_up_flood(calls: int, cast: Cast, tag: str) -> Iterator[Move]:
    for number in range(calls):
        document = _sign_up(number, cast, tag)
        yield Move(at=_at(number, calls), address=_ONE_ADDRESS, operation="SignUp", document=document)


def _stuffing(calls: int, cast: Cast, _tag: str) -> Iterator[Move]:
    for number in range(calls):
        document = _try_leaked(number, cast)
        yield Move(at=_at(number, calls), address=_ONE_ADDRESS, operation="InitiateAuth", document=document)


def _spray(calls: int, cast: Cast, _tag: str) -> Iterator[Move]:
    for number in range(calls):
        host = number % _HOSTS_OF_A_SPRAY
        network = _NETWORKS_OF_A_SPRAY[host % len(_NETWORKS_OF_A_SPRAY)]
        document = _try(SPRAYED, cast.guess(SPRAYED, number))
        yield Move(at=_at(number, calls), address=f"{network}.{host + 10}", operation="InitiateAuth", document=document)


def _flood_of_one_64(calls: int, cast: Cast, tag: str) -> Iterator[Move]:
    for number in range(calls):
        # No two calls from one address: a rate by address sees one call of each.
        address = str(IPv6Address(_ONE_64 + (number + 1) * 0x9E3779B9))
        document = _sign_up(number, cast, tag)
        yield Move(at=_at(number, calls), address=address, operation="SignUp", document=document)


def _slow(calls: int, cast: Cast, _tag: str) -> Iterator[Move]:
    hosts = max(1, calls // _CALLS_OF_A_SLOW_HOST)
    for number in range(calls):
        host = number % hosts
        # Each in a /24 of its own.
        address = f"100.{64 + host // 256}.{host % 256}.9"
        document = _try_leaked(number, cast)
        yield Move(at=_at(number, calls), address=address, operation="InitiateAuth", document=document)


def _message_fraud(calls: int, cast: Cast, tag: str) -> Iterator[Move]:
    """Each call has an address in a /24 of its own. A third of the numbers are of a country that nobody serves, a third
    are of five ranges of one that is served, and each of the rest is the only one of its range there."""
    for number in range(calls):
        document = dict(_sign_up(number, cast, tag))
        phone = {"Name": "phone_number", "Value": _pumped(number)}
        document["UserAttributes"] = [*document["UserAttributes"], phone]
        address = f"100.{64 + number // 256}.{number % 256}.9"
        yield Move(at=_at(number, calls), address=address, operation="SignUp", document=document)


def _pumped(number: int) -> str:
    """Numbers that the North American plan keeps for fiction, 555-0100 to 555-0199 of each area:
    https://www.nanpa.com/numbering/line-numbers-555"""
    kind, place = number % 3, number // 3
    areas = (876, 201 + place % _PUMPED_RANGES, 212 + place % 600)
    return f"+1{areas[kind]}55501{place % 100:02}"


_USERS, _ACCOUNTS, _MESSAGES = "users made", "accounts opened", "messages sent"

SCENARIOS = (
    Scenario(
        name="sign-up-flood",
        title="Sign-up flood",
        what="one address signs up users",
        gain=_USERS,
        neighbour=_ONE_ADDRESS,
        calls=240,
        make=_sign_up_flood,
    ),
    Scenario(
        name="credential-stuffing",
        title="Credential stuffing",
        what="one address tries many users, each with the password that leaked elsewhere",
        gain=_ACCOUNTS,
        neighbour=_ONE_ADDRESS,
        calls=300,
        make=_stuffing,
    ),
    Scenario(
        name="spray",
        title="Spray on one user",
        what="60 addresses out of two /24 try passwords of one user",
        gain=_ACCOUNTS,
        neighbour=f"{_NETWORKS_OF_A_SPRAY[0]}.200",
        calls=240,
        make=_spray,
    ),
    Scenario(
        name="one-64",
        title="Flood out of one /64, ipv6 off",
        what="each call signs up a user from a new address of one /64; the proxy takes no IPv6 (the default)",
        gain=_USERS,
        # Where the proxy has no IPv6, an app calls over IPv4.
        neighbour="203.0.113.77",
        calls=200,
        make=_flood_of_one_64,
    ),
    Scenario(
        name="one-64-ipv6",
        title="Flood out of one /64, ipv6 on",
        what="the same, where the proxy takes IPv6",
        gain=_USERS,
        neighbour="2001:db8:bad:1::77",
        calls=200,
        make=_flood_of_one_64,
        ipv6=True,
    ),
    Scenario(
        name="slow",
        title="Slow and distributed",
        what="many addresses, each in a /24 of its own, try two leaked passwords each",
        gain=_ACCOUNTS,
        neighbour="100.64.0.200",
        calls=200,
        make=_slow,
    ),
    Scenario(
        name="message-fraud",
        title="Message fraud",
        what="240 addresses, each in a /24 of its own, sign up a user each, with numbers that earn by each message",
        gain=_MESSAGES,
        neighbour="100.64.0.200",
        calls=240,
        make=_message_fraud,
        settings=(*USUAL, Setting.PHONE_RULES),
        price=PRICE_OF_A_MESSAGE,
    ),
)
"""Every attack, in the order in which they are played. Those with `ipv6` are played at the edge."""


def scenarios_of(variant: str) -> tuple[Scenario, ...]:
    """Those that a variant is played with: IPv6 at the edge only, though a regional proxy may have it, too; messages in
    the regional variant only, whose functions count them."""
    if variant == "edge":
        return tuple(scenario for scenario in SCENARIOS if Setting.PHONE_RULES not in scenario.settings)
    return tuple(scenario for scenario in SCENARIOS if not scenario.ipv6)
