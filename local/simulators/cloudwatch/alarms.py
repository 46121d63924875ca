"""Alarms of a template, and how CloudWatch decides on their states.

By these pages; what is not modelled is an error:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.simulators.cloudwatch.metric_math import value_of
from local.simulators.cloudwatch.metrics import (
    CloudWatchError,
    Measured,
    Metric,
    Point,
    metric,
    percent_of,
    statistic,
)

EXTRA_PERIODS = 2
"""CloudWatch looks further back than it evaluates; the guide's example has a range of five for three."""

_ALARM = "AWS::CloudWatch::Alarm"
_ONLY = "m"
_UNDERSTOOD = {
    # What it tells, and whom, decides nothing.
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "MetricName",
    "Metrics",
    "Namespace",
    "Period",
    "Statistic",
    "Threshold",
    "TreatMissingData",
}

Resolve = Callable[[Any], str]
"""Gives what a text of a template is once it is deployed."""


class State(StrEnum):
    """Of an alarm. Where missing data is no breach, INSUFFICIENT_DATA lasts until the first look only."""

    OK = "OK"
    ALARM = "ALARM"


@dataclass(frozen=True, kw_only=True)
class Input:
    """A metric that an alarm looks at."""

    metric: Metric
    statistic: str


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm. It rings when `to_alarm` of the last `periods` reach the threshold."""

    logical_id: str
    description: str
    inputs: Mapping[str, Input]
    """By the id that the expression has for it."""
    expression: str
    threshold: float
    period: int
    """Seconds."""
    periods: int
    to_alarm: int
    ignores_rare: bool
    """Whether a percentile of few samples leaves the state as it is."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What became of an alarm at one evaluation."""

    state: State
    points: tuple[Point, ...]
    """Of the evaluated periods, oldest first."""


def read_alarms(template: Mapping[str, Any], *, region: str, resolve: Resolve) -> Iterator[Alarm]:
    """Every alarm of a template. Raises CloudWatchError for what is not modelled."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == _ALARM:
            yield _read(logical_id, resource["Properties"], region=region, resolve=resolve)


def judge(alarm: Alarm, measured: Measured, *, end: float, before: State) -> Judgement:
    """The state at `end`, in seconds, when it was `before` at the last look.

    The window slides: its last period ends now, wherever the clock stands.
    """
    spans = [
        (end - (back + 1) * alarm.period, end - back * alarm.period)
        for back in reversed(range(alarm.periods + EXTRA_PERIODS))
    ]
    points = [_point(alarm, measured, *span) for span in spans]
    evaluated = tuple(points[EXTRA_PERIODS:])
    if alarm.ignores_rare and any(_is_rare(alarm, measured, *span) for span in spans[EXTRA_PERIODS:]):
        return Judgement(state=before, points=evaluated)
    ringing = rings(points, alarm.threshold, alarm.periods, alarm.to_alarm)
    return Judgement(state=State.ALARM if ringing else State.OK, points=evaluated)


def rings(window: Sequence[Point], threshold: float, wanted: int, of_wanted: int) -> bool:
    """Enough data in the range: the last ones count, gaps do not. Too little: what is missing is no breach."""
    there = [point for point in window if point is not None]
    counted = there[-wanted:] if len(there) >= wanted else there
    return sum(point >= threshold for point in counted) >= of_wanted


def _point(alarm: Alarm, measured: Measured, start: float, end: float) -> Point:
    named = {
        name: statistic(measured.between(each.metric, start, end), each.statistic)
        for name, each in alarm.inputs.items()
    }
    return value_of(alarm.expression, named, period=alarm.period)


def _is_rare(alarm: Alarm, measured: Measured, start: float, end: float) -> bool:
    """Some, but fewer than 10 / (1 - percentile) samples, for percentiles from 50 on."""
    only = alarm.inputs[_ONLY]
    count = measured.between(only.metric, start, end).total()
    # Multiplied out, so that 100 samples of p90 are exactly enough.
    return 0 < count * (100 - percent_of(only.statistic)) < 1_000


def _read(logical_id: str, properties: Mapping[str, Any], *, region: str, resolve: Resolve) -> Alarm:
    if unknown := properties.keys() - _UNDERSTOOD:
        raise CloudWatchError(f"{logical_id}: not modelled: {', '.join(sorted(unknown))}")
    if properties["ComparisonOperator"] != "GreaterThanOrEqualToThreshold":
        raise CloudWatchError(f"{logical_id}: not modelled: {properties['ComparisonOperator']}")
    if properties.get("TreatMissingData") != "notBreaching":
        raise CloudWatchError(f"{logical_id}: TreatMissingData other than notBreaching is not modelled")
    entries = properties.get("Metrics") or [_as_entry(properties)]
    inputs = {
        entry["Id"]: Input(
            metric=_metric(entry["MetricStat"]["Metric"], region=region, resolve=resolve),
            statistic=entry["MetricStat"]["Stat"],
        )
        for entry in entries
        if "MetricStat" in entry
    }
    expressions = [resolve(entry["Expression"]) for entry in entries if "Expression" in entry] or [_ONLY]
    lengths = {entry["MetricStat"]["Period"] for entry in entries if "MetricStat" in entry}
    if len(expressions) != 1 or len(lengths) != 1:
        raise CloudWatchError(f"{logical_id}: several expressions or periods are not modelled")
    return Alarm(
        logical_id=logical_id,
        description=resolve(properties.get("AlarmDescription", "")),
        inputs=inputs,
        expression=expressions[0],
        threshold=float(properties["Threshold"]),
        period=int(lengths.pop()),
        periods=int(properties["EvaluationPeriods"]),
        to_alarm=int(properties.get("DatapointsToAlarm", properties["EvaluationPeriods"])),
        ignores_rare=properties.get("EvaluateLowSampleCountPercentile") == "ignore",
    )


def _as_entry(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """An alarm on one metric, written as one on several."""
    stat = properties.get("Statistic") or properties["ExtendedStatistic"]
    return {"Id": _ONLY, "MetricStat": {"Metric": properties, "Period": properties["Period"], "Stat": stat}}


def _metric(properties: Mapping[str, Any], *, region: str, resolve: Resolve) -> Metric:
    dimensions = {each["Name"]: resolve(each["Value"]) for each in properties.get("Dimensions", ())}
    return metric(properties["Namespace"], properties["MetricName"], dimensions, region=region)
