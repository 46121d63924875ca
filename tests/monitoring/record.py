"""`python -m tests.monitoring.record`: plays two mornings on this machine and keeps what the alarms look at.

Into tests/monitoring/recorded/: an attacked morning, which `make pictures` draws, and a busy one of ordinary users.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from local.attack.day import BUSY_MORNING, MORNING, Leg, RecordedDay, record_day
from local.fronts.metrics import alarms_of
from local.paths import WORK_DIR
from local.simulators.cloudwatch.metrics import MINUTE, Metric, MetricStore, metric

FOLDER = Path(__file__).parent / "recorded"
RECORDED: dict[str, Sequence[Leg]] = {"attacked-morning": MORNING, "busy-morning": BUSY_MORNING}

_FINEST = 10
"""Milliseconds: so the files stay small, and no alarm is as fine."""


def kept(day: RecordedDay) -> MetricStore:
    """What alarms look at, under the names that a template has for what is known when it is deployed."""
    store = MetricStore()
    for of in {each.metric for alarm in alarms_of(day.stacks) for each in alarm.inputs.values()}:
        to = _as_in_the_template(of, day)
        for at in range(0, day.seconds, MINUTE):
            for value, times in day.metrics.between(of, at, at + MINUTE).items():
                rounded = round(value / _FINEST) * _FINEST if of.name == "Latency" else value
                store.add(to, float(rounded), at=at, times=times)
    return store


def _as_in_the_template(of: Metric, day: RecordedDay) -> Metric:
    names = {deployed: f"<{name}>" for stack in day.stacks for name, deployed in stack.physical_ids.items()}
    names |= {stack.region: "<AWS::Region>" for stack in day.stacks}
    dimensions = {name: names.get(value, value) for name, value in of.dimensions}
    return metric(of.namespace, of.name, dimensions, region=of.region)


def main() -> int:
    """Record all of them."""
    FOLDER.mkdir(exist_ok=True)
    for name, legs in RECORDED.items():
        day = record_day(legs, work_dir=WORK_DIR / "record", say=print)
        document = {"seconds": day.seconds, "metrics": kept(day).as_document()}
        (FOLDER / f"{name}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
