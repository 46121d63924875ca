"""The secret cache: fetched when needed, one at a time, never lost to a failure, never the cause of a storm."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import pytest

from proxy import secret_cache
from proxy.secret_cache import Report, SecretCache, SecretUnavailable
from tests.proxy.sample_requests import CLIENT_ID, OTHER_CLIENT_ID, arn, secret_document

TTL = 300.0
SENTINEL = "sentinel-of-a-secret"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Store:
    """Gives a new secret each time it is asked, unless it is broken."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.deadlines: list[float] = []
        self.down = False
        self.texts: dict[str, str] = {}
        self.during: Callable[[], None] = lambda: None

    def read(self, secret_arn: str, deadline: float) -> str:
        self.asked.append(secret_arn)
        self.deadlines.append(deadline)
        number = len(self.asked)
        self.during()
        if self.down:
            raise SecretUnavailable("secret store in eu-west-1: connecting failed")
        client_id = CLIENT_ID if secret_arn == arn(CLIENT_ID) else OTHER_CLIENT_ID
        return self.texts.get(client_id, secret_document(client_id, f"dummy-{number}"))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def reports():
    return []


class ReportingCache(SecretCache):
    """A cache whose every call tells of failures in the same place."""

    reports: list[str]

    def fetch(self, client_id: str, *, deadline: float, report: Report | None = None) -> None:
        super().fetch(client_id, deadline=deadline, report=report or self.reports.append)

    def refetch(self, client_id: str, *, deadline: float, report: Report | None = None) -> bool:
        return super().refetch(client_id, deadline=deadline, report=report or self.reports.append)


@pytest.fixture
def cache(clock, store, reports):
    clients = {CLIENT_ID: arn(CLIENT_ID), OTHER_CLIENT_ID: arn(OTHER_CLIENT_ID)}
    cache = ReportingCache(clients, store.read, ttl_seconds=TTL, clock=clock)
    cache.reports = reports
    return cache


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def have(cache: SecretCache, client_id: str = CLIENT_ID) -> str | None:
    """What a call does: look, fetch if need be, look again."""
    if cache.get(client_id) is None:
        cache.fetch(client_id, deadline=soon())
    return cache.get(client_id)


def together(count: int, what: Callable[[], object]) -> list[object]:
    """The same at the same moment in many threads."""
    start, results = threading.Barrier(count), []

    def run() -> None:
        start.wait(5)
        try:
            results.append(what())
        except SecretUnavailable as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(results) == count
    return results


def test_nothing_is_fetched_before_it_is_needed(cache, store):
    assert cache.get(CLIENT_ID) is None
    assert store.asked == []


@pytest.mark.proves("secret-time-to-live")
def test_a_value_serves_for_its_time_to_live(cache, store, clock):
    assert have(cache) == "dummy-1"
    clock.now += TTL - 0.001
    assert have(cache) == "dummy-1"
    assert len(store.asked) == 1


@pytest.mark.proves("secret-time-to-live")
def test_a_value_is_fetched_again_after_its_time_to_live(cache, store, clock):
    assert have(cache) == "dummy-1"
    clock.now += TTL
    assert cache.get(CLIENT_ID) is None
    assert have(cache) == "dummy-2"


def test_each_client_has_a_secret_of_its_own(cache, store):
    assert have(cache) != have(cache, OTHER_CLIENT_ID)
    assert store.asked == [arn(CLIENT_ID), arn(OTHER_CLIENT_ID)]


def test_the_store_gets_the_callers_deadline(cache, store):
    deadline = soon(2.9)
    cache.fetch(CLIENT_ID, deadline=deadline)
    assert store.deadlines == [deadline]


def test_twenty_threads_cause_one_fetch(cache, store):
    store.during = lambda: time.sleep(0.05)
    assert together(20, lambda: have(cache)) == ["dummy-1"] * 20
    assert len(store.asked) == 1


def test_twenty_threads_cause_one_fetch_when_the_time_to_live_ends(cache, store, clock):
    have(cache)
    clock.now += TTL
    store.during = lambda: time.sleep(0.05)
    assert together(20, lambda: have(cache)) == ["dummy-2"] * 20
    assert len(store.asked) == 2


def test_clients_do_not_wait_for_each_other(cache, store):
    fetching, go_on = threading.Event(), threading.Event()
    store.during = lambda: (fetching.set(), go_on.wait(5)) if store.asked[-1] == arn(CLIENT_ID) else None
    slow = threading.Thread(target=lambda: cache.fetch(CLIENT_ID, deadline=soon()))
    slow.start()
    try:
        assert fetching.wait(5)
        assert have(cache, OTHER_CLIENT_ID) is not None
        assert cache.get(CLIENT_ID) is None
    finally:
        go_on.set()
        slow.join(5)


def fails(cache, client_id=CLIENT_ID, *, seconds=5.0):
    with pytest.raises(SecretUnavailable):
        cache.fetch(client_id, deadline=soon(seconds))
    assert cache.get(client_id) is None


def test_a_store_that_fails_from_the_start_is_asked_at_most_once_a_second(cache, store, clock, reports):
    store.down = True
    for _ in range(20):
        fails(cache)
    assert len(store.asked) == len(reports) == 1
    for _ in range(90):
        clock.now += 0.1
        fails(cache)
    assert 9 <= len(store.asked) <= 10
    assert len(reports) == len(store.asked)


@pytest.mark.proves("store-recovers")
def test_a_failure_is_forgotten_after_a_second_and_not_before(cache, store, clock):
    store.down = True
    fails(cache)
    store.down = False
    clock.now += 0.999
    fails(cache)
    clock.now += 0.001
    assert have(cache) == "dummy-2"


def test_a_failure_of_one_client_is_remembered_for_it_alone(cache, store):
    store.down = True
    fails(cache)
    store.down = False
    assert have(cache, OTHER_CLIENT_ID) == "dummy-2"
    fails(cache)
    assert len(store.asked) == 2


def test_a_clock_that_goes_backwards_does_not_remember_a_failure_for_ever(cache, store, clock):
    store.down = True
    fails(cache)
    store.down = False
    clock.now -= 3600
    assert have(cache) == "dummy-2"


def test_a_first_fetch_takes_three_seconds_at_most(cache, store):
    cache.fetch(CLIENT_ID, deadline=soon(25))
    assert soon(2.5) < store.deadlines[-1] <= soon(3)


def until_the_deadline(store):
    """A store that stalls: it has failed when the time is up."""

    def stall() -> None:
        time.sleep(max(0.0, store.deadlines[-1] - time.monotonic()))
        store.down = True

    return stall


def test_a_store_that_stalls_is_waited_for_once(cache, store, monkeypatch):
    monkeypatch.setattr(secret_cache, "MAX_FETCH_SECONDS", 0.2)
    store.during = until_the_deadline(store)
    started = time.monotonic()
    for _ in range(20):
        fails(cache)
    assert len(store.asked) == 1
    assert 0.2 <= time.monotonic() - started < 2


def test_who_has_hardly_any_time_left_does_not_stop_the_others(cache, store, monkeypatch):
    """That the answer did not come in time is no fault of the store's."""
    store.during = until_the_deadline(store)
    fails(cache, seconds=0.05)
    store.during = lambda: None
    store.down = False
    assert have(cache) == "dummy-2"


def test_who_had_a_second_had_time_enough_to_tell(cache, store, monkeypatch):
    monkeypatch.setattr(secret_cache, "RETRY_INTERVAL_SECONDS", 0.1)
    store.during = until_the_deadline(store)
    fails(cache, seconds=0.1)
    fails(cache, seconds=0.1)
    assert len(store.asked) == 1


def test_an_expired_value_serves_a_caller_with_hardly_any_time_left(cache, store, clock):
    have(cache)
    clock.now += TTL
    store.during = until_the_deadline(store)
    cache.fetch(CLIENT_ID, deadline=soon(0.05))
    assert cache.get(CLIENT_ID) == "dummy-1"


def test_while_the_store_is_down_one_caller_asks_and_the_others_hear_of_it(cache, store):
    store.down = True
    store.during = lambda: time.sleep(0.02)
    results = together(20, lambda: have(cache))
    assert all(isinstance(result, SecretUnavailable) for result in results)
    assert len(store.asked) == 1


def test_a_first_success_serves_those_who_waited_and_those_who_come(cache, store, clock):
    store.down = True
    fails(cache)
    store.down = False
    clock.now += 1
    store.during = lambda: time.sleep(0.02)
    assert together(5, lambda: have(cache)) == ["dummy-2"] * 5
    assert have(cache) == "dummy-2"
    assert len(store.asked) == 2


def test_an_expired_value_survives_a_store_that_is_down(cache, store, clock, reports):
    have(cache)
    store.down = True
    clock.now += TTL + 3600
    assert have(cache) == "dummy-1"
    assert reports == ["secret store in eu-west-1: connecting failed"]


def test_a_store_that_is_down_is_asked_at_most_once_a_second(cache, store, clock):
    have(cache)
    store.down = True
    clock.now += TTL
    for _ in range(10):
        assert have(cache) == "dummy-1"
        clock.now += 0.0999
    assert len(store.asked) == 2
    clock.now += 0.01
    assert have(cache) == "dummy-1"
    assert len(store.asked) == 3
    store.down = False
    clock.now += 1
    assert have(cache) == "dummy-4"


def test_twenty_threads_ask_a_store_that_is_down_once(cache, store, clock):
    have(cache)
    clock.now += TTL
    store.down = True
    store.during = lambda: time.sleep(0.02)
    assert together(20, lambda: have(cache)) == ["dummy-1"] * 20
    assert len(store.asked) == 2


def test_a_store_that_stalls_costs_little_while_an_older_value_is_at_hand(cache, store, clock):
    have(cache)
    clock.now += TTL
    cache.fetch(CLIENT_ID, deadline=soon(25))
    assert soon(1.5) < store.deadlines[-1] <= soon(2)
    cache.refetch(CLIENT_ID, deadline=soon(25))
    assert soon(1.5) < store.deadlines[-1] <= soon(2)


def test_a_store_that_stalls_never_outlasts_the_caller(cache, store, clock):
    have(cache)
    clock.now += TTL
    deadline = soon(0.7)
    cache.fetch(CLIENT_ID, deadline=deadline)
    assert store.deadlines[-1] == deadline


def test_refetch_takes_a_new_value_however_young_the_old_one_is(cache):
    assert have(cache) == "dummy-1"
    assert cache.refetch(CLIENT_ID, deadline=soon())
    assert cache.get(CLIENT_ID) == "dummy-2"


def test_refetch_happens_at_most_once_in_ten_seconds(cache, store, clock):
    have(cache)
    assert cache.refetch(CLIENT_ID, deadline=soon())
    for _ in range(10):
        clock.now += 0.999
        assert not cache.refetch(CLIENT_ID, deadline=soon())
    assert len(store.asked) == 2
    clock.now += 0.02
    assert cache.refetch(CLIENT_ID, deadline=soon())
    assert len(store.asked) == 3


def test_refetch_is_possible_again_after_exactly_ten_seconds(cache, clock):
    have(cache)
    assert cache.refetch(CLIENT_ID, deadline=soon())
    clock.now += 10
    assert cache.refetch(CLIENT_ID, deadline=soon())


def test_refetch_happens_once_whoever_asks(cache, store):
    have(cache)
    store.during = lambda: time.sleep(0.02)
    assert sorted(together(20, lambda: cache.refetch(CLIENT_ID, deadline=soon()))) == [False] * 19 + [True]
    assert len(store.asked) == 2


def test_a_refetch_that_fails_counts_as_one_and_keeps_the_value(cache, store, clock):
    have(cache)
    store.down = True
    assert not cache.refetch(CLIENT_ID, deadline=soon())
    assert cache.get(CLIENT_ID) == "dummy-1"
    store.down = False
    clock.now += 9.9
    assert not cache.refetch(CLIENT_ID, deadline=soon())
    assert len(store.asked) == 2


def test_refetch_of_one_client_does_not_use_up_that_of_another(cache, store):
    have(cache)
    have(cache, OTHER_CLIENT_ID)
    assert cache.refetch(CLIENT_ID, deadline=soon())
    assert cache.refetch(OTHER_CLIENT_ID, deadline=soon())


BROKEN = {
    "no JSON": SENTINEL,
    "nothing": "",
    "a list": json.dumps([SENTINEL]),
    "of another client": secret_document(OTHER_CLIENT_ID, SENTINEL),
    "of no client": json.dumps({"client_secret": SENTINEL}),
    "without a secret": json.dumps({"client_id": CLIENT_ID, "secret": SENTINEL}),
    "an empty secret": secret_document(CLIENT_ID, ""),
    "a secret that is null": json.dumps({"client_id": CLIENT_ID, "client_secret": None}),
    "a secret that is a list": json.dumps({"client_id": CLIENT_ID, "client_secret": [SENTINEL]}),
    "a secret that cannot be encoded": secret_document(CLIENT_ID, SENTINEL + "\ud800"),
    "nested without end": '{"a":' * 100_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_document_is_an_error_that_quotes_nothing(cache, store, reports, text):
    store.texts[CLIENT_ID] = text
    with pytest.raises(SecretUnavailable) as raised:
        cache.fetch(CLIENT_ID, deadline=soon())
    assert reports == [str(raised.value)]
    assert SENTINEL not in str(raised.value)
    assert CLIENT_ID not in str(raised.value)
    assert cache.get(CLIENT_ID) is None


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_document_that_breaks_later_does_not_lose_the_good_value(cache, store, clock, text):
    have(cache)
    store.texts[CLIENT_ID] = text
    clock.now += TTL
    assert have(cache) == "dummy-1"
    assert not cache.refetch(CLIENT_ID, deadline=soon())
    assert cache.get(CLIENT_ID) == "dummy-1"


def test_a_broken_document_of_one_client_harms_no_other(cache, store):
    store.texts[CLIENT_ID] = SENTINEL
    with pytest.raises(SecretUnavailable):
        cache.fetch(CLIENT_ID, deadline=soon())
    assert have(cache, OTHER_CLIENT_ID) is not None


def test_a_clock_that_goes_backwards_neither_breaks_nor_prolongs_anything(cache, store, clock):
    have(cache)
    clock.now -= 3600
    assert have(cache) == "dummy-2"
    assert have(cache) == "dummy-2"
    store.down = True
    clock.now -= 3600
    assert have(cache) == "dummy-2"
    clock.now -= 3600
    assert have(cache) == "dummy-2"


def test_a_clock_that_goes_backwards_does_not_forbid_refetching_for_ever(cache, clock):
    have(cache)
    assert cache.refetch(CLIENT_ID, deadline=soon())
    clock.now -= 3600
    assert cache.refetch(CLIENT_ID, deadline=soon())


def test_waiting_for_anothers_fetch_ends_at_the_deadline(cache, store):
    fetching, go_on = threading.Event(), threading.Event()
    store.during = lambda: (fetching.set(), go_on.wait(5))
    slow = threading.Thread(target=lambda: cache.fetch(CLIENT_ID, deadline=soon()))
    slow.start()
    try:
        assert fetching.wait(5)
        started = time.monotonic()
        with pytest.raises(SecretUnavailable, match="waited too long"):
            cache.fetch(CLIENT_ID, deadline=soon(0.2))
        assert not cache.refetch(CLIENT_ID, deadline=soon(0.2))
        with pytest.raises(SecretUnavailable):
            cache.fetch(CLIENT_ID, deadline=soon(-1))
        assert 0.35 < time.monotonic() - started < 2
    finally:
        go_on.set()
        slow.join(5)


def test_an_error_that_nobody_expected_leaves_no_lock_behind(cache, store):
    def break_down() -> None:
        raise ZeroDivisionError

    store.during = break_down
    for attempt in (cache.fetch, cache.refetch):
        with pytest.raises(ZeroDivisionError):
            attempt(CLIENT_ID, deadline=soon())
    store.during = lambda: None
    assert have(cache) is not None
