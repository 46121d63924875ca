"""The function dies, or hangs, at every call that it makes, and Secrets Manager starts it again."""

from collections.abc import Callable, Iterator
from itertools import chain, product, repeat

import pytest

from tests.rotation.conftest import Wires
from tests.rotation.world import OVERLAP, STEPS, Death, World

HOW = ("before", "after", "lost")
MOST_CALLS = 12
MOST_CALLS_OF_A_STEP = 7
MOST_CALLS_OF_A_ROTATION = 18


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


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_call_of_a_step_and_started_again_it_ends_well(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, step: str, situation: Callable[[World], None]
) -> None:
    deaths = []
    for call, how in product(range(MOST_CALLS), HOW):
        world = wires.new_world(monkeypatch)
        situation(world)
        token = world.begin()
        for each in STEPS[: STEPS.index(step)]:
            world.invoke(each, token)
        world.succeeds(step, token, death=Death(call, how))
        if world.calls <= call:
            break
        deaths.append(call)
        ends_well(world, token)
    # Each step makes two calls at the least, and none as many as were tried.
    assert 1 < deaths[-1] + 1 < MOST_CALLS


@pytest.mark.parametrize("step", ["endPrevious", "endPreviousNow"])
def test_killed_while_it_ends_the_previous_secret_the_next_run_ends_it(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for call, how in product(range(MOST_CALLS), HOW):
        world = wires.new_world(monkeypatch)
        with_a_previous_one(world)
        world.succeeds(step, "", death=Death(call, how))
        world.invoke(step)
        assert world.cognito.values == {world.current}


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_steps_and_given_up_the_next_rotation_ends_well(world: World, step: str) -> None:
    token = world.begin()
    world.clock.now += 5
    for each in STEPS[: STEPS.index(step)]:
        world.invoke(each, token)
    world.give_up()
    ends_well(world, world.begin())


@pytest.mark.parametrize("step", ["createSecret", "setSecret", "finishSecret"])
def test_a_run_that_hangs_at_any_call_and_wakes_up_at_any_later_moment_does_no_harm(
    wires: Wires, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Secrets Manager thinks it dead, and the rotation goes on without it."""
    for asleep_at, awake_at in product(range(MOST_CALLS_OF_A_STEP), range(1, MOST_CALLS_OF_A_ROTATION)):
        world = wires.new_world(monkeypatch)
        with_a_previous_one(world)
        token = world.begin()
        for each in STEPS[: STEPS.index(step)]:
            world.invoke(each, token)
        order: Iterator[int] = chain(repeat(0, asleep_at), repeat(1, awake_at), repeat(0, MOST_CALLS), repeat(1))
        world.interleave(
            [lambda w=world, t=token: w.invoke(step, t), lambda w=world, t=token: w.carry_on(t)],  # type: ignore[misc]
            order,
        )
        assert world.secrets.labelled("AWSCURRENT") == token
