"""What a dashboard's graph shows: its lines, as CloudWatch reads them from the widget's JSON.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.simulators.cloudwatch.metric_math import value_of
from local.simulators.cloudwatch.metrics import CloudWatchError, Measured, Metric, Point, metric, statistic

_SEARCH = re.compile(r"SEARCH\('\{([^}]+)\} ([^']*)', '(\w+)', \d+\)")
_FILTER = re.compile(r'(\w+)="([^"]*)"')
_DYNAMIC = re.compile(r"\$\{PROP\('Dim\.(\w+)'\)\}")


@dataclass(frozen=True, kw_only=True)
class Span:
    """What is on the axis of time, in seconds."""

    start: int
    end: int
    period: int

    def moments(self) -> range:
        """Where its periods begin."""
        return range(self.start, self.end, self.period)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a graph."""

    label: str
    points: tuple[Point, ...]
    """A point a period."""


def lines(properties: Mapping[str, Any], measured: Measured, span: Span) -> Iterator[Line]:
    """The lines of a widget's properties; of a metric without any data there is none. What is hidden only counts."""
    entries = [_entry(entry, properties["region"]) for entry in properties["metrics"]]
    of = {
        entry.options["id"]: _points(entry.metric, entry.options["stat"], measured, span)
        for entry in entries
        if entry.metric is not None and "id" in entry.options
    }
    for entry in entries:
        if entry.options.get("visible", True):
            found = _lines_of(entry, of, measured, span)
            yield from (line for line in found if any(point is not None for point in line.points))


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A row of a widget's metrics."""

    metric: Metric | None
    """None: an expression."""
    region: str
    options: Mapping[str, Any]


def _entry(row: Sequence[Any], default_region: str) -> _Entry:
    *path, options = row if isinstance(row[-1], dict) else [*row, {}]
    region = options.get("region", default_region)
    of = metric(path[0], path[1], dict(zip(path[2::2], path[3::2], strict=True)), region=region) if path else None
    return _Entry(metric=of, region=region, options=options)


def _lines_of(entry: _Entry, named: Mapping[str, Sequence[Point]], measured: Measured, span: Span) -> Iterator[Line]:
    options = entry.options
    if entry.metric is not None:
        points = _points(entry.metric, options["stat"], measured, span)
        yield Line(label=options.get("label", entry.metric.name), points=points)
    elif options["expression"].startswith("SEARCH"):
        yield from _searched(options, measured, span, region=entry.region)
    else:
        yield Line(label=options["label"], points=_calculated(options["expression"], named, span))


def _points(of: Metric, stat: str, measured: Measured, span: Span) -> tuple[Point, ...]:
    return tuple(statistic(measured.between(of, at, at + span.period), stat) for at in span.moments())


def _calculated(expression: str, named: Mapping[str, Sequence[Point]], span: Span) -> tuple[Point, ...]:
    return tuple(
        value_of(expression, {name: points[place] for name, points in named.items()}, period=span.period)
        for place in range(len(span.moments()))
    )


def _searched(options: Mapping[str, Any], measured: Measured, span: Span, *, region: str) -> Iterator[Line]:
    """A schema in braces is met by metrics with exactly these dimensions."""
    found = _SEARCH.fullmatch(options["expression"])
    if found is None:
        raise CloudWatchError(f"not modelled in a search: {options['expression']}")
    namespace, *names = found[1].split(",")
    filters = dict(_FILTER.findall(found[2]))
    name = filters.pop("MetricName")
    for each in measured.known():
        dimensions = dict(each.dimensions)
        if (each.region, each.namespace, each.name) != (region, namespace, name) or set(dimensions) != set(names):
            continue
        if all(dimensions[key] == value for key, value in filters.items()):
            label = _labelled(options["label"], dimensions)
            yield Line(label=label, points=_points(each, found[3], measured, span))


def _labelled(label: str, dimensions: Mapping[str, str]) -> str:
    return _DYNAMIC.sub(lambda match: dimensions[match[1]], label)
