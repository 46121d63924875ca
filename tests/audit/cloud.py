"""AWS as an audit asks it: real boto3 clients whose calls are answered here, and held against botocore's models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.validate import ParamValidator

POOL = "eu-west-1_AbCdEf123"
ARN = f"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{POOL}"
NOW = datetime(2030, 1, 31, 18, 30, tzinfo=UTC)
SECRET = "sentinel-that-nobody-may-see"


@dataclass
class Cloud:
    """One pool, what is in it, and what is refused."""

    pool: dict[str, Any] = field(default_factory=dict)
    clients: list[dict[str, Any]] = field(default_factory=list)
    web_acl: str | None = None
    metrics: dict[tuple[str, str, str], dict[datetime, float]] = field(default_factory=dict)
    """By metric, app client and statistic."""
    secrets: dict[str, list[str]] = field(default_factory=dict)
    """What ListUserPoolClientSecrets tells, by app client."""
    refuse: dict[str, str] = field(default_factory=dict)
    """Error codes by operation."""
    gone: set[str] = field(default_factory=set)
    """App clients that are listed and then not there."""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add(self, client_id: str, **settings: Any) -> None:
        """An app client."""
        self.clients.append(
            {"UserPoolId": POOL, "ClientId": client_id, "ClientName": f"name of {client_id}"} | settings
        )

    def __call__(self, service: str) -> Any:
        """A client of boto3."""
        client = boto3.session.Session().client(
            service,  # type: ignore[call-overload]
            region_name="eu-west-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
        given: dict[str, Any] = {}
        client.meta.events.register("before-parameter-build", lambda params, **_: given.update(now=params))
        client.meta.events.register("before-call", lambda model, **_: self._answer(model, given["now"]))
        return client

    def _answer(self, model: Any, params: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        self.calls.append((model.name, dict(params)))
        if model.name in self.refuse:
            error = {"Code": self.refuse[model.name], "Message": "not allowed here"}
            return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {}}
        answers: dict[str, Callable[..., dict[str, Any] | None]] = {
            "DescribeUserPool": self._describe_pool,
            "ListUserPoolClients": self._list,
            "DescribeUserPoolClient": self._describe,
            "ListUserPoolClientSecrets": self._list_secrets,
            "GetWebACLForResource": self._get_web_acl,
            "GetMetricData": self._get_metric_data,
        }
        answer = answers[model.name](**params)
        if answer is None:
            error = {"Code": "ResourceNotFoundException", "Message": "not there"}
            return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {}}
        problems = ParamValidator().validate(answer, model.output_shape)
        assert not problems.has_errors(), problems.generate_report()
        return SimpleNamespace(status_code=200), answer

    def _describe_pool(self, UserPoolId: str) -> dict[str, Any] | None:  # noqa: N803 - AWS's names
        return {"UserPool": {"Id": POOL, "Arn": ARN, "Name": "Shop"} | self.pool} if UserPoolId == POOL else None

    def _list(self, UserPoolId: str, MaxResults: int, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        assert MaxResults <= 60
        start = int(NextToken)
        page = self.clients[start : start + MaxResults]
        listed = [{name: client[name] for name in ("UserPoolId", "ClientId", "ClientName")} for client in page]
        more = {"NextToken": str(start + MaxResults)} if start + MaxResults < len(self.clients) else {}
        return {"UserPoolClients": listed} | more

    def _describe(self, UserPoolId: str, ClientId: str) -> dict[str, Any] | None:  # noqa: N803
        if ClientId in self.gone:
            return None
        return {"UserPoolClient": next(dict(client) for client in self.clients if client["ClientId"] == ClientId)}

    def _list_secrets(self, UserPoolId: str, ClientId: str) -> dict[str, Any]:  # noqa: N803
        return {"ClientSecrets": [{"ClientSecretId": secret} for secret in self.secrets.get(ClientId, [])]}

    def _get_web_acl(self, ResourceArn: str) -> dict[str, Any]:  # noqa: N803
        assert ResourceArn == ARN
        if self.web_acl is None:
            return {}
        visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
        return {
            "WebACL": {
                "Name": "acl",
                "Id": "id",
                "ARN": self.web_acl,
                "DefaultAction": {"Allow": {}},
                "VisibilityConfig": visible,
            }
        }

    def _get_metric_data(
        self,
        MetricDataQueries: list[dict[str, Any]],  # noqa: N803
        StartTime: datetime,  # noqa: N803
        EndTime: datetime,  # noqa: N803
        NextToken: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        assert len(MetricDataQueries) <= 500
        half = len(MetricDataQueries) // 2
        # Two pages, as CloudWatch may have it.
        queries = MetricDataQueries[half:] if NextToken else MetricDataQueries[:half]
        results = [self._result(query, StartTime, EndTime) for query in queries]
        return {"MetricDataResults": results} | ({} if NextToken else {"NextToken": "half"})

    def _result(self, query: dict[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
        assert (metric["Namespace"], dimensions["UserPool"]) == ("AWS/Cognito", POOL)
        key = (metric["MetricName"], dimensions["UserPoolClient"], query["MetricStat"]["Stat"])
        points = {at: value for at, value in self.metrics.get(key, {}).items() if start <= at < end}
        return {"Id": query["Id"], "Timestamps": list(points), "Values": list(points.values())}
