"""Alarms as CloudWatch judges them: missing data, M out of N, sliding windows, few samples; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.cloudwatch.alarms import Alarm, State, judge, read_alarms, rings
from local.simulators.cloudwatch.metrics import CloudWatchError, MetricStore, metric

PLAIN: dict[str, Any] = {
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "DatapointsToAlarm": 2,
    "Dimensions": [{"Name": "Rule", "Value": "ALL"}],
    "EvaluationPeriods": 3,
    "MetricName": "BlockedRequests",
    "Namespace": "AWS/WAFV2",
    "Period": 300,
    "Statistic": "Sum",
    "Threshold": 10,
    "TreatMissingData": "notBreaching",
}
BLOCKED = metric("AWS/WAFV2", "BlockedRequests", {"Rule": "ALL"}, region="eu-west-1")


def read(**properties: Any) -> Alarm:
    template = {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {**PLAIN, **properties}}}}
    (alarm,) = read_alarms(template, region="eu-west-1", resolve=str)
    return alarm


def percentile(**properties: Any) -> Alarm:
    named = {"ExtendedStatistic": "p90", "Statistic": None, "EvaluateLowSampleCountPercentile": "ignore"}
    return read(**named, **properties)


def blocked(*minutes: int) -> MetricStore:
    """So many in each minute."""
    store = MetricStore()
    for minute, count in enumerate(minutes):
        if count:
            store.add(BLOCKED, 1, at=minute * 60, times=count)
    return store


def state(alarm: Alarm, store: MetricStore, *, minute: int, before: State = State.OK) -> State:
    return judge(alarm, store, end=minute * 60, before=before).state


def test_the_window_slides_with_each_minute_and_is_not_bound_to_the_clock() -> None:
    """Ten minutes of two a minute, begun at minute 2: two full periods end at minute 12, and at no time before."""
    store = blocked(0, 0, *[2] * 10)
    assert [state(read(), store, minute=minute) for minute in (10, 11, 12)] == [State.OK, State.OK, State.ALARM]


def test_a_burst_within_one_period_rings_only_what_wants_one() -> None:
    store = blocked(0, 0, 50)
    assert state(read(), store, minute=3) is State.OK
    assert state(read(EvaluationPeriods=1, DatapointsToAlarm=1), store, minute=3) is State.ALARM


def test_it_is_over_when_too_few_periods_breach() -> None:
    store = blocked(*[5] * 10)
    store.add(BLOCKED, 0, at=40 * 60)
    assert state(read(), store, minute=10, before=State.OK) is State.ALARM
    assert state(read(), store, minute=41, before=State.ALARM) is State.OK


def test_a_judgement_has_the_evaluated_periods_oldest_first() -> None:
    assert judge(read(), blocked(*[1] * 5, *[3] * 5), end=600, before=State.OK).points == (None, 5.0, 15.0)


def test_few_samples_of_a_percentile_leave_the_state_as_it_is() -> None:
    """p90 wants 10 / (1 - 0.9) = 100 samples."""
    store = MetricStore()
    for period in range(5):
        store.add(BLOCKED, 4_000, at=period * 300, times=99)
    for before in State:
        assert state(percentile(), store, minute=25, before=before) is before
    for period in range(5):
        store.add(BLOCKED, 4_000, at=period * 300)
    assert state(percentile(), store, minute=25) is State.ALARM


def test_no_samples_at_all_are_not_few() -> None:
    assert state(percentile(), MetricStore(), minute=25, before=State.ALARM) is State.OK


def test_math_over_several_metrics() -> None:
    metrics = [
        {"Id": "expr_1", "Expression": "IF(all >= 20, 100 * bad / all, 0)", "ReturnData": True},
        *(
            {
                "Id": name,
                "MetricStat": {
                    "Metric": {"Namespace": "N", "MetricName": name, "Dimensions": []},
                    "Period": 300,
                    "Stat": "Sum",
                },
            }
            for name in ("bad", "all")
        ),
    ]
    alarm = read(Metrics=metrics, MetricName=None, Threshold=5)
    store = MetricStore()
    for name, count in (("bad", 1), ("all", 21)):
        store.add(metric("N", name, {}, region="eu-west-1"), 1, at=0, times=count)
    (*_, last) = judge(alarm, store, end=300, before=State.OK).points
    assert last == pytest.approx(100 / 21)


def test_an_alarm_looks_at_metrics_of_its_own_region_only() -> None:
    store = MetricStore()
    elsewhere = metric("AWS/WAFV2", "BlockedRequests", {"Rule": "ALL"}, region="us-east-1")
    for minute in range(15):
        store.add(elsewhere, 1, at=minute * 60, times=100)
    assert state(read(), store, minute=15) is State.OK


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"ComparisonOperator": "LessThanThreshold"}, "LessThanThreshold"),
        ({"TreatMissingData": "breaching"}, "TreatMissingData"),
        ({"ThresholdMetricId": "band"}, "ThresholdMetricId"),
        ({"EvaluationWindow": {"WallClockWindow": {}}}, "EvaluationWindow"),
    ],
)
def test_what_is_not_modelled_is_refused(properties: dict[str, Any], words: str) -> None:
    with pytest.raises(CloudWatchError, match=words):
        read(**properties)


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
