"""What a local run counts, and under which names: each as AWS documents it, or as the functions write it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from local.deployment.deploy import DeployedStack
from local.fronts.metrics import COUNTED, Pool, RunMetrics, deployed_text
from local.simulators.cloudwatch.metrics import MetricStore
from local.simulators.common.http import HttpRequest
from local.simulators.waf import Action, Verdict
from proxy.metrics import COUNTED as FUNCTIONS_COUNTS
from tests.monitoring.known_metrics import DOCUMENTED
from tests.simulators.cognito.test_categories import call

ACL = {
    "Scope": "REGIONAL",
    "VisibilityConfig": {"MetricName": "acl"},
    "Rules": [{"Name": "RateLimit", "VisibilityConfig": {"MetricName": "RateLimit"}}],
}
REGIONAL: dict[str, Any] = {
    "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
    "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {}},
    "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "proxy.regional.handler"}},
    "Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": ACL},
}
EDGE: dict[str, Any] = {
    "Distribution": {"Type": "AWS::CloudFront::Distribution", "Properties": {}},
    "Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": {**ACL, "Scope": "CLOUDFRONT"}},
}
REQUEST = HttpRequest(method="POST", path="/", query="", headers=(), body=b"", client_ip="192.0.2.1")


def stack(resources: dict[str, Any]) -> DeployedStack:
    return DeployedStack(
        name="Stack",
        region="us-east-1",
        template={"Resources": resources},
        outputs={},
        physical_ids={name: f"deployed-{name}" for name in resources},
    )


def counting(resources: dict[str, Any]) -> RunMetrics:
    pool = Pool(region="eu-west-1", user_pool_id="pool")
    return RunMetrics(MetricStore(), stack=stack(resources), pool=pool, web_acl="Acl", now=lambda: 60.0)


def counted(metrics: RunMetrics) -> dict[tuple[str, str, str, tuple[str, ...]], Counter[float]]:
    """Samples by Region, namespace, name and the values of dimensions."""
    return {
        (of.region, of.namespace, of.name, tuple(value for _, value in of.dimensions)): metrics.store.between(
            of, 0, 120
        )
        for of in metrics.store.known()
    }


def verdict(action: Action, rule: str | None, *more: str) -> Verdict:
    return Verdict(action=action, rule=rule, response=None, counted=more)


def test_a_sign_in_at_cognito() -> None:
    metrics = counting(REGIONAL)
    metrics.at_cognito(call("RespondToAuthChallenge", body={"ClientId": "c"}, answer={"AuthenticationResult": {}}))
    assert counted(metrics) == {
        ("eu-west-1", "AWS/Usage", "CallCount", ("None", "UserAuthentication", "Cognito user pool", "API")): Counter(
            [1.0]
        ),
        ("eu-west-1", "AWS/Cognito", "SignInSuccesses", ("pool", "c")): Counter([1.0]),
    }


def test_a_throttled_call_of_an_administrator() -> None:
    metrics = counting(REGIONAL)
    throttled = call("AdminInitiateAuth", status=400, body={"ClientId": "c"})
    metrics.at_cognito(type(throttled)(**{**vars(throttled), "error_type": "TooManyRequestsException"}))
    found = {(name, values): samples for (_, _, name, values), samples in counted(metrics).items()}
    assert found["ThrottleCount", ("None", "UserAuthentication", "Cognito user pool", "API")] == Counter([1.0])
    assert found["SignInSuccesses", ("pool", "Admin")] == Counter([0.0])
    assert found["SignInThrottles", ("pool", "Admin")] == Counter([1.0])


def test_a_call_of_no_watched_category_is_not_counted() -> None:
    metrics = counting(REGIONAL)
    metrics.at_cognito(call("GetUser", body={"AccessToken": "<redacted>"}))
    assert counted(metrics) == {}


def test_the_firewall_by_rule() -> None:
    metrics = counting(REGIONAL)
    metrics.at_firewall(REQUEST, verdict(Action.BLOCK, "RateLimit"))
    metrics.at_firewall(REQUEST, verdict(Action.ALLOW, None, "RateLimit"))
    assert counted(metrics) == {
        ("us-east-1", "AWS/WAFV2", "BlockedRequests", ("us-east-1", "ALL", "acl")): Counter([1.0]),
        ("us-east-1", "AWS/WAFV2", "BlockedRequests", ("us-east-1", "RateLimit", "acl")): Counter([1.0]),
        ("us-east-1", "AWS/WAFV2", "AllowedRequests", ("us-east-1", "Default_Action", "acl")): Counter([1.0]),
        ("us-east-1", "AWS/WAFV2", "CountedRequests", ("us-east-1", "RateLimit", "acl")): Counter([1.0]),
    }


def test_a_web_acl_of_cloudfront_has_no_region() -> None:
    metrics = counting(EDGE)
    metrics.at_firewall(REQUEST, verdict(Action.ALLOW, "RateLimit"))
    assert ("us-east-1", "AWS/WAFV2", "AllowedRequests", ("ALL", "acl")) in counted(metrics)


def test_what_stands_in_front() -> None:
    regional, edge = counting(REGIONAL), counting(EDGE)
    for metrics in (regional, edge):
        for status in (200, 200, 200, 502):
            metrics.at_front(call("SignUp", status=status))
    where = ("us-east-1", "AWS/ApiGateway", "5XXError", ("api", "deployed-Stage"))
    assert counted(regional)[where] == Counter({0.0: 3, 1.0: 1})
    where = ("us-east-1", "AWS/CloudFront", "5xxErrorRate", ("deployed-Distribution", "Global"))
    assert counted(edge)[where] == Counter({0.0: 3, 100.0: 1})


def test_lines_of_the_function_and_of_lambda() -> None:
    metrics = counting(REGIONAL)
    metrics.of_line("REPORT RequestId: 1-2-3\tDuration: 12.5 ms\tBilled Duration: 13 ms", at=61)
    directive = {"Namespace": "CognitoProxy", "Dimensions": [["variant"]], "Metrics": [{"Name": "Requests"}]}
    line = {"_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]}, "variant": "regional", "Requests": 1}
    metrics.of_line(json.dumps(line), at=61)
    metrics.of_line("START RequestId: 1-2-3")
    assert counted(metrics) == {
        ("us-east-1", "AWS/Lambda", "Invocations", ("deployed-Function",)): Counter([1.0]),
        ("us-east-1", "AWS/Lambda", "Duration", ("deployed-Function",)): Counter([12.5]),
        ("us-east-1", "CognitoProxy", "Requests", ("regional",)): Counter([1.0]),
    }


def test_all_that_is_counted_is_documented() -> None:
    assert COUNTED["CognitoProxy"] >= FUNCTIONS_COUNTS
    for namespace in COUNTED.keys() - {"CognitoProxy"}:
        assert COUNTED[namespace] <= frozenset().union(*(each.names for each in DOCUMENTED[namespace]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Ref": "Api"}, "deployed-Api"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]}, "a-deployed-Stage"),
        ({"Fn::GetAtt": ["Queue", "QueueName"]}, "undelivered"),
    ],
)
def test_texts_of_a_template_as_deployed(value: Any, text: str) -> None:
    deployed = stack(REGIONAL)
    deployed.physical_ids["Queue"] = "http://127.0.0.1:4566/000000000000/undelivered"
    assert deployed_text(deployed)(value) == text
