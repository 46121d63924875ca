"""A circuit breaker: whether a Region is asked, by how it answered before. No I/O; the clock is the caller's.

Closed, every call passes. It opens on `FAILURES` failures in a row, or when half of the last `WINDOW` calls failed.
Open, no call passes until a wait is over; then one call at a time may probe. `PROBES` probes in a row that succeed,
with a gap between them, close it; one that fails opens it for twice as long. A Region that comes and goes keeps users
elsewhere for longer and longer: only after it has been closed for as long as the last wait is that forgotten.

Each function instance has breakers of its own, and they share nothing; jitter keeps instances from probing together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

FAILURES = 3
"""In a row, that open it."""

WINDOW = 10
"""Calls, of which half must fail to open it."""

FIRST_WAIT_SECONDS = 10.0
"""Until the first probe; half of it at least, by chance."""

LONGEST_WAIT_SECONDS = 300.0

STEADY_SECONDS = 60.0
"""For how long it must have been closed, at least, before it is treated as if it had never been open."""

PROBES = 3
"""In a row, that close it."""

PROBE_GAPS = 10
"""Into as many parts is the last wait divided; one of them lies between two probes."""

LEASE_SECONDS = 30.0
"""How long a probe of which nothing is heard keeps others from probing: no call lasts longer."""


class Breaker:
    """One breaker. Times are seconds of any clock that is the same for all calls; it may stand still or be set back."""

    def __init__(self, random: Callable[[], float], *, probes: int = PROBES) -> None:
        """`random` gives numbers from 0 up to 1. `probes` in a row close it. Default: `PROBES`."""
        self._random = random
        self._probes = probes
        self._ticket = 0
        self._row = 0
        self._window: deque[bool] = deque(maxlen=WINDOW)
        self._wait = 0.0
        self._wait_until: float | None = None
        self._probing_until: float | None = None
        self._good_probes = 0
        self._closed_at: float | None = None
        self._now: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are kept back, but for probes."""
        return self._wait_until is not None

    def seconds_left(self, now: float) -> float:
        """Until the next probe may pass; 0 where it is closed, or where one may pass now."""
        self._follow(now)
        if self._wait_until is None:
            return 0.0
        until = self._wait_until if self._probing_until is None else max(self._wait_until, self._probing_until)
        return max(0.0, until - now)

    def admit(self, now: float, *, may_probe: bool = True) -> int | None:
        """A ticket, with which the outcome is to be told, or None for a call that does not pass.

        Default of `may_probe`: the call may be a probe, of which nobody knows how it ends.
        """
        self._follow(now)
        if self._wait_until is None:
            return self._ticket
        if not may_probe or self.seconds_left(now) > 0:
            return None
        self._ticket += 1
        self._probing_until = now + LEASE_SECONDS
        return self._ticket

    def succeeded(self, ticket: int, now: float) -> None:
        """The Region answered. What began before the breaker changed its mind is of no interest any more."""
        self._follow(now)
        if ticket != self._ticket:
            return
        if self._wait_until is None:
            self._row = 0
            self._window.append(True)
            return
        self._good_probes += 1
        if self._good_probes < self._probes:
            self._next_probe(now)
        else:
            self._close(now)

    def failed(self, ticket: int, now: float) -> None:
        """The Region did not answer, and it is the Region's fault."""
        self._follow(now)
        if ticket != self._ticket:
            return
        if self._wait_until is not None:
            self._open(now)
            return
        self._row += 1
        self._window.append(False)
        if self._row >= FAILURES or (len(self._window) == WINDOW and 2 * self._window.count(False) >= WINDOW):
            self._open(now)

    def undecided(self, ticket: int, now: float) -> None:
        """The call says nothing of the Region: somebody else may probe."""
        self._follow(now)
        if ticket == self._ticket and self._wait_until is not None:
            self._next_probe(now)

    def _next_probe(self, now: float) -> None:
        self._ticket += 1
        self._probing_until = None
        self._wait_until = now + self._wait / PROBE_GAPS

    def _open(self, now: float) -> None:
        self._wait = min(2 * self._wait, LONGEST_WAIT_SECONDS) if self._remembers(now) else FIRST_WAIT_SECONDS
        self._ticket += 1
        self._wait_until = now + self._wait * (0.5 + self._random() / 2)
        self._probing_until = self._closed_at = None
        self._good_probes = 0

    def _remembers(self, now: float) -> bool:
        """Whether it was open a short while ago."""
        if not self._wait:
            return False
        return self._closed_at is None or now - self._closed_at < max(self._wait, STEADY_SECONDS)

    def _close(self, now: float) -> None:
        self._ticket += 1
        self._wait_until = self._probing_until = None
        self._closed_at = now
        self._row = 0
        self._window.clear()

    def _follow(self, now: float) -> None:
        """A clock that was set back takes all times with it: no wait gets longer by it."""
        if self._now is not None and now < self._now:
            back = self._now - now
            self._wait_until = None if self._wait_until is None else self._wait_until - back
            self._probing_until = None if self._probing_until is None else self._probing_until - back
            self._closed_at = None if self._closed_at is None else self._closed_at - back
        self._now = now
