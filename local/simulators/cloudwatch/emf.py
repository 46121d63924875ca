"""Metrics out of log lines: CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.cloudwatch.metrics import Metric, metric


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One value of one metric."""

    metric: Metric
    value: float
    at: float
    """Seconds since 1970."""


def samples_of(line: str, *, region: str) -> Iterator[Sample]:
    """The samples of a log line; none of a line that is no such document, or lacks what its metadata names."""
    try:
        document = json.loads(line)
    except ValueError:
        return
    metadata = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        return
    at = metadata["Timestamp"] / 1000
    for directive in metadata["CloudWatchMetrics"]:
        yield from _of_directive(document, directive, at=at, region=region)


def _of_directive(
    document: Mapping[str, Any], directive: Mapping[str, Any], *, at: float, region: str
) -> Iterator[Sample]:
    for names in directive["Dimensions"]:
        if not all(isinstance(document.get(name), str) for name in names):
            continue
        dimensions = {name: document[name] for name in names}
        for definition in directive["Metrics"]:
            name = definition["Name"]
            values = document.get(name, [])
            for value in values if isinstance(values, list) else [values]:
                of = metric(directive["Namespace"], name, dimensions, region=region)
                yield Sample(metric=of, value=float(value), at=at)
