"""What the scheduled function does to a list."""

import itertools
from dataclasses import dataclass

from .backoff import Backoff
from .entries import Entry, State
from .reconcile import reconcile
from .stores import HandList

MOST_AT_ONCE = 1_000
"""Entries that one run expires; what is left is the next run's."""

GRACE_SECONDS = 15 * 60
"""How long an entry whose address is missing is kept: AWS WAF may take minutes to show a change everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run found, in numbers."""

    carried_out: int
    """Edits that were recorded and not closed."""

    expired: int
    """Addresses whose time was over."""

    forgotten: int
    """Entries of addresses that were taken off the list in the console."""


def expire(hand_list: HandList, *, now: int, backoff: Backoff) -> Outcome:
    """Carry out what was left behind, take off what has expired, forget what is gone. Running it again does no harm.

    Raises:
        OutOfTime: the list was too busy; the next run carries on.
    """
    left_behind = [entry for entry in hand_list.entries.all() if entry.is_open]
    if left_behind:
        reconcile(hand_list, left_behind, now=now, backoff=backoff)
    listed = [entry for entry in hand_list.entries.all() if entry.state is State.LISTED]
    expired = [
        removal
        for entry in itertools.islice((entry for entry in listed if entry.is_expired(now)), MOST_AT_ONCE)
        if hand_list.entries.put(removal := entry.turned(State.REMOVING, now=now), instead_of=entry)
    ]
    if expired:
        reconcile(hand_list, expired, now=now, backoff=backoff)
    return Outcome(
        carried_out=len(left_behind),
        expired=len(expired),
        forgotten=_forget(hand_list, [entry for entry in listed if not entry.is_expired(now)], now, backoff),
    )


def _forget(hand_list: HandList, listed: list[Entry], now: int, backoff: Backoff) -> int:
    old = [entry for entry in listed if entry.changed_at <= now - GRACE_SECONDS]
    if not old:
        return 0
    # Read after the entries: one that still is this version now was listed all the while.
    present = hand_list.present(backoff=backoff)
    return sum(hand_list.entries.delete(entry) for entry in old if entry.address not in present)
