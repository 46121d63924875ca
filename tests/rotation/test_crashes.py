"""The function dies, or hangs, at every call that it makes, and Secrets Manager starts it again."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest

from tests.rotation.conftest import Transports
from tests.rotation.simulated_aws import OVERLAP, STEPS, Death, SimulatedAws

KILLED = ("before", "after")


def fresh(aws: SimulatedAws) -> None:
    """The first rotation of an app client."""


def with_a_previous_one(aws: SimulatedAws) -> None:
    """Two secrets, and the older is not needed any more."""
    aws.rotate()
    aws.pass_time(OVERLAP)


def with_a_leftover(aws: SimulatedAws) -> None:
    """Two secrets, and the newer was left by a rotation that was given up."""
    token = aws.begin()
    aws.clock.now += 5
    assert aws.succeeds("createSecret", token)
    assert aws.succeeds("setSecret", token)
    aws.give_up()


def with_a_leftover_after_a_rotation(aws: SimulatedAws) -> None:
    with_a_previous_one(aws)
    aws.invoke("endPrevious")
    with_a_leftover(aws)


SITUATIONS = (fresh, with_a_previous_one, with_a_leftover, with_a_leftover_after_a_rotation)


def ends_well(aws: SimulatedAws, token: str) -> None:
    """The rotation is started again; its secret is current, verifies, and after the clean-up it is the only one."""
    assert aws.carry_on(token, most=1), aws.told[-1]
    assert aws.secrets.labelled("AWSCURRENT") == token
    assert aws.current in aws.cognito.values
    assert len(aws.cognito.values) == 2
    aws.pass_time(OVERLAP)
    assert aws.invoke("endPrevious")["outcome"] == "ended"
    assert aws.cognito.values == {aws.current}


NewAws = Callable[[], SimulatedAws]
"""A simulated AWS in which the step at hand comes next."""


def before_step(
    step: str, situation: Callable[[SimulatedAws], None], transports: Transports, monkeypatch: pytest.MonkeyPatch
) -> NewAws:
    def made() -> SimulatedAws:
        aws = transports.new_aws(monkeypatch)
        situation(aws)
        token = aws.begin()
        for each in STEPS[: STEPS.index(step)]:
            aws.invoke(each, token)
        return aws

    return made


def before_the_clean_up(transports: Transports, monkeypatch: pytest.MonkeyPatch) -> NewAws:
    def made() -> SimulatedAws:
        aws = transports.new_aws(monkeypatch)
        with_a_previous_one(aws)
        return aws

    return made


def token_of(aws: SimulatedAws) -> str:
    return str(aws.secrets.labelled("AWSPENDING"))


def calls_of(new_aws: NewAws, step: str) -> range:
    """Every call that the step makes when nothing fails. Each makes two at the least."""
    aws = new_aws()
    aws.invoke(step, token_of(aws))
    assert aws.calls >= 2
    assert not aws.died
    return range(aws.calls)


@pytest.mark.proves("rotation-carried-on", "killed-anywhere")
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("how", KILLED)
def test_killed_at_any_call_of_a_step_and_started_again_it_ends_well(
    transports: Transports,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    step: str,
    situation: Callable[[SimulatedAws], None],
) -> None:
    new_aws = before_step(step, situation, transports, monkeypatch)
    for call in calls_of(new_aws, step):
        aws = new_aws()
        token = token_of(aws)
        aws.dies(step, token, Death(call, how))
        ends_well(aws, token)


@pytest.mark.proves("lost-answer-harmless")
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("step", STEPS)
def test_an_answer_that_is_lost_at_any_call_of_a_step_does_not_even_fail_it(
    transports: Transports, monkeypatch: pytest.MonkeyPatch, step: str, situation: Callable[[SimulatedAws], None]
) -> None:
    new_aws = before_step(step, situation, transports, monkeypatch)
    for call in calls_of(new_aws, step):
        aws = new_aws()
        token = token_of(aws)
        aws.loses(step, token, call)
        ends_well(aws, token)


@pytest.mark.parametrize("step", ["endPrevious", "endPreviousNow"])
@pytest.mark.parametrize("how", KILLED)
def test_killed_while_it_ends_the_previous_secret_the_next_run_ends_it(
    transports: Transports, monkeypatch: pytest.MonkeyPatch, how: str, step: str
) -> None:
    new_aws = before_the_clean_up(transports, monkeypatch)
    for call in calls_of(new_aws, step):
        aws = new_aws()
        aws.dies(step, None, Death(call, how))
        aws.invoke(step)
        assert aws.cognito.values == {aws.current}


@pytest.mark.parametrize("step", ["endPrevious", "endPreviousNow"])
def test_an_answer_that_is_lost_does_not_keep_it_from_ending_the_previous_secret(
    transports: Transports, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    new_aws = before_the_clean_up(transports, monkeypatch)
    for call in calls_of(new_aws, step):
        aws = new_aws()
        assert aws.loses(step, None, call)["outcome"] == "ended"
        assert aws.cognito.values == {aws.current}


@pytest.mark.proves("rotation-carried-on")
@pytest.mark.parametrize("step", STEPS)
def test_killed_between_steps_and_given_up_the_next_rotation_ends_well(aws: SimulatedAws, step: str) -> None:
    token = aws.begin()
    aws.clock.now += 5
    for each in STEPS[: STEPS.index(step)]:
        aws.invoke(each, token)
    aws.give_up()
    ends_well(aws, aws.begin())


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_hangs_at_any_call_and_wakes_up_at_any_later_moment_does_no_harm(
    transports: Transports, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Secrets Manager thinks it dead, and the rotation goes on without it."""
    new_aws = before_step(step, with_a_previous_one, transports, monkeypatch)
    for asleep_at in calls_of(new_aws, step):
        awake_after = 0
        while not overtaken_all_the_way(new_aws, step, asleep_at, awake_after):
            awake_after += 1
        # A rotation is more calls than that.
        assert awake_after > 10


def overtaken_all_the_way(new_aws: NewAws, step: str, asleep_at: int, awake_after: int) -> bool:
    """Hang at that call until the rotation, started again, has made so many; whether it ended before that."""
    aws = new_aws()
    token = token_of(aws)
    order: Iterator[int] = chain(repeat(0, asleep_at), repeat(1, awake_after), repeat(0))
    aws.interleave([lambda: aws.invoke(step, token), lambda: aws.carry_on(token)], order)
    assert aws.secrets.labelled("AWSCURRENT") == token
    if aws.callers[asleep_at:].count(1) < awake_after:
        return True
    # It did hang there, and the others did go on meanwhile; then it woke up.
    assert aws.callers[: asleep_at + awake_after + 1] == [0] * asleep_at + [1] * awake_after + [0]
    return False
