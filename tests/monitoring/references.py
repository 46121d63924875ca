"""Every metric that a template's dashboards and alarms refer to, however they write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.constructs.synthesized import joined

_SEARCH = re.compile(r"SEARCH\('\{([^}]+)\} ([^']*)', '(\w+)', (\d+)\)")
_FILTER = re.compile(r'(\w+)="([^"]*)"')
_IDENTIFIER = re.compile(r"\b[a-z]\w*\b")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One metric, or with a search all that differ in the dimensions without a value."""

    where: str
    namespace: str
    name: str
    dimensions: Mapping[str, str | None]


def dashboard_body(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a dashboard, with `<logical id>` for what is known at deploy time."""
    body: dict[str, Any] = json.loads(joined(resource["Properties"]["DashboardBody"]))
    return body


def references(template: Mapping[str, Any]) -> Iterator[Reference]:
    """Of all dashboards and alarms of a template."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            yield from _of_alarm(logical_id, resource["Properties"])
        elif resource["Type"] == "AWS::CloudWatch::Dashboard":
            for widget in dashboard_body(resource)["widgets"]:
                yield from of_widget(widget)


def of_widget(widget: Mapping[str, Any]) -> Iterator[Reference]:
    """Of one widget; math may use only what stands in the same widget."""
    properties = widget["properties"]
    metrics = properties.get("metrics", [])
    ids = {options["id"] for *_, options in metrics if isinstance(options, dict) and "id" in options}
    for *path, options in (entry if isinstance(entry[-1], dict) else [*entry, {}] for entry in metrics):
        where = properties["title"]
        if path:
            namespace, name, *pairs = path
            yield Reference(
                where=where, namespace=namespace, name=name, dimensions=dict(zip(pairs[::2], pairs[1::2], strict=True))
            )
        elif options["expression"].startswith("SEARCH"):
            yield _of_search(where, options["expression"])
        else:
            used = set(_IDENTIFIER.findall(options["expression"]))
            assert used, where
            assert used <= ids, f"{where}: {used - ids}"


def _of_alarm(logical_id: str, alarm: Mapping[str, Any]) -> Iterator[Reference]:
    if "MetricName" in alarm:
        yield _of_metric(logical_id, alarm)
        return
    metrics = alarm["Metrics"]
    ids = {metric["Id"] for metric in metrics}
    for metric in metrics:
        if "MetricStat" in metric:
            yield _of_metric(logical_id, metric["MetricStat"]["Metric"])
        else:
            expression = joined(metric["Expression"])
            # "A search expression cannot be used within an Alarm": API reference, MetricDataQuery, and the CDK's.
            assert "SEARCH" not in expression
            used = set(_IDENTIFIER.findall(expression))
            assert used, logical_id
            assert used <= ids, f"{logical_id}: {used - ids}"


def _of_metric(where: str, metric: Mapping[str, Any]) -> Reference:
    dimensions = {each["Name"]: joined(each["Value"]) for each in metric.get("Dimensions", ())}
    return Reference(where=where, namespace=metric["Namespace"], name=metric["MetricName"], dimensions=dimensions)


def _of_search(where: str, expression: str) -> Reference:
    found = _SEARCH.fullmatch(expression)
    assert found, f"{where}: {expression}"
    namespace, *names = (part.strip() for part in found[1].split(","))
    filters = dict(_FILTER.findall(found[2]))
    metric = filters.pop("MetricName")
    assert filters.keys() <= set(names), f"{where}: {expression}"
    return Reference(
        where=where, namespace=namespace, name=metric, dimensions={name: filters.get(name) for name in names}
    )
