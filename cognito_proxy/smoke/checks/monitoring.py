"""Dashboard, alarms, who is told of them, and whether the metrics are there that they look at.

An alarm of this project takes missing data for well. So one that looks at a metric that nobody emits stays OK for ever,
and its state says nothing: its metric is compared with the template's, and the metrics themselves are looked for.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from cognito_proxy.smoke.check import Check
from cognito_proxy.smoke.checks.logs import groups_now
from cognito_proxy.smoke.log_groups import proxy_function
from cognito_proxy.smoke.stack import ALARM, DASHBOARD, SUBSCRIPTION, DeployedStack
from cognito_proxy.smoke.target import EDGE
from cognito_proxy.smoke.template_values import UNKNOWN
from cognito_proxy.smoke.verdicts import Failed, Need, NotCheckable
from cognito_proxy.smoke.world import World

_NAMESPACE = "CognitoProxy"
"""Of the metrics on the function's lines: docs/logs.md."""
_USAGE = "AWS/Usage"
_METRIC_SECONDS = 180.0
"""CloudWatch makes metrics of a line some time after it; how long is not documented."""


@dataclass(frozen=True, kw_only=True)
class _Metric:
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    """Sorted by their names."""

    def is_as(self, promised: "_Metric") -> bool:
        """Whether it is that one, as far as the template tells."""
        ours, theirs = dict(self.dimensions), dict(promised.dimensions)
        return (self.namespace, self.name, ours.keys()) == (promised.namespace, promised.name, theirs.keys()) and all(
            UNKNOWN in value or ours[name] == value for name, value in theirs.items()
        )

    def __str__(self) -> str:
        return f"{self.namespace} {self.name} of {', '.join('='.join(each) for each in self.dimensions) or 'nothing'}"


def _dashboard(world: World) -> str:
    _require_cloudwatch(world)
    names = [_physical(stack, name) for stack, name, _ in _each(world, DASHBOARD)]
    for stack, name, _ in _each(world, DASHBOARD):
        try:
            world.aws("cloudwatch", region=stack.region).get_dashboard(DashboardName=_physical(stack, name))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ResourceNotFound":
                raise
            raise Failed(f"there is no dashboard {_physical(stack, name)}") from None
    return ", ".join(names)


def _alarms(world: World) -> str:
    _require_cloudwatch(world)
    told = []
    for stack in world.target.stacks:
        promised = {_physical(stack, name): properties for name, properties in stack.resources(ALARM)}
        if not promised:
            continue
        found = {alarm["AlarmName"]: alarm for alarm in _described(world, stack, list(promised))}
        gone = sorted(promised.keys() - found.keys())
        if gone:
            raise Failed(f"{len(gone)} of {len(promised)} alarms are gone in {stack.region}: {', '.join(gone)}")
        text = world.target.values(stack).text
        for name, properties in promised.items():
            if difference := _difference(found[name], properties, text):
                raise Failed(f"{name} {difference}")
        told.append(_states(stack, list(found.values())))
    return "; ".join(told)


def _described(world: World, stack: DeployedStack, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """DescribeAlarms takes 100 names at most: botocore's model of it."""
    pages = world.aws("cloudwatch", region=stack.region).get_paginator("describe_alarms")
    for begin in range(0, len(names), 100):
        for page in pages.paginate(AlarmNames=names[begin : begin + 100]):
            yield from page["MetricAlarms"]


def _difference(alarm: Mapping[str, Any], properties: Mapping[str, Any], text: Callable[[Any], str]) -> str | None:
    """What somebody changed; None: nothing that can be told."""
    found, promised = _metrics(alarm, str), _metrics(properties, text)
    for metric in promised:
        if not any(each.is_as(metric) for each in found):
            return f"looks at {'; '.join(map(str, found)) or 'nothing'}, not at {metric}"
    if float(alarm.get("Threshold", 0)) != float(properties["Threshold"]):
        return f"rings at {alarm.get('Threshold', 0):g}, not at {properties['Threshold']:g}"
    if properties.get("AlarmActions") and not (alarm.get("ActionsEnabled", True) and alarm.get("AlarmActions")):
        return "tells nobody: its actions are gone or switched off"
    return None


def _metrics(alarm: Mapping[str, Any], text: Callable[[Any], str]) -> list[_Metric]:
    """Those that it looks at: the API's answer and a template have one shape."""
    stats = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    return [
        _Metric(
            namespace=text(each["Namespace"]),
            name=text(each["MetricName"]),
            dimensions=tuple(sorted((text(pair["Name"]), text(pair["Value"])) for pair in each.get("Dimensions", ()))),
        )
        for each in stats or ([alarm] if "MetricName" in alarm else [])
    ]


def _states(stack: DeployedStack, alarms: Sequence[Mapping[str, Any]]) -> str:
    """Which state is whose, with the names of those that ring."""
    counts = Counter(str(alarm.get("StateValue", "unknown")) for alarm in alarms)
    ringing = sorted(str(alarm["AlarmName"]) for alarm in alarms if alarm.get("StateValue") == "ALARM")
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    names = f" ({', '.join(ringing)})" if ringing else ""
    return f"{len(alarms)} in {stack.region}: {told}{names}"


def _mail(world: World) -> str:
    _require_cloudwatch(world)
    confirmed = 0
    for stack, _, properties in _each(world, SUBSCRIPTION):
        text = world.target.values(stack).text
        topic, protocol, address = (text(properties[name]) for name in ("TopicArn", "Protocol", "Endpoint"))
        if UNKNOWN in topic + protocol + address:
            raise NotCheckable("the stack's template does not tell who is subscribed to what")
        pages = world.aws("sns", region=stack.region).get_paginator("list_subscriptions_by_topic")
        found = [
            each["SubscriptionArn"]
            for page in pages.paginate(TopicArn=topic)
            for each in page["Subscriptions"]
            if (each["Protocol"], each["Endpoint"]) == (protocol, address)
        ]
        if not found:
            raise Failed(f"the address for alarms is not subscribed to {topic}")
        # "Initially the ARN value is pending confirmation":
        # https://docs.aws.amazon.com/sdk-for-ruby/v3/developer-guide/sns-example-create-subscription.html
        if not any(arn.startswith("arn:") for arn in found):
            raise Failed(f"the address for alarms has not confirmed its subscription to {topic}")
        confirmed += 1
    return f"{confirmed} confirmed"


def _function_metrics(world: World) -> str:
    _require_cloudwatch(world)
    seen = world.wait_for(lambda: _counting(world) or None, seconds=_METRIC_SECONDS, every=15.0)
    if not seen:
        raise Failed(
            f"no Requests in {_NAMESPACE} of {proxy_function(world.target)} "
            f"{_METRIC_SECONDS:.0f} seconds after calls that are in the log"
        )
    return f"Requests in {', '.join(seen)}"


def _counting(world: World) -> list[str]:
    """Regions with metrics of the function's within the hour; at the edge those that ran it are asked."""
    edge = world.target.variant == EDGE
    regions = sorted({group.region for group in groups_now(world)}) if edge else [world.stack.region]
    return [region for region in regions if _requests(world, region)]


def _requests(world: World, region: str) -> float:
    """Calls within the hour. What is new is told by GetMetricData long before ListMetrics lists it."""
    now = datetime.fromtimestamp(world.clock(), tz=UTC)
    dimensions = {"variant": world.target.variant, "function": proxy_function(world.target)}
    metric = {
        "Namespace": _NAMESPACE,
        "MetricName": "Requests",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
    answer = world.aws("cloudwatch", region=region).get_metric_data(
        MetricDataQueries=[{"Id": "requests", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=5),
    )
    return float(sum(value for result in answer["MetricDataResults"] for value in result["Values"]))


def _quota_metrics(world: World) -> str:
    _require_cloudwatch(world)
    told = []
    for stack in world.target.stacks:
        text = world.target.values(stack).text
        promised = {
            metric
            for _, properties in stack.resources(ALARM)
            for metric in _metrics(properties, text)
            if (metric.namespace, metric.name) == (_USAGE, "CallCount")
        }
        if promised:
            told.append(_quotas_counted(_listed(world, stack), promised, stack))
    if not told:
        raise NotCheckable("no alarm of this deployment looks at a quota")
    return "; ".join(told)


def _listed(world: World, stack: DeployedStack) -> list[_Metric]:
    pages = world.aws("cloudwatch", region=stack.region).get_paginator("list_metrics")
    return [
        metric
        for page in pages.paginate(Namespace=_USAGE, MetricName="CallCount")
        for metric in (_metrics(each, str)[0] for each in page["Metrics"])
        if "cognito" in dict(metric.dimensions).get("Service", "").lower()
    ]


def _quotas_counted(listed: Sequence[_Metric], promised: set[_Metric], stack: DeployedStack) -> str:
    seen = promised & set(listed)
    if seen:
        return f"{len(seen)} of {len(promised)} categories counted in {stack.region}"
    categories = {dict(metric.dimensions)["Resource"] for metric in promised}
    others = [metric for metric in listed if dict(metric.dimensions).get("Resource") in categories]
    if others:
        raise Failed(f"{stack.region} has {others[0]}; the alarms look at {min(promised, key=str)}")
    raise NotCheckable(f"{_USAGE} has no calls of Cognito's in {stack.region} yet; new metrics take up to 15 minutes")


def _each(world: World, kind: str) -> Iterator[tuple[DeployedStack, str, Mapping[str, Any]]]:
    for stack in world.target.stacks:
        for name, properties in stack.resources(kind):
            yield stack, name, properties


def _physical(stack: DeployedStack, logical_id: str) -> str:
    if logical_id not in stack.physical_ids:
        raise Failed(f"stack {stack.name} has no {logical_id}")
    return stack.physical_ids[logical_id]


def _require_cloudwatch(world: World) -> None:
    if world.target.is_local:
        raise NotCheckable("an emulator is no CloudWatch: it lacks some alarms, and makes no metrics of lines")


CHECKS = (
    Check(
        name="dashboard",
        promise="The dashboard is there.",
        run=_dashboard,
        needs=frozenset({Need.AWS, Need.DASHBOARD}),
        advice="Somebody deleted it, which no deployment notices by itself: deploy once with monitoring=false, "
        "and once without.",
        proves=("dashboard-made",),
    ),
    Check(
        name="alarms",
        promise="All alarms are there, look at the metrics and thresholds of the template, and tell their topic.",
        run=_alarms,
        needs=frozenset({Need.AWS, Need.ALARMS}),
        advice="Somebody changed it by hand, which no deployment notices by itself: put it back in the console, or "
        "deploy once with monitoring=false, and once without.",
        proves=("alarms-told-to-topic",),
    ),
    Check(
        name="alarm-mail",
        promise="Whoever is to be told of alarms has confirmed the address.",
        run=_mail,
        needs=frozenset({Need.AWS, Need.ALARM_MAIL}),
        advice="Look for the mail of AWS Notifications and follow its link, once for each topic; docs/monitoring.md "
        "has the command that subscribes again.",
        proves=("alarm-mails",),
    ),
    Check(
        name="function-metrics",
        promise="CloudWatch makes metrics of the function's lines, under the names that alarms and dashboard look at.",
        run=_function_metrics,
        needs=frozenset({Need.AWS, Need.REQUEST_LINES}),
        after=("function", "log-group", "log-line"),
        advice="Run this again in some minutes. If it stays so, CloudWatch takes no metrics out of these log groups: "
        "docs/logs.md says what to do instead.",
        proves=("metrics-of-lines",),
    ),
    Check(
        name="quota-metrics",
        promise="AWS counts the use of Cognito's quotas under the names that the alarms look at.",
        run=_quota_metrics,
        needs=frozenset({Need.AWS, Need.DASHBOARD}),
        advice="The alarms of quotas would stay silent: open an issue with this line.",
        proves=("quota-alarms",),
    ),
)
