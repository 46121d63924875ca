"""The two edits and the scheduled clean-up, one after the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_proxy.list_edits.backoff import Backoff, OutOfTime
from cognito_proxy.list_edits.edits import EntryDetails, ListFull, add, remove
from cognito_proxy.list_edits.entries import Entry, State, later
from cognito_proxy.list_edits.expire import GRACE_SECONDS, MOST_AT_ONCE, Outcome, expire
from cognito_proxy.list_edits.stores import MAX_ADDRESSES
from tests.list_edits.memory_stores import Crash, MemoryList, quick_backoff

A, B, C = "192.0.2.1/32", "192.0.2.2/32", "192.0.2.0/24"
NOW = 1_000_000


def put(memory: MemoryList, *addresses: str, now: int = NOW, **details: object) -> dict[str, Entry]:
    return add(memory.hand_list, addresses, EntryDetails(**details), now=now, backoff=quick_backoff())  # type: ignore[arg-type]


def take(memory: MemoryList, *addresses: str, now: int = NOW) -> frozenset[str]:
    return remove(memory.hand_list, addresses, now=now, backoff=quick_backoff())


def clean_up(memory: MemoryList, *, now: int = NOW) -> Outcome:
    return expire(memory.hand_list, now=now, backoff=quick_backoff())


def test_nothing_happens_before_an_expiry() -> None:
    memory = MemoryList()
    put(memory, A, expires_at=NOW + 60)
    assert clean_up(memory, now=NOW + 59) == Outcome(carried_out=0, expired=0, forgotten=0)
    assert memory.addresses == {A}


def test_an_expired_address_goes_and_leaves_nothing() -> None:
    memory = MemoryList()
    put(memory, A, expires_at=NOW + 60)
    put(memory, B)
    assert clean_up(memory, now=NOW + 60) == Outcome(carried_out=0, expired=1, forgotten=0)
    assert (memory.addresses, set(memory.entries)) == ({B}, {B})


@pytest.mark.proves("twice-no-harm")
def test_cleaning_up_twice_changes_nothing_more() -> None:
    memory = MemoryList()
    put(memory, A, expires_at=NOW + 60)
    clean_up(memory, now=NOW + 60)
    writes = memory.writes
    assert clean_up(memory, now=NOW + 60) == Outcome(carried_out=0, expired=0, forgotten=0)
    assert memory.writes == writes


def test_many_that_expire_at_once_are_taken_in_portions() -> None:
    memory = MemoryList()
    addresses = [f"10.0.{n // 250}.{n % 250}/32" for n in range(MOST_AT_ONCE + 5)]
    put(memory, *addresses, expires_at=NOW + 60)
    assert clean_up(memory, now=NOW + 60).expired == MOST_AT_ONCE
    assert clean_up(memory, now=NOW + 60).expired == 5
    assert memory.addresses == frozenset()


def test_an_entry_whose_address_the_console_took_off_is_forgotten_after_a_while() -> None:
    memory = MemoryList()
    put(memory, A, B)
    memory.by_console([B])
    assert clean_up(memory, now=NOW + GRACE_SECONDS - 1).forgotten == 0
    assert clean_up(memory, now=NOW + GRACE_SECONDS).forgotten == 1
    assert set(memory.entries) == {B}


def test_adding_anew_what_the_console_took_off_starts_afresh() -> None:
    memory = MemoryList()
    put(memory, A, note="old")
    memory.by_console([])
    put(memory, A, expires_at=NOW + 60)
    assert (memory.entries[A].note, memory.entries[A].expires_at) == ("", NOW + 60)
    assert memory.addresses == {A}


def test_what_the_console_added_stays_when_it_is_removed_and_added_by_hand() -> None:
    memory = MemoryList(addresses=frozenset({A}))
    assert take(memory, A) == {A}
    assert (memory.addresses, memory.entries) == (frozenset(), {})


@pytest.mark.proves("twice-no-harm")
def test_removing_what_is_not_there_touches_nothing() -> None:
    memory = MemoryList()
    assert take(memory, A) == frozenset()
    assert (memory.writes, memory.entries) == (0, {})


def test_ranges_and_the_addresses_in_them_are_entries_of_their_own() -> None:
    memory = MemoryList()
    put(memory, A, C)
    take(memory, C)
    assert memory.addresses == {A}


def test_several_addresses_need_one_update() -> None:
    memory = MemoryList()
    put(memory, A, B, C)
    assert memory.writes == 1


def test_an_update_carries_out_what_others_have_recorded() -> None:
    memory = MemoryList(addresses=frozenset({B}))
    memory.entries[A] = Entry(address=A, state=State.ADDING, changed_at=NOW, added_at=NOW)
    memory.entries[B] = Entry(address=B, state=State.REMOVING, changed_at=NOW, added_at=NOW)
    put(memory, C)
    assert memory.addresses == {A, C}
    # Their entries are theirs to close.
    assert {address: entry.state for address, entry in memory.entries.items()} == {
        A: State.ADDING,
        B: State.REMOVING,
        C: State.LISTED,
    }


def test_a_full_list_takes_those_that_came_first() -> None:
    memory = MemoryList(addresses=frozenset(f"10.{n // 250}.{n % 250}.1/32" for n in range(MAX_ADDRESSES - 1)))
    memory.entries[A] = Entry(address=A, state=State.ADDING, changed_at=NOW - 1, added_at=NOW)
    with pytest.raises(ListFull) as full:
        put(memory, B)
    assert full.value.addresses == (B,)
    assert A in memory.addresses
    assert len(memory.addresses) == MAX_ADDRESSES
    assert B not in memory.entries


def test_a_list_that_never_rests_is_given_up_and_finished_later() -> None:
    memory = MemoryList()

    def always_changed(name: str) -> None:
        if name == "write":
            memory.by_console(memory.addresses)

    memory.before = always_changed
    with pytest.raises(OutOfTime):
        add(memory.hand_list, [A], EntryDetails(expires_at=NOW + 60), now=NOW, backoff=quick_backoff(attempts=20))
    memory.before = lambda _name: None
    assert clean_up(memory).carried_out == 1
    assert (memory.addresses, memory.entries[A].expires_at) == ({A}, NOW + 60)


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_backoff_waits_longer_and_longer_by_chance_and_never_past_its_end(
    monkeypatch: pytest.MonkeyPatch, chance: float
) -> None:
    waits: list[float] = []
    clock = [0.0]
    longest: list[float] = []

    def drawn(least: float, most: float) -> float:
        assert least == 0
        longest.append(most)
        return chance * most

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr("random.uniform", drawn)
    backoff = Backoff(30, clock=lambda: clock[0], sleep=sleep)

    def wait_for_ever() -> None:
        for attempt in range(10_000):
            backoff.wait(attempt)

    if chance == 0:  # nobody is that lucky: no time passes
        wait_for_ever()
    else:
        with pytest.raises(OutOfTime):
            wait_for_ever()
        assert 30 - 2 * chance < sum(waits) <= 30
    assert longest[:7] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2]
    assert set(longest[7:]) == {2}
    assert waits == [chance * most for most in longest][: len(waits)]


# Each with what may be on the list after a crash and a clean-up: nothing was recorded yet, or what was is carried out.
OPERATIONS: dict[str, tuple[Callable[[MemoryList], object], set[frozenset[str]]]] = {
    "add": (
        lambda memory: put(memory, A, B, expires_at=NOW + 60, note="n"),
        {frozenset({C}), frozenset({A, C}), frozenset({A, B, C})},
    ),
    "add again": (lambda memory: put(memory, C, expires_at=NOW + 120, note="n"), {frozenset({C})}),
    "remove": (lambda memory: take(memory, C), {frozenset({C}), frozenset()}),
    "expire": (lambda memory: clean_up(memory, now=NOW + 30), {frozenset({C}), frozenset()}),
}


def prepared() -> MemoryList:
    """C is listed for twenty seconds."""
    memory = MemoryList()
    put(memory, C, expires_at=NOW + 20, note="c")
    return memory


def steps_of(operation: Callable[[MemoryList], object]) -> int:
    memory, steps = prepared(), []
    memory.before = steps.append
    operation(memory)
    return len(steps)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_crash_before_any_step_heals_and_forgets_no_expiry(name: str) -> None:
    operation, outcomes = OPERATIONS[name]
    reached = set()
    for crash_at in range(steps_of(operation)):
        memory = prepared()
        steps: list[str] = []

        def crash(step: str, steps: list[str] = steps, crash_at: int = crash_at) -> None:
            steps.append(step)
            if len(steps) > crash_at:
                raise Crash

        memory.before = crash
        with pytest.raises(Crash):
            operation(memory)
        memory.before = lambda _step: None
        # What is on the list has an expiry at every moment.
        assert all(memory.entries[address].expires_at is not None for address in memory.addresses)
        clean_up(memory)
        assert {entry.state for entry in memory.entries.values()} <= {State.LISTED}
        assert memory.addresses == set(memory.entries)
        reached.add(memory.addresses)
        clean_up(memory, now=NOW + 1000)
        assert (memory.addresses, memory.entries) == (frozenset(), {})
    assert reached == outcomes


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.sampled_from([A, B, C]), st.none() | st.integers(1, 50)),
            st.tuples(st.sampled_from(["remove", "console on", "console off"]), st.sampled_from([A, B, C])),
            st.tuples(st.just("wait"), st.integers(1, 30)),
        ),
        max_size=25,
    )
)
def test_a_sequence_of_edits_is_as_a_table_of_expiries_has_it(operations: list[tuple[str, ...]]) -> None:
    """The model: address to expiry, None for good; the clean-up runs after every wait."""
    memory, model, now = MemoryList(), dict[str, int | None](), NOW
    for kind, *arguments in operations:
        if kind == "wait":
            now += int(arguments[0])
            clean_up(memory, now=now)
            model = {address: end for address, end in model.items() if end is None or end > now}
            continue
        address = arguments[0]
        if kind == "add":
            end = None if arguments[1] is None else now + int(arguments[1])
            model[address] = later(model[address], end) if address in model else end
            put(memory, address, now=now, expires_at=end)
        elif kind == "remove":
            assert take(memory, address, now=now) == ({address} & set(model))
            model.pop(address, None)
        elif kind == "console on" and address not in model:
            memory.by_console(memory.addresses | {address})
            # An entry that the console's removal left behind comes to life again.
            entry = memory.entries.get(address)
            model[address] = entry.expires_at if entry else None
        elif kind == "console off":
            memory.by_console(memory.addresses - {address})
            model.pop(address, None)
        assert memory.addresses == set(model)
    assert {a: e.expires_at for a, e in memory.entries.items() if a in model}.items() <= model.items()
