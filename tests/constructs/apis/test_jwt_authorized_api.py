"""The HTTP API: who is let in, on which route, how it is called, and what it logs."""

import json
import re
from typing import Any, cast

import pytest
from aws_cdk import Stack, Token
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import (
    ApiRoute,
    ApiScopes,
    AppClient,
    CodeGrantClient,
    CustomDomain,
    JwtAuthorizedApi,
    PropertyError,
    Throttle,
)
from cognito_proxy.apis.api_route import MAX_SCOPES, SIGN_IN_SCOPE
from sample_api.messages import Refused, Request
from sample_api.routes import answer
from sample_api.settings import parse_settings
from tests.constructs.synthesized import REGION, joined, new_stack, only

API = "AWS::ApiGatewayV2::Api"
ROUTE = "AWS::ApiGatewayV2::Route"
STAGE = "AWS::ApiGatewayV2::Stage"
AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"
POOL_ID = f"{REGION}_AbCdEf123"


def api(stack: Stack, **properties: Any) -> JwtAuthorizedApi:
    """An API of an imported pool and app client."""
    given = {"user_pool": pool(stack), "user_pool_clients": [client(stack)]} | properties
    return JwtAuthorizedApi(stack, "Documents", **given)


def pool(stack: Stack) -> cognito.IUserPool:
    return cognito.UserPool.from_user_pool_id(stack, "Pool", POOL_ID)


def client(stack: Stack, client_id: str = "4h7example") -> cognito.IUserPoolClient:
    return cognito.UserPoolClient.from_user_pool_client_id(stack, f"Client{client_id}", client_id)


def routes(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of each route by its key."""
    found = (route["Properties"] for route in template.find_resources(ROUTE).values())
    return {route["RouteKey"]: route for route in found}


def test_a_pool_with_the_updated_issuer_has_its_tokens_taken() -> None:
    stack = new_stack()
    issuer = f"https://issuer-cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"
    api(stack, issuer=issuer)
    assert only(Template.from_stack(stack), AUTHORIZER)["Properties"]["JwtConfiguration"]["Issuer"] == issuer
    for wrong in ("cognito", "http://issuer.example.com", "https://issuer.example.com/"):
        with pytest.raises(PropertyError, match="issuer must begin with https://"):
            api(new_stack(), issuer=wrong)


@pytest.mark.proves("http-issuer-audience")
def test_only_tokens_of_the_pool_and_of_its_app_clients_are_let_in(least_jwt_api: Template) -> None:
    authorizer = only(least_jwt_api, AUTHORIZER)["Properties"]
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    jwt = authorizer["JwtConfiguration"]
    assert jwt["Audience"] == ["4h7example"]
    assert joined(jwt["Issuer"]) == f"https://cognito-idp.{REGION}.<AWS::URLSuffix>/{POOL_ID}"


def test_the_issuer_of_a_pool_that_is_made_here_is_what_cognito_says() -> None:
    stack = new_stack()
    api(stack, user_pool=cognito.UserPool(stack, "Users"))
    template = Template.from_stack(stack)
    ((users, _),) = template.find_resources("AWS::Cognito::UserPool").items()
    assert joined(only(template, AUTHORIZER)["Properties"]["JwtConfiguration"]["Issuer"]) == (
        f"https://<{users}.ProviderName>"
    )


@pytest.mark.proves("http-scopes-a-route")
def test_every_route_asks_for_a_scope_so_that_no_id_token_passes(
    least_jwt_api: Template, full_jwt_api: Template
) -> None:
    found = routes(least_jwt_api)
    assert set(found) == {"ANY /", "ANY /{proxy+}"}
    for template in (least_jwt_api, full_jwt_api):
        (authorizer,) = template.find_resources(AUTHORIZER)
        for key, route in routes(template).items():
            if not key.startswith("OPTIONS "):
                assert route["AuthorizationType"] == "JWT", key
                assert route["AuthorizerId"] == {"Ref": authorizer}
                assert route["AuthorizationScopes"], key
    assert {tuple(route["AuthorizationScopes"]) for route in found.values()} == {(SIGN_IN_SCOPE,)}


def test_scopes_are_those_of_the_route(full_jwt_api: Template) -> None:
    found = routes(full_jwt_api)
    assert found["ANY /{proxy+}"]["AuthorizationScopes"] == [SIGN_IN_SCOPE, "documents/documents.write"]
    assert found["GET /{proxy+}"]["AuthorizationScopes"] == [SIGN_IN_SCOPE, "documents/documents.read"]


def test_the_function_checks_the_kind_of_token_and_the_app_client(full_jwt_api: Template) -> None:
    settings = parse_settings(joined(_function(full_jwt_api)["Environment"]["Variables"]["API_SETTINGS"]))
    assert settings.token_uses == {"access"}
    audience = only(full_jwt_api, AUTHORIZER)["Properties"]["JwtConfiguration"]["Audience"]
    assert settings.client_ids == {joined(client_id) for client_id in audience}
    assert len(settings.client_ids) == 3
    assert settings.allowed_origins == {"https://app.example.com"}


def test_app_clients_of_each_kind_can_be_the_audience() -> None:
    stack = new_stack()
    users = cognito.UserPool(stack, "Users")
    signed_in = AppClient(stack, "Web", user_pool=users)
    pages = CodeGrantClient(stack, "Pages", user_pool=users, callback_urls=["https://app.example.com/"])
    api(stack, user_pool=users, user_pool_clients=[signed_in.user_pool_client, pages.user_pool_client])
    template = Template.from_stack(stack)
    audience = only(template, AUTHORIZER)["Properties"]["JwtConfiguration"]["Audience"]
    assert {client_id["Ref"] for client_id in audience} == set(template.find_resources("AWS::Cognito::UserPoolClient"))


@pytest.mark.proves("http-preflight")
def test_with_origins_a_preflight_needs_no_token_and_without_there_is_none(
    least_jwt_api: Template, full_jwt_api: Template
) -> None:
    assert "CorsConfiguration" not in only(least_jwt_api, API)["Properties"]
    assert only(full_jwt_api, API)["Properties"]["CorsConfiguration"] == {
        "AllowOrigins": ["https://app.example.com"],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["authorization", "content-type"],
        "MaxAge": 7200,
    }
    preflights = {key: route for key, route in routes(full_jwt_api).items() if key.startswith("OPTIONS ")}
    assert set(preflights) == {"OPTIONS /", "OPTIONS /{proxy+}"}
    assert all(route["AuthorizationType"] == "NONE" for route in preflights.values())


def test_a_route_of_ones_own_for_options_stays_as_it_is() -> None:
    stack = new_stack()
    own = ApiRoute(path="/", method=apigatewayv2.HttpMethod.OPTIONS)
    api(stack, routes=[ApiRoute(path="/"), own], allowed_origins=["https://app.example.com"])
    assert routes(Template.from_stack(stack))["OPTIONS /"]["AuthorizationType"] == "JWT"


def test_with_an_origin_of_an_app_the_function_answers_preflights() -> None:
    """Nobody here knows whether API Gateway takes another scheme than http and https; the function does."""
    stack = new_stack()
    get = ApiRoute(path="/", method=apigatewayv2.HttpMethod.GET)
    api(stack, routes=[get], allowed_origins=["https://app.example.com", "capacitor://localhost"])
    template = Template.from_stack(stack)
    assert "CorsConfiguration" not in only(template, API)["Properties"]
    assert set(routes(template)) == {"GET /", "OPTIONS /"}
    assert routes(template)["OPTIONS /"]["AuthorizationType"] == "NONE"


def test_a_preflight_is_let_in_and_nothing_else_without_claims(full_jwt_api: Template) -> None:
    """What reaches the function on an OPTIONS route has no claims; the function does nothing but answer preflights."""
    settings = parse_settings(joined(_function(full_jwt_api)["Environment"]["Variables"]["API_SETTINGS"]))
    allowed = Request(method="OPTIONS", path="documents/notes", origin="https://app.example.com")
    answered = answer(allowed, settings, _no_dynamodb)
    cors = only(full_jwt_api, API)["Properties"]["CorsConfiguration"]
    assert answered.status == 204
    assert answered.headers["access-control-allow-methods"].split(",") == cors["AllowMethods"]
    assert int(answered.headers["access-control-max-age"]) == cors["MaxAge"]
    for origin in ("https://evil.example", ""):
        with pytest.raises(Refused) as refused:
            answer(Request(method="OPTIONS", path="", origin=origin), settings, _no_dynamodb)
        assert refused.value.status == 403


def test_every_route_leads_to_the_function_by_the_newer_event(full_jwt_api: Template) -> None:
    ((integration, properties),) = full_jwt_api.find_resources("AWS::ApiGatewayV2::Integration").items()
    assert properties["Properties"]["PayloadFormatVersion"] == "2.0"
    targets = {joined(route["Target"]) for route in routes(full_jwt_api).values()}
    assert targets == {f"integrations/<{integration}>"}


def test_all_callers_together_are_held_to_the_throttle(least_jwt_api: Template, full_jwt_api: Template) -> None:
    for template, rate, burst in ((least_jwt_api, 100, 200), (full_jwt_api, 5, 9)):
        assert only(template, STAGE)["Properties"]["DefaultRouteSettings"] == {
            "ThrottlingRateLimit": rate,
            "ThrottlingBurstLimit": burst,
        }


def test_the_access_log_says_how_a_request_went_and_not_whose_it_was(least_jwt_api: Template) -> None:
    setting = only(least_jwt_api, STAGE)["Properties"]["AccessLogSettings"]
    assert len(setting["Format"]) <= 3 * 1024
    fields = json.loads(setting["Format"])
    assert {"time", "extendedRequestId", "route", "status", "authorizerError"} <= set(fields)
    assert "$context.requestId" not in fields.values()  # a caller may be able to choose it
    personal = ("identity", "claims", ".path", "query", "header", "body", "domain", "errorMessage", "error.message")
    assert not [value for value in fields.values() if any(word in value for word in personal)]
    assert all(value.startswith("$context.") for value in fields.values())
    (group,) = (name for name in least_jwt_api.find_resources("AWS::Logs::LogGroup") if "AccessLog" in name)
    assert setting["DestinationArn"] == {"Fn::GetAtt": [group, "Arn"]}


def test_what_is_logged_is_what_http_apis_know(least_jwt_api: Template) -> None:
    """The page of variables has no other; a REST API has some more, which stay empty here.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
    """
    known = {
        "authorizer.error",
        "error.responseType",
        "extendedRequestId",
        "httpMethod",
        "integration.integrationStatus",
        "integration.latency",
        "integration.requestId",
        "integration.status",
        "requestTimeEpoch",
        "responseLatency",
        "responseLength",
        "routeKey",
        "status",
    }
    logged = json.loads(only(least_jwt_api, STAGE)["Properties"]["AccessLogSettings"]["Format"]).values()
    assert {value.removeprefix("$context.") for value in logged} <= known


@pytest.mark.proves("http-own-domain")
def test_with_a_domain_there_is_no_way_around_it(least_jwt_api: Template, full_jwt_api: Template) -> None:
    assert only(least_jwt_api, API)["Properties"]["DisableExecuteApiEndpoint"] is False
    assert only(full_jwt_api, API)["Properties"]["DisableExecuteApiEndpoint"] is True
    (configuration,) = only(full_jwt_api, "AWS::ApiGatewayV2::DomainName")["Properties"]["DomainNameConfigurations"]
    assert configuration == {
        "CertificateArn": f"arn:aws:acm:{REGION}:123456789012:certificate/abc",
        "EndpointType": "REGIONAL",
        "IpAddressType": "dualstack",
        "SecurityPolicy": "TLS_1_2",
    }
    mapping = only(full_jwt_api, "AWS::ApiGatewayV2::ApiMapping")["Properties"]
    assert mapping["Stage"] == "$default"
    assert "ApiMappingKey" not in mapping


def test_the_hosted_zone_gets_the_records(full_jwt_api: Template) -> None:
    records = [record["Properties"] for record in full_jwt_api.find_resources("AWS::Route53::RecordSet").values()]
    types = {record["Type"] for record in records if record["Name"] == "api.example.com."}
    assert types == {"A", "AAAA"}


def test_answers_on_ipv4_alone_unless_asked(least_jwt_api: Template, full_jwt_api: Template) -> None:
    assert only(least_jwt_api, API)["Properties"]["IpAddressType"] == "ipv4"
    assert only(full_jwt_api, API)["Properties"]["IpAddressType"] == "dualstack"


def test_without_ipv6_a_domain_gets_no_aaaa_record() -> None:
    stack = new_stack()
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    made = api(stack, domain=_domain(stack, hosted_zone=zone))
    assert made.url == "https://api.example.com/"
    record = only(Template.from_stack(stack), "AWS::Route53::RecordSet")["Properties"]
    assert record["Type"] == "A"


def test_without_a_zone_it_tells_where_the_record_must_point() -> None:
    stack = new_stack()
    made = api(stack, domain=_domain(stack))
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Route53::RecordSet", 0)
    (name,) = template.find_resources("AWS::ApiGatewayV2::DomainName")
    assert stack.resolve(made.alias_target) == {"Fn::GetAtt": [name, "RegionalDomainName"]}


def test_exposes_where_apps_find_it() -> None:
    stack = new_stack()
    made = api(stack)
    ((api_id, _),) = Template.from_stack(stack).find_resources(API).items()
    assert joined(stack.resolve(made.url)) == f"https://<{api_id}>.execute-api.{REGION}.<AWS::URLSuffix>/"
    assert made.alias_target is None


def test_the_table_stays_when_it_leaves_the_stack(least_jwt_api: Template) -> None:
    least_jwt_api.has_resource("AWS::DynamoDB::Table", {"UpdateReplacePolicy": "Retain"})


def test_least_warns_of_nothing_and_leaves_no_output() -> None:
    stack = new_stack()
    api(stack)
    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []
    assert Template.from_stack(stack).find_outputs("*") == {}


def test_two_apis_of_a_stack_have_different_names() -> None:
    stack = new_stack()
    users, app_client = pool(stack), client(stack)
    for construct_id in ("First", "Second"):
        JwtAuthorizedApi(stack, construct_id, user_pool=users, user_pool_clients=[app_client])
    names = [found["Properties"]["Name"] for found in Template.from_stack(stack).find_resources(API).values()]
    assert len(set(names)) == 2


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"user_pool_clients": []}, "user_pool_clients must be at least 1 app client, not 0"),
    ({"allowed_origins": ["*"]}, "allowed_origins: '*' is not for an API"),
    ({"allowed_origins": ["https://a.example/"]}, "allowed_origins: 'https://a.example/' is not an origin"),
    ({"routes": []}, "routes must hold at least one route, not none"),
    ({"routes": [ApiRoute(path="/"), ApiRoute(path="/")]}, "routes must differ: ANY / stands there twice"),
    ({"memory_size": 128}, "memory_size must be from 256 to 10,240 MB, not 128"),
    ({"nat_gateways": 3}, "nat_gateways must be from 0 to 2, not 3"),
    ({"nat_gateways": -1}, "nat_gateways must be from 0 to 2, not -1"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_refuses(properties: dict[str, Any], message: str) -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match=re.escape(message)):
        api(stack, **properties)


def test_refuses_more_app_clients_than_an_authorizer_takes() -> None:
    stack = new_stack()
    clients = [client(stack, f"client{number}") for number in range(51)]
    with pytest.raises(PropertyError, match="user_pool_clients must be from 1 to 50 app clients, not 51"):
        api(stack, user_pool_clients=clients)


def test_refuses_a_certificate_of_another_region() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="domain: its certificate must be in eu-west-1, not in us-east-1"):
        api(stack, domain=_domain(stack, region="us-east-1"))


def test_numbers_that_are_known_at_deploy_time_only_pass() -> None:
    stack = new_stack()
    number = cast("int", Token.as_number({"Ref": "Parameter"}))
    api(stack, memory_size=number, throttle=Throttle(rate_limit=number, burst_limit=number))
    assert _function(Template.from_stack(stack))["MemorySize"] == {"Ref": "Parameter"}


ROUTES: list[tuple[dict[str, Any], str]] = [
    ({"path": "documents"}, "path must begin with / and end without one, such as /{proxy+}, not 'documents'"),
    ({"path": ""}, "path must begin"),
    ({"path": "/a/"}, "path must begin"),
    ({"path": "/a b"}, "path must begin"),
    ({"path": "/{proxy+}/a"}, "path must begin"),
    ({"path": "/", "scopes": ()}, "scopes must be from 1 to 10 for /, not 0"),
    ({"path": "/", "scopes": ("a",) * (MAX_SCOPES + 1)}, "scopes must be from 1 to 10 for /, not 11"),
    ({"path": "/", "scopes": ("a b",)}, "scopes: 'a b' of / is not a scope"),
    ({"path": "/", "scopes": ("",)}, "scopes: '' of / is not a scope"),
    ({"path": "/", "scopes": "openid"}, "scopes: 'openid' is one text"),
]


@pytest.mark.parametrize(("properties", "message"), ROUTES)
def test_refuses_a_route(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=re.escape(message)):
        ApiRoute(**properties)


@pytest.mark.parametrize("path", ["/", "/{proxy+}", "/documents", "/documents/{name}", "/v1/{proxy+}"])
def test_takes_a_route(path: str) -> None:
    assert ApiRoute(path=path).scopes == (SIGN_IN_SCOPE,)


def test_scopes_of_an_api_are_named_as_tokens_name_them() -> None:
    stack = new_stack()
    scopes = ApiScopes(
        stack, "Scopes", user_pool=pool(stack), identifier="documents", scopes={"documents.read": "Read"}
    )
    assert scopes.named("documents.read") == "documents/documents.read"
    with pytest.raises(PropertyError, match=r"name must be one of documents\.read, not 'documents\.wirte'"):
        scopes.named("documents.wirte")


def _no_dynamodb() -> object:
    raise AssertionError


def _domain(stack: Stack, *, region: str = REGION, hosted_zone: Any = None) -> CustomDomain:
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", f"arn:aws:acm:{region}:123456789012:certificate/abc"
    )
    return CustomDomain(domain_name="api.example.com", certificate=certificate, hosted_zone=hosted_zone)


def _function(template: Template) -> dict[str, Any]:
    found = template.find_resources("AWS::Lambda::Function", {"Properties": {"Handler": "sample_api.handler.handler"}})
    ((_, function),) = found.items()
    return dict(function["Properties"])
