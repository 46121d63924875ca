"""The two stores in memory, one call after the other, with a hook before each call."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.list_edits.entries import Entry
from cognito_proxy.list_edits.stores import Busy, HandList, Snapshot


class Crash(BaseException):
    """The process dies here; nothing may catch it."""


@dataclass
class MemoryList:
    """An IP set and its entries; `before` is called before every access, by its name."""

    before: Callable[[str], None] = lambda _name: None
    addresses: frozenset[str] = frozenset()
    token: str = "0"
    entries: dict[str, Entry] = field(default_factory=dict)
    writes: int = 0

    @property
    def hand_list(self) -> HandList:
        return HandList(addresses=_Set(self), entries=_Entries(self))

    def by_console(self, addresses: Iterable[str]) -> None:
        """Somebody edits the IP set without us."""
        self.addresses = frozenset(addresses)
        self.token = uuid.uuid4().hex


@dataclass(frozen=True)
class _Set:
    memory: MemoryList

    def read(self) -> Snapshot:
        self.memory.before("read")
        return Snapshot(addresses=self.memory.addresses, lock_token=self.memory.token)

    def write(self, addresses: frozenset[str], *, instead_of: Snapshot) -> None:
        self.memory.before("write")
        if instead_of.lock_token != self.memory.token:
            raise Busy
        # An update that changes nothing keeps the token: the edits must not rely on more.
        if addresses != self.memory.addresses:
            self.memory.by_console(addresses)
        self.memory.writes += 1


@dataclass(frozen=True)
class _Entries:
    memory: MemoryList

    def get(self, address: str) -> Entry | None:
        self.memory.before("get")
        return self.memory.entries.get(address)

    def all(self) -> list[Entry]:
        self.memory.before("all")
        return list(self.memory.entries.values())

    def put(self, entry: Entry, *, instead_of: Entry | None) -> bool:
        self.memory.before("put")
        if _version(self.memory.entries.get(entry.address)) != _version(instead_of):
            return False
        self.memory.entries[entry.address] = entry
        return True

    def delete(self, entry: Entry) -> bool:
        self.memory.before("delete")
        if _version(self.memory.entries.get(entry.address)) != entry.version:
            return False
        del self.memory.entries[entry.address]
        return True


def _version(entry: Entry | None) -> str | None:
    return None if entry is None else entry.version


def quick_backoff(attempts: int = 1000) -> Backoff:
    """So many attempts, without waiting."""
    ticks = iter(range(10 * attempts))
    return Backoff(attempts, clock=lambda: float(next(ticks)), sleep=lambda _seconds: None)
