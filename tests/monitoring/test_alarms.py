"""Each alarm rings when it should, and none on a busy normal day: by CloudWatch's rules, over recorded series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.constructs.synthesized import joined
from tests.monitoring.alarm_evaluation import Key, key, rings, states
from tests.monitoring.conftest import Template
from tests.monitoring.days import BEGIN, END, PERIODS, Day, normal_day, with_incident

STACKS = {
    "clients/CognitoProxyRegionalDemo": 25,
    "edge everything/CognitoProxyEdge": 2,
    "edge everything/CognitoProxyEdgePool": 18,
}
"""What a stack is called, and how many alarms it has."""

SHARE_OF = {50: 0.6, 70: 0.8, 90: 1.0}


def alarms_of(template: Template) -> dict[str, Mapping[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def watched(alarm: Mapping[str, Any]) -> Iterator[tuple[Key, int | None]]:
    """Each metric, with the limit that the alarm holds it against, if it is a quota."""
    if "MetricName" in alarm:
        yield key(alarm), None
        return
    expression = next(joined(metric["Expression"]) for metric in alarm["Metrics"] if "Expression" in metric)
    limit = re.search(r"PERIOD\(\w+\) \* (\d+)", expression)
    for metric in alarm["Metrics"]:
        if "MetricStat" in metric:
            yield key(metric["MetricStat"]["Metric"]), int(limit[1]) if limit else None


def incident(alarm: Mapping[str, Any]) -> tuple[Key, list[float]]:  # noqa: C901, PLR0911 - a case a metric
    """What somebody should hear of: what one metric of the alarm measures in five minutes then."""
    for at, limit in watched(alarm):
        namespace, name, _ = at
        match namespace, name:
            case "AWS/Usage", "CallCount":
                assert limit is not None
                return at, [limit * 300 * SHARE_OF[alarm["Threshold"]]]
            case "AWS/Usage", "ThrottleCount":
                return at, [3.0]
            case "CognitoProxy", "Errors":
                return at, [1.0] * 400
            case "CognitoProxy", "Latency":
                return at, [100.0] * 100 + [4_000.0] * 100
            case "CognitoProxy", "Throttles":
                return at, [1.0] * 25
            case "AWS/WAFV2", _:
                return at, [1.0] * 5_000
            case "AWS/CloudFront", _:
                return at, [40.0]
            case "AWS/ApiGateway", _:
                return at, [1.0] * 60
            case "AWS/Lambda", _:
                return at, [1.0] * 8
    raise NotImplementedError(list(watched(alarm)))


@pytest.fixture(scope="session", params=STACKS)
def stack(request: pytest.FixtureRequest, templates: dict[str, Template]) -> dict[str, Mapping[str, Any]]:
    found = alarms_of(templates[request.param])
    assert len(found) == STACKS[request.param]
    return found


@pytest.fixture(scope="session")
def day(stack: dict[str, Mapping[str, Any]]) -> Day:
    return normal_day(dict(pair for alarm in stack.values() for pair in watched(alarm)))


@pytest.mark.proves("alarms-silent")
def test_a_busy_normal_day_is_silent(stack: dict[str, Mapping[str, Any]], day: Day) -> None:
    assert [name for name, alarm in stack.items() if any(states(alarm, day, PERIODS))] == []


@pytest.mark.proves("alarms-silent")
def test_a_day_without_any_call_is_silent(stack: dict[str, Mapping[str, Any]]) -> None:
    assert [name for name, alarm in stack.items() if any(states(alarm, {}, PERIODS))] == []


@pytest.mark.proves(
    "alarm-server-errors",
    "alarm-server-error-rate",
    "alarm-function-errors",
    "alarm-function-throttles",
    "alarm-failed-calls",
    "alarm-latency",
    "alarm-throttled-calls",
    "alarm-blocked-requests",
    "quota-alarms",
    "alarm-throttled",
    "alarm-rotation",
)
def test_each_rings_soon_and_stops_when_it_is_over(stack: dict[str, Mapping[str, Any]], day: Day) -> None:
    for name, alarm in stack.items():
        where, measured = incident(alarm)
        found = states(alarm, with_incident(day, where, measured), PERIODS)
        assert not any(found[:BEGIN]), name
        assert all(found[BEGIN + 2 : END]), name
        # Where nothing is told of what did not happen, CloudWatch sees the last breaches for a while.
        assert not any(found[END + 5 :]), name


def test_one_bad_moment_rings_only_what_counts_single_events(stack: dict[str, Mapping[str, Any]], day: Day) -> None:
    """Five minutes of it: the alarms that `ProxyAlarms` and rotations have had all along ring, the others wait."""
    at_once = {name for name, alarm in stack.items() if alarm["EvaluationPeriods"] == 1}
    rang = set()
    for name, alarm in stack.items():
        where, measured = incident(alarm)
        once = {**day, where: [measured if at == BEGIN else each for at, each in enumerate(day[where])]}
        if any(states(alarm, once, PERIODS)):
            rang.add(name)
    assert rang == at_once


def test_the_levels_ring_one_after_the_other(stack: dict[str, Mapping[str, Any]], day: Day) -> None:
    quotas = [alarm for alarm in stack.values() if next(watched(alarm))[1] is not None]
    for alarm in quotas:
        ((where, limit),) = watched(alarm)
        for share in (0.45, 0.55, 0.75, 0.95):
            found = states(alarm, with_incident(day, where, [(limit or 0) * 300 * share]), PERIODS)
            assert any(found) is (share * 100 >= alarm["Threshold"])


@pytest.mark.proves("failed-calls-of-problems")
def test_where_failed_calls_alone_have_lines_twenty_of_them_ring(templates: dict[str, Template]) -> None:
    (alarm,) = [
        alarm
        for name, alarm in alarms_of(templates["clients/CognitoProxyRegionalDemo"]).items()
        if name.startswith("MonitoringFailedCalls")
    ]
    errors, requests = sorted(each for each, _ in watched(alarm))
    for failed, ringing in ((19, False), (20, True)):
        day: Day = {name: [[1.0] * failed] * PERIODS for name in (errors, requests)}
        assert any(states(alarm, day, PERIODS)) is ringing


def test_three_failures_at_night_are_no_trend(templates: dict[str, Template]) -> None:
    (alarm,) = [
        alarm
        for name, alarm in alarms_of(templates["clients/CognitoProxyRegionalDemo"]).items()
        if name.startswith("MonitoringFailedCalls")
    ]
    errors, requests = sorted(each for each, _ in watched(alarm))
    few: Day = {errors: [[1.0] * 3] * PERIODS, requests: [[1.0] * 6] * PERIODS}
    assert not any(states(alarm, few, PERIODS))
    more: Day = {errors: [[1.0] * 3] * PERIODS, requests: [[1.0] * 20] * PERIODS}
    assert any(states(alarm, more, PERIODS))


@pytest.mark.parametrize(
    ("window", "of_three", "ringing"),
    [
        # The guide's tables, column NOT BREACHING; X breaches, 0 does not, - is missing.
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        ("0 - X - X", 3, False),
        ("- - - - 0", 3, False),
        ("- - - - -", 3, False),
        ("0 X X - X", 3, True),
        ("- - X - -", 3, False),
        ("0 - X - X", 2, True),
        ("0 0 X 0 X", 2, True),
        ("0 - X - -", 2, False),
        ("- - - - 0", 2, False),
        ("- - - X -", 2, False),
    ],
)
def test_gaps_are_taken_as_the_guide_says(window: str, of_three: int, *, ringing: bool) -> None:
    points = [{"0": 0.0, "X": 1.0, "-": None}[sign] for sign in window.split()]
    assert rings(points, 1, 3, of_three) is ringing
