"""RegionalProxy: what stands in the template."""

import json
from typing import Any, cast

import pytest
from aws_cdk import App, Duration, Stack, Token
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import AppClient, CustomDomain, PropertyError, RegionalProxy, Throttle
from proxy.settings import parse_settings
from tests.constructs.synthesized import joined, new_stack, only, statements

API = "AWS::ApiGateway::RestApi"
FUNCTION = "AWS::Lambda::Function"
METHOD = "AWS::ApiGateway::Method"
STAGE = "AWS::ApiGateway::Stage"
DOMAIN = "AWS::ApiGateway::DomainName"
PROXY_FUNCTION = {"Handler": "proxy.regional.handler"}


def proxy_function(template: Template) -> dict[str, Any]:
    (function,) = template.find_resources(FUNCTION, {"Properties": PROXY_FUNCTION}).values()
    properties: dict[str, Any] = function["Properties"]
    return properties


def test_the_root_takes_post_and_options_and_there_is_nothing_else(least_proxy: Template) -> None:
    methods = [method["Properties"] for method in least_proxy.find_resources(METHOD).values()]
    assert sorted(method["HttpMethod"] for method in methods) == ["OPTIONS", "POST"]
    assert all(method["ResourceId"]["Fn::GetAtt"][1] == "RootResourceId" for method in methods)
    assert all(method["Integration"]["Type"] == "AWS_PROXY" for method in methods)
    least_proxy.resource_count_is("AWS::ApiGateway::Resource", 0)


@pytest.mark.proves("exact-bytes")
def test_the_api_is_regional_and_passes_bytes_on_as_they_came(least_proxy: Template) -> None:
    least_proxy.has_resource_properties(
        API,
        {
            "EndpointConfiguration": {"IpAddressType": "ipv4", "Types": ["REGIONAL"]},
            "BinaryMediaTypes": ["*/*"],
            "DisableExecuteApiEndpoint": False,
            "MinimumCompressionSize": Match.absent(),
        },
    )


def test_only_this_apis_two_methods_may_call_the_function(least_proxy: Template) -> None:
    permissions = [found["Properties"] for found in least_proxy.find_resources("AWS::Lambda::Permission").values()]
    assert {permission["Principal"] for permission in permissions} == {"apigateway.amazonaws.com"}
    sources = sorted(joined(permission["SourceArn"]).rpartition(">/")[2] for permission in permissions)
    assert sources == ["OPTIONS/", "POST/"]


def test_least_throttles(least_proxy: Template) -> None:
    (settings,) = only(least_proxy, STAGE)["Properties"]["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (100, 200)
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")


def test_no_execution_log_holds_bodies(least_proxy: Template, full_proxy: Template) -> None:
    for template in (least_proxy, full_proxy):
        (settings,) = only(template, STAGE)["Properties"]["MethodSettings"]
        assert settings["LoggingLevel"] == "OFF"
        assert settings["DataTraceEnabled"] is False


@pytest.mark.proves("access-log-anonymous")
def test_the_access_log_says_how_a_request_went_and_not_whose_it_was(least_proxy: Template) -> None:
    setting = only(least_proxy, STAGE)["Properties"]["AccessLogSetting"]
    fields = json.loads(setting["Format"])
    assert {"time", "extendedRequestId", "method", "status", "errorResponseType"} <= set(fields)
    assert "$context.requestId" not in fields.values()  # a caller can choose it
    personal = ("identity", "authorizer", "path", "Path", "query", "header", "body", "Message", "message")
    assert not [value for value in fields.values() if any(word in value for word in personal)]
    assert all(value.startswith("$context.") for value in fields.values())


def test_log_groups_are_kept_for_a_while(least_proxy: Template, full_proxy: Template) -> None:
    for template, days in ((least_proxy, [30, 30, 30, 30]), (full_proxy, [7, 7, 30, 30])):
        groups = [group["Properties"] for group in template.find_resources("AWS::Logs::LogGroup").values()]
        assert sorted(group["RetentionInDays"] for group in groups) == days
        # AWS WAF logs to no other names.
        names = [group["LogGroupName"] for group in groups if "LogGroupName" in group]
        assert [name.startswith("aws-waf-logs-") for name in names] == [True]


def test_the_function_is_small_and_on_arm(least_proxy: Template) -> None:
    function = proxy_function(least_proxy)
    assert function["Architectures"] == ["arm64"]
    assert (function["MemorySize"], function["Timeout"]) == (512, 15)
    assert "ReservedConcurrentExecutions" not in function
    assert "Layers" not in function
    assert "FunctionName" not in function


def test_the_function_has_its_settings_and_no_other_variable(least_proxy: Template) -> None:
    variables = proxy_function(least_proxy)["Environment"]["Variables"]
    assert list(variables) == ["PROXY_SETTINGS"]
    (client,) = least_proxy.find_resources("AWS::Cognito::UserPoolClient")
    (pool,) = least_proxy.find_resources("AWS::Cognito::UserPool")
    (secret,) = least_proxy.find_resources("AWS::SecretsManager::Secret")
    assert json.loads(joined(variables["PROXY_SETTINGS"])) == {
        "region": "eu-west-1",
        "user_pool_id": f"<{pool}>",
        "clients": {f"<{client}>": {"secret_arn": f"<{secret}>"}},
    }


def test_everything_set_reaches_the_settings_as_the_function_reads_them(full_proxy: Template) -> None:
    text = joined(proxy_function(full_proxy)["Environment"]["Variables"]["PROXY_SETTINGS"])
    for secret in full_proxy.find_resources("AWS::SecretsManager::Secret"):
        text = text.replace(f"<{secret}>", f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{secret}")
    settings = parse_settings(text)
    assert set(settings.clients) == {f"<{name}>" for name in full_proxy.find_resources("AWS::Cognito::UserPoolClient")}
    assert settings.allowed_origins == {"https://app.example.com", "capacitor://localhost"}
    assert settings.secret_ttl_seconds == 60
    assert settings.replica_regions == ("us-east-1",)
    assert settings.threat_protection is False
    assert settings.propagate_client_ip is False


def test_the_role_reads_its_secret_and_writes_its_own_log_and_that_is_all(least_proxy: Template) -> None:
    (secret,) = least_proxy.find_resources("AWS::SecretsManager::Secret")
    (log_group,) = (name for name in least_proxy.find_resources("AWS::Logs::LogGroup") if name.startswith("ProxyLog"))
    assert statements(least_proxy, "ProxyRoleDefaultPolicy") == [
        {
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [log_group, "Arn"]},
        },
        {"Action": "secretsmanager:GetSecretValue", "Effect": "Allow", "Resource": {"Ref": secret}},
    ]


def test_no_role_of_a_function_has_a_managed_policy(full_proxy: Template) -> None:
    roles = full_proxy.find_resources("AWS::IAM::Role").values()
    functions = [role["Properties"] for role in roles if "lambda.amazonaws.com" in json.dumps(role)]
    assert len(functions) == 2
    assert not [role for role in functions if "ManagedPolicyArns" in role]


def test_a_customer_managed_key_may_be_used_through_secrets_manager(full_proxy: Template) -> None:
    (statement,) = (found for found in statements(full_proxy, "ProxyRoleDefault") if found["Action"] == "kms:Decrypt")
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}


def test_the_stage_waits_for_the_secret_to_be_in_place(least_proxy: Template) -> None:
    (seeding,) = least_proxy.find_resources("Custom::CognitoProxyClientSecret")
    assert seeding in only(least_proxy, STAGE)["DependsOn"]


def test_the_account_gets_a_role_for_the_access_log_on_request_only(
    least_proxy: Template, full_proxy: Template
) -> None:
    least_proxy.resource_count_is("AWS::ApiGateway::Account", 0)
    full_proxy.has_resource("AWS::ApiGateway::Account", {"DeletionPolicy": "Retain"})


def test_everything_set_reaches_function_and_stage(full_proxy: Template) -> None:
    function = proxy_function(full_proxy)
    assert (function["MemorySize"], function["Timeout"], function["ReservedConcurrentExecutions"]) == (1024, 28, 20)
    stage = only(full_proxy, STAGE)["Properties"]
    assert stage["StageName"] == "live"
    (settings,) = stage["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (7.5, 9)


@pytest.mark.proves("own-name-tls")
def test_with_a_domain_there_is_no_way_around_it(full_proxy: Template) -> None:
    full_proxy.has_resource_properties(API, {"DisableExecuteApiEndpoint": True})
    full_proxy.has_resource_properties(
        DOMAIN,
        {
            "DomainName": "auth.example.com",
            "SecurityPolicy": "TLS_1_2",
            "EndpointConfiguration": {"IpAddressType": "ipv4", "Types": ["REGIONAL"]},
            "RegionalCertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
        },
    )
    full_proxy.has_resource_properties("AWS::ApiGateway::BasePathMapping", {"BasePath": Match.absent()})


def test_the_stage_is_deployed_anew_where_the_default_name_goes_or_ipv6_comes() -> None:
    """ "This setting takes affect when you update any setting on any stage" (Developer Guide, "Disable the default
    endpoint for REST APIs"), and an address type may be the same."""

    def deployed(**properties: Any) -> str:
        stack = new_stack()
        RegionalProxy(stack, "Proxy", app_clients=[_client(stack)], **{k: v(stack) for k, v in properties.items()})
        (logical_id,) = Template.from_stack(stack).find_resources("AWS::ApiGateway::Deployment")
        return logical_id

    plain = deployed()
    assert deployed() == plain
    assert len({plain, deployed(domain=_domain), deployed(ipv6=lambda _: True)}) == 3


@pytest.mark.proves("dual-stack")
def test_with_ipv6_api_and_domain_answer_on_both_and_the_name_has_both_records() -> None:
    stack = new_stack()
    RegionalProxy(stack, "Proxy", app_clients=[_client(stack)], domain=_domain(stack), ipv6=True)
    template = Template.from_stack(stack)
    for kind in (API, DOMAIN):
        endpoint = only(template, kind)["Properties"]["EndpointConfiguration"]
        assert endpoint == {"IpAddressType": "dualstack", "Types": ["REGIONAL"]}
    records = [record["Properties"] for record in template.find_resources("AWS::Route53::RecordSet").values()]
    assert sorted(record["Type"] for record in records) == ["A", "AAAA"]
    assert {record["Name"] for record in records} == {"auth.example.com."}
    targets = [record["AliasTarget"]["DNSName"]["Fn::GetAtt"][1] for record in records]
    assert targets == ["RegionalDomainName"] * 2
    rules = [rule["Name"] for rule in only(template, "AWS::WAFv2::WebACL")["Properties"]["Rules"]]
    assert "NoIpv6" not in rules
    # Fingerprints are "available for use with Amazon CloudFront distributions and Application Load Balancers".
    assert [name for name in rules if name.startswith("Ipv6")] == [
        "Ipv6NetworkSignUpRateLimit",
        "Ipv6NetworkSignInRateLimit",
    ]
    assert "JA4" not in json.dumps(template.to_json())


def test_the_hosted_zone_gets_the_record(full_proxy: Template) -> None:
    full_proxy.has_resource_properties(
        "AWS::Route53::RecordSet",
        {"Name": "auth.example.com.", "Type": "A", "HostedZoneId": "Z0123456789ABCDEFGHIJ"},
    )


def test_no_output_is_left_in_the_users_stack(least_proxy: Template) -> None:
    assert least_proxy.find_outputs("*") == {}


def test_exposes_where_apps_find_it() -> None:
    stack = new_stack()
    proxy = RegionalProxy(stack, "Proxy", app_clients=[_client(stack)])
    host = joined(stack.resolve(proxy.domain_name))
    assert host.endswith(">.execute-api.eu-west-1.<AWS::URLSuffix>")
    assert joined(stack.resolve(proxy.endpoint)).startswith(f"https://{host}/")
    assert proxy.alias_target is None
    template = Template.from_stack(stack)
    ((api, _),) = template.find_resources(API).items()
    ((stage, _),) = template.find_resources(STAGE).items()
    log_group = proxy_function(template)["LoggingConfig"]["LogGroup"]
    access_log = only(template, STAGE)["Properties"]["AccessLogSetting"]["DestinationArn"]
    assert stack.resolve(proxy.api.rest_api_id) == {"Ref": api}
    assert stack.resolve(proxy.stage.stage_name) == {"Ref": stage}
    assert stack.resolve(proxy.log_group.log_group_name) == log_group
    assert stack.resolve(proxy.access_log_group.log_group_arn) == access_log


def test_warns_of_the_account_s_role() -> None:
    stack = new_stack()
    RegionalProxy(stack, "Proxy", app_clients=[_client(stack)], cloud_watch_role=True)
    Annotations.from_stack(stack).has_warning(
        "/Stack/Proxy",
        Match.string_like_regexp(r"cloud_watch_role: .*every API Gateway API.*@cognito-proxy:apiGatewayAccountRole.*"),
    )


def test_least_warns_of_nothing() -> None:
    stack = new_stack()
    RegionalProxy(stack, "Proxy", app_clients=[_client(stack)])
    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"timeout": Duration.seconds(29)}, "timeout must be from 3 seconds to 28 seconds, not 29 seconds"),
    ({"provisioned_concurrency": 0}, "provisioned_concurrency must be from 1 to 100,000, not 0"),
    (
        {"provisioned_concurrency": 3, "reserved_concurrent_executions": 2},
        "provisioned_concurrency must be from 1 to 2, not 3",
    ),
    ({"reserved_concurrent_executions": 0}, "reserved_concurrent_executions must be from 1 to 100,000, not 0"),
    ({"stage_name": "a/b"}, "stage_name must be 1 to 128 letters, digits, - or _, not 'a/b'"),
]


@pytest.mark.proves("provisioned-at-most-reserved")
@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_refuses(properties: dict[str, Any], message: str) -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match=message):
        RegionalProxy(stack, "Proxy", **({"app_clients": [_client(stack)]} | properties))


THROTTLES: list[tuple[dict[str, Any], str]] = [
    ({"rate_limit": 0.5}, "rate_limit must be from 1 to 10,000 requests a second, not 0.5"),
    ({"burst_limit": 5001}, "burst_limit must be from 1 to 5,000 requests, not 5001"),
]


@pytest.mark.parametrize(("properties", "message"), THROTTLES)
def test_refuses_a_throttle(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        Throttle(**properties)


def test_numbers_that_are_known_at_deploy_time_only_pass() -> None:
    stack = new_stack()
    number = cast("int", Token.as_number({"Ref": "Parameter"}))
    RegionalProxy(
        stack,
        "Proxy",
        app_clients=[_client(stack)],
        memory_size=number,
        throttle=Throttle(rate_limit=number, burst_limit=number),
    )
    Template.from_stack(stack).has_resource_properties(FUNCTION, PROXY_FUNCTION | {"MemorySize": {"Ref": "Parameter"}})


def test_serves_an_app_client_of_another_stack() -> None:
    app = App()
    identity = Stack(app, "Identity")
    client = _client(identity)
    stack = Stack(app, "Proxy")
    RegionalProxy(stack, "Proxy", app_clients=[client])
    template = Template.from_stack(stack)
    assert [dependency.node.path for dependency in stack.dependencies] == ["Identity"]
    assert "PROXY_SETTINGS" in proxy_function(template)["Environment"]["Variables"]


def test_two_proxies_of_a_stack_have_different_api_names() -> None:
    stack = new_stack()
    client = _client(stack)
    for construct_id in ("First", "Second"):
        RegionalProxy(stack, construct_id, app_clients=[client])
    names: list[str] = [api["Properties"]["Name"] for api in Template.from_stack(stack).find_resources(API).values()]
    assert len(set(names)) == 2


def _domain(stack: Stack) -> CustomDomain:
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", "arn:aws:acm:eu-west-1:123456789012:certificate/abc"
    )
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    return CustomDomain(domain_name="auth.example.com", certificate=certificate, hosted_zone=zone)


def _client(stack: Stack) -> AppClient:
    return AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
