"""How CloudWatch decides on an alarm, as far as the project's alarms need it.

What is not implemented is refused. By these pages:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.constructs.synthesized import joined

Key = tuple[str, str, tuple[tuple[str, str], ...]]
Samples = Mapping[Key, Sequence[Sequence[float]]]
"""Of each metric: what was measured, period by period. A period without a sample has no data."""

Point = float | None

_EXTRA_PERIODS = 2
"""CloudWatch looks further back than it evaluates; the guide's example has a range of five for three."""

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.GtE: operator.ge,
    ast.Sub: operator.sub,
}


def key(metric: Mapping[str, Any]) -> Key:
    """By which a metric's samples are found."""
    pairs = ((each["Name"], joined(each["Value"])) for each in metric.get("Dimensions", ()))
    return metric["Namespace"], metric["MetricName"], tuple(sorted(pairs))


def states(alarm: Mapping[str, Any], samples: Samples, periods: int) -> list[bool]:
    """Whether it rings, at the end of each period."""
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    points, rare = _points(alarm, samples, periods)
    wanted = alarm["EvaluationPeriods"]
    found: list[bool] = []
    for end in range(1, periods + 1):
        if any(rare[max(0, end - wanted) : end]):
            # EvaluateLowSampleCountPercentile `ignore`: the state stays.
            found.append(found[-1] if found else False)
            continue
        window = points[max(0, end - wanted - _EXTRA_PERIODS) : end]
        found.append(rings(window, alarm["Threshold"], wanted, alarm.get("DatapointsToAlarm", wanted)))
    return found


def rings(window: Sequence[Point], threshold: float, wanted: int, of_wanted: int) -> bool:
    """Enough data in the range: the last ones count, gaps do not. Too little: what is missing is no breach."""
    there = [point for point in window if point is not None]
    return (
        sum(point >= threshold for point in there[-wanted:]) >= of_wanted
        if len(there) >= wanted
        else (sum(point is not None and point >= threshold for point in there) >= of_wanted)
    )


def _points(alarm: Mapping[str, Any], samples: Samples, periods: int) -> tuple[list[Point], list[bool]]:
    if "MetricName" in alarm:
        assert alarm["Period"] == 300
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        measured = samples.get(key(alarm), [[]] * periods)
        ignored = alarm.get("EvaluateLowSampleCountPercentile") == "ignore"
        rare = [ignored and bool(each) and _is_rare(each, statistic) for each in measured]
        return [_statistic(each, statistic) for each in measured], rare
    named: dict[str, list[Point]] = {}
    expression = ""
    for metric in alarm["Metrics"]:
        if "MetricStat" in metric:
            assert metric["MetricStat"]["Period"] == 300
            measured = samples.get(key(metric["MetricStat"]["Metric"]), [[]] * periods)
            named[metric["Id"]] = [_statistic(each, metric["MetricStat"]["Stat"]) for each in measured]
        else:
            expression = joined(metric["Expression"])
    tree = ast.parse(expression, mode="eval").body
    return [_value(tree, {name: each[at] for name, each in named.items()}) for at in range(periods)], [False] * periods


def _statistic(measured: Sequence[float], statistic: str) -> Point:
    if not measured:
        return None
    if statistic == "Sum":
        return float(sum(measured))
    if statistic == "Average":
        return sum(measured) / len(measured)
    assert statistic.startswith("p"), statistic
    return sorted(measured)[math.ceil(float(statistic[1:]) / 100 * len(measured)) - 1]


def _is_rare(measured: Sequence[float], statistic: str) -> bool:
    """Fewer than 10 / (1 - percentile) samples, for percentiles from 50 on."""
    return len(measured) < 10 / (1 - float(statistic[1:]) / 100)


def _value(node: ast.expr, named: Mapping[str, Point]) -> Point:  # noqa: PLR0911 - a case a form
    """Where an operand has no data, the result has none."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return named[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[series, filling]):
            value = _value(series, named)
            return _value(filling, named) if value is None else value
        case ast.Call(func=ast.Name(id="PERIOD"), args=[ast.Name()]):
            return 300.0
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            asked = _value(condition, named)
            return None if asked is None else _value(then if asked else otherwise, named)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            above, below = _value(left, named), _value(right, named)
            return None if above is None or not below else above / below
        case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]):
            one, other = _value(left, named), _value(right, named)
            return None if one is None or other is None else float(_OPERATORS[type(sign)](one, other))
    raise NotImplementedError(ast.unparse(node))
