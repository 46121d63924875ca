"""What attackers do. Addresses are from ranges for documentation and tests, which nobody has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Any

from local.attack.cast import ROBOT, SPRAYED, Cast, is_leaked, victim

SECONDS = 300.0
"""How long a scenario takes in its own time: the window of the default rates."""

_ONE_ADDRESS = "198.51.100.7"
_HOSTS_OF_A_SPRAY = 60
_NETWORKS_OF_A_SPRAY = ("198.51.100", "203.0.113")
_ONE_64 = int(IPv6Address("2001:db8:bad:1::"))
_CALLS_OF_A_SLOW_HOST = 2


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


_USERS, _ACCOUNTS = "users made", "accounts opened"

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
)
"""Every attack, in the order in which they are played. Those with `ipv6` need the edge variant."""


def scenarios_of(variant: str) -> tuple[Scenario, ...]:
    """Those that a variant can be played with: the regional endpoint answers on IPv4 only."""
    return tuple(scenario for scenario in SCENARIOS if variant == "edge" or not scenario.ipv6)
