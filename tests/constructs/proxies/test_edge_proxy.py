"""EdgeProxy: what stands in the template."""

import json
import re
from typing import Any, cast

import pytest
from aws_cdk import App, Duration, Environment, Stack, Token
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import AppClient, CustomDomain, EdgeAdminCalls, EdgeProxy, PropertyError
from cognito_proxy.proxies._edge_response_headers import CORS_MAX_AGE, REQUEST_HEADERS
from local.simulators.cloudfront import mapping_resolver, read_behaviour
from proxy import cors
from proxy.settings import parse_settings
from tests.constructs.synthesized import EDGE_REGION, joined, new_stack, new_stacks, only, statements

FUNCTION = "AWS::Lambda::Function"
DISTRIBUTION = "AWS::CloudFront::Distribution"
RESPONSE_HEADERS = "AWS::CloudFront::ResponseHeadersPolicy"
PROXY_FUNCTION = {"Handler": "proxy.edge.handler"}


def config(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = only(template, DISTRIBUTION)["Properties"]["DistributionConfig"]
    return found


def behaviour(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = config(template)["DefaultCacheBehavior"]
    return found


def origin(template: Template) -> dict[str, Any]:
    (found,) = config(template)["Origins"]
    return dict(found)


def settings_text(template: Template) -> str:
    (header,) = origin(template)["OriginCustomHeaders"]
    assert header["HeaderName"] == "x-proxy-settings"
    assert list(header["HeaderValue"]) == ["Fn::Base64"]
    return joined(header["HeaderValue"])


def response_headers(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = only(template, RESPONSE_HEADERS)["Properties"]["ResponseHeadersPolicyConfig"]
    return found


def proxy_function(template: Template) -> dict[str, Any]:
    (function,) = template.find_resources(FUNCTION, {"Properties": PROXY_FUNCTION}).values()
    properties: dict[str, Any] = function["Properties"]
    return properties


def test_nothing_is_cached_and_every_header_but_host_goes_on(least_edge: Template) -> None:
    found = behaviour(least_edge)
    assert found["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert found["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert found["ViewerProtocolPolicy"] == "https-only"
    assert "POST" in found["AllowedMethods"]
    assert "OPTIONS" in found["AllowedMethods"]
    assert found["Compress"] is False


def test_a_numbered_version_sees_origin_requests_with_their_bodies(least_edge: Template) -> None:
    (association,) = behaviour(least_edge)["LambdaFunctionAssociations"]
    (version,) = least_edge.find_resources("AWS::Lambda::Version")
    assert association == {
        "EventType": "origin-request",
        "IncludeBody": True,
        "LambdaFunctionARN": {"Ref": version},
    }


def test_a_version_outlives_its_use_since_copies_keep_it_from_being_deleted(least_edge: Template) -> None:
    assert only(least_edge, "AWS::Lambda::Version")["DeletionPolicy"] == "Retain"


def test_the_function_is_what_lambda_at_edge_takes(least_edge: Template) -> None:
    function = proxy_function(least_edge)
    assert function["Architectures"] == ["x86_64"]
    assert function["Runtime"].startswith("python3.")
    assert (function["MemorySize"], function["Timeout"]) == (512, 10)
    assert not {"Environment", "Layers", "VpcConfig", "LoggingConfig", "ReservedConcurrentExecutions"} & set(function)


def test_no_log_group_is_made_that_nobody_writes_to() -> None:
    app = App(context={"@aws-cdk/aws-lambda:useCdkManagedLogGroup": True})
    stack = Stack(app, "Stack", env=Environment(region=EDGE_REGION))
    proxy = EdgeProxy(stack, "Proxy", app_clients=[_client(stack)])
    groups = [child for child in proxy.function.node.find_all() if child.node.id == "LogGroup"]
    assert groups == []


def test_the_simulator_of_cloudfront_accepts_the_distribution(far_edge: tuple[Template, Template]) -> None:
    template = json.loads(json.dumps(far_edge[1].to_json()))
    resolver = mapping_resolver({"AWS::Region": EDGE_REGION, "AWS::URLSuffix": "amazonaws.com"})
    (custom,) = template["Resources"][_logical_id(far_edge[1], DISTRIBUTION)]["Properties"]["DistributionConfig"][
        "Origins"
    ]
    # What another stack tells stands there after deployment.
    custom["OriginCustomHeaders"][0]["HeaderValue"] = "e30="
    read = read_behaviour(template, resolver)
    assert read.origin.domain_name == "cognito-idp.eu-west-1.amazonaws.com"
    assert read.function.handler == "proxy.edge.handler"
    assert read.function.include_body


def test_the_origin_is_cognito_in_the_pools_region(least_edge: Template, far_edge: tuple[Template, Template]) -> None:
    for template, region in ((least_edge, EDGE_REGION), (far_edge[1], "eu-west-1")):
        assert joined(origin(template)["DomainName"]) == f"cognito-idp.{region}.<AWS::URLSuffix>"


def test_the_way_to_the_origin_is_tls_and_patient(least_edge: Template) -> None:
    found = origin(least_edge)
    assert found["CustomOriginConfig"] == {
        "OriginProtocolPolicy": "https-only",
        "OriginSSLProtocols": ["TLSv1.2"],
        "OriginKeepaliveTimeout": 60,
        "OriginReadTimeout": 30,
    }
    assert (found["ConnectionAttempts"], found["ConnectionTimeout"]) == (3, 3)


def test_settings_of_a_pool_nearby(least_edge: Template) -> None:
    (client,) = least_edge.find_resources("AWS::Cognito::UserPoolClient")
    (pool,) = least_edge.find_resources("AWS::Cognito::UserPool")
    (secret,) = least_edge.find_resources("AWS::SecretsManager::Secret")
    assert json.loads(settings_text(least_edge)) == {
        "region": "us-east-1",
        "user_pool_id": f"<{pool}>",
        "clients": {f"<{client}>": {"secret_arn": f"<{secret}>"}},
        # Always written: the function's own default is another one.
        "edge_admin_calls": "generated",
    }


def test_settings_of_a_pool_elsewhere_come_from_its_stack(far_edge: tuple[Template, Template]) -> None:
    pool_template, template = far_edge
    outputs = {
        f"<Identity/{name}>": joined(output["Value"]) for name, output in pool_template.find_outputs("*").items()
    }
    document = json.loads(settings_text(template))
    ((client_id, client),) = document.pop("clients").items()
    assert outputs[document.pop("user_pool_id")] == f"<{_logical_id(pool_template, 'AWS::Cognito::UserPool')}>"
    assert outputs[client_id] == f"<{_logical_id(pool_template, 'AWS::Cognito::UserPoolClient')}>"
    assert outputs[client["secret_arn"]] == f"<{_logical_id(pool_template, 'AWS::SecretsManager::Secret')}>"
    assert document == {
        "region": "eu-west-1",
        "replica_regions": ["us-east-1"],
        "edge_admin_calls": "generated",
    }


def test_nothing_in_another_language_carries_values_between_stacks(far_edge: tuple[Template, Template]) -> None:
    for template in far_edge:
        runtimes = {found["Properties"]["Runtime"] for found in template.find_resources(FUNCTION).values()}
        assert all(runtime.startswith("python") for runtime in runtimes)


def test_everything_set_reaches_the_settings_as_the_function_reads_them(full_edge: Template) -> None:
    text = settings_text(full_edge)
    document = json.loads(text)
    arns = {
        client["secret_arn"]: f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{index}"
        for index, client in enumerate(document["clients"].values())
    }
    for written, arn in arns.items():
        text = text.replace(written, arn)
    settings = parse_settings(text)
    assert len(settings.clients) == 2
    assert settings.region == "eu-west-1"
    assert settings.allowed_origins == {"https://app.example.com", "capacitor://localhost"}
    assert settings.secret_ttl_seconds == 60
    assert settings.replica_regions == ("us-east-1", "ap-southeast-2")


def test_the_role_is_trusted_by_lambda_and_by_what_copies_it_to_the_edge(least_edge: Template) -> None:
    roles = least_edge.find_resources("AWS::IAM::Role")
    (role,) = (found for name, found in roles.items() if name.startswith("ProxyRole"))
    trusted = [
        statement["Principal"]["Service"] for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    ]
    assert trusted == ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    assert "ManagedPolicyArns" not in role["Properties"]


@pytest.mark.proves("secret-read-nearby")
def test_the_role_reads_the_primary_and_its_replicas_and_no_other_secret(full_edge: Template) -> None:
    granted = statements(full_edge, "ProxyRoleDefaultPolicy")
    read = [found for found in granted if found["Action"] == "secretsmanager:GetSecretValue"]
    assert len(read) == len(granted) - 1
    for statement in read:
        primary, *replicas = statement["Resource"]
        assert list(primary) == ["Fn::GetStackOutput"]
        assert [_replica(replica) for replica in replicas] == [
            ("us-east-1", primary),
            ("ap-southeast-2", primary),
        ]


def _replica(arn: dict[str, Any]) -> tuple[str, Any]:
    """Region of a replica's ARN, and the primary's ARN whose name and suffix it has."""
    separator, parts = arn["Fn::Join"]
    start, *_, end = parts
    head = "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts[:-1])
    assert (separator, start) == ("", "arn:")
    assert head.endswith(":<AWS::AccountId>:secret:")
    index, split = end["Fn::Select"]
    text, variables = split["Fn::Split"][1]["Fn::Sub"]
    assert (index, split["Fn::Split"][0], text) == (6, ":", "${Arn}")
    return head.removeprefix("arn:<AWS::Partition>:secretsmanager:").split(":")[0], variables["Arn"]


def test_without_replicas_the_role_reads_the_primary_alone(least_edge: Template) -> None:
    (secret,) = least_edge.find_resources("AWS::SecretsManager::Secret")
    assert statements(least_edge, "ProxyRoleDefaultPolicy") == [
        {"Action": "secretsmanager:GetSecretValue", "Effect": "Allow", "Resource": {"Ref": secret}}
    ]


def test_a_customer_managed_key_may_be_used_through_secrets_manager_in_the_pools_region(full_edge: Template) -> None:
    (statement,) = (
        found for found in statements(full_edge, "ProxyRoleDefaultPolicy") if found["Action"] == "kms:Decrypt"
    )
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    assert statement["Resource"]["Fn::GetStackOutput"]["Region"] == "eu-west-1"


def test_the_function_logs_in_any_region_but_to_its_own_groups_only(least_edge: Template) -> None:
    (function,) = least_edge.find_resources(FUNCTION, {"Properties": PROXY_FUNCTION})
    group = f"arn:<AWS::Partition>:logs:*:<AWS::AccountId>:log-group:/aws/lambda/us-east-1.<{function}>"
    granted = {
        action: {joined(resource) for resource in _listed(statement["Resource"])}
        for statement in statements(least_edge, "ProxyLogPolicy")
        for action in _listed(statement["Action"])
    }
    assert granted == {
        "logs:CreateLogGroup": {group, f"{group}:*"},
        "logs:CreateLogStream": {f"{group}:*"},
        "logs:PutLogEvents": {f"{group}:*"},
    }


@pytest.mark.parametrize(
    ("action", "ending"),
    [
        # What AWS's refusals name: aws-solutions/instance-scheduler-on-aws#578, elastic/apm-aws-lambda#526.
        ("logs:CreateLogGroup", ":log-stream:"),
        # What the service authorization reference names.
        ("logs:CreateLogGroup", ""),
        ("logs:CreateLogStream", ":log-stream:"),
        ("logs:PutLogEvents", ":log-stream:2026/11/21/[1]0123456789abcdef0123456789abcdef"),
    ],
)
def test_every_form_in_which_aws_asks_for_the_log_is_granted(least_edge: Template, action: str, ending: str) -> None:
    (function,) = least_edge.find_resources(FUNCTION, {"Properties": PROXY_FUNCTION})
    asked = f"arn:aws:logs:ap-south-1:123456789012:log-group:/aws/lambda/us-east-1.{function}{ending}"
    granted = [
        joined(resource)
        .replace("<AWS::Partition>", "aws")
        .replace("<AWS::AccountId>", "123456789012")
        .replace(f"<{function}>", function)
        for statement in statements(least_edge, "ProxyLogPolicy")
        if action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    ]
    assert any(_matches(pattern, asked) for pattern in granted)
    assert not any(_matches(pattern, asked.replace(function, "Another")) for pattern in granted)


def _matches(pattern: str, arn: str) -> bool:
    """As IAM matches: `*` stands for any text, everything else for itself."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), arn) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_the_distribution_waits_for_the_secret_and_the_right_to_log(least_edge: Template) -> None:
    waited_for = only(least_edge, DISTRIBUTION)["DependsOn"]
    (seeding,) = least_edge.find_resources("Custom::CognitoProxyClientSecret")
    assert seeding in waited_for
    assert any(name.startswith("ProxyLogPolicy") for name in waited_for)


def test_cognitos_own_cors_headers_never_come_through(least_edge: Template, full_edge: Template) -> None:
    for template in (least_edge, full_edge):
        removed = {item["Header"].lower() for item in response_headers(template)["RemoveHeadersConfig"]["Items"]}
        assert removed == {
            f"access-control-{name}"
            for name in (
                "allow-credentials",
                "allow-headers",
                "allow-methods",
                "allow-origin",
                "expose-headers",
                "max-age",
            )
        }


def test_without_origins_no_page_may_read_anything(least_edge: Template) -> None:
    policy = response_headers(least_edge)
    assert "CorsConfig" not in policy
    assert [item["Header"] for item in policy["CustomHeadersConfig"]["Items"]] == ["Cache-Control"]


def test_exact_origins_override_what_cognito_says(full_edge: Template) -> None:
    assert response_headers(full_edge)["CorsConfig"] == {
        "AccessControlAllowCredentials": False,
        "AccessControlAllowHeaders": {"Items": [*REQUEST_HEADERS, "traceparent"]},
        "AccessControlAllowMethods": {"Items": ["POST"]},
        "AccessControlAllowOrigins": {"Items": ["https://app.example.com", "capacitor://localhost"]},
        "AccessControlExposeHeaders": {
            "Items": ["x-amzn-RequestId", "x-amzn-ErrorType", "x-amzn-ErrorMessage", "Date"]
        },
        "AccessControlMaxAgeSec": 7200,
        "OriginOverride": True,
    }


def test_cors_is_what_the_function_grants() -> None:
    assert CORS_MAX_AGE.to_seconds() == cors.MAX_AGE_SECONDS
    assert ",".join(REQUEST_HEADERS) == cors._KNOWN_HEADERS


def test_every_answer_has_the_headers_that_suit_an_api(least_edge: Template, full_edge: Template) -> None:
    for template in (least_edge, full_edge):
        policy = response_headers(template)
        assert policy["SecurityHeadersConfig"] == {
            "ContentSecurityPolicy": {
                "ContentSecurityPolicy": "default-src 'none'; frame-ancestors 'none'",
                "Override": True,
            },
            "ContentTypeOptions": {"Override": True},
            "FrameOptions": {"FrameOption": "DENY", "Override": True},
            "ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": True},
            "StrictTransportSecurity": {
                "AccessControlMaxAgeSec": 63_072_000,
                "IncludeSubdomains": False,
                "Override": True,
            },
        }
        assert {"Header": "Cache-Control", "Value": "no-store", "Override": True} in policy["CustomHeadersConfig"][
            "Items"
        ]


def test_an_answer_that_depends_on_the_origin_says_so(full_edge: Template) -> None:
    added = response_headers(full_edge)["CustomHeadersConfig"]["Items"]
    assert {"Header": "Vary", "Value": "Origin", "Override": True} in added


def test_any_origin_is_allowed_on_demand_and_warned_of() -> None:
    stack = new_stack(region=EDGE_REGION)
    EdgeProxy(stack, "Proxy", app_clients=[_client(stack)], allowed_origins=["*"])
    policy = response_headers(Template.from_stack(stack))
    assert policy["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert [item["Header"] for item in policy["CustomHeadersConfig"]["Items"]] == ["Cache-Control"]
    Annotations.from_stack(stack).has_warning(
        "/Stack/Proxy", Match.string_like_regexp(r"allowed_origins is '\*'.*@cognito-proxy:anyOrigin.*")
    )


@pytest.mark.proves("edge-access-log", "log-bucket-stays")
def test_the_access_log_is_private_encrypted_and_forgotten_in_time(least_edge: Template, full_edge: Template) -> None:
    for template, days in ((least_edge, 90), (full_edge, 7)):
        bucket = only(template, "AWS::S3::Bucket")
        properties = bucket["Properties"]
        assert properties["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == days
        assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        assert all(properties["PublicAccessBlockConfiguration"].values())
        assert len(properties["PublicAccessBlockConfiguration"]) == 4
        assert "BucketEncryption" in properties
        assert bucket["DeletionPolicy"] == "Retain"
        (statement,) = only(template, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert config(template)["Logging"]["Bucket"] == {
            "Fn::GetAtt": [_logical_id(template, "AWS::S3::Bucket"), "RegionalDomainName"]
        }


def test_speaks_http_2_and_3(least_edge: Template) -> None:
    assert config(least_edge)["HttpVersion"] == "http2and3"
    assert config(least_edge)["PriceClass"] == "PriceClass_All"


@pytest.mark.proves("no-aaaa-record")
def test_answers_on_ipv4_only_unless_asked_for_more(least_edge: Template, full_edge: Template) -> None:
    assert config(least_edge)["IPV6Enabled"] is False
    assert config(full_edge)["IPV6Enabled"] is True


@pytest.mark.proves("own-name-tls")
def test_everything_set_reaches_function_and_distribution(full_edge: Template) -> None:
    function = proxy_function(full_edge)
    assert (function["MemorySize"], function["Timeout"]) == (1024, 30)
    assert config(full_edge)["PriceClass"] == "PriceClass_100"
    assert config(full_edge)["Aliases"] == ["auth.example.com"]
    assert config(full_edge)["ViewerCertificate"] == {
        "AcmCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/abc",
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }


def test_the_hosted_zone_gets_records_for_both_kinds_of_address(full_edge: Template) -> None:
    records = [found["Properties"] for found in full_edge.find_resources("AWS::Route53::RecordSet").values()]
    assert sorted(record["Type"] for record in records) == ["A", "AAAA"]
    assert {record["Name"] for record in records} == {"auth.example.com."}


@pytest.mark.proves("no-aaaa-record")
def test_without_ipv6_the_hosted_zone_gets_a_record_for_ipv4_alone() -> None:
    stack = new_stack(region=EDGE_REGION)
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", f"arn:aws:acm:{EDGE_REGION}:123456789012:certificate/abc"
    )
    zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z01", zone_name="example.com")
    domain = CustomDomain(domain_name="auth.example.com", certificate=certificate, hosted_zone=zone)
    EdgeProxy(stack, "Proxy", app_clients=[_client(stack)], domain=domain)
    assert only(Template.from_stack(stack), "AWS::Route53::RecordSet")["Properties"]["Type"] == "A"


def test_no_output_is_left_in_the_proxys_stack(least_edge: Template, full_edge: Template) -> None:
    assert least_edge.find_outputs("*") == {}
    assert full_edge.find_outputs("*") == {}


def test_exposes_where_apps_find_it() -> None:
    stack = new_stack(region=EDGE_REGION)
    proxy = EdgeProxy(stack, "Proxy", app_clients=[_client(stack)])
    assert joined(stack.resolve(proxy.domain_name)) == "<ProxyDistributionEFAD9F4B.DomainName>"
    assert joined(stack.resolve(proxy.endpoint)) == "https://<ProxyDistributionEFAD9F4B.DomainName>/"
    assert proxy.alias_target is None
    template = Template.from_stack(stack)
    (association,) = behaviour(template)["LambdaFunctionAssociations"]
    assert stack.resolve(proxy.function_version.function_arn) == association["LambdaFunctionARN"]
    assert stack.resolve(proxy.function.function_name) == {"Ref": _logical_id_of_proxy_function(template)}
    assert stack.resolve(proxy.log_bucket.bucket_name) == {"Ref": _logical_id(template, "AWS::S3::Bucket")}


def test_with_a_domain_says_where_its_record_points() -> None:
    stack = new_stack(region=EDGE_REGION)
    proxy = EdgeProxy(stack, "Proxy", app_clients=[_client(stack)], domain=_domain(stack, EDGE_REGION))
    assert (proxy.endpoint, proxy.domain_name) == ("https://auth.example.com/", "auth.example.com")
    assert joined(stack.resolve(proxy.alias_target)) == "<ProxyDistributionEFAD9F4B.DomainName>"


def test_least_warns_of_nothing() -> None:
    stack = new_stack(region=EDGE_REGION)
    EdgeProxy(stack, "Proxy", app_clients=[_client(stack)])
    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


def test_a_stack_that_leaves_its_region_open_is_warned() -> None:
    stack = new_stack(region=None)
    EdgeProxy(stack, "Proxy", app_clients=[_client(stack)])
    Template.from_stack(stack)
    Annotations.from_stack(stack).has_warning(
        "/Stack/Proxy", Match.string_like_regexp(r".*us-east-1 only.*@cognito-proxy:edgeRegion.*")
    )


def test_a_stack_name_that_is_known_at_deploy_time_only_will_do() -> None:
    stack = Stack(App(), "Stack", env=Environment(region=EDGE_REGION))
    client = _client(stack)
    parameter = cast("str", Token.as_string({"Ref": "AWS::StackName"}))
    EdgeProxy(stack, "Proxy", app_clients=[client], allowed_origins=[f"https://{parameter}.example.com"])
    assert "<AWS::StackName>.example.com" in settings_text(Template.from_stack(stack))


def test_refuses_a_stack_in_another_region() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="the stack of an EdgeProxy must be in us-east-1, not eu-west-1"):
        EdgeProxy(stack, "Proxy", app_clients=[_client(stack)])


@pytest.mark.parametrize(("regions", "told"), [([], "none"), (["eu-central-1"], "eu-central-1")])
def test_refuses_a_secret_that_the_edge_cannot_read_nearby(regions: list[str], told: str) -> None:
    pool_stack, stack = new_stacks()
    client = _client(pool_stack, secret_replica_regions=regions)
    message = f"secret_replica_regions of Identity/Client must hold us-east-1, .* not only {told}"
    with pytest.raises(PropertyError, match=message):
        EdgeProxy(stack, "Proxy", app_clients=[client])


def test_refuses_a_pool_that_cannot_be_where_the_proxy_must_be() -> None:
    stack = new_stack(region=None)
    pool = cognito.UserPool.from_user_pool_id(stack, "Imported", "eu-west-1_AbCdEf123")
    client = AppClient(stack, "Client", user_pool=pool)
    with pytest.raises(PropertyError, match="Stack/Client is of pool eu-west-1_AbCdEf123 and must be in a stack of"):
        EdgeProxy(stack, "Proxy", app_clients=[client])


def test_refuses_an_app_client_of_a_stack_that_names_no_region() -> None:
    app = App()
    client = _client(Stack(app, "Identity"))
    stack = Stack(app, "Stack", env=Environment(region=EDGE_REGION))
    with pytest.raises(PropertyError, match="the stack of Identity/Client must name its Region"):
        EdgeProxy(stack, "Proxy", app_clients=[client])


def test_refuses_a_certificate_of_another_region() -> None:
    stack = new_stack(region=EDGE_REGION)
    with pytest.raises(PropertyError, match="domain: its certificate must be in us-east-1, not in eu-west-1"):
        EdgeProxy(stack, "Proxy", app_clients=[_client(stack)], domain=_domain(stack, "eu-west-1"))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"timeout": Duration.seconds(31)}, "timeout must be from 3 seconds to 30 seconds, not 31 seconds"),
    ({"log_retention": Duration.hours(23)}, "log_retention must be from 1 day to 3650 days, not 23 hours"),
    ({"additional_request_headers": ["no header"]}, "additional_request_headers: 'no header' is not a header's name"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_refuses(properties: dict[str, Any], message: str) -> None:
    stack = new_stack(region=EDGE_REGION)
    with pytest.raises(PropertyError, match=message):
        EdgeProxy(stack, "Proxy", **({"app_clients": [_client(stack)]} | properties))


@pytest.mark.parametrize(
    ("properties", "seconds"),
    [
        ({}, 10),
        ({"threat_protection": True}, 15),
        ({"threat_protection": True, "edge_admin_calls": EdgeAdminCalls.IN_PLACE}, 10),
        ({"threat_protection": True, "timeout": Duration.seconds(30)}, 30),
    ],
)
def test_a_function_that_calls_cognito_itself_gets_more_time(properties: dict[str, Any], seconds: int) -> None:
    stack = new_stack(region=EDGE_REGION)
    EdgeProxy(stack, "Proxy", app_clients=[_client(stack)], **properties)
    assert proxy_function(Template.from_stack(stack))["Timeout"] == seconds


def test_numbers_that_are_known_at_deploy_time_only_pass() -> None:
    stack = new_stack(region=EDGE_REGION)
    number = cast("int", Token.as_number({"Ref": "Parameter"}))
    EdgeProxy(stack, "Proxy", app_clients=[_client(stack)], memory_size=number)
    Template.from_stack(stack).has_resource_properties(FUNCTION, PROXY_FUNCTION | {"MemorySize": {"Ref": "Parameter"}})


def _client(stack: Stack, **properties: Any) -> AppClient:
    return AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"), **properties)


def _domain(stack: Stack, region: str) -> CustomDomain:
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", f"arn:aws:acm:{region}:123456789012:certificate/abc"
    )
    return CustomDomain(domain_name="auth.example.com", certificate=certificate)


def _logical_id_of_proxy_function(template: Template) -> str:
    (found,) = template.find_resources(FUNCTION, {"Properties": PROXY_FUNCTION})
    return str(found)


def _logical_id(template: Template, resource_type: str) -> str:
    (found,) = template.find_resources(resource_type)
    return str(found)
