"""Days as CloudWatch would have recorded them: a busy normal one, and what goes wrong on another."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from local.simulators.cloudwatch.metrics import Metric

PERIODS = 288
"""Five minutes each: a day."""

BEGIN, END = 150, 162
"""Of what goes wrong: an hour at noon."""

Day = dict[Metric, list[list[float]]]

_ROOM = 0.30
"""Of a quota, which a busy day uses at its height."""


def normal_day(keys: Mapping[Metric, int | None]) -> Day:
    """Of every metric: people sign in all day, most at noon, some mistype, a few are blocked, nothing fails.

    A category's limit stands beside its metric.
    """
    chance = random.Random(12)  # noqa: S311 - the same day in every run
    return {key: [_normal(key, limit, at, chance) for at in range(PERIODS)] for key, limit in keys.items()}


def with_incident(day: Day, key: Metric, measured: list[float]) -> Day:
    """The same day, but one metric measures this from BEGIN to END."""
    return {**day, key: [measured if BEGIN <= at < END else each for at, each in enumerate(day[key])]}


def busyness(at: int) -> float:
    """From 0.05 at night to 1 at noon."""
    return 0.05 + 0.95 * max(0.0, math.sin(math.pi * (at - 60) / (PERIODS - 100))) if 60 <= at < 248 else 0.05


def _normal(key: Metric, limit: int | None, at: int, chance: random.Random) -> list[float]:  # noqa: PLR0911 - a case a metric
    namespace, name = key.namespace, key.name
    busy = busyness(at) * chance.uniform(0.8, 1.0)
    calls = round(3_000 * busy)
    match namespace, name:
        case "AWS/Usage", "CallCount":
            return [round((limit or 0) * 300 * _ROOM * busy)]
        case "CognitoProxy", "Requests":
            return [1.0] * calls
        case "CognitoProxy", "Latency":
            return [120 * chance.lognormvariate(0, 0.5) for _ in range(max(100, calls // 10))]
        case "CognitoProxy", "Errors":
            # One call in a thousand meets a time-out.
            return [float(chance.random() < 0.001) for _ in range(calls)]
        case "AWS/WAFV2", _:
            return [1.0] * chance.randint(0, 60)
        case "AWS/CloudFront", "5xxErrorRate":
            return [chance.choice((0.0, 0.0, 0.1, 0.3))]
        case "AWS/ApiGateway", "5XXError":
            return [0.0] * max(0, calls - 1) + [float(chance.random() < 0.3)]
        case ("AWS/Lambda", "Errors" | "Throttles") | ("CognitoProxy", "Throttles"):
            return [0.0] * calls
        case "AWS/Usage", "ThrottleCount":
            # Nothing is told of what did not happen.
            return []
    raise NotImplementedError(str(key))
