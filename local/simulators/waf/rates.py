"""Counting the requests of one sender over a sliding window."""

from collections import deque
from collections.abc import Callable, Hashable

Clock = Callable[[], float]
"""Seconds that only go forward."""

WINDOWS = (60, 120, 300, 600)
MIN_LIMIT = 10

# Senders that fell silent are forgotten every so many requests: often enough for memory, seldom enough for time.
_SWEEP_EVERY = 10_000


class SlidingWindow:
    """How many requests each sender sent within the last `seconds`; blocked ones count, too, as in AWS WAF.

    A sender is whatever the rule counts by: an address, a network, a kind of client of a network.
    """

    def __init__(self, *, limit: int, seconds: int, clock: Clock) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._seen: dict[Hashable, deque[float]] = {}
        self._until_sweep = _SWEEP_EVERY

    def exceeded(self, key: Hashable) -> bool:
        """Count a request and say whether it is one too many: the last limit + 1 lie within the window."""
        now = self._clock()
        self._sweep(now)
        seen = self._seen.setdefault(key, deque(maxlen=self._limit + 1))
        seen.append(now)
        return len(seen) > self._limit and now - seen[0] < self._seconds

    @property
    def tracked(self) -> int:
        """How many keys are remembered; silent ones are forgotten now and then."""
        return len(self._seen)

    def _sweep(self, now: float) -> None:
        self._until_sweep -= 1
        if self._until_sweep:
            return
        self._until_sweep = _SWEEP_EVERY
        self._seen = {key: seen for key, seen in self._seen.items() if now - seen[-1] < self._seconds}
