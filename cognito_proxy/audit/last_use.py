"""When an app client was last used, by CloudWatch's metrics of Cognito.

Namespace AWS/Cognito, dimensions UserPool and UserPoolClient; Sum is how many succeeded, SampleCount how many there
were, and no data is no request (Cognito developer guide, "User pool metrics in CloudWatch"). Metrics are kept for 15
months. CloudTrail's event history is not asked: it finds events by name or resource, not by app client, for 90 days.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cognito_proxy.audit.facts import LastUse

DAYS = 90
"""How far back use is looked for, unless told: longer than the 30 days of a refresh token by default."""
MAX_DAYS = 450
"""CloudWatch keeps hourly values, and so daily ones, for 455 days (CloudWatch user guide, "Metrics retention")."""

METRICS: Mapping[str, str] = {
    "sign-ins": "SignInSuccesses",
    "refreshes": "TokenRefreshSuccesses",
    "sign-ups": "SignUpSuccesses",
    "federated": "FederationSuccesses",
}
"""What is counted, by the name that is shown."""

_DAY_SECONDS = 86_400
_STATISTICS = ("Sum", "SampleCount")
# GetMetricData takes 500 queries at once.
_MAX_QUERIES = 500
_CLIENTS_AT_ONCE = _MAX_QUERIES // (len(METRICS) * len(_STATISTICS))


@dataclass(frozen=True, kw_only=True)
class _Series:
    client_id: str
    kind: str
    statistic: str


def last_uses(
    cloudwatch: Any, pool_id: str, client_ids: Sequence[str], *, now: datetime, days: int = DAYS
) -> dict[str, LastUse]:
    """Of each app client.

    Raises:
        ClientError: CloudWatch refuses to be asked.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found: dict[str, LastUse] = {}
    for some in _batches(client_ids):
        series = list(_series(some))
        values = _values(cloudwatch, pool_id, series, start=midnight - timedelta(days=days), end=now)
        found |= {client_id: _use(client_id, series, values, days) for client_id in some}
    return found


def _batches(client_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (client_ids[start : start + _CLIENTS_AT_ONCE] for start in range(0, len(client_ids), _CLIENTS_AT_ONCE))


def _series(client_ids: Sequence[str]) -> Iterator[_Series]:
    for client_id in client_ids:
        for kind in METRICS:
            yield from (_Series(client_id=client_id, kind=kind, statistic=statistic) for statistic in _STATISTICS)


def _values(
    cloudwatch: Any, pool_id: str, series: Sequence[_Series], *, start: datetime, end: datetime
) -> dict[_Series, dict[str, float]]:
    """By series and day."""
    queries = [_query(f"m{place}", pool_id, one) for place, one in enumerate(series)]
    values: dict[_Series, dict[str, float]] = {one: {} for one in series}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            of_one = values[series[int(result["Id"][1:])]]
            for moment, value in zip(result.get("Timestamps", ()), result.get("Values", ()), strict=True):
                of_one[f"{moment:%Y-%m-%d}"] = value
    return values


def _query(query_id: str, pool_id: str, one: _Series) -> dict[str, Any]:
    return {
        "Id": query_id,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Cognito",
                "MetricName": METRICS[one.kind],
                "Dimensions": [
                    {"Name": "UserPool", "Value": pool_id},
                    {"Name": "UserPoolClient", "Value": one.client_id},
                ],
            },
            "Period": _DAY_SECONDS,
            "Stat": one.statistic,
        },
    }


def _use(
    client_id: str, series: Sequence[_Series], values: Mapping[_Series, Mapping[str, float]], days: int
) -> LastUse:
    mine = {one: values[one] for one in series if one.client_id == client_id}
    total = {one: sum(by_day.values()) for one, by_day in mine.items()}
    successes = {one.kind: round(total[one]) for one in mine if one.statistic == "Sum" and total[one]}
    requests = sum(total[one] for one in mine if one.statistic == "SampleCount")
    used = [day for one, by_day in mine.items() if one.statistic == "Sum" for day, value in by_day.items() if value]
    return LastUse(
        days=days,
        day=max(used, default=None),
        successes=successes,
        refused=max(0, round(requests) - sum(successes.values())),
    )
