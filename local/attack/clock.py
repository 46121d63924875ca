"""Time as a scenario has it: minutes that pass in seconds."""

import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime

_MINUTE_MS = 60_000
_LONGEST_MS = 10 * _MINUTE_MS
"""No scenario is longer."""


class SimulatedClock:
    """Seconds of a scenario. It goes on when it is told to; the firewall's rates count by it.

    It remembers when it was told: so what was written meanwhile, at the real time, has a place in the scenario.
    """

    def __init__(self, *, real: Callable[[], float] = time.time) -> None:
        """`real` gives seconds since 1970. Default: the machine's clock."""
        self._real = real
        self.began_ms = self._real_ms()
        """When it was made, in milliseconds since 1970."""
        # A scenario begins with a minute: bursts are counted by whole ones, so each run counts them alike. It begins so
        # long ago that none of it is in the future: commands ask logs for what was until now.
        self._zero_ms = self.began_ms // _MINUTE_MS * _MINUTE_MS - _LONGEST_MS
        self._steps = [(self.began_ms, 0.0)]

    def __call__(self) -> float:
        return self.now

    @property
    def now(self) -> float:
        """Seconds since the scenario began."""
        return self._steps[-1][1]

    @now.setter
    def now(self, seconds: float) -> None:
        self._steps.append((self._real_ms(), seconds))

    @property
    def moment(self) -> datetime:
        """What a calendar says in the scenario."""
        return datetime.fromtimestamp((self._zero_ms + self.now * 1000) / 1000, tz=UTC)

    def moment_ms(self, real_ms: int) -> int:
        """When something happened in the scenario, in milliseconds since 1970, by when it did on this machine."""
        return self._zero_ms + int(self.seconds_at(real_ms) * 1000)

    def seconds_at(self, real_ms: int) -> float:
        """The same in seconds since the scenario began."""
        step = bisect_right(self._steps, real_ms, key=lambda step: step[0])
        return self._steps[max(0, step - 1)][1]

    def _real_ms(self) -> int:
        return int(self._real() * 1000)
