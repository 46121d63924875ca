"""Counters: exactly the limit passes, windows end, and a table that fails or stalls costs a call little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from proxy import counters as module
from proxy.counters import Counters, CountersUnavailable, Taken
from tests.proxy.fake_dynamodb import FakeTable
from tests.proxy.fake_service import FakeService, answer, close, error, stall

TABLE = "Counters-1A2B"
NOW = 1_800_000_000.0
WINDOW = 900.0


@pytest.fixture
def table() -> FakeTable:
    return FakeTable(TABLE)


@pytest.fixture
def dynamodb(fake: Callable[..., FakeService], table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service: FakeService = fake(default=table.behave)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", service.url)
    return service


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def environment(dynamodb: FakeService) -> Iterator[Callable[..., Counters]]:
    """Another execution environment's counters."""
    with ExitStack() as made:

        def environment(**properties: Any) -> Counters:
            counters = Counters(TABLE, "eu-west-1", **properties)
            made.callback(counters.close)
            return counters

        yield environment


def take(counters: Counters, now: float = NOW, *, key: str = "k", limit: int = 3, **more: Any) -> Taken:
    deadline = time.monotonic() + more.pop("seconds", 10.0)
    return counters.take(key, limit=limit, window_seconds=WINDOW, now=now, deadline=deadline, **more)


def passes(counters: Counters, now: float = NOW, **more: Any) -> bool:
    return take(counters, now, **more).allowed


def test_the_limit_passes_and_the_next_is_told_how_long_to_wait(environment: Callable[..., Counters]) -> None:
    counters = environment()
    assert [passes(counters, NOW + second) for second in range(3)] == [True, True, True]
    assert take(counters, NOW + 3) == Taken(allowed=False, wait_seconds=WINDOW - 3)
    assert take(counters, NOW + 4) == Taken(allowed=False, wait_seconds=WINDOW - 4)
    assert passes(counters, key="another")


def test_the_count_is_the_same_in_every_environment(environment: Callable[..., Counters]) -> None:
    assert [passes(environment(), NOW + second) for second in range(5)] == [True, True, True, False, False]


def test_a_window_ends_after_its_first_attempt(environment: Callable[..., Counters], table: FakeTable) -> None:
    counters = environment()
    for second in (0, 800, 899):
        assert passes(counters, NOW + second)
    assert not passes(counters, NOW + 899.9)
    assert passes(counters, NOW + 900)
    assert take(environment(), NOW + 901).allowed
    assert table.items["k"]["count"] == {"N": "2"}


def test_a_window_may_end_after_its_last_attempt_instead(environment: Callable[..., Counters]) -> None:
    counters = environment()
    assert [passes(counters, NOW + second, from_last=True) for second in (0, 800, 1600)] == [True, True, True]
    assert take(environment(), NOW + 1700, from_last=True) == Taken(allowed=False, wait_seconds=800.0)
    assert not passes(environment(), NOW + 2499, from_last=True)
    assert passes(environment(), NOW + 2500, from_last=True)


def test_what_the_time_to_live_has_not_deleted_yet_counts_for_nothing(
    environment: Callable[..., Counters], table: FakeTable
) -> None:
    counters = environment()
    for _ in range(4):
        take(counters)
    expires = float(table.items["k"]["expires"]["N"])
    assert table.items["k"]["expires"]["N"].isdigit()
    assert NOW + WINDOW < expires < NOW + WINDOW + 120
    assert [passes(environment(), expires + 86_400 + second) for second in range(4)] == [True, True, True, False]


def test_what_the_time_to_live_deletes_begins_anew(environment: Callable[..., Counters], table: FakeTable) -> None:
    counters = environment()
    take(counters)
    table.items.clear()
    assert passes(counters, NOW + 1)
    assert table.items["k"]["count"] == {"N": "1"}


@pytest.mark.parametrize("from_last", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 31])
def test_exactly_the_limit_passes_of_all_that_come_at_once(
    environment: Callable[..., Counters], limit: int, from_last: bool
) -> None:
    made = [environment() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        for window in range(6):  # the later ones begin where an earlier one has ended

            def attempts(counters: Counters, now: float = NOW + window * WINDOW) -> int:
                return sum(passes(counters, now, limit=limit, from_last=from_last) for _ in range(8))

            assert sum(threads.map(attempts, made)) == limit


def test_a_first_attempt_and_a_refusal_are_one_call_each(
    environment: Callable[..., Counters], table: FakeTable
) -> None:
    counters = environment()
    take(counters)
    assert table.calls == 1
    take(counters)
    take(counters)
    assert table.calls == 3, "what this environment has seen is counted on at once"
    take(environment())
    assert table.calls == 4, "a full counter says so to whoever tries to begin"


def test_a_full_counter_is_not_asked_again_for_a_moment(environment: Callable[..., Counters], table: FakeTable) -> None:
    counters = environment()
    for _ in range(4):
        take(counters)
    asked = table.calls
    assert not passes(counters, NOW + module.FULL_SECONDS - 0.1)
    assert table.calls == asked
    assert not passes(counters, NOW + module.FULL_SECONDS)
    assert table.calls == asked + 1
    assert passes(counters, NOW + WINDOW)


def test_what_is_remembered_is_bounded(environment: Callable[..., Counters]) -> None:
    counters = environment()
    for number in range(module._MAX_SEEN + 50):
        take(counters, key=f"k{number}")
    assert len(counters._seen) == module._MAX_SEEN
    assert f"k{module._MAX_SEEN + 49}" in counters._seen


def deadline() -> float:
    return time.monotonic() + 10


def test_only_what_is_marked_counts_where_that_is_asked(environment: Callable[..., Counters], table: FakeTable) -> None:
    counters = environment()
    assert take(counters, marked=True) == Taken(allowed=False)
    assert table.items == {}
    counters.mark(["k", "l", "k"], until=NOW + 100_000, deadline=deadline())
    assert [passes(counters, marked=True) for _ in range(4)] == [True, True, True, False]
    assert passes(counters, NOW + WINDOW, marked=True)
    assert float(table.items["k"]["expires"]["N"]) > NOW + 100_000
    assert not passes(environment(), NOW + 100_000, marked=True)
    assert take(environment(), NOW + 100_000, key="l", marked=True) == Taken(allowed=False)


def test_a_mark_empties_the_counter(environment: Callable[..., Counters]) -> None:
    counters = environment()
    counters.mark(["k"], until=NOW + 100_000, deadline=deadline())
    for _ in range(3):
        take(counters, marked=True)
    assert not passes(counters, marked=True)
    counters.mark(["k"], until=NOW + 100_000, deadline=deadline())
    assert passes(counters, marked=True)
    assert passes(environment(), marked=True)


ERRORS = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ResourceNotFoundException",
    "AccessDeniedException",
]


@pytest.mark.parametrize("error_type", ERRORS)
def test_an_error_says_so_and_is_not_remembered(
    environment: Callable[..., Counters], dynamodb: FakeService, error_type: str
) -> None:
    counters = environment()
    dynamodb.script(error(error_type, "sentinel", status=500 if "Internal" in error_type else 400))
    with pytest.raises(CountersUnavailable, match=f"^{error_type}$"):
        take(counters)
    assert passes(counters, key="of another")


@pytest.mark.parametrize("behaviour", [answer([1]), answer({"__type": "x y"}, status=400)])
def test_an_answer_that_is_none_is_a_failure(
    environment: Callable[..., Counters], dynamodb: FakeService, behaviour: Any
) -> None:
    dynamodb.script(behaviour)
    with pytest.raises(CountersUnavailable):
        take(environment())


@contextmanager
def lasting(*, at_least: float = 0.0, at_most: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert at_least <= time.monotonic() - started < at_most


def test_a_table_that_stalls_is_waited_for_once_in_a_while(
    environment: Callable[..., Counters], dynamodb: FakeService
) -> None:
    clock = Clock()
    counters = environment(clock=clock)
    take(counters)
    dynamodb.default = stall
    with pytest.raises(CountersUnavailable), lasting(at_least=module.MAX_CALL_SECONDS, at_most=2 * 0.9):
        take(counters)
    with pytest.raises(CountersUnavailable, match="a moment ago"), lasting(at_most=0.1):
        take(counters, key="of another")
    clock.now += module.RETRY_INTERVAL_SECONDS
    with pytest.raises(CountersUnavailable, match="no answer in time"):
        take(counters)


def test_the_first_connection_may_take_longer(environment: Callable[..., Counters], dynamodb: FakeService) -> None:
    dynamodb.script(stall)
    with (
        pytest.raises(CountersUnavailable),
        lasting(at_least=module.MAX_FIRST_CALL_SECONDS, at_most=module.MAX_FIRST_CALL_SECONDS + 1),
    ):
        take(environment())


def test_a_call_with_hardly_any_time_left_says_nothing_of_the_table(
    environment: Callable[..., Counters], dynamodb: FakeService
) -> None:
    counters = environment()
    dynamodb.script(stall)
    with pytest.raises(CountersUnavailable), lasting(at_most=0.5):
        take(counters, seconds=0.05)
    assert passes(counters)


def test_a_connection_that_breaks_is_remembered(environment: Callable[..., Counters], dynamodb: FakeService) -> None:
    clock = Clock()
    counters = environment(clock=clock)
    dynamodb.script(close)
    with pytest.raises(CountersUnavailable):
        take(counters)
    with pytest.raises(CountersUnavailable, match="a moment ago"):
        take(counters)
    clock.now += module.RETRY_INTERVAL_SECONDS
    assert passes(counters)


def test_a_mark_that_fails_says_so(environment: Callable[..., Counters], dynamodb: FakeService) -> None:
    counters = environment()
    for behaviour in (error("ThrottlingException", "m"), answer({"UnprocessedItems": {TABLE: [{}]}})):
        dynamodb.script(behaviour)
        with pytest.raises(CountersUnavailable):
            counters.mark(["k"], until=NOW, deadline=deadline())
