"""An IP set, editable as in the console."""

import ipaddress
from collections.abc import Iterable


class IpSet:
    """Addresses and ranges of one version, in CIDR notation."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self.replace(addresses)

    def replace(self, addresses: Iterable[str]) -> None:
        """Put these addresses in the place of all that were there, as UpdateIPSet does."""
        self._networks = tuple(ipaddress.ip_network(address) for address in addresses)

    def __contains__(self, address: str) -> bool:
        parsed = ipaddress.ip_address(address)
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
            # How a dual-stack socket reports an IPv4 peer.
            parsed = parsed.ipv4_mapped
        return any(parsed in network for network in self._networks)
