"""Each alarm rings when it should, and none on a busy normal day: by CloudWatch's rules, over recorded series."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from local.simulators.cloudwatch.alarms import Alarm
from local.simulators.cloudwatch.metrics import Metric
from tests.monitoring.alarm_evaluation import alarms_of, states
from tests.monitoring.conftest import Template
from tests.monitoring.days import BEGIN, END, PERIODS, Day, normal_day, with_incident

STACKS = {
    "clients/CognitoProxyRegionalDemo": 25,
    "edge everything/CognitoProxyEdge": 2,
    "edge everything/CognitoProxyEdgePool": 18,
}
"""What a stack is called, and how many alarms it has."""

SHARE_OF = {50: 0.6, 70: 0.8, 90: 1.0}


def watched(alarm: Alarm) -> Iterator[tuple[Metric, int | None]]:
    """Each metric, with the limit that the alarm holds it against, if it is a quota."""
    limit = re.search(r"PERIOD\(\w+\) \* (\d+)", alarm.expression)
    for each in alarm.inputs.values():
        yield each.metric, int(limit[1]) if limit else None


def incident(alarm: Alarm) -> tuple[Metric, list[float]]:  # noqa: C901, PLR0911 - a case a metric
    """What somebody should hear of: what one metric of the alarm measures in five minutes then."""
    for at, limit in watched(alarm):
        match at.namespace, at.name:
            case "AWS/Usage", "CallCount":
                assert limit is not None
                return at, [limit * 300 * SHARE_OF[int(alarm.threshold)]]
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
def stack(request: pytest.FixtureRequest, templates: dict[str, Template]) -> dict[str, Alarm]:
    found = alarms_of(templates[request.param])
    assert len(found) == STACKS[request.param]
    return found


@pytest.fixture(scope="session")
def day(stack: dict[str, Alarm]) -> Day:
    return normal_day(dict(pair for alarm in stack.values() for pair in watched(alarm)))


@pytest.mark.proves("alarms-silent")
def test_a_busy_normal_day_is_silent(stack: dict[str, Alarm], day: Day) -> None:
    assert [name for name, alarm in stack.items() if any(states(alarm, day, PERIODS))] == []


@pytest.mark.proves("alarms-silent")
def test_a_day_without_any_call_is_silent(stack: dict[str, Alarm]) -> None:
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
def test_each_rings_soon_and_stops_when_it_is_over(stack: dict[str, Alarm], day: Day) -> None:
    for name, alarm in stack.items():
        where, measured = incident(alarm)
        found = states(alarm, with_incident(day, where, measured), PERIODS)
        assert not any(found[:BEGIN]), name
        assert all(found[BEGIN + 2 : END]), name
        # Where nothing is told of what did not happen, CloudWatch sees the last breaches for a while.
        assert not any(found[END + 5 :]), name


def test_one_bad_moment_rings_only_what_counts_single_events(stack: dict[str, Alarm], day: Day) -> None:
    """Five minutes of it: the alarms that `ProxyAlarms` and rotations have had all along ring, the others wait."""
    at_once = {name for name, alarm in stack.items() if alarm.periods == 1}
    rang = set()
    for name, alarm in stack.items():
        where, measured = incident(alarm)
        once = {**day, where: [measured if at == BEGIN else each for at, each in enumerate(day[where])]}
        if any(states(alarm, once, PERIODS)):
            rang.add(name)
    assert rang == at_once


def test_the_levels_ring_one_after_the_other(stack: dict[str, Alarm], day: Day) -> None:
    quotas = [alarm for alarm in stack.values() if next(watched(alarm))[1] is not None]
    for alarm in quotas:
        ((where, limit),) = watched(alarm)
        for share in (0.45, 0.55, 0.75, 0.95):
            found = states(alarm, with_incident(day, where, [(limit or 0) * 300 * share]), PERIODS)
            assert any(found) is (share * 100 >= alarm.threshold)


@pytest.mark.proves("failed-calls-of-problems")
def test_where_failed_calls_alone_have_lines_twenty_of_them_ring(templates: dict[str, Template]) -> None:
    (alarm,) = [
        alarm
        for name, alarm in alarms_of(templates["clients/CognitoProxyRegionalDemo"]).items()
        if name.startswith("MonitoringFailedCalls")
    ]
    errors, requests = (alarm.inputs[name].metric for name in ("errors", "requests"))
    for failed, ringing in ((19, False), (20, True)):
        day: Day = {name: [[1.0] * failed] * PERIODS for name in (errors, requests)}
        assert any(states(alarm, day, PERIODS)) is ringing


def test_three_failures_at_night_are_no_trend(templates: dict[str, Template]) -> None:
    (alarm,) = [
        alarm
        for name, alarm in alarms_of(templates["clients/CognitoProxyRegionalDemo"]).items()
        if name.startswith("MonitoringFailedCalls")
    ]
    errors, requests = (alarm.inputs[name].metric for name in ("errors", "requests"))
    few: Day = {errors: [[1.0] * 3] * PERIODS, requests: [[1.0] * 6] * PERIODS}
    assert not any(states(alarm, few, PERIODS))
    more: Day = {errors: [[1.0] * 3] * PERIODS, requests: [[1.0] * 20] * PERIODS}
    assert any(states(alarm, more, PERIODS))
