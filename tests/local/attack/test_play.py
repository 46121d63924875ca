"""How a scenario's time passes."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from local.attack.clock import SimulatedClock
from local.attack.play import pass_time


def passed(*, since: float, end: float, until: float) -> tuple[bool, list[tuple[int, float]]]:
    """Deeds at 0, 1, 2 … 19 seconds: which were done, and what the clock said then."""
    clock, done = SimulatedClock(), list[tuple[int, float]]()

    def deed(number: int) -> Callable[[], Awaitable[None]]:
        async def do() -> None:
            done.append((number, clock.now))

        return do

    deeds = [(float(number), deed(number)) for number in range(20)]
    return asyncio.run(pass_time(clock, since, end, deeds, until)), done


def test_every_deed_of_the_span_is_done_once_and_in_its_time() -> None:
    complete, done = passed(since=5, end=15, until=time.monotonic() + 60)
    assert complete
    assert sorted(number for number, _ in done) == list(range(5, 15))
    assert all(now <= number < now + 5 for number, now in done)


@pytest.mark.proves("attack-time-bound")
def test_nothing_is_done_once_the_time_is_up() -> None:
    assert passed(since=0, end=20, until=time.monotonic() - 1) == (False, [])
