"""The time that an invocation has, and how it is spent waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import randbelow
from typing import Protocol

_SHORTEST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 4.0
_WITHOUT_CONTEXT_SECONDS = 60.0


class LambdaContext(Protocol):
    """The part of Lambda's context that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Until the function is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """Until when calls may be made."""

    deadline: float
    """In seconds of `time.monotonic()`."""

    @classmethod
    def of(cls, context: LambdaContext | None, *, reserve: float, at_most: float = float("inf")) -> TimeLeft:
        """What Lambda still gives, less `reserve` seconds for what comes after the calls, and `at_most` so many.

        Without a context (outside of Lambda): a minute.
        """
        seconds = context.get_remaining_time_in_millis() / 1000 if context else _WITHOUT_CONTEXT_SECONDS
        return cls(deadline=time.monotonic() + min(seconds - reserve, at_most))

    def soon(self, seconds: float) -> float:
        """The moment in so many seconds, or the deadline where that is nearer."""
        return min(time.monotonic() + seconds, self.deadline)

    def wait(self, seconds: float) -> bool:
        """Sleep; or say at once, with False, that no time would be left afterwards."""
        if time.monotonic() + seconds >= self.deadline:
            return False
        time.sleep(seconds)
        return True


def pauses() -> Iterator[float]:
    """Seconds to wait between tries, for ever: up to 1, 2, 4, 4, 4 …, half of each by chance.

    Short, because a quota is so many calls a second: in a flood, whoever asks often is likelier to be among them. By
    chance, so that functions that were refused together do not come back together.
    """
    half = _SHORTEST_PAUSE_SECONDS
    while True:
        yield half * (1 + randbelow(1000) / 1000)
        half = min(2 * half, _LONGEST_PAUSE_SECONDS / 2)
