"""Whom the saved queries name, and so whom one would block.

Counted here in what the front saw, with the limits that stand in the queries' own texts. `suggested_blocks` is the one
place that knows how: whoever has another way to ask the logs puts it here.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TypeVar

from cognito_proxy.queries.texts import insights_query

_LIMIT = re.compile(r"^\| filter \w+ >= (\d+)$", re.MULTILINE)
_SIGN_IN = ("InitiateAuth", "RespondToAuthChallenge", "ForgotPassword")
_MINUTE = 60
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One call that the firewall let through, as the logs have it."""

    at: float
    """Seconds of the scenario."""
    address: str
    operation: str
    username: str
    is_error: bool


def suggested_blocks(seen: Sequence[Seen]) -> tuple[str, ...]:
    """Addresses and networks (CIDR) that the queries name, networks first.

    A network of which one address alone was seen is that address: nobody blocks its 255 neighbours for it.
    """
    networks = _networks_with_most_errors(seen) | _networks_with_sign_up_bursts(seen)
    addresses = _addresses_with_most_calls(seen) | _addresses_with_many_usernames(seen) | _addresses_with_errors(seen)
    of_network: dict[str, set[str]] = defaultdict(set)
    for call in seen:
        of_network[prefix(call.address)].add(call.address)
    wide = {network for network in networks if len(of_network[network]) > 1}
    addresses |= {address for network in networks - wide for address in of_network[network]}
    narrow = {str(ip_network(address)) for address in addresses if prefix(address) not in wide}
    return (*sorted(wide), *sorted(narrow))


def prefix(address: str) -> str:
    """The network that the logs count an address by: /24 of IPv4, /64 of IPv6."""
    return str(ip_network(f"{address}/{64 if ':' in address else 24}", strict=False))


def limit_of(query: str) -> int:
    """The count from which on a saved query of the functions' log names somebody."""
    found = _LIMIT.search(insights_query("function", query))
    if found is None:
        raise ValueError(f"the saved query {query} has no line `| filter … >= number`")
    return int(found[1])


def _addresses_with_most_calls(seen: Iterable[Seen]) -> set[str]:
    calls = (call.address for call in seen if call.operation == "InitiateAuth")
    return _from(limit_of("callers-of-initiate-auth"), calls)


def _addresses_with_errors(seen: Iterable[Seen]) -> set[str]:
    return _from(limit_of("addresses-with-most-errors"), (call.address for call in seen if call.is_error))


def _networks_with_most_errors(seen: Iterable[Seen]) -> set[str]:
    return _from(limit_of("prefixes-with-most-errors"), (prefix(call.address) for call in seen if call.is_error))


def _networks_with_sign_up_bursts(seen: Iterable[Seen]) -> set[str]:
    sign_ups = ((prefix(call.address), int(call.at // _MINUTE)) for call in seen if call.operation == "SignUp")
    return {network for network, _ in _from(limit_of("sign-up-bursts"), sign_ups)}


def _addresses_with_many_usernames(seen: Iterable[Seen]) -> set[str]:
    pairs = {(call.address, call.username) for call in seen if call.operation in _SIGN_IN and call.username}
    return _from(limit_of("one-address-many-usernames"), (address for address, _ in pairs))


def _from(limit: int, keys: Iterable[_Key]) -> set[_Key]:
    return {key for key, count in Counter(keys).items() if count >= limit}
