"""The project's alarms over recorded days, judged by the simulator of CloudWatch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.simulators.cloudwatch.alarms import Alarm, State, judge, read_alarms
from local.simulators.cloudwatch.metrics import Metric, Samples
from tests.constructs.synthesized import joined

PERIOD = 300
"""Seconds, of every alarm."""

Recorded = Mapping[Metric, Sequence[Sequence[float]]]
"""Of each metric: what was measured, period by period. A period without a sample has no data."""

_REGION = "eu-west-1"


class RecordedDay:
    """Samples where the simulator looks for them. Looks begin and end with a period."""

    def __init__(self, samples: Recorded) -> None:
        self.samples = samples
        # A period is looked at five times and more.
        self._counted: dict[tuple[Metric, int], Samples] = {}

    def between(self, of: Metric, start: float, end: float) -> Samples:
        first, last = int(start // PERIOD), int(end // PERIOD)
        assert last - first == 1
        if (of, first) not in self._counted:
            recorded = self.samples.get(of, ())
            self._counted[of, first] = Counter(recorded[first] if 0 <= first < len(recorded) else ())
        return self._counted[of, first]

    def known(self) -> Sequence[Metric]:
        return list(self.samples)


def alarms_of(template: Mapping[str, Any]) -> dict[str, Alarm]:
    """By logical id; each looks at five minutes at a time."""
    found = {alarm.logical_id: alarm for alarm in read_alarms(template, region=_REGION, resolve=joined)}
    assert all(alarm.period == PERIOD for alarm in found.values())
    return found


def states(alarm: Alarm, samples: Recorded, periods: int) -> list[bool]:
    """Whether it rings, at the end of each period."""
    return [state is State.ALARM for state in _states(alarm, RecordedDay(samples), periods)]


def _states(alarm: Alarm, day: RecordedDay, periods: int) -> Iterator[State]:
    state = State.OK
    for end in range(1, periods + 1):
        state = judge(alarm, day, end=end * PERIOD, before=state).state
        yield state
