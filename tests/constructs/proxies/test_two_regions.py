"""One host name in two Regions: what stands in both templates, and what is refused."""

import json
from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import (
    AppClient,
    CustomDomain,
    DnsFailover,
    EdgeProxy,
    ExistingWebAcl,
    FailoverRole,
    OAuthEndpoints,
    PrivateNetwork,
    PropertyError,
    ProxyWebAcl,
    RegionalProxy,
)
from proxy.settings import parse_settings
from tests.constructs.synthesized import joined, only, statements

FIRST, SECOND = "eu-west-1", "eu-central-1"
ACCOUNT = "123456789012"


def region_of_pool(arn: str) -> str:
    return arn.partition(":cognito-idp:")[2].partition(":")[0]


def domain(stack: Stack, region: str, role: FailoverRole, **more: Any) -> CustomDomain:
    arn = f"arn:aws:acm:{region}:{ACCOUNT}:certificate/abc"
    zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
    return CustomDomain(
        domain_name="auth.example.com",
        certificate=acm.Certificate.from_certificate_arn(stack, "Certificate", arn),
        hosted_zone=zone,
        failover=DnsFailover(role=role, **more),
    )


def stacks() -> tuple[Stack, Stack, AppClient]:
    app = App()
    first = Stack(app, "First", env=Environment(region=FIRST, account=ACCOUNT))
    second = Stack(app, "Second", env=Environment(region=SECOND, account=ACCOUNT))
    pool = cognito.UserPool.from_user_pool_id(first, "Pool", f"{FIRST}_AbCdEf123")
    return first, second, AppClient(first, "WebClient", user_pool=pool, secret_replica_regions=[SECOND])


@pytest.fixture(scope="module")
def templates() -> tuple[Template, Template]:
    first, second, client = stacks()
    shared: dict[str, Any] = {"app_clients": [client], "threat_protection": True}
    RegionalProxy(
        first,
        "Proxy",
        failover_regions=[SECOND],
        ipv6=True,
        domain=domain(first, FIRST, FailoverRole.PRIMARY),
        **shared,
    )
    RegionalProxy(
        second,
        "Proxy",
        failover_regions=[FIRST],
        ipv6=True,
        domain=domain(second, SECOND, FailoverRole.SECONDARY, check_interval=Duration.seconds(10), failure_threshold=2),
        **shared,
    )
    return Template.from_stack(first), Template.from_stack(second)


def settings_of(template: Template) -> Any:
    (function,) = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
    ).values()
    text = joined(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"])
    # An ARN is known at deployment only.
    document = json.loads(text)
    for client in document["clients"].values():
        client["secret_arn"] = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s"
    return parse_settings(json.dumps(document))


@pytest.mark.proves("own-region-first")
def test_each_asks_its_own_region_first_and_knows_the_other(templates: tuple[Template, Template]) -> None:
    first, second = map(settings_of, templates)
    assert (first.region, first.failover_regions) == (FIRST, (SECOND,))
    assert (second.region, second.failover_regions) == (SECOND, (FIRST,))
    assert first.user_pool_id == second.user_pool_id
    assert second.replica_regions == (SECOND,)


@pytest.mark.proves("two-regions-one-name")
def test_both_have_a_failover_record_of_one_name_with_a_health_check(templates: tuple[Template, Template]) -> None:
    for template, role, region in zip(templates, ("PRIMARY", "SECONDARY"), (FIRST, SECOND), strict=True):
        (check_id,) = template.find_resources("AWS::Route53::HealthCheck")
        records = [found["Properties"] for found in template.find_resources("AWS::Route53::RecordSet").values()]
        assert {record["Type"] for record in records} == {"A", "AAAA"}
        for record in records:
            assert record["Name"] == "auth.example.com."
            assert (record["Failover"], record["SetIdentifier"]) == (role, region)
            assert record["HealthCheckId"] == {"Ref": check_id}
            assert record["AliasTarget"]["EvaluateTargetHealth"] is True


def test_the_health_check_asks_by_api_gateways_own_name_which_stays_on(templates: tuple[Template, Template]) -> None:
    for template, region, interval, threshold in zip(templates, (FIRST, SECOND), (30, 10), (3, 2), strict=True):
        config = only(template, "AWS::Route53::HealthCheck")["Properties"]["HealthCheckConfig"]
        assert f".execute-api.{region}." in joined(config["FullyQualifiedDomainName"])
        assert (config["Type"], config["Port"], config["ResourcePath"]) == ("HTTPS", 443, "/prod/health")
        assert (config["RequestInterval"], config["FailureThreshold"]) == (interval, threshold)
        assert config["EnableSNI"] is True
        assert only(template, "AWS::ApiGateway::RestApi")["Properties"]["DisableExecuteApiEndpoint"] is False


def test_the_check_has_a_method_and_a_throttle_of_its_own(templates: tuple[Template, Template]) -> None:
    for template in templates:
        assert only(template, "AWS::ApiGateway::Resource")["Properties"]["PathPart"] == "health"
        methods = [found["Properties"] for found in template.find_resources("AWS::ApiGateway::Method").values()]
        assert sorted(method["HttpMethod"] for method in methods) == ["GET", "OPTIONS", "POST"]
        settings = only(template, "AWS::ApiGateway::Stage")["Properties"]["MethodSettings"]
        (own,) = [each for each in settings if each["HttpMethod"] == "GET"]
        assert own["ResourcePath"] == "/~1health"
        # An outsider's account has 200 health checks of about sixteen checkers, every ten seconds: no such crowd may
        # turn the real checkers away.
        assert own["ThrottlingRateLimit"] > 3 * 200 * 16 / 10
        assert own["ThrottlingBurstLimit"] >= own["ThrottlingRateLimit"]
        assert (own["LoggingLevel"], own["DataTraceEnabled"]) == ("OFF", False)


def test_the_web_acl_of_its_own_lets_the_checkers_ask(templates: tuple[Template, Template]) -> None:
    for template in templates:
        rules = only(template, "AWS::WAFv2::WebACL")["Properties"]["Rules"]
        assert [rule["Name"] for rule in rules].count("HealthCheck") == 1


def test_signed_calls_are_allowed_on_the_pool_in_both_regions(templates: tuple[Template, Template]) -> None:
    for template in templates:
        (statement,) = [
            each for each in statements(template, "ProxyRole") if "AdminInitiateAuth" in str(each["Action"])
        ]
        arns = [joined(arn) for arn in statement["Resource"]]
        assert [region_of_pool(arn) for arn in arns] == [FIRST, SECOND]
        assert all(arn.endswith(f"userpool/{FIRST}_AbCdEf123") for arn in arns)


def test_the_second_region_reads_its_replica_of_the_secret(templates: tuple[Template, Template]) -> None:
    (statement,) = [
        each for each in statements(templates[1], "ProxyRole") if each["Action"] == "secretsmanager:GetSecretValue"
    ]
    assert len(statement["Resource"]) == 2
    assert ":secretsmanager:eu-central-1:" in json.dumps(statement["Resource"][1])


def test_an_edge_proxy_takes_further_regions() -> None:
    app = App()
    first = Stack(app, "First", env=Environment(region=FIRST))
    edge = Stack(app, "Edge", env=Environment(region="us-east-1"))
    pool = cognito.UserPool.from_user_pool_id(first, "Pool", f"{FIRST}_AbCdEf123")
    client = AppClient(first, "WebClient", user_pool=pool, secret_replica_regions=["us-east-1"])
    EdgeProxy(edge, "Proxy", app_clients=[client], failover_regions=[SECOND], threat_protection=True)
    template = Template.from_stack(edge)
    (statement,) = [each for each in statements(template, "ProxyRole") if "AdminInitiateAuth" in str(each["Action"])]
    assert [region_of_pool(joined(arn)) for arn in statement["Resource"]] == [FIRST, SECOND]
    assert '\\"failover_regions\\":[\\"eu-central-1\\"]' in json.dumps(template.to_json())


def regional(stack: Stack, client: AppClient, **more: Any) -> RegionalProxy:
    return RegionalProxy(stack, "Proxy", app_clients=[client], **more)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f, s, c: regional(f, c, failover_regions=[FIRST]), "failover_regions must not hold eu-west-1"),
        (lambda f, s, c: regional(f, c, failover_regions=[SECOND, SECOND]), "failover_regions must differ"),
        (lambda f, s, c: regional(f, c, failover_regions=["nearby"]), "failover_regions: 'nearby' is not a Region"),
        (lambda f, s, c: regional(s, c), "failover_regions must hold eu-west-1, the pool's own Region"),
        (
            lambda f, s, c: regional(f, c, failover_regions=[SECOND], vpc=PrivateNetwork()),
            "failover_regions: an endpoint leads",
        ),
        (
            lambda f, s, c: regional(
                f, c, domain=domain(f, FIRST, FailoverRole.PRIMARY), web_acl=ProxyWebAcl(f, "WebAcl")
            ),
            "web_acl: First/WebAcl needs health_check=True",
        ),
    ],
)
def test_what_cannot_work_fails_at_construction(make: Any, message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        make(*stacks())


def test_oauth_does_not_fail_over() -> None:
    first, _, client = stacks()
    oauth = OAuthEndpoints(user_pool_domain="my-app.auth.eu-west-1.amazoncognito.com")
    with pytest.raises(PropertyError, match="oauth: not with failover_regions; a user pool domain is in one Region"):
        regional(first, client, failover_regions=[SECOND], oauth=oauth)
    edge = Stack(App(), "Edge", env=Environment(region="us-east-1"))
    own = AppClient(edge, "WebClient", user_pool=cognito.UserPool(edge, "Pool"))
    with pytest.raises(PropertyError, match="oauth: not with failover_regions"):
        EdgeProxy(edge, "Proxy", app_clients=[own], failover_regions=[FIRST], oauth=oauth)


def test_a_secret_without_a_replica_there_is_refused() -> None:
    first, second, _ = stacks()
    pool = cognito.UserPool.from_user_pool_id(first, "Other", f"{FIRST}_AbCdEf123")
    client = AppClient(first, "Ios", user_pool=pool)
    with pytest.raises(PropertyError, match=r"secret_replica_regions of First/Ios must hold eu-central-1.*only none"):
        regional(second, client, failover_regions=[FIRST])


def test_failover_needs_a_zone_and_is_not_the_edges() -> None:
    first, _, client = stacks()
    with_zone = domain(first, FIRST, FailoverRole.PRIMARY)
    without = CustomDomain(
        domain_name="auth.example.com", certificate=with_zone.certificate, failover=with_zone.failover
    )
    with pytest.raises(PropertyError, match="domain: failover needs hosted_zone"):
        regional(first, client, domain=without)
    edge = Stack(App(), "Edge", env=Environment(region="us-east-1"))
    pool = cognito.UserPool(edge, "Pool")
    own = AppClient(edge, "WebClient", user_pool=pool)
    with pytest.raises(PropertyError, match="domain: failover is for a RegionalProxy"):
        EdgeProxy(edge, "Proxy", app_clients=[own], domain=domain(edge, "us-east-1", FailoverRole.PRIMARY))


def test_a_web_acl_that_is_made_elsewhere_is_warned_of() -> None:
    first, _, client = stacks()
    name = "Name/a1b2c3d4-5678-90ab-cdef-111122223333"
    acl = ExistingWebAcl(arn=f"arn:aws:wafv2:{FIRST}:{ACCOUNT}:regional/webacl/{name}")
    regional(first, client, domain=domain(first, FIRST, FailoverRole.PRIMARY), web_acl=acl)
    Annotations.from_stack(first).has_warning("/First/Proxy", Match.string_like_regexp("health checkers GET /health"))


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"role": "third"}, "role must be one of primary, secondary"),
        ({"role": FailoverRole.PRIMARY, "check_interval": Duration.seconds(20)}, "check_interval must be 10 or 30"),
        ({"role": FailoverRole.PRIMARY, "failure_threshold": 11}, "failure_threshold must be from 1 to 10"),
    ],
)
def test_bounds_of_failover(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        DnsFailover(**properties)
