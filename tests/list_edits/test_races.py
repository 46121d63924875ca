"""Whatever edits, expiry and crashes run into each other, and in whatever order: both stores agree, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cognito_proxy.list_edits.edits import EntryDetails, add, remove
from cognito_proxy.list_edits.entries import Entry, State, later
from cognito_proxy.list_edits.expire import GRACE_SECONDS, expire
from tests.list_edits.interleaving import Interleaving
from tests.list_edits.memory_stores import MemoryList, quick_backoff

NOW = 100
EXPIRED, SOON, LATE = 50, 200, 300
ADDRESSES = ("192.0.2.1/32", "192.0.2.2/32")


@dataclass(frozen=True)
class Op:
    """One operation; `expires_at` is for additions."""

    kind: str
    addresses: tuple[str, ...] = ()
    expires_at: int | None = None

    def on(self, memory: MemoryList) -> Callable[[], object]:
        hand_list, backoff = memory.hand_list, quick_backoff()
        if self.kind == "add":
            details = EntryDetails(note="n", expires_at=self.expires_at)
            return lambda: add(hand_list, self.addresses, details, now=NOW, backoff=backoff)
        if self.kind == "remove":
            return lambda: remove(hand_list, self.addresses, now=NOW, backoff=backoff)
        return lambda: expire(hand_list, now=NOW, backoff=backoff)


addresses = st.sampled_from([ADDRESSES[:1], ADDRESSES[1:], ADDRESSES])
ops = st.one_of(
    st.builds(Op, st.just("add"), addresses, st.sampled_from([None, SOON, LATE])),
    st.builds(Op, st.just("remove"), addresses),
    st.just(Op("expire")),
)
# What there is of an address: nothing, put there in the console, or an entry, open or not.
starts = st.one_of(
    st.sampled_from(["nothing", "console"]),
    st.tuples(st.sampled_from(list(State)), st.booleans(), st.sampled_from([None, EXPIRED, SOON])),
)


@pytest.mark.proves("concurrent-edits")
@settings(max_examples=400, deadline=None)
@given(
    start=st.tuples(starts, starts),
    operations=st.lists(ops, min_size=2, max_size=4),
    choices=st.lists(st.integers(0, 3), max_size=80),
    crash=st.none() | st.tuples(st.integers(0, 3), st.integers(0, 12)),
)
# An addition that finds the address there already, while a slow removal of it is under way.
@example(
    start=((State.LISTED, True, EXPIRED), "nothing"),
    operations=[Op("expire"), Op("add", ADDRESSES[:1], LATE)],
    choices=[0] * 5 + [1] * 20,
    crash=None,
)
def test_stores_agree_and_no_edit_is_lost(
    start: tuple[object, object], operations: list[Op], choices: list[int], crash: tuple[int, int] | None
) -> None:
    interleaving = Interleaving(choices=choices, crash=crash)
    memory = MemoryList(before=interleaving.step)
    for address, state in zip(ADDRESSES, start, strict=True):
        begin_with(memory, address, state)
    crashed = interleaving.run([op.on(memory) for op in operations])
    expire(memory.hand_list, now=NOW, backoff=quick_backoff())
    done = [op for number, op in enumerate(operations) if number not in crashed]
    for address, state in zip(ADDRESSES, start, strict=True):
        check_agreement(memory, address, touched=any(address in op.addresses for op in done), start=state)
        check_nothing_lost(memory, address, state, operations, done)


def begin_with(memory: MemoryList, address: str, state: object) -> None:
    if state == "console":
        memory.addresses |= {address}
    if isinstance(state, tuple):
        kind, present, expires_at = state
        memory.entries[address] = Entry(
            address=address, state=kind, changed_at=NOW - GRACE_SECONDS, added_at=1, note="n", expires_at=expires_at
        )
        # An open entry was left behind before or after the IP set was changed; a listed one may be gone in the console.
        if present:
            memory.addresses |= {address}


def check_agreement(memory: MemoryList, address: str, *, touched: bool, start: object) -> None:
    entry = memory.entries.get(address)
    if entry is None:
        assert address not in memory.addresses or (start == "console" and not touched)
    else:
        assert (entry.state, address in memory.addresses) == (State.LISTED, True)
        assert not entry.is_expired(NOW)


def check_nothing_lost(memory: MemoryList, address: str, start: object, operations: list[Op], done: list[Op]) -> None:
    """What holds in whatever order the operations took effect."""
    kinds = {op.kind for op in operations if address in op.addresses}
    finished = [op for op in done if address in op.addresses]
    if kinds == {"remove"} and finished:
        assert address not in memory.addresses
    if kinds == {"add"} and finished:
        entry = memory.entries[address]
        least = finished[0].expires_at
        for op in finished[1:]:
            least = later(least, op.expires_at)
        assert later(entry.expires_at, least) == entry.expires_at, "an addition's expiry was lost"
        assert entry.note == "n"
