"""The store of metrics, statistics, lines in the embedded format, and metric math."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from local.simulators.cloudwatch.emf import samples_of
from local.simulators.cloudwatch.metric_math import value_of
from local.simulators.cloudwatch.metrics import CloudWatchError, MetricStore, from_document, metric, statistic

ONE, OTHER = (metric("N", name, {"b": "2", "a": "1"}, region="eu-west-1") for name in ("One", "Other"))

LINE: dict[str, Any] = {
    "_aws": {
        "Timestamp": 120_500,
        "CloudWatchMetrics": [
            {
                "Namespace": "CognitoProxy",
                "Dimensions": [["variant"], ["variant", "outcome"], ["variant", "reason"]],
                "Metrics": [{"Name": "Requests", "Unit": "Count"}, {"Name": "Refusals"}, {"Name": "Latency"}],
            }
        ],
    },
    "variant": "edge",
    "outcome": "answered",
    "Requests": 1,
    "Latency": [3, 4.5],
}


def test_samples_are_kept_by_the_minute() -> None:
    store = MetricStore()
    store.add(ONE, 1, at=59.9)
    store.add(ONE, 1, at=60)
    store.add(ONE, 2.5, at=119, times=3)
    assert store.between(ONE, 0, 60) == Counter({1.0: 1})
    assert store.between(ONE, 60, 120) == Counter({1.0: 1, 2.5: 3})
    assert store.between(ONE, 0, 120).total() == 5
    assert store.between(OTHER, 0, 120) == Counter()


def test_dimensions_have_no_order_and_all_count() -> None:
    assert metric("N", "One", {"a": "1", "b": "2"}, region="eu-west-1") == ONE
    assert metric("N", "One", {"a": "1"}, region="eu-west-1") != ONE
    assert metric("N", "One", {"a": "1", "b": "2"}, region="us-east-1") != ONE


def test_what_is_old_is_forgotten() -> None:
    store = MetricStore(keep=600)
    for minute in range(60):
        store.add(ONE, 1, at=minute * 60)
    assert store.between(ONE, 0, 3600).total() == 11
    store.add(ONE, 1, at=0)
    assert store.between(ONE, 0, 60).total() == 0


def test_a_store_can_be_written_down() -> None:
    store = MetricStore()
    store.add(ONE, 1, at=60, times=7)
    store.add(OTHER, 0.5, at=0)
    copied = from_document(json.loads(json.dumps(store.as_document())))
    assert copied.as_document() == store.as_document()
    assert copied.between(ONE, 60, 120) == Counter({1.0: 7})
    with pytest.raises(CloudWatchError):
        from_document([{"name": "One"}])


@pytest.mark.parametrize(
    ("name", "value"),
    [("Sum", 110), ("Average", 11), ("Maximum", 20), ("SampleCount", 10), ("p50", 10), ("p90", 10), ("p90.1", 20)],
)
def test_statistics(name: str, value: float) -> None:
    assert statistic(Counter({10.0: 9, 20.0: 1}), name) == value
    assert statistic(Counter(), name) is None


def test_refuses_a_statistic_that_is_not_modelled() -> None:
    with pytest.raises(CloudWatchError, match="tm90"):
        statistic(Counter({1.0: 1}), "tm90")


def test_a_line_is_a_sample_in_each_set_of_dimensions_that_it_has() -> None:
    found = [
        (dict(each.metric.dimensions), each.metric.name, each.value, each.at)
        for each in samples_of(json.dumps(LINE), region="eu-west-1")
    ]
    edge, answered = {"variant": "edge"}, {"variant": "edge", "outcome": "answered"}
    assert found == [
        (edge, "Requests", 1, 120.5),
        (edge, "Latency", 3, 120.5),
        (edge, "Latency", 4.5, 120.5),
        (answered, "Requests", 1, 120.5),
        (answered, "Latency", 3, 120.5),
        (answered, "Latency", 4.5, 120.5),
    ]


@pytest.mark.parametrize("line", ["START RequestId: x", "[1]", "null", '{"outcome": "answered"}', '{"_aws": 1}'])
def test_other_lines_have_no_samples(line: str) -> None:
    assert list(samples_of(line, region="eu-west-1")) == []


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("100 * a / (PERIOD(a) * 2)", 0.5),
        ("FILL(none, 0) + FILL(a, 9)", 3),
        ("a + none", None),
        ("a / zero", None),
        ("IF(a >= 3, a - 1, 0)", 2),
        ("IF(a >= 4, a - 1, 0)", 0),
        ("IF(none >= 4, a, 0)", None),
    ],
)
def test_math(expression: str, value: float | None) -> None:
    assert value_of(expression, {"a": 3.0, "none": None, "zero": 0.0}, period=300) == value


@pytest.mark.parametrize("expression", ["RATE(a)", "b + 1", "a ** 2", "a +", "__import__('os')", "PERIOD(b)"])
def test_math_that_is_not_modelled_is_refused(expression: str) -> None:
    with pytest.raises(CloudWatchError):
        value_of(expression, {"a": 1.0}, period=300)
