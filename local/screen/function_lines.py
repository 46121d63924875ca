"""The function's own lines and what its metrics come to, for who runs `make local` with VERBOSE=1.

Each line is a call as docs/logs.md has it, shortened. After a minute with calls there is one more: what CloudWatch's
metrics of that minute would be.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.simulators.logs_insights.stand_in import LogLine

SUMMARY_SECONDS = 60.0
_COUNTED = (
    ("Requests", "requests"),
    ("Refusals", "refused"),
    ("Throttles", "throttled"),
    ("Errors", "failed"),
    ("SecretRefetches", "secret refetches"),
)

Read = Callable[[int], Sequence[LogLine]]
"""The function's lines from a moment on, in milliseconds since 1970."""


def member_of(message: str) -> Mapping[str, Any] | None:
    """The line of a call; None for what Lambda itself says in the same log."""
    try:
        document = json.loads(message)
    except ValueError:
        return None
    return document if isinstance(document, dict) and "outcome" in document else None


def shortened(call: Mapping[str, Any]) -> str:
    """One call on one short line. It has no username and no address, whatever the line has."""
    why = call.get("reason") or call.get("error") or ""
    words = [str(call.get("operation", "")), str(call["outcome"]), str(why), str(call.get("status", ""))]
    times = f"{call['Latency']} ms" if "Latency" in call else ""
    if "UpstreamLatency" in call:
        times += f" ({call['UpstreamLatency']} at Cognito)"
    cold = ["cold start"] if call.get("cold_start") else []
    return "log: " + " ".join(word for word in (*words, times, *cold) if word)


def summary(calls: Sequence[Mapping[str, Any]]) -> str:
    """What the metrics of these calls are: sums, and the latency that one in a hundred exceeds."""
    totals = {told: sum(int(call.get(name, 0)) for call in calls) for name, told in _COUNTED}
    shown = [f"{count} {told}" for told, count in totals.items() if count or told == "requests"]
    slow = sorted(float(call["Latency"]) for call in calls if "Latency" in call)
    if slow:
        shown.append(f"p99 {slow[max(0, -(-len(slow) * 99 // 100) - 1)]:.0f} ms")
    return f"metrics: {', '.join(shown)}"


class FunctionLines:
    """Looks for further lines, tells of each once, and sums up. `take` gets each line whole, whatever it is."""

    def __init__(
        self,
        read: Read,
        tell: Callable[[str], None],
        *,
        take: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._read = read
        self._tell = tell
        self._take = take
        self._now = now
        self._since = int(now() * 1000)
        self._seen: set[tuple[int, str]] = set()
        self._calls: list[Mapping[str, Any]] = []
        self._next_summary = now() + SUMMARY_SECONDS

    def look(self) -> None:
        """Tell what is new."""
        lines = self._read(self._since)
        for line in lines:
            if (line.at_ms, line.message) in self._seen:
                continue
            self._take(line.message)
            call = member_of(line.message)
            if call is not None:
                self._calls.append(call)
                self._tell(shortened(call))
        if lines:
            # A line may come late: what is a few seconds old is read again, and known.
            self._since = max(self._since, max(line.at_ms for line in lines) - 5_000)
            self._seen = {(line.at_ms, line.message) for line in lines if line.at_ms >= self._since}
        if self._now() >= self._next_summary:
            self._next_summary = self._now() + SUMMARY_SECONDS
            if self._calls:
                self._tell(summary(self._calls))
                self._calls = []
