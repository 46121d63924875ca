"""Denied addresses that are let in all the same, since the allow list comes first: told, never refused.

The other list may change, and an entry that does nothing today is a precaution. An allowed address inside a denied
range is no such case: that is how an office inside a blocked provider is let in.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cognito_proxy.firewall.ip_lists import IpList, Network, never_denied

MOST = 50
"""How many are told: each takes a look at both lists, which may have 20,000 entries each."""

_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Cover:
    """An entry that holds an address, or a part of a range."""

    address: str
    by_hand: bool
    """Whether it is edited by hand; otherwise the deployment's settings name it."""

    @property
    def fields(self) -> dict[str, Any]:
        """For programs."""
        return {"address": self.address, "origin": "by hand" if self.by_hand else "settings"}


@dataclass(frozen=True, kw_only=True)
class Override:
    """A denied entry that does nothing."""

    denied: str
    allowed: tuple[Cover, ...]
    """The entries of the allow list that let it in."""

    @property
    def warning(self) -> str:
        """What is the matter, and what to do about it."""
        are = "is" if len(self.allowed) == 1 else "are"
        return (
            f"{short(self.denied)} is on the deny list and let in all the same, since {_named(self.allowed)} {are} on "
            f"the allow list, which comes first; to block it: {' and '.join(self._remedies())}"
        )

    def _remedies(self) -> Iterator[str]:
        by_hand = [cover for cover in self.allowed if cover.by_hand]
        settings = [cover for cover in self.allowed if not cover.by_hand]
        if by_hand:
            yield f"cognito-proxy ip unallow {_named(by_hand, separator=' ')}"
        if settings:
            yield f"take {_named(settings)} out of the setting allow_ips and deploy"


def overrides(*, allow: IpList, deny: IpList, from_settings: IpList) -> list[Override]:
    """The denied entries that the allow list lets in, 50 at the most. `from_settings` is that part of `allow`."""
    settings = frozenset(from_settings.networks)
    allowed, left = _Read(read=allow.networks), deny.networks
    found: list[Override] = []
    while len(found) < MOST and (denied := never_denied(allow=allowed, deny=_Read(read=left))) is not None:
        found.append(Override(denied=str(denied), allowed=tuple(_covers(denied, allowed.read, settings))))
        left = left[left.index(denied) + 1 :]
    return found


@dataclass(frozen=True, kw_only=True)
class _Read(IpList):
    """A list whose addresses were read already: reading thousands takes longer than comparing them."""

    read: tuple[Network, ...]

    @property
    def networks(self) -> tuple[Network, ...]:
        return self.read


def _covers(denied: Network, allowed: Iterable[Network], settings: frozenset[Network]) -> Iterator[Cover]:
    for network in allowed:
        if network.version == denied.version and network.overlaps(denied):
            yield Cover(address=str(network), by_hand=network not in settings)


def _named(covers: Sequence[Cover], *, separator: str = ", ") -> str:
    names = [short(cover.address) for cover in covers[:_MOST_NAMED]]
    return separator.join(names) + (f"{separator}…" if len(covers) > _MOST_NAMED else "")


def short(address: str) -> str:
    """A single address without the length of its prefix."""
    return address.removesuffix("/128") if ":" in address else address.removesuffix("/32")
