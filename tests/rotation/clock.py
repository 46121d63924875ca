"""Time that passes only when a test says so, or when the function waits."""

import time


class Clock:
    """Stands for the module `time` inside of the functions."""

    strftime = staticmethod(time.strftime)
    gmtime = staticmethod(time.gmtime)

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Context:
    """Lambda's, of a function with that timeout which was invoked just now."""

    def __init__(self, clock: Clock, timeout: float) -> None:
        self._clock = clock
        self._ends = clock.now + timeout

    def get_remaining_time_in_millis(self) -> int:
        return int((self._ends - self._clock.now) * 1000)
