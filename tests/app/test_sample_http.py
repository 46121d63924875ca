"""The sample `http`: whose tokens its API takes, what its app clients may, and what its flags change."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match, Template

import app as deployment_plan
from tests.constructs.synthesized import joined, only

POOL = {"user_pool_id": "eu-west-1_AbCdEf123"}
EDGE = {"variant": "edge"}
NO_PAGES = {"sign_in_domain": "none"}
CLIENT = "AWS::Cognito::UserPoolClient"
OAUTH_OUTPUTS = {"SignInUrl", "CodeGrantClientId", "CodeGrantCallbackUrl", "MachineClientId", "MachineSecretArn"}


def http(flags: dict[str, str]) -> tuple[Stack, Template]:
    """The sample's stack; for each set of flags it is made once."""
    return _http(frozenset(flags.items()))


@cache
def _http(flags: frozenset[tuple[str, str]]) -> tuple[Stack, Template]:
    cdk_app = App(context={"sample": "http"} | dict(flags))
    deployment_plan.plan(cdk_app)
    (stack,) = (
        child for child in cdk_app.node.children if isinstance(child, Stack) and child.stack_name.endswith("-Http")
    )
    return stack, Template.from_stack(stack)


def audience(template: Template) -> list[Any]:
    found: list[Any] = only(template, "AWS::ApiGatewayV2::Authorizer")["Properties"]["JwtConfiguration"]["Audience"]
    return found


def scopes(template: Template) -> dict[str, list[str]]:
    """Of each route that asks for any."""
    routes = [route["Properties"] for route in template.find_resources("AWS::ApiGatewayV2::Route").values()]
    return {route["RouteKey"]: route["AuthorizationScopes"] for route in routes if "AuthorizationScopes" in route}


def client(template: Template, grant: str) -> dict[str, Any]:
    (found,) = (
        made for made in template.find_resources(CLIENT).values() if grant in made["Properties"]["AllowedOAuthFlows"]
    )
    return dict(found)


@pytest.fixture(scope="module")
def demonstration() -> Template:
    return http({"allowed_origins": "https://app.example.com"})[1]


@pytest.mark.proves("http-through-the-proxy")
def test_takes_tokens_of_the_proxys_app_clients_and_of_its_own(demonstration: Template) -> None:
    proxys, page, machine = audience(demonstration)
    assert proxys["Fn::GetStackOutput"]["StackName"] == "CognitoProxyRegionalDemo"
    assert {page["Ref"], machine["Ref"]} == set(demonstration.find_resources(CLIENT))


def test_every_app_client_of_the_proxy_counts() -> None:
    existing = POOL | {"app_clients": "web,ios", "app_client_ids": "web:1a2b3c,ios:4d5e6f"}
    assert audience(http(existing | NO_PAGES)[1]) == ["1a2b3c", "4d5e6f"]


@pytest.mark.proves("http-scopes-a-route")
def test_to_read_takes_one_scope_and_to_write_the_other(demonstration: Template) -> None:
    own, read, write = "aws.cognito.signin.user.admin", "documents/documents.read", "documents/documents.write"
    assert scopes(demonstration) == {
        "ANY /": [own, read, write],
        "GET /{proxy+}": [own, read],
        "ANY /{proxy+}": [own, write],
    }


@pytest.mark.proves("http-no-pages")
def test_without_sign_in_pages_there_is_no_door_past_the_proxy() -> None:
    stack, template = http(POOL | NO_PAGES)
    for kind in ("UserPoolDomain", "UserPoolClient", "UserPoolResourceServer", "ManagedLoginBranding"):
        template.resource_count_is(f"AWS::Cognito::{kind}", 0)
    assert {tuple(found) for found in scopes(template).values()} == {("aws.cognito.signin.user.admin",)}
    assert set(template.find_outputs("*")) == {"HttpApiUrl"}
    assert Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("@cognito-proxy")) == []


def test_the_outputs_say_all_that_the_walk_through_needs(demonstration: Template) -> None:
    assert set(demonstration.find_outputs("*")) == {"HttpApiUrl", *OAUTH_OUTPUTS}
    url = joined(demonstration.find_outputs("SignInUrl")["SignInUrl"]["Value"])
    assert url.startswith("https://sign-in-<AWS::AccountId>-")
    assert demonstration.find_outputs("CodeGrantCallbackUrl")["CodeGrantCallbackUrl"]["Value"] == (
        "https://app.example.com/"
    )


def test_users_come_back_to_the_pages_that_may_call_else_to_this_machine(demonstration: Template) -> None:
    assert client(demonstration, "code")["Properties"]["CallbackURLs"] == ["https://app.example.com/"]
    _, template = http(POOL)
    assert client(template, "code")["Properties"]["CallbackURLs"] == ["http://localhost:8000/"]


def test_refresh_tokens_rotate_where_the_pools_plan_is_known(demonstration: Template) -> None:
    assert client(demonstration, "code")["Properties"]["RefreshTokenRotation"]["Feature"] == "ENABLED"
    _, template = http(POOL)
    assert "RefreshTokenRotation" not in client(template, "code")["Properties"]


@pytest.mark.proves("app-clients-kept")
def test_app_clients_of_a_pool_that_lasts_stay(demonstration: Template) -> None:
    for template, policy in ((demonstration, "Delete"), (http(POOL)[1], "RetainExceptOnCreate")):
        assert {made["DeletionPolicy"] for made in template.find_resources(CLIENT).values()} == {policy}
    secret = only(http(POOL)[1], "AWS::SecretsManager::Secret")
    assert secret["DeletionPolicy"] == "RetainExceptOnCreate"


@pytest.mark.proves("http-implicit-warned")
def test_the_implicit_grant_is_had_by_a_flag_and_warned_of() -> None:
    stack, template = http({"implicit_grant": "true"})
    assert client(template, "code")["Properties"]["AllowedOAuthFlows"] == ["implicit", "code"]
    warned = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("implicitGrant"))
    assert len(warned) == 1
    plain, template = http({})
    assert client(template, "code")["Properties"]["AllowedOAuthFlows"] == ["code"]
    assert Annotations.from_stack(plain).find_warning("*", Match.string_like_regexp("implicitGrant")) == []


@pytest.mark.proves("http-nat-on-request")
@pytest.mark.parametrize(("flags", "count"), [({}, 0), ({"nat_gateways": "0"}, 0), ({"nat_gateways": "2"}, 2)])
def test_nat_gateways_by_a_flag(flags: dict[str, str], count: int) -> None:
    http(POOL | NO_PAGES | flags)[1].resource_count_is("AWS::EC2::NatGateway", count)


@pytest.mark.proves("http-own-domain")
def test_own_names_for_the_api_and_for_signing_in() -> None:
    domains = {
        "api_domain": "api.example.com",
        "api_certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
        "sign_in_domain": "auth.example.com",
        "sign_in_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/def",
    }
    _, template = http(POOL | domains)
    outputs = template.find_outputs("*")
    assert outputs["HttpApiUrl"]["Value"] == "https://api.example.com/"
    assert outputs["SignInUrl"]["Value"] == "https://auth.example.com"
    assert set(outputs) == {"HttpApiUrl", "ApiDomainTarget", "SignInDomainTarget", *OAUTH_OUTPUTS}
    _, template = http(POOL | domains | {"hosted_zone_id": "Z0123456789ABCDEFGHIJ"})
    assert set(template.find_outputs("*")) == {"HttpApiUrl", *OAUTH_OUTPUTS}
    records = template.find_resources("AWS::Route53::RecordSet").values()
    assert {record["Properties"]["Name"] for record in records} == {"api.example.com.", "auth.example.com."}


@pytest.mark.parametrize("flags", [{}, EDGE, POOL | EDGE])
def test_nothing_of_the_proxys_stack_is_held_fast(flags: dict[str, str]) -> None:
    _, template = http(flags)
    assert "Fn::ImportValue" not in json.dumps(template.to_json())


def test_synth_asks_aws_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where account and Region are known, CDK would ask for the zones, and needs credentials for it."""
    monkeypatch.setattr(deployment_plan, "_ACCOUNT", "123456789012")
    cdk_app = App(context={"sample": "http"} | POOL, outdir=str(tmp_path))
    deployment_plan.plan(cdk_app)
    cdk_app.synth()
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["artifacts"]["CognitoProxyRegional-Http"]["environment"] == "aws://123456789012/eu-west-1"
    assert manifest.get("missing", []) == []
