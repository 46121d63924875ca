"""What is read from a synthesized template, and what is refused loudly."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from local.simulators.cloudfront import EdgeSimulatorError, NotSimulatedError, mapping_resolver, read_behaviour
from local.simulators.cloudfront.function import FUNCTION_RULES
from local.simulators.cloudfront.response_policy import AddedHeader
from tests.simulators.cloudfront.samples import (
    ORIGIN_DOMAIN,
    RESOLVER,
    distribution_config,
    sample_behaviour,
    sample_template,
)

Change = Callable[[dict[str, Any]], object]


def default_behaviour(template: dict[str, Any]) -> dict[str, Any]:
    behaviour: dict[str, Any] = distribution_config(template)["DefaultCacheBehavior"]
    return behaviour


def the_origin(template: dict[str, Any]) -> dict[str, Any]:
    origin: dict[str, Any] = distribution_config(template)["Origins"][0]
    return origin


def the_policy(template: dict[str, Any]) -> dict[str, Any]:
    policy: dict[str, Any] = template["Resources"]["ResponseHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    return policy


def the_function(template: dict[str, Any]) -> dict[str, Any]:
    function: dict[str, Any] = template["Resources"]["Function"]["Properties"]
    return function


def test_reads_the_origin_with_its_custom_headers_and_timeouts() -> None:
    origin = sample_behaviour().origin
    assert (origin.domain_name, origin.protocol, origin.port) == (ORIGIN_DOMAIN, "https", 443)
    assert (origin.keepalive_timeout, origin.read_timeout, origin.ssl_protocols) == (30, 20, ("TLSv1.2",))
    ((name, value),) = origin.custom_headers
    assert name == "x-proxy-settings"
    assert base64.b64decode(value) == b'{"region": "eu-west-1"}'


def test_reads_the_behaviour_and_its_function() -> None:
    behaviour = sample_behaviour()
    assert behaviour.viewer_protocol_policy == "https-only"
    assert "POST" in behaviour.allowed_methods
    assert not behaviour.origin_request_policy.headers.passes("Host")
    assert behaviour.origin_request_policy.headers.passes("X-Amz-Target")
    function = behaviour.function
    assert (function.handler, function.memory_size, function.timeout) == ("subject.handler", 512, 5)
    assert function.include_body
    assert function.role_logical_id == "Role"


def test_reads_the_response_headers_policy() -> None:
    policy = sample_behaviour().response_headers_policy
    assert policy.removed == ("X-Powered-By",)
    assert policy.cors is not None
    assert (policy.cors.allow_origins, policy.cors.override) == (("https://app.example.com",), True)
    assert policy.added == (
        AddedHeader(name="X-Content-Type-Options", value="nosniff", override=True),
        AddedHeader(name="Strict-Transport-Security", value="max-age=31536000; includeSubDomains", override=True),
        AddedHeader(name="Cache-Control", value="no-store", override=True),
    )


def test_reads_a_policy_of_its_own() -> None:
    template = sample_template()
    template["Resources"]["Own"] = {
        "Type": "AWS::CloudFront::OriginRequestPolicy",
        "Properties": {
            "OriginRequestPolicyConfig": {
                "Name": "own",
                "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["X-Amz-Target"]},
                "CookiesConfig": {"CookieBehavior": "none"},
                "QueryStringsConfig": {"QueryStringBehavior": "allExcept", "QueryStrings": ["debug"]},
            }
        },
    }
    default_behaviour(template)["OriginRequestPolicyId"] = {"Ref": "Own"}
    policy = sample_behaviour(template).origin_request_policy
    assert [policy.headers.passes(name) for name in ("x-amz-target", "authorization")] == [True, False]
    assert not policy.cookies.passes("session")
    assert [policy.query_strings.passes(name) for name in ("debug", "page")] == [False, True]


NOT_SIMULATED: dict[str, Change] = {
    "a property of the distribution": lambda t: distribution_config(t).update(OriginGroups={"Quantity": 1}),
    "further behaviours": lambda t: distribution_config(t).update(CacheBehaviors=[{"PathPattern": "/x"}]),
    "custom error responses": lambda t: distribution_config(t).update(CustomErrorResponses=[{"ErrorCode": 404}]),
    "a property of the behaviour": lambda t: default_behaviour(t).update(FunctionAssociations=[{}]),
    "caching": lambda t: default_behaviour(t).update(CachePolicyId="658327ea-f89d-4fab-a63d-7e88639e58f6"),
    "another managed policy": lambda t: default_behaviour(t).update(OriginRequestPolicyId="59781a5b"),
    "a managed response policy": lambda t: default_behaviour(t).update(ResponseHeadersPolicyId="67f7725c"),
    "a viewer-request function": lambda t: default_behaviour(t)["LambdaFunctionAssociations"][0].update(
        EventType="viewer-request"
    ),
    "no function": lambda t: default_behaviour(t).pop("LambdaFunctionAssociations"),
    "an S3 origin": lambda t: the_origin(t).update(S3OriginConfig={}),
    "origin shield": lambda t: the_origin(t).update(OriginShield={"Enabled": True}),
    "match-viewer": lambda t: the_origin(t)["CustomOriginConfig"].update(OriginProtocolPolicy="match-viewer"),
    "server timing": lambda t: the_policy(t).update(ServerTimingHeadersConfig={"Enabled": True}),
    "an unknown security header": lambda t: the_policy(t)["SecurityHeadersConfig"].update(PermissionsPolicy={}),
    "an unknown intrinsic function": lambda t: the_origin(t).update(DomainName={"Fn::ImportValue": "x"}),
}


@pytest.mark.parametrize("change", NOT_SIMULATED.values(), ids=NOT_SIMULATED.keys())
def test_says_loudly_what_it_does_not_understand(change: Change) -> None:
    template = sample_template()
    change(template)
    with pytest.raises(NotSimulatedError):
        sample_behaviour(template)


REFUSED: dict[str, tuple[Change, str]] = {
    "disabled": (lambda t: distribution_config(t).update(Enabled=False), "not enabled"),
    "an unknown method": (lambda t: default_behaviour(t).update(AllowedMethods=["POST", "BREW"]), "BREW"),
    "an unknown origin": (lambda t: default_behaviour(t).update(TargetOriginId="other"), "other"),
    "an unknown value": (lambda t: the_origin(t).update(DomainName={"Ref": "Nobody"}), "Nobody"),
    "an origin header that CloudFront cannot add": (
        lambda t: the_origin(t)["OriginCustomHeaders"][0].update(HeaderName="X-Amz-Meta"),
        "X-Amz-Meta",
    ),
    "an origin header too long": (
        lambda t: the_origin(t)["OriginCustomHeaders"][0].update(HeaderValue="x" * 1784),
        "1784",
    ),
    "too many origin headers": (
        lambda t: the_origin(t).update(
            OriginCustomHeaders=[{"HeaderName": f"x-{n}", "HeaderValue": "1"} for n in range(31)]
        ),
        "31",
    ),
    "too much in origin headers": (
        lambda t: the_origin(t).update(
            OriginCustomHeaders=[{"HeaderName": f"x-{n}", "HeaderValue": "1" * 1700} for n in range(7)]
        ),
        "10240",
    ),
    "a header that no policy can remove": (
        lambda t: the_policy(t).update(RemoveHeadersConfig={"Items": [{"Header": "x-amzn-RequestId"}]}),
        "x-amzn-RequestId",
    ),
    "a long content security policy": (
        lambda t: the_policy(t)["SecurityHeadersConfig"].update(
            ContentSecurityPolicy={"ContentSecurityPolicy": "x" * 1784, "Override": True}
        ),
        "1784",
    ),
    "a function without a version": (
        lambda t: default_behaviour(t)["LambdaFunctionAssociations"][0].update(LambdaFunctionARN={"Ref": "Function"}),
        "function.version",
    ),
    "a role that the edge may not assume": (
        lambda t: t["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"].pop(),
        "edgelambda.amazonaws.com",
    ),
}


@pytest.mark.parametrize(("change", "named"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_what_aws_refuses(change: Change, named: str) -> None:
    template = sample_template()
    change(template)
    with pytest.raises(EdgeSimulatorError, match=named):
        sample_behaviour(template)


UNSUPPORTED: dict[str, dict[str, Any]] = {
    "function.environment": {"Environment": {"Variables": {"PROXY_SETTINGS": "{}"}}},
    "function.layers": {"Layers": ["arn:aws:lambda:us-east-1:1:layer:x:1"]},
    "function.vpc": {"VpcConfig": {"SubnetIds": ["subnet-1"]}},
    "function.dead-letter-queue": {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:1:x"}},
    "function.x-ray": {"TracingConfig": {"Mode": "Active"}},
    "function.container-image": {"PackageType": "Image"},
    "function.architecture": {"Architectures": ["arm64"]},
    "function.ephemeral-storage": {"EphemeralStorage": {"Size": 1024}},
    "function.reserved-concurrency": {"ReservedConcurrentExecutions": 5},
    "function.runtime-management": {"RuntimeManagementConfig": {"UpdateRuntimeOn": "Manual"}},
    "function.runtime": {"Runtime": "java21"},
    "function.timeout": {"Timeout": 31},
}


@pytest.mark.parametrize("rule_id", UNSUPPORTED)
def test_refuses_a_function_that_the_edge_does_not_support(rule_id: str) -> None:
    template = sample_template()
    the_function(template).update(UNSUPPORTED[rule_id])
    with pytest.raises(EdgeSimulatorError, match=rule_id):
        sample_behaviour(template)


def test_every_rule_on_functions_is_tested() -> None:
    assert {rule.rule_id for rule in FUNCTION_RULES} == set(UNSUPPORTED)


def test_refuses_a_function_outside_us_east_1() -> None:
    elsewhere = mapping_resolver({"AWS::Region": "eu-west-1", "PoolRegion": "eu-west-1"})
    with pytest.raises(EdgeSimulatorError, match=r"function\.region"):
        read_behaviour(sample_template(), elsewhere)


def test_refuses_a_template_without_a_distribution() -> None:
    with pytest.raises(EdgeSimulatorError, match="0 distributions"):
        read_behaviour({"Resources": {}}, RESOLVER)
