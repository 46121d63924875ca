"""What the edits need of the two stores."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .backoff import Backoff
from .entries import Entry

MAX_ADDRESSES = 10_000
"""Addresses and ranges in one IP set, a fixed quota of AWS WAF."""


class Busy(Exception):
    """The IP set was changed in between, or AWS WAF has too much to do: start over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The contents of an IP set at one moment."""

    addresses: frozenset[str]
    lock_token: str
    description: str | None = None


class AddressSet(Protocol):
    """An IP set."""

    def read(self) -> Snapshot:
        """What it holds now.

        Raises:
            Busy: AWS WAF does not take the call now.
        """
        ...

    def write(self, addresses: frozenset[str], *, instead_of: Snapshot) -> None:
        """Replace what it holds.

        Raises:
            Busy: it has changed since `instead_of`, or AWS WAF does not take the call now.
        """
        ...


class EntryStore(Protocol):
    """The entries of one IP set."""

    def get(self, address: str) -> Entry | None:
        """The entry of an address as it is now."""
        ...

    def all(self) -> Sequence[Entry]:
        """All entries; each is at least as new as the call."""
        ...

    def put(self, entry: Entry, *, instead_of: Entry | None) -> bool:
        """Write an entry if the one in its place still is `instead_of` (None: there is none). True: written."""
        ...

    def delete(self, entry: Entry) -> bool:
        """Delete an entry if it still is that version. True: deleted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandList:
    """An IP set that people edit, with its entries."""

    addresses: AddressSet
    entries: EntryStore

    def present(self, *, backoff: Backoff) -> frozenset[str]:
        """What the IP set holds now, read again while AWS WAF does not take the call.

        Raises:
            OutOfTime: AWS WAF did not take it in time.
        """
        for attempt in itertools.count():
            try:
                return self.addresses.read().addresses
            except Busy:
                backoff.wait(attempt)
        raise AssertionError("unreachable")
