"""The breaker by itself: what opens it, what closes it, and what no order of calls and no clock can make of it."""

from __future__ import annotations

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from proxy.breaker import (
    FAILURES,
    FIRST_WAIT_SECONDS,
    LEASE_SECONDS,
    LONGEST_WAIT_SECONDS,
    PROBES,
    STEADY_SECONDS,
    WINDOW,
    Breaker,
)


def breaker(random: float = 0.0) -> Breaker:
    return Breaker(lambda: random)


def fail(subject: Breaker, now: float, times: int = FAILURES) -> None:
    for _ in range(times):
        ticket = subject.admit(now)
        assert ticket is not None
        subject.failed(ticket, now)


def succeed(subject: Breaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        ticket = subject.admit(now)
        assert ticket is not None
        subject.succeeded(ticket, now)


def close_again(subject: Breaker, now: float) -> float:
    """By as many probes as it takes, as early as they may be; when that was."""
    for _ in range(PROBES):
        now += subject.seconds_left(now)
        succeed(subject, now)
    assert not subject.is_open
    return now


def test_failures_in_a_row_open_it():
    subject = breaker()
    fail(subject, 0.0, FAILURES - 1)
    assert not subject.is_open
    fail(subject, 0.0, 1)
    assert subject.is_open
    assert subject.admit(0.0) is None


def test_a_success_in_between_begins_the_row_anew():
    subject = breaker()
    for _ in range(2):
        fail(subject, 0.0, FAILURES - 1)
        succeed(subject, 0.0)
    assert not subject.is_open


def test_half_of_the_last_calls_open_it_though_no_three_are_in_a_row():
    subject = breaker()
    for _ in range(WINDOW // 2 - 1):
        fail(subject, 0.0, 1)
        succeed(subject, 0.0)
    fail(subject, 0.0, 1)
    assert not subject.is_open
    succeed(subject, 0.0)
    assert not subject.is_open, "what succeeds opens nothing"
    fail(subject, 0.0, 1)
    assert subject.is_open


def test_the_wait_is_between_half_of_it_and_all_of_it():
    for random, least in ((0.0, FIRST_WAIT_SECONDS / 2), (0.999, 0.99 * FIRST_WAIT_SECONDS)):
        subject = breaker(random)
        fail(subject, 100.0)
        assert least <= subject.seconds_left(100.0) <= FIRST_WAIT_SECONDS


def test_waits_double_up_to_a_bound():
    subject, now, waits = breaker(), 0.0, []
    fail(subject, now)
    for _ in range(8):
        waits.append(subject.seconds_left(now))
        now += waits[-1]
        fail(subject, now, 1)
    assert waits == [5, 10, 20, 40, 80, 150, 150, 150]
    assert LONGEST_WAIT_SECONDS == 300


def test_what_opens_again_soon_goes_on_where_it_was():
    subject = breaker()
    fail(subject, 0.0)
    now = close_again(subject, 0.0)
    fail(subject, now + STEADY_SECONDS - 1)
    assert subject.seconds_left(now + STEADY_SECONDS - 1) == FIRST_WAIT_SECONDS


def test_what_was_steady_is_forgotten():
    subject = breaker()
    fail(subject, 0.0)
    now = close_again(subject, 0.0) + STEADY_SECONDS
    fail(subject, now)
    assert subject.seconds_left(now) == FIRST_WAIT_SECONDS / 2


def test_one_call_probes_at_a_time():
    subject = breaker()
    fail(subject, 0.0)
    probe = subject.admit(10.0)
    assert probe is not None
    assert subject.admit(10.0) is None
    subject.succeeded(probe, 10.0)
    assert subject.admit(10.0) is None, "there is a gap between two probes"
    assert subject.admit(11.0) is not None


def test_a_call_that_must_not_be_lost_is_no_probe():
    subject = breaker()
    fail(subject, 0.0)
    assert subject.admit(10.0, may_probe=False) is None
    assert subject.admit(10.0) is not None


def test_a_probe_of_which_nothing_is_heard_ends_by_itself():
    subject = breaker()
    fail(subject, 0.0)
    lost = subject.admit(10.0)
    assert lost is not None
    assert subject.admit(10.0 + LEASE_SECONDS - 1) is None
    assert subject.admit(10.0 + LEASE_SECONDS) is not None
    subject.failed(lost, 10.0 + LEASE_SECONDS)
    assert subject.seconds_left(10.0 + LEASE_SECONDS) == LEASE_SECONDS, "the new probe is still out"


def test_a_probe_that_says_nothing_leaves_its_place():
    subject = breaker()
    fail(subject, 0.0)
    ticket = subject.admit(10.0)
    assert ticket is not None
    subject.undecided(ticket, 10.0)
    assert subject.is_open
    assert subject.admit(11.0) is not None


def test_what_began_before_it_opened_neither_closes_nor_prolongs_it():
    subject = breaker()
    late = subject.admit(0.0)
    assert late is not None
    fail(subject, 0.0)
    left = subject.seconds_left(1.0)
    for _ in range(PROBES):
        subject.succeeded(late, 1.0)
        subject.failed(late, 1.0)
    assert subject.is_open
    assert subject.seconds_left(1.0) == left


def test_a_clock_that_is_set_back_makes_no_wait_longer():
    subject = breaker()
    fail(subject, 1_000_000.0)
    assert subject.seconds_left(0.0) == 5.0
    assert subject.admit(5.0) is not None


class AnyOrderOfCalls(RuleBasedStateMachine):
    """Calls that overlap, a Region that does as it likes, a clock that stands still, leaps and is set back."""

    out = Bundle("out")

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.real = 0.0
        """Time that has really passed: the clock may say otherwise."""
        self.opened_at: float | None = None
        self.openings = 0
        self.failures = 0
        self.probe_claimed_at: float | None = None

    @initialize(random=st.floats(0, 1, exclude_max=True))
    def start(self, random: float) -> None:
        self.subject = Breaker(lambda: random)

    def _watch(self, was_open: bool) -> None:
        if self.subject.is_open and not was_open:
            self.openings += 1
            self.opened_at = self.real

    @rule(target=out, may_probe=st.booleans())
    def call(self, may_probe: bool) -> tuple[int, bool] | None:
        was_open = self.subject.is_open
        left = self.subject.seconds_left(self.now)
        ticket = self.subject.admit(self.now, may_probe=may_probe)
        assert (ticket is not None) == (not was_open or (may_probe and left == 0))
        if was_open and ticket is not None:
            self.probe_claimed_at = self.real
            assert self.subject.admit(self.now) is None, "one probe at a time"
        return None if ticket is None else (ticket, was_open)

    @rule(ticket=consumes(out))
    def answered(self, ticket: tuple[int, bool] | None) -> None:
        assume(ticket is not None)
        assert ticket is not None
        was_open = self.subject.is_open
        self.subject.succeeded(ticket[0], self.now)
        assert self.subject.is_open <= was_open, "success opens nothing"
        if was_open and not self.subject.is_open:
            assert ticket[1], "a probe closes it, and nothing else"
            self.failures = 0

    @rule(ticket=consumes(out))
    def failed(self, ticket: tuple[int, bool] | None) -> None:
        assume(ticket is not None)
        assert ticket is not None
        was_open = self.subject.is_open
        self.failures += 1
        self.subject.failed(ticket[0], self.now)
        assert self.subject.is_open >= was_open, "failure closes nothing"
        if self.subject.is_open and not was_open:
            assert self.failures >= FAILURES
        self._watch(was_open)

    @rule(ticket=consumes(out))
    def said_nothing(self, ticket: tuple[int, bool] | None) -> None:
        assume(ticket is not None)
        assert ticket is not None
        was_open = self.subject.is_open
        self.subject.undecided(ticket[0], self.now)
        assert self.subject.is_open == was_open

    @rule(seconds=st.floats(0, 1000))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.real += seconds

    @rule(seconds=st.floats(0, 100_000))
    def clock_is_set_back(self, seconds: float) -> None:
        left = self.subject.seconds_left(self.now)
        self.now -= seconds
        assert abs(self.subject.seconds_left(self.now) - left) < 1e-3

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        if hasattr(self, "subject"):
            left = self.subject.seconds_left(self.now)
            assert 0 <= left <= LONGEST_WAIT_SECONDS
            assert left == 0 or self.subject.is_open


TestAnyOrderOfCalls = AnyOrderOfCalls.TestCase
TestAnyOrderOfCalls.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
