"""Time that passes only when a test says so, or when the function waits."""

import time


class Clock:
    """Stands for the module `time` inside of the rotation function."""

    strftime = staticmethod(time.strftime)
    gmtime = staticmethod(time.gmtime)

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
