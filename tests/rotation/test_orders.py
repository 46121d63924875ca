"""Whatever the order of crashes, repeated and overlapping steps, rotations in a row: at every single call the current
secret verifies, one or two are active, and no secret ends that a proxy may still hold."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rotation.conftest import Transports
from tests.rotation.simulated_aws import OVERLAP, STEPS, Death, SimulatedAws

deaths = st.none() | st.builds(Death, st.integers(0, 8), st.sampled_from(["before", "after", "lost"]))
schedule = st.lists(st.integers(0, 2), min_size=4, max_size=30)
steps = st.sampled_from(STEPS)


class History:
    """Plays events to a simulated AWS; tokens of all rotations so far stay known, for late and repeated steps."""

    def __init__(self, aws: SimulatedAws) -> None:
        self.aws = aws
        self.tokens: list[str] = []
        self.next_step = len(STEPS)
        """Of the rotation under way, as Secrets Manager counts; the number of steps when none is."""

    @property
    def token(self) -> str:
        return self.tokens[-1]

    def begin(self) -> None:
        if self.next_step == len(STEPS) and not self.aws.secrets.rotating:
            self.tokens.append(self.aws.begin())
            self.next_step = 0

    def go_on(self, death: Death | None) -> None:
        """Secrets Manager runs the next step; when it fails, the rotation begins again with the same version."""
        if self.next_step == len(STEPS):
            return
        if not self.aws.succeeds(STEPS[self.next_step], self.token, death=death):
            self.next_step = 0
            return
        self.next_step += 1
        if self.next_step == len(STEPS):
            self.aws.secrets.rotated = self.aws.clock.now

    def out_of_order(self, step: str, back: int, death: Death | None) -> None:
        """A step of this rotation, or of one before it, comes late or twice."""
        if self.tokens:
            self.aws.succeeds(step, self.tokens[max(-1 - back, -len(self.tokens))], death=death)

    def rotate(self) -> None:
        """A rotation from beginning to end, if the time for one has come."""
        self.begin()
        self.go_to_the_end()

    def go_to_the_end(self) -> None:
        for _ in STEPS:
            self.go_on(None)

    def overtaken(self, step: str, back: int, order: list[int]) -> None:
        """A step of this rotation, or of one before it, is slow: meanwhile the rotation goes on, and the clean-up."""
        if not self.tokens:
            return
        other = self.tokens[max(-1 - back, -len(self.tokens))]
        invocations: list[Callable[[], object]] = [
            lambda: self.aws.invoke(step, other),
            self.go_to_the_end,
            lambda: self.aws.invoke("endPrevious"),
        ]
        self.aws.interleave(invocations, _endless(order))

    def clean_up(self, death: Death | None) -> None:
        self.aws.succeeds("endPrevious", "", death=death)

    def leak(self, death: Death | None) -> None:
        self.aws.needed_until.clear()
        self.aws.succeeds("endPreviousNow", "", death=death)

    def give_up(self) -> None:
        self.aws.give_up()
        if self.aws.secrets.labelled("AWSPENDING") is None:
            self.next_step = len(STEPS)

    def start_over(self) -> None:
        """An operator gives the rotation up and begins another one."""
        self.give_up()
        self.begin()
        self.go_on(None)

    def pass_time(self, seconds: float) -> None:
        self.aws.pass_time(seconds)


def _endless(order: list[int]) -> Iterator[int]:
    return itertools.chain(order, itertools.repeat(0))


events = st.one_of(
    st.tuples(st.just(History.begin)),
    st.tuples(st.just(History.rotate)),
    st.tuples(st.just(History.go_on), st.none()),
    st.tuples(st.just(History.go_on), deaths),
    st.tuples(st.just(History.out_of_order), steps, st.integers(0, 2), deaths),
    st.tuples(st.just(History.overtaken), steps, st.integers(0, 1), schedule),
    st.tuples(st.just(History.clean_up), deaths),
    st.tuples(st.just(History.leak), deaths),
    st.tuples(st.just(History.give_up)),
    st.tuples(st.just(History.start_over)),
    st.tuples(st.just(History.pass_time), st.sampled_from([1.0, OVERLAP - 1, OVERLAP, 30 * 86400.0])),
)


@pytest.mark.proves("killed-anywhere")
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=st.lists(events, min_size=5, max_size=40))
def test_every_order_keeps_what_must_hold_and_the_next_rotation_ends_well(
    transports: Transports, history: list[tuple[Any, ...]]
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        aws = transports.new_aws(monkeypatch)
        played = History(aws)
        for event, *arguments in history:
            aws.clock.now += 5
            event(played, *arguments)
        aws.pass_time(2 * OVERLAP)
        pending = aws.secrets.labelled("AWSPENDING")
        if aws.secrets.rotating and pending:
            assert aws.carry_on(pending), aws.told[-1]
            aws.pass_time(2 * OVERLAP)
        before = aws.current
        aws.rotate()
        assert aws.current != before
        assert aws.cognito.values == {before, aws.current}
        aws.pass_time(OVERLAP)
        aws.invoke("endPrevious")
        assert aws.cognito.values == {aws.current}
