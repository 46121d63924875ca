"""Lists of addresses as AWS WAF takes them: CIDRs, v4 and v6 apart.

Plain functions without CDK, so that context flags, constructs and the command line read addresses alike.

AWS WAF API, IPSet: https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSet.html
"""

import bisect
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from cognito_proxy.common.property_error import PropertyError

MAX_ADDRESSES = 10_000
"""Addresses and ranges in one IP set, a fixed quota of AWS WAF; v4 and v6 are sets of their own."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, kw_only=True)
class IpList:
    """Addresses and ranges in CIDR notation, normalised, without duplicates, in the order in which they came."""

    v4: tuple[str, ...] = ()
    v6: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    @property
    def networks(self) -> tuple[Network, ...]:
        """All of them, parsed."""
        return tuple(ipaddress.ip_network(cidr) for cidr in (*self.v4, *self.v6))


def parse_addresses(addresses: str | Iterable[str], *, name: str) -> IpList:
    """Sort addresses and ranges, v4 and v6 mixed, into what AWS WAF takes.

    Args:
        addresses: One comma-separated string (a flag's value; blank entries are skipped) or an iterable of strings.
            A single address becomes a /32 or /128.
        name: What the list is called where the user wrote it; it begins every error.

    Raises:
        PropertyError: an entry is neither an IPv4 nor an IPv6 address or range, has bits set behind its prefix, is a
            /0, is an IPv4 address in IPv6 clothes, or there are more than 10,000 of one kind. One line that names the
            list, the entry and what is allowed.
    """
    entries = addresses.split(",") if isinstance(addresses, str) else list(addresses)
    networks = dict.fromkeys(_network(entry, name) for entry in map(str.strip, entries) if entry)
    parsed = IpList(
        v4=tuple(str(network) for network in networks if network.version == 4),
        v6=tuple(str(network) for network in networks if network.version == 6),
    )
    for kind, cidrs in (("IPv4", parsed.v4), ("IPv6", parsed.v6)):
        if len(cidrs) > MAX_ADDRESSES:
            raise PropertyError(
                f"{name}: {len(cidrs)} {kind} entries; AWS WAF takes at most {MAX_ADDRESSES} in an IP set"
            )
    return parsed


def never_denied(*, allow: IpList, deny: IpList) -> Network | None:
    """The first denied entry whose every address is allowed, by one allowed entry or by several together; None: none.

    The allow list comes first, so such an entry does nothing, and nobody would notice. The other way round is
    legitimate: an allowed address inside a denied range is an office inside a blocked provider.
    """
    allowed = _Cover(allow.networks)
    return next((network for network in deny.networks if network in allowed), None)


def check_deny_list(*, allow: IpList, deny: IpList, allow_name: str = "allow_ips", deny_name: str = "deny_ips") -> None:
    """Refuse a deny list with an entry that can never be denied, since the allow list lets all of it in.

    Raises:
        PropertyError: there is one; it is named, and one of the allowed entries that let it in.
    """
    denied = never_denied(allow=allow, deny=deny)
    if denied is None:
        return
    allowed = next(
        network for network in allow.networks if network.version == denied.version and _meet(network, denied)
    )
    raise PropertyError(
        f"{deny_name}: {denied} can never be denied, since {allow_name} has {allowed} and comes first; "
        "take one of them off (an allowed address inside a denied range is fine)"
    )


class _Cover:
    """The addresses of some networks, as few networks as possible: a network that they cover is inside one of these."""

    def __init__(self, networks: Iterable[Network]) -> None:
        every = list(networks)
        self._merged: dict[int, list[Network]] = {
            4: list(ipaddress.collapse_addresses(n for n in every if isinstance(n, ipaddress.IPv4Network))),
            6: list(ipaddress.collapse_addresses(n for n in every if isinstance(n, ipaddress.IPv6Network))),
        }
        self._starts = {version: list(map(_first, merged)) for version, merged in self._merged.items()}

    def __contains__(self, network: Network) -> bool:
        # Merged networks are sorted and apart: only the last that begins no later can hold this one.
        index = bisect.bisect_right(self._starts[network.version], _first(network)) - 1
        return index >= 0 and _last(network) <= _last(self._merged[network.version][index])


def _meet(one: Network, other: Network) -> bool:
    return _first(one) <= _last(other) and _first(other) <= _last(one)


def _network(entry: str, name: str) -> Network:
    try:
        interface = ipaddress.ip_interface(entry)
    except ValueError:
        raise PropertyError(
            f"{name}: {entry!r} is neither an IPv4 nor an IPv6 address or range; "
            "write 192.0.2.44, 192.0.2.0/24 or 2001:db8::/32"
        ) from None
    if isinstance(interface, ipaddress.IPv6Interface):
        _check_v6(interface, entry, name)
    network = interface.network
    if network.prefixlen == 0:
        raise PropertyError(f"{name}: {entry!r} is everybody; AWS WAF takes prefixes of 1 or longer")
    if interface.ip != network.network_address:
        raise PropertyError(f"{name}: {entry!r} has bits set behind its prefix; write {network} or {interface.ip}")
    return network


def _check_v6(interface: ipaddress.IPv6Interface, entry: str, name: str) -> None:
    if interface.scope_id is not None:
        raise PropertyError(f"{name}: {entry!r} has a zone; an IP set takes addresses without one")
    if interface.ip.ipv4_mapped is not None:
        # Requests over IPv4 show their IPv4 address, so this entry would never match.
        raise PropertyError(f"{name}: {entry!r} is an IPv4 address; write {interface.ip.ipv4_mapped}")


def _first(network: Network) -> int:
    return int(network.network_address)


def _last(network: Network) -> int:
    return int(network.broadcast_address)
