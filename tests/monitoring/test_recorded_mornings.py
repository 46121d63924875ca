"""The alarms over two mornings that were played on one machine: an attacked one, and a busy one of ordinary users."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from local.simulators.cloudwatch.alarms import Alarm, State, judge
from local.simulators.cloudwatch.metrics import MINUTE, Metric, MetricStore, from_document
from tests.monitoring.alarm_evaluation import alarms_of
from tests.monitoring.conftest import Template
from tests.monitoring.record import FOLDER, RECORDED

STUFFING_BEGINS = 60
"""Minute of the attacked morning: three legs before its end."""


@dataclass(frozen=True)
class Morning:
    metrics: MetricStore
    minutes: int

    def rings(self, alarm: Alarm) -> list[int]:
        """The minutes at whose end it rings."""
        return list(self._rings(alarm))

    def _rings(self, alarm: Alarm) -> Iterator[int]:
        state = State.OK
        for minute in range(1, self.minutes + 1):
            state = judge(alarm, self.metrics, end=minute * MINUTE, before=state).state
            if state is State.ALARM:
                yield minute

    def total(self, of: Metric) -> int:
        return self.metrics.between(of, 0, self.minutes * MINUTE).total()


@pytest.fixture(scope="module", params=RECORDED)
def morning(request: pytest.FixtureRequest) -> Morning:
    return recorded(request.param)


def recorded(name: str) -> Morning:
    document = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Morning(from_document(document["metrics"]), document["seconds"] // MINUTE)


@pytest.fixture(scope="module")
def alarms(templates: dict[str, Template]) -> dict[str, Alarm]:
    """Of the regional variant with rotation, by the names that they have in docs/monitoring.md."""
    found = alarms_of(templates["clients/CognitoProxyRegionalDemo"])
    return {name.removeprefix("Monitoring")[:-8]: alarm for name, alarm in found.items()}


def with_limit(alarm: Alarm, limit: int) -> Alarm:
    """An alarm of a quota, of a smaller quota."""
    head, _, _ = alarm.expression.rpartition("* ")
    return replace(alarm, expression=f"{head}* {limit})")


def test_each_morning_was_recorded_under_the_names_that_the_alarms_look_at(
    morning: Morning, alarms: dict[str, Alarm]
) -> None:
    """Otherwise every alarm would be silent for want of data."""
    for name in ("FailedCalls", "Latency", "ThrottledCalls", "CognitoUserAuthentication50", "CognitoUserCreation50"):
        assert all(morning.total(each.metric) > 20 for each in alarms[name].inputs.values()), name
    assert morning.total(alarms["AlarmsServerErrors"].inputs["m"].metric) > 300


def test_the_busy_morning_is_silent(alarms: dict[str, Alarm]) -> None:
    busy = recorded("busy-morning")
    assert [name for name, alarm in alarms.items() if busy.rings(alarm)] == []


def test_the_attacked_morning_rings_what_it_should_and_nothing_else(alarms: dict[str, Alarm]) -> None:
    """Two periods of a flood that the firewall stops. The quotas of AWS are far away."""
    attacked = recorded("attacked-morning")
    rang = {name: minutes for name, alarm in alarms.items() if (minutes := attacked.rings(alarm))}
    assert set(rang) == {"BlockedRequests"}
    first, *_, last = rang["BlockedRequests"]
    assert STUFFING_BEGINS + 5 < first <= STUFFING_BEGINS + 10
    assert last == attacked.minutes


def test_with_a_quota_of_one_call_a_second_its_levels_ring_as_far_as_the_spray_goes(alarms: dict[str, Alarm]) -> None:
    """Some 255 calls in five minutes, of 300: 85 percent."""
    attacked = recorded("attacked-morning")
    named = {level: with_limit(alarms[f"CognitoUserAuthentication{level}"], 1) for level in (50, 70, 90)}
    assert [level for level, alarm in named.items() if attacked.rings(alarm)] == [50, 70]


def test_the_firewall_keeps_the_flood_of_sign_ups_from_the_quota(alarms: dict[str, Alarm]) -> None:
    """240 sign-ups in five minutes were sent; 50 reached Cognito."""
    attacked = recorded("attacked-morning")
    assert attacked.rings(with_limit(alarms["CognitoUserCreation50"], 1)) == []
    blocked = replace(alarms["BlockedRequests"], threshold=150.0)
    assert 15 < attacked.rings(blocked)[0] <= 25
