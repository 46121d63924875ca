"""Metrics and their samples, minute by minute.

A minute is the finest that CloudWatch keeps of a metric of standard resolution:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html
"""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from local.simulators.common.errors import SimulatorError

MINUTE = 60

Samples: TypeAlias = Counter[float]
"""How often each value was measured. Counts are mostly ones, so this stays small."""

Point: TypeAlias = float | None
"""A statistic of a period. None: no data."""


class CloudWatchError(SimulatorError):
    """Something that is not modelled."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a value is measured of. Metrics that differ in one dimension are different ones."""

    region: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    """In the order of their names."""


def metric(namespace: str, name: str, dimensions: Mapping[str, str], *, region: str) -> Metric:
    """A metric, with its dimensions in order."""
    return Metric(region=region, namespace=namespace, name=name, dimensions=tuple(sorted(dimensions.items())))


class Measured(Protocol):
    """Where samples are found."""

    def between(self, of: Metric, start: float, end: float) -> Samples:
        """What was measured from `start` on, before `end`, in seconds. Nothing was: empty."""

    def known(self) -> Sequence[Metric]:
        """Every metric that there are samples of."""


class MetricStore:
    """Takes samples from any thread. What is older than `keep` seconds before the newest is forgotten."""

    def __init__(self, *, keep: float = math.inf) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._minutes: dict[Metric, dict[int, Samples]] = {}

    def add(self, to: Metric, value: float, *, at: float, times: int = 1) -> None:
        """Take a value, measured at a moment in seconds, so many times."""
        minute = int(at // MINUTE)
        with self._lock:
            minutes = self._minutes.setdefault(to, {})
            if minute not in minutes:
                minutes[minute] = Counter()
                oldest = max(minutes) - self._keep / MINUTE
                for old in [each for each in minutes if each < oldest]:
                    del minutes[old]
            if minute in minutes:
                minutes[minute][value] += times

    def between(self, of: Metric, start: float, end: float) -> Samples:
        """Whole minutes: the one that `start` is in, and those up to the one that `end` begins."""
        found: Samples = Counter()
        with self._lock:
            minutes = self._minutes.get(of, {})
            for minute in range(int(start // MINUTE), math.ceil(end / MINUTE)):
                found.update(minutes.get(minute, {}))
        return found

    def known(self) -> Sequence[Metric]:
        """In the order of their names."""
        with self._lock:
            found = list(self._minutes)
        return sorted(found, key=lambda each: (each.region, each.namespace, each.name, each.dimensions))

    def as_document(self) -> list[dict[str, object]]:
        """For JSON: each metric with its minutes, `[value, how often]` each."""
        with self._lock:
            copied = {each: {at: Counter(found) for at, found in per.items()} for each, per in self._minutes.items()}
        return [
            {
                "region": each.region,
                "namespace": each.namespace,
                "name": each.name,
                "dimensions": dict(each.dimensions),
                "minutes": {str(at): sorted(map(list, found.items())) for at, found in sorted(copied[each].items())},
            }
            for each in sorted(copied, key=lambda one: (one.namespace, one.name, one.dimensions))
        ]


def from_document(document: Iterable[Mapping[str, object]]) -> MetricStore:
    """The store that `as_document` was made of."""
    store = MetricStore()
    for entry in document:
        match entry:
            case {
                "region": str(region),
                "namespace": str(namespace),
                "name": str(name),
                "dimensions": dict(dimensions),
                "minutes": dict(minutes),
            }:
                of = metric(namespace, name, dimensions, region=region)
                for at, found in minutes.items():
                    for value, times in found:
                        store.add(of, value, at=int(at) * MINUTE, times=times)
            case _:
                raise CloudWatchError("a recorded metric lacks a member")
    return store


def statistic(samples: Samples, name: str) -> Point:
    """`Sum`, `Average`, `Maximum`, `SampleCount` or a percentile such as `p90`; None without samples.

    CloudWatch interpolates percentiles of many samples in a way that it does not document: here it is the smallest
    value that so many percent do not exceed.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
    """
    count = samples.total()
    if not count:
        return None
    match name:
        case "Sum":
            return float(sum(value * times for value, times in samples.items()))
        case "Average":
            return sum(value * times for value, times in samples.items()) / count
        case "Maximum":
            return max(samples)
        case "SampleCount":
            return float(count)
    return _percentile(samples, percent_of(name))


def percent_of(name: str) -> float:
    """90 of `p90`. Raises CloudWatchError for a statistic that is not modelled."""
    number = name.removeprefix("p")
    if number == name or not number.replace(".", "", 1).isdigit():
        raise CloudWatchError(f"the statistic {name} is not modelled")
    return float(number)


def _percentile(samples: Samples, percent: float) -> float:
    wanted, passed = math.ceil(percent / 100 * samples.total()), 0
    for value in sorted(samples):
        passed += samples[value]
        if passed >= wanted:
            return value
    raise AssertionError("a percentile is at most 100")
