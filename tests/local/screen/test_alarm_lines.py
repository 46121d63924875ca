"""What the screen says of alarms, and when it looks."""

from __future__ import annotations

from typing import Any

import pytest

from local.screen.alarm_lines import KEPT_SECONDS, SETTLE_SECONDS, AlarmLines, alarm_name
from local.screen.screen import Aside
from local.simulators.cloudwatch.alarms import Alarm, Input
from local.simulators.cloudwatch.metrics import MetricStore, metric

CALLS = metric("CognitoProxy", "Errors", {"function": "f"}, region="eu-west-1")


def alarm(**properties: Any) -> Alarm:
    values: dict[str, Any] = {
        "logical_id": "MonitoringFailedCallsB6CC86D5",
        "description": "It failed",
        "inputs": {"m": Input(metric=CALLS, statistic="Sum")},
        "expression": "m",
        "threshold": 1_000.0,
        "period": 300,
        "periods": 1,
        "to_alarm": 1,
        "ignores_rare": False,
    }
    return Alarm(**{**values, **properties})


class Watch:
    """Alarms, a clock, and what was told."""

    def __init__(self, *alarms: Alarm) -> None:
        self.now = 6_000.0
        self.store = MetricStore()
        self.told: list[str | Aside] = []
        self.lines = AlarmLines(alarms, self.store, self.told.append, now=lambda: self.now)

    def texts(self) -> list[str]:
        return [(each.text if isinstance(each, Aside) else each)[10:] for each in self.told]


def test_says_what_changed_why_and_what_to_do_and_later_that_it_is_over() -> None:
    watch = Watch(alarm())
    watch.store.add(CALLS, 1, at=6_010, times=1_240)
    watch.now += 60 + SETTLE_SECONDS
    watch.lines.look()
    watch.now += 3_600
    watch.lines.look()
    assert watch.texts() == [
        (
            "alarm FailedCalls: OK -> ALARM. It failed (in 5 minutes: 1,240; rings at 1,000). "
            "What to do: docs/monitoring.md#the-alarms"
        ),
        "alarm FailedCalls: ALARM -> OK (in 5 minutes: no data; rings at 1,000)",
    ]
    assert [isinstance(each, Aside) for each in watch.told] == [False, True]


def test_looks_once_a_minute_and_only_when_the_minute_has_settled() -> None:
    watch = Watch(alarm())
    watch.store.add(CALLS, 1, at=6_010, times=1_240)
    watch.now = 6_060 + SETTLE_SECONDS - 1
    watch.lines.look()
    assert watch.told == []
    watch.now += 1
    watch.lines.look()
    watch.lines.look()
    assert len(watch.told) == 1


def test_an_alarm_that_sees_nothing_here_is_named_and_never_rings() -> None:
    of = metric("AWS/Lambda", "Errors", {"FunctionName": "f"}, region="eu-west-1")
    blind = alarm(logical_id="AlarmsFunctionErrors8A553A4B", inputs={"m": Input(metric=of, statistic="Sum")})
    watch = Watch(alarm(), blind)
    assert [label for label, _ in watch.lines.beginning()] == ["Alarms", "Alarms not seen here"]
    assert list(watch.lines.beginning())[1][1].startswith("FunctionErrors: ")
    assert list(Watch().lines.beginning()) == []


def test_refuses_an_alarm_that_looks_further_back_than_samples_are_kept() -> None:
    with pytest.raises(ValueError, match="3600 seconds"):
        Watch(alarm(period=KEPT_SECONDS))


@pytest.mark.parametrize(
    ("logical_id", "name"),
    [
        ("MonitoringBlockedRequestsDEF0938A", "BlockedRequests"),
        ("AlarmsServerErrorsD0E4A1EF", "ServerErrors"),
        ("MonitoringAlarmsServerErrorsD0E4A1EF", "ServerErrors"),
        ("MonitoringCognitoUserAuthentication5041EB6DF9", "UserAuthentication50"),
        ("CognitoAlarmsThrottledB45477AE", "Throttled"),
        ("AppClientRotationAlarm292125F3", "AppClientRotationAlarm"),
    ],
)
def test_an_alarm_is_called_as_the_documents_call_it(logical_id: str, name: str) -> None:
    assert alarm_name(logical_id) == name


def test_what_stays_as_it_is_is_not_told_again() -> None:
    watch = Watch(alarm())
    for minute in range(4):
        watch.store.add(CALLS, 1, at=6_010 + minute * 60, times=1_240)
        watch.now += 60 if minute else 60 + SETTLE_SECONDS
        watch.lines.look()
    assert len(watch.told) == 1
