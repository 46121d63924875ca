"""Which members of a call's line CloudWatch makes metrics of: its embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
The metrics are members of the line with a capital letter. Every metric in every set of dimensions is a custom metric
and costs, so the sets are few and their values come from closed sets: see docs/logs.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from proxy.outcomes import REFUSED

NAMESPACE = "CognitoProxy"

COUNTED = frozenset(
    {"CounterFailures", "EventFailures", "EventsLost", "GuardFailures", "HumanCheckFailures", "RegionFailovers"}
)
"""What `Call.count` may count: that something which stands around calls by choice did not do its work, and that another
Region had to do it. docs/logs.md says what each means. A name that is not here is not written."""

_PROXY = ["variant", "function"]
"""Which proxy it was: two in one account and Region are not mixed up. One proxy has one value of each."""


def metrics(outcome: str, *, upstream: bool, counted: Sequence[str] = ()) -> str:
    """The member `CloudWatchMetrics` as JSON: an array of directives, each of which names members of the line.

    `counted` are names of `COUNTED` that the line has. Default: none.
    """
    whole = [_count(name) for name in ("Errors", "Throttles", "SecretRefetches", *counted)]
    if upstream:
        whole.append(_milliseconds("UpstreamLatency"))
    directives = [
        _directive([_PROXY, [*_PROXY, "operation"]], [_count("Requests"), _milliseconds("Latency")]),
        _directive([[*_PROXY, "outcome"]], [_count("Requests")]),
        _directive([_PROXY], whole),
    ]
    if outcome == REFUSED:
        directives.append(_directive([[*_PROXY, "reason"]], [_count("Refusals")]))
    return json.dumps(directives, separators=(",", ":"))


def counted_metrics(counted: Sequence[str]) -> str:
    """The same of a line that is no call's: names of `COUNTED` that it has."""
    return json.dumps([_directive([_PROXY], [_count(name) for name in counted])], separators=(",", ":"))


def _directive(dimensions: list[list[str]], definitions: list[dict[str, str]]) -> dict[str, object]:
    return {"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": definitions}


def _count(name: str) -> dict[str, str]:
    return {"Name": name, "Unit": "Count"}


def _milliseconds(name: str) -> dict[str, str]:
    return {"Name": name, "Unit": "Milliseconds"}
