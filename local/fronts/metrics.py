"""The metrics of a local run: what its functions write, and what AWS's services would count of what happens here.

Nothing is made up. What only AWS can know is not there, and `COUNTED` says what can be.
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.deployment.deploy import DeployedStack
from local.errors import LocalRunError
from local.simulators.cloudwatch.alarms import Alarm, read_alarms
from local.simulators.cloudwatch.emf import samples_of
from local.simulators.cloudwatch.metrics import MetricStore, metric
from local.simulators.cognito.categories import CATEGORIES, THROTTLED, activity_of, succeeded
from local.simulators.common.http import HttpRequest
from local.simulators.common.journal import Call
from local.simulators.waf import Action, Verdict

COUNTED: Mapping[str, frozenset[str]] = {
    "CognitoProxy": frozenset(
        {"Requests", "Errors", "Throttles", "Refusals", "Latency", "UpstreamLatency", "SecretRefetches"}
        | {"CounterFailures", "EventFailures", "EventsLost", "GuardFailures", "HumanCheckFailures"}
        | {"RegionFailovers"}
    ),
    "AWS/WAFV2": frozenset({"AllowedRequests", "BlockedRequests", "CountedRequests"}),
    "AWS/Usage": frozenset({"CallCount", "ThrottleCount"}),
    "AWS/Cognito": frozenset(
        f"{activity}{ending}"
        for activity in ("SignIn", "SignUp", "TokenRefresh")
        for ending in ("Successes", "Throttles")
    ),
    "AWS/ApiGateway": frozenset({"Count", "4XXError", "5XXError"}),
    "AWS/CloudFront": frozenset({"Requests", "4xxErrorRate", "5xxErrorRate"}),
    "AWS/Lambda": frozenset({"Invocations", "Duration"}),
}
"""By namespace, what a run counts. Of AWS/Lambda only of the regional proxy's function, from what the emulator logs."""

_API, _DISTRIBUTION, _FUNCTION = "AWS::ApiGateway::RestApi", "AWS::CloudFront::Distribution", "AWS::Lambda::Function"
_ALARM, _STAGE = "AWS::CloudWatch::Alarm", "AWS::ApiGateway::Stage"
_REPORT = re.compile(r"^REPORT RequestId: \S+\tDuration: ([\d.]+) ms")
_ALL, _DEFAULT = "ALL", "Default_Action"

Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The user pool whose calls are counted."""

    region: str
    user_pool_id: str


class RunMetrics:
    """Counts what happens, into a store. Its methods are told from any thread, and none waits.

    `now` says when something happens, in seconds. Default: the machine's clock, which the lines of functions have, too.
    """

    def __init__(
        self,
        store: MetricStore,
        *,
        stack: DeployedStack,
        pool: Pool,
        web_acl: str | None,
        now: Clock = time.time,
    ) -> None:
        """`stack` is the proxy's, `web_acl` the logical id of the web ACL in front of it; None: there is none."""
        self.store = store
        self._region = stack.region
        self._pool = pool
        self._now = now
        self._front = _front_dimensions(stack)
        self._function = _proxy_function(stack)
        self._firewall = None if web_acl is None else _Firewall(stack, web_acl)

    def at_cognito(self, call: Call) -> None:
        """A call that reached Cognito, by whomever. Other user pools of the account, which add to it, are not here."""
        throttled = call.error_type == THROTTLED
        if (category := CATEGORIES.get(call.operation)) is not None:
            dimensions = {"Service": "Cognito user pool", "Type": "API", "Resource": category, "Class": "None"}
            self._count("AWS/Usage", "CallCount", dimensions, region=self._pool.region)
            if throttled:
                self._count("AWS/Usage", "ThrottleCount", dimensions, region=self._pool.region)
        client = call.body.get("ClientId") if isinstance(call.body, dict) else None
        if (activity := activity_of(call)) is not None and isinstance(client, str):
            # An administrator's call is told as one of the app client `Admin`.
            admin = call.operation.startswith("Admin")
            of = {"UserPool": self._pool.user_pool_id, "UserPoolClient": "Admin" if admin else client}
            value = float(succeeded(call))
            self._count("AWS/Cognito", f"{activity}Successes", of, value, region=self._pool.region)
            if throttled:
                self._count("AWS/Cognito", f"{activity}Throttles", of, region=self._pool.region)

    def at_front(self, call: Call) -> None:
        """A client's call, and what API Gateway or CloudFront answered it; one that the firewall blocked is among them.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
        """
        namespace, dimensions = self._front
        names = ("Count", "4XXError", "5XXError")
        if namespace == "AWS/CloudFront":
            # A rate is percent of requests: the average over requests of 0 or 100.
            names = ("Requests", "4xxErrorRate", "5xxErrorRate")
        weight = 100.0 if namespace == "AWS/CloudFront" else 1.0
        self._count(namespace, names[0], dimensions)
        for name, hundreds in zip(names[1:], (4, 5), strict=True):
            self._count(namespace, name, dimensions, weight * (call.status // 100 == hundreds))

    def at_firewall(self, _request: HttpRequest, verdict: Verdict) -> None:
        """What the web ACL decided on a request. `ALL` are those on which a rule decided, not the default action."""
        if self._firewall is None:
            return
        name = "BlockedRequests" if verdict.action is Action.BLOCK else "AllowedRequests"
        for rule in (_ALL, verdict.rule) if verdict.rule is not None else (_DEFAULT,):
            self._count("AWS/WAFV2", name, self._firewall.dimensions(rule))
        for rule in verdict.counted:
            self._count("AWS/WAFV2", "CountedRequests", self._firewall.dimensions(rule))

    def of_line(self, message: str, at: float | None = None) -> None:
        """A line of the function's log, its own or one that Lambda wrote.

        `at` is when a line of Lambda's was written. Default: now.
        """
        if (report := _REPORT.match(message)) is not None and self._function is not None:
            when = self._now() if at is None else at
            of = {"FunctionName": self._function}
            self._count("AWS/Lambda", "Invocations", of, at=when)
            self._count("AWS/Lambda", "Duration", of, float(report[1]), at=when)
        for sample in samples_of(message, region=self._region):
            self.store.add(sample.metric, sample.value, at=sample.at if at is None else at)

    def _count(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float = 1.0,
        *,
        region: str | None = None,
        at: float | None = None,
    ) -> None:
        of = metric(namespace, name, dimensions, region=region or self._region)
        self.store.add(of, float(value), at=self._now() if at is None else at)


class _Firewall:
    """Under which names AWS WAF tells a web ACL's metrics.

    "Region: required for all protected resource types except for Amazon CloudFront distributions":
    https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
    """

    def __init__(self, stack: DeployedStack, logical_id: str) -> None:
        properties = stack.template["Resources"][logical_id]["Properties"]
        own = {"WebACL": str(properties["VisibilityConfig"]["MetricName"])}
        self._own = own if properties["Scope"] == "CLOUDFRONT" else {**own, "Region": stack.region}
        self._rules = {rule["Name"]: rule["VisibilityConfig"]["MetricName"] for rule in properties.get("Rules", ())}

    def dimensions(self, rule: str) -> Mapping[str, str]:
        """Of a rule, by its name, or of `ALL` or `Default_Action`."""
        return {**self._own, "Rule": self._rules.get(rule, rule)}


def alarms_of(stacks: Iterable[DeployedStack]) -> list[Alarm]:
    """Every alarm of the stacks, as synthesized. Raises CloudWatchError for what is not modelled."""
    return [
        alarm
        for stack in stacks
        for alarm in read_alarms(stack.template, region=stack.region, resolve=deployed_text(stack))
    ]


def is_blind(alarm: Alarm) -> bool:
    """Whether no local run has any of the metrics that an alarm looks at."""
    return not any(
        each.metric.name in COUNTED.get(each.metric.namespace, ()) and not _is_federation(each.metric.dimensions)
        for each in alarm.inputs.values()
    )


def deployed_text(stack: DeployedStack) -> Callable[[Any], str]:
    """Gives what a text of a stack's template is in the deployed stack, as far as the emulator has it."""

    resources = stack.template["Resources"]
    pseudo = {"AWS::Region": stack.region, "AWS::Partition": "aws"}

    def text(value: Any) -> str:
        match value:
            case str():
                return value
            case {"Ref": str(name)} if name in pseudo:
                return pseudo[name]
            case {"Fn::GetAtt": [str(name), "Arn"]} if resources[name]["Type"] == _ALARM:
                # Most are left out for the emulator; here they go by their logical ids.
                return name
            case {"Fn::GetAtt": [str(name), "QueueName"]}:
                # A queue's id is its URL, which ends in its name.
                return stack.physical_ids.get(name, name).rpartition("/")[2]
            case {"Ref": str(name)}:
                return stack.physical_ids.get(name, name)
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(text(part) for part in parts)
        raise LocalRunError(f"stack {stack.name}: {json.dumps(value)} is not known on one machine")

    return text


def _front_dimensions(stack: DeployedStack) -> tuple[str, Mapping[str, str]]:
    """Namespace and dimensions of what stands in front of the function."""
    if stack.has(_DISTRIBUTION):
        return "AWS/CloudFront", {"DistributionId": stack.only(_DISTRIBUTION), "Region": "Global"}
    (api,) = (each["Properties"] for each in stack.template["Resources"].values() if each["Type"] == _API)
    return "AWS/ApiGateway", {"ApiName": str(api.get("Name", "")), "Stage": stack.only(_STAGE)}


def _proxy_function(stack: DeployedStack) -> str | None:
    """The regional proxy's function; None: the edge's runs outside of the emulator."""
    for name, resource in stack.template["Resources"].items():
        if resource["Type"] == _FUNCTION and resource["Properties"].get("Handler") == "proxy.regional.handler":
            return stack.physical_ids[name]
    return None


def _is_federation(dimensions: Iterable[tuple[str, str]]) -> bool:
    """Sign-in at other identity providers is on Cognito's own pages, which are not here."""
    return ("Resource", "UserFederation") in dimensions
