"""The two edits: putting addresses onto a list, and taking them off."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .backoff import Backoff
from .entries import Entry, State, later
from .reconcile import reconcile
from .stores import MAX_ADDRESSES, Busy, HandList


class ListFull(Exception):
    """There is no room for these addresses; they were not added."""

    def __init__(self, addresses: Sequence[str]) -> None:
        super().__init__(f"no room for {', '.join(addresses)}")
        self.addresses = tuple(addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetails:
    """What is kept with added addresses: why they are listed, until when, and who added them."""

    note: str = ""
    """An empty one leaves an earlier note as it is."""

    expires_at: int | None = None
    """Seconds since 1970; None: never. An addition never brings an earlier expiry forward."""

    added_by: str = ""


def add(
    hand_list: HandList, addresses: Sequence[str], details: EntryDetails, *, now: int, backoff: Backoff
) -> dict[str, Entry]:
    """Put addresses onto the list. Gives what is recorded of each.

    Raises:
        ListFull: the IP set has no room for some of them; the others are on it.
        OutOfTime: the list was too busy; what was recorded will be carried out.
    """

    def addition(address: str, known: Entry | None, present: frozenset[str]) -> Entry:
        return _addition(address, details, known=known, is_present=address in present, now=now)

    recorded = _record(hand_list, addresses, addition, opposite=State.REMOVING, now=now, backoff=backoff)
    listed = reconcile(hand_list, list(recorded.values()), now=now, backoff=backoff)
    refused = [address for address in recorded if address not in listed]
    # Where there is room, somebody else took them off in between.
    if refused and len(listed) >= MAX_ADDRESSES:
        raise ListFull(refused)
    return recorded


def remove(hand_list: HandList, addresses: Sequence[str], *, now: int, backoff: Backoff) -> frozenset[str]:
    """Take addresses off the list. Gives those that were on it.

    Raises:
        OutOfTime: the list was too busy; what was recorded will be carried out.
    """
    were_there: set[str] = set()

    def removal(address: str, known: Entry | None, present: frozenset[str]) -> Entry | None:
        if address in present:
            were_there.add(address)
        if known is not None:
            return known if known.state is State.REMOVING else known.turned(State.REMOVING, now=now)
        if address in present:
            return Entry(address=address, state=State.REMOVING, changed_at=now, added_at=now)
        return None

    recorded = _record(hand_list, addresses, removal, opposite=State.ADDING, now=now, backoff=backoff)
    reconcile(hand_list, list(recorded.values()), now=now, backoff=backoff)
    return frozenset(were_there)


_Intention = Callable[[str, Entry | None, frozenset[str]], Entry | None]
"""Address, its entry and what the IP set holds, to the entry to record; None: nothing to do."""


def _record(
    hand_list: HandList,
    addresses: Sequence[str],
    intention: _Intention,
    *,
    opposite: State,
    now: int,
    backoff: Backoff,
) -> dict[str, Entry]:
    """Record an intention for each address, after the opposite one was carried out where there is one."""
    recorded: dict[str, Entry] = {}
    left = list(dict.fromkeys(addresses))
    for attempt in itertools.count():
        entries = {address: hand_list.entries.get(address) for address in left}
        in_the_way = [entry for entry in entries.values() if entry is not None and entry.state is opposite]
        if in_the_way:
            reconcile(hand_list, in_the_way, now=now, backoff=backoff)
        elif (present := _present(hand_list)) is not None:
            left = []
            for address, known in entries.items():
                entry = intention(address, known, present)
                if entry is None:
                    continue
                if entry is known or hand_list.entries.put(entry, instead_of=known):
                    recorded[address] = entry
                else:
                    left.append(address)
            if not left:
                return recorded
        backoff.wait(attempt)
    raise AssertionError("unreachable")


def _present(hand_list: HandList) -> frozenset[str] | None:
    try:
        return hand_list.addresses.read().addresses
    except Busy:
        return None


def _addition(address: str, details: EntryDetails, *, known: Entry | None, is_present: bool, now: int) -> Entry:
    entry = Entry(
        address=address,
        state=State.ADDING,
        changed_at=now,
        added_at=now,
        added_by=details.added_by,
        note=details.note,
        expires_at=details.expires_at,
    )
    if known is None:
        # Put there in the console, for good: a time for it would end what somebody else began.
        return replace(entry, expires_at=None) if is_present else entry
    if known.state is State.LISTED and not is_present:
        return entry  # taken off in the console, and so is what was kept with it
    return replace(
        entry,
        added_at=known.added_at,
        added_by=known.added_by,
        note=details.note or known.note,
        expires_at=later(known.expires_at, details.expires_at),
    )
