"""The lines of a dashboard's widget."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.cloudwatch.graphs import Line, Span, lines
from local.simulators.cloudwatch.metrics import CloudWatchError, MetricStore, metric

SPAN = Span(start=0, end=600, period=300)


def calls(store: MetricStore, outcome: str, count: int, *, at: float = 0, region: str = "eu-west-1") -> None:
    dimensions = {"function": "f", "variant": "regional", "outcome": outcome}
    store.add(metric("CognitoProxy", "Requests", dimensions, region=region), 1, at=at, times=count)


def found(store: MetricStore, *metrics: list[Any]) -> list[Line]:
    return list(lines({"region": "eu-west-1", "metrics": list(metrics)}, store, SPAN))


def test_a_metric_with_its_label_point_by_point() -> None:
    store = MetricStore()
    store.add(metric("N", "M", {"d": "1"}, region="eu-west-1"), 4, at=310)
    row = ["N", "M", "d", "1", {"label": "em", "stat": "Sum"}]
    assert found(store, row) == [Line(label="em", points=(None, 4.0))]
    assert found(store, ["N", "M", "d", "2", {"label": "em", "stat": "Sum"}]) == []
    assert found(store, ["N", "M", "d", "1", {"stat": "Sum", "region": "us-east-1"}]) == []


def test_a_search_has_a_line_for_each_metric_of_its_schema() -> None:
    store = MetricStore()
    calls(store, "answered", 3)
    calls(store, "refused", 2, at=300)
    calls(store, "failed", 1, region="us-east-1")
    # Other dimensions, another function: not of the schema, not of the filter.
    store.add(metric("CognitoProxy", "Requests", {"function": "f", "variant": "regional"}, region="eu-west-1"), 1, at=0)
    other = {"function": "g", "variant": "regional", "outcome": "answered"}
    store.add(metric("CognitoProxy", "Requests", other, region="eu-west-1"), 1, at=0)
    search = """SEARCH('{CognitoProxy,function,outcome,variant} MetricName="Requests" function="f"', 'Sum', 300)"""
    assert found(store, [{"expression": search, "label": "${PROP('Dim.outcome')}"}]) == [
        Line(label="answered", points=(3.0, None)),
        Line(label="refused", points=(None, 2.0)),
    ]


def test_math_over_hidden_metrics_which_stand_below_it() -> None:
    store = MetricStore()
    store.add(metric("AWS/Usage", "CallCount", {}, region="eu-west-1"), 1, at=0, times=60)
    rows = (
        [{"expression": "100 * c0 / (PERIOD(c0) * 2)", "label": "UserCreation"}],
        ["AWS/Usage", "CallCount", {"stat": "Sum", "id": "c0", "visible": False}],
    )
    assert found(store, *rows) == [Line(label="UserCreation", points=(10.0, None))]


def test_a_search_that_is_not_modelled_is_refused() -> None:
    with pytest.raises(CloudWatchError, match="in a search"):
        found(MetricStore(), [{"expression": "SEARCH('anything', 'Sum')", "label": ""}])
