"""What the table holds about an address on a list."""

import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self


class State(StrEnum):
    """How far the address is."""

    ADDING = "adding"
    """Recorded; to be put into the IP set."""

    LISTED = "listed"
    """In the IP set."""

    REMOVING = "removing"
    """To be taken out of the IP set; then the entry goes, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One address of one IP set. Times are seconds since 1970, UTC."""

    address: str
    """A CIDR in its shortest form, such as 192.0.2.44/32."""

    state: State
    changed_at: int
    added_at: int
    added_by: str = ""
    note: str = ""
    expires_at: int | None = None
    """None: on the list until somebody takes it off."""

    version: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Another one after every change."""

    @property
    def is_open(self) -> bool:
        """The IP set has yet to be brought in line."""
        return self.state is not State.LISTED

    @property
    def is_wanted(self) -> bool:
        """The address belongs into the IP set."""
        return self.state is not State.REMOVING

    def holds_in(self, addresses: frozenset[str]) -> bool:
        """The IP set is as this entry intends."""
        return (self.address in addresses) is self.is_wanted

    def is_expired(self, now: int) -> bool:
        """Its time is over."""
        return self.expires_at is not None and self.expires_at <= now

    def turned(self, state: State, *, now: int) -> Self:
        """The same address in another state, as a new version."""
        return replace(self, state=state, changed_at=now, version=uuid.uuid4().hex)


def later(one: int | None, other: int | None) -> int | None:
    """The later of two expiries; None is never."""
    return None if one is None or other is None else max(one, other)
