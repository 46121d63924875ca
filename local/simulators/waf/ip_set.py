"""An IP set, editable as in the console."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache


class IpSet:
    """Addresses and ranges of one version, in CIDR notation."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self.replace(addresses)

    def replace(self, addresses: Iterable[str]) -> None:
        """Put these addresses in the place of all that were there, as UpdateIPSet does."""
        self._networks = tuple(ipaddress.ip_network(address) for address in addresses)

    def __contains__(self, address: str) -> bool:
        parsed = _parsed(address)
        return any(parsed in network for network in self._networks)


@lru_cache(maxsize=1_000)  # every list of a web ACL asks for the same address
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        # How a dual-stack socket reports an IPv4 peer.
        return parsed.ipv4_mapped
    return parsed
