"""How long, and how often, an edit tries."""

import random
import time
from collections.abc import Callable

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 2.0


class OutOfTime(Exception):
    """The list was too busy. The next edit or the scheduled function carries out what is recorded."""


class Backoff:
    """Waits of random length, growing from at most 0.05 to at most 2 seconds, until the time is over.

    Random, because those who collided once would collide again if all of them waited equally long.
    """

    def __init__(
        self,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin now, and end in so many seconds."""
        self._clock = clock
        self._sleep = sleep
        self._deadline = clock() + seconds

    def wait(self, attempt: int) -> None:
        """Wait after the attempt of that number, counted from 0.

        Raises:
            OutOfTime: the time is over.
        """
        longest = min(_FIRST_WAIT_SECONDS * 2 ** min(attempt, 10), _LONGEST_WAIT_SECONDS)
        seconds = random.uniform(0, longest)  # noqa: S311 - spreads load, hides nothing
        if self._clock() + seconds > self._deadline:
            raise OutOfTime
        self._sleep(seconds)
