"""Making an IP set agree with what is recorded."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .backoff import Backoff
from .entries import Entry, State
from .stores import MAX_ADDRESSES, Busy, HandList


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the IP set shall hold, and the additions for which it has no room."""

    addresses: frozenset[str]
    refused: tuple[Entry, ...]


def plan(open_entries: Iterable[Entry], addresses: frozenset[str]) -> Plan:
    """Carry out all open entries; those that came last are refused when the IP set is full."""
    entries = tuple(open_entries)
    kept = addresses - {entry.address for entry in entries if not entry.is_wanted}
    new = sorted(
        (entry for entry in entries if entry.is_wanted and entry.address not in kept),
        key=lambda entry: (entry.changed_at, entry.address),
    )
    room = max(MAX_ADDRESSES - len(kept), 0)
    return Plan(addresses=kept | {entry.address for entry in new[:room]}, refused=tuple(new[room:]))


def reconcile(hand_list: HandList, edits: Sequence[Entry], *, now: int, backoff: Backoff) -> frozenset[str]:
    """Bring the IP set in line with these open entries, and close them. Gives what the IP set holds then.

    Entries that somebody else has closed or replaced meanwhile are theirs, and left alone.

    Raises:
        OutOfTime: the list was too busy.
    """
    for attempt in itertools.count():
        try:
            addresses = _carry_out(hand_list, edits)
        except Busy:
            backoff.wait(attempt)
        else:
            _close(hand_list, edits, now)
            return addresses
    raise AssertionError("unreachable")


def _carry_out(hand_list: HandList, edits: Sequence[Entry]) -> frozenset[str]:
    current = hand_list.addresses.read()
    if all(edit.holds_in(current.addresses) for edit in edits):
        return current.addresses
    # After the IP set, never before: an entry that is open now was so, or was not there, when the token was fresh.
    planned = plan((entry for entry in hand_list.entries.all() if entry.is_open), current.addresses)
    if planned.addresses != current.addresses:
        hand_list.addresses.write(planned.addresses, instead_of=current)
    for entry in planned.refused:
        hand_list.entries.delete(entry)
    return planned.addresses


def _close(hand_list: HandList, edits: Iterable[Entry], now: int) -> None:
    for edit in edits:
        if edit.is_wanted:
            hand_list.entries.put(edit.turned(State.LISTED, now=now), instead_of=edit)
        else:
            hand_list.entries.delete(edit)
