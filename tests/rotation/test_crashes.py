"""The function dies, or hangs, at every call that it makes, and Secrets Manager starts it again."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest

from tests.rotation.conftest import Wires
from tests.rotation.simulated_aws import OVERLAP, STEPS, Death, World

KILLED = ("before", "after")


def fresh(world: World) -> None:
    """The first rotation of an app client."""


def with_a_previous_one(world: World) -> None:
    """Two secrets, and the older is not needed any more."""
    world.rotate()
    world.pass_time(OVERLAP)


def with_a_leftover(world: World) -> None:
    """Two secrets, and the newer was left by a rotation that was given up."""
    token = world.begin()
    world.clock.now += 5
    assert world.succeeds("createSecret", token)
    assert world.succeeds("setSecret", token)
    world.give_up()


def with_a_leftover_after_a_rotation(world: World) -> None:
    with_a_previous_one(world)
    world.invoke("endPrevious")
    with_a_leftover(world)


SITUATIONS = (fresh, with_a_previous_one, with_a_leftover, with_a_leftover_after_a_rotation)


def ends_well(world: World, token: str) -> None:
    """The rotation is started again; its secret is current, verifies, and after the clean-up it is the only one."""
    assert world.carry_on(token, most=1), world.told[-1]
    assert world.secrets.labelled("AWSCURRENT") == token
    assert world.current in world.cognito.values
    assert len(world.cognito.values) == 2
    world.pass_time(OVERLAP)
    assert world.invoke("endPrevious")["outcome"] == "ended"
    assert world.cognito.values == {world.current}


NewWorld = Callable[[], World]
"""A world in which the step at hand comes next."""


def before_step(
    step: str, situation: Callable[[World], None], wires: Wires, monkeypatch: pytest.MonkeyPatch
) -> NewWorld:
    def made() -> World:
        world = wires.new_world(monkeypatch)
        situation(world)
        token = world.begin()
        for each in STEPS[: STEPS.index(step)]:
            world.invoke(each, token)
        return world

    return made


def before_the_clean_up(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> NewWorld:
    def made() -> World:
        world = wires.new_world(monkeypatch)
        with_a_previous_one(world)
        return world

    return made


def token_of(world: World) -> str:
    return str(world.secrets.labelled("AWSPENDING"))


def calls_of(new_world: NewWorld, step: str) -> range:
    """Every call that the step makes when nothing fails. Each makes two at the least."""
    world = new_world()
    world.invoke(step, token_of(world))
    assert world.calls >= 2
    assert not world.died
    return range(world.calls)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("how", KILLED)
def test_killed_at_any_call_of_a_step_and_started_again_it_ends_well(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, how: str, step: str, situation: Callable[[World], None]
) -> None:
    new_world = before_step(step, situation, wires, monkeypatch)
    for call in calls_of(new_world, step):
        world = new_world()
        token = token_of(world)
        world.dies(step, token, Death(call, how))
        ends_well(world, token)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("step", STEPS)
def test_an_answer_that_is_lost_at_any_call_of_a_step_does_not_even_fail_it(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, step: str, situation: Callable[[World], None]
) -> None:
    new_world = before_step(step, situation, wires, monkeypatch)
    for call in calls_of(new_world, step):
        world = new_world()
        token = token_of(world)
        world.loses(step, token, call)
        ends_well(world, token)


@pytest.mark.parametrize("step", ["endPrevious", "endPreviousNow"])
@pytest.mark.parametrize("how", KILLED)
def test_killed_while_it_ends_the_previous_secret_the_next_run_ends_it(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, how: str, step: str
) -> None:
    new_world = before_the_clean_up(wires, monkeypatch)
    for call in calls_of(new_world, step):
        world = new_world()
        world.dies(step, None, Death(call, how))
        world.invoke(step)
        assert world.cognito.values == {world.current}


@pytest.mark.parametrize("step", ["endPrevious", "endPreviousNow"])
def test_an_answer_that_is_lost_does_not_keep_it_from_ending_the_previous_secret(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    new_world = before_the_clean_up(wires, monkeypatch)
    for call in calls_of(new_world, step):
        world = new_world()
        assert world.loses(step, None, call)["outcome"] == "ended"
        assert world.cognito.values == {world.current}


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_steps_and_given_up_the_next_rotation_ends_well(world: World, step: str) -> None:
    token = world.begin()
    world.clock.now += 5
    for each in STEPS[: STEPS.index(step)]:
        world.invoke(each, token)
    world.give_up()
    ends_well(world, world.begin())


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_hangs_at_any_call_and_wakes_up_at_any_later_moment_does_no_harm(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Secrets Manager thinks it dead, and the rotation goes on without it."""
    new_world = before_step(step, with_a_previous_one, wires, monkeypatch)
    for asleep_at in calls_of(new_world, step):
        awake_after = 0
        while not overtaken_all_the_way(new_world, step, asleep_at, awake_after):
            awake_after += 1
        # A rotation is more calls than that.
        assert awake_after > 10


def overtaken_all_the_way(new_world: NewWorld, step: str, asleep_at: int, awake_after: int) -> bool:
    """Hang at that call until the rotation, started again, has made so many; whether it ended before that."""
    world = new_world()
    token = token_of(world)
    order: Iterator[int] = chain(repeat(0, asleep_at), repeat(1, awake_after), repeat(0))
    world.interleave([lambda: world.invoke(step, token), lambda: world.carry_on(token)], order)
    assert world.secrets.labelled("AWSCURRENT") == token
    if world.callers[asleep_at:].count(1) < awake_after:
        return True
    # It did hang there, and the others did go on meanwhile; then it woke up.
    assert world.callers[: asleep_at + awake_after + 1] == [0] * asleep_at + [1] * awake_after + [0]
    return False
