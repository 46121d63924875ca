"""App clients for OAuth 2.0: which grants, which scopes, which doors stay shut, and what is warned of."""

import json
import re
from typing import Any

import pytest
from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match, Template
from botocore.session import Session

from cognito_proxy import ApiScopes, CodeGrantClient, MachineClient, PropertyError
from tests.constructs.synthesized import REGION, new_stack, only, statements

CLIENT = "AWS::Cognito::UserPoolClient"
SCOPES = {"documents.read": "Read documents", "documents.write": "Keep documents"}
CALLBACKS = ["https://app.example.com/"]


def pool(stack: Stack) -> cognito.IUserPool:
    return cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123")


def api_scopes(stack: Stack, user_pool: cognito.IUserPool) -> ApiScopes:
    return ApiScopes(stack, "Scopes", user_pool=user_pool, identifier="documents", scopes=SCOPES)


def page(stack: Stack, **properties: Any) -> CodeGrantClient:
    given = {"callback_urls": CALLBACKS} | properties
    return CodeGrantClient(stack, "Page", **({} if "user_pool" in given else {"user_pool": pool(stack)}), **given)


def machine(stack: Stack, **properties: Any) -> MachineClient:
    users = pool(stack)
    given = {"user_pool": users, "api_scopes": api_scopes(stack, users), "scope_names": ["documents.read"]} | properties
    return MachineClient(stack, "Machine", **given)


@pytest.fixture(scope="module")
def least_page() -> Template:
    stack = new_stack()
    page(stack)
    return Template.from_stack(stack)


@pytest.fixture(scope="module")
def least_machine() -> Template:
    stack = new_stack()
    machine(stack)
    return Template.from_stack(stack)


@pytest.mark.proves("http-code-grant")
def test_a_page_has_the_code_grant_alone_and_no_secret(least_page: Template) -> None:
    properties = only(least_page, CLIENT)["Properties"]
    assert properties["AllowedOAuthFlows"] == ["code"]
    assert properties["AllowedOAuthFlowsUserPoolClient"] is True
    assert properties["GenerateSecret"] is False
    assert properties["CallbackURLs"] == CALLBACKS
    assert "LogoutURLs" not in properties
    assert properties["AllowedOAuthScopes"] == ["openid", "profile", "email"]
    assert properties["PreventUserExistenceErrors"] == "ENABLED"
    assert properties["EnableTokenRevocation"] is True


@pytest.mark.proves("http-no-flow")
@pytest.mark.parametrize(
    ("properties", "flow"),
    [({}, "ALLOW_ADMIN_USER_PASSWORD_AUTH"), ({"refresh_token_rotation": None}, "ALLOW_REFRESH_TOKEN_AUTH")],
)
def test_nobody_signs_in_with_a_pages_app_client_by_the_api(properties: dict[str, Any], flow: str) -> None:
    """ "If you don't specify a value for ExplicitAuthFlows, your app client supports …, ALLOW_USER_SRP_AUTH, …"."""
    stack = new_stack()
    page(stack, **properties)
    made = only(Template.from_stack(stack), CLIENT)["Properties"]
    assert made["ExplicitAuthFlows"] == [flow]
    assert ("RefreshTokenRotation" in made) is (flow != "ALLOW_REFRESH_TOKEN_AUTH")


@pytest.mark.proves("http-pkce-not-demanded", oracle="botocore")
def test_cognito_has_no_setting_that_asks_for_pkce() -> None:
    """When it gets one, `CodeGrantClient` is to set it."""
    model = Session().get_service_model("cognito-idp")
    text = json.dumps(list(model.operation_model("CreateUserPoolClient").input_shape.members)).lower()
    assert "allowedoauthflows" in text
    assert not [word for word in ("pkce", "challenge", "verifier") if word in text]


@pytest.mark.proves("http-implicit-warned")
def test_the_implicit_grant_can_be_had_and_warns_with_the_reason() -> None:
    stack = new_stack()
    page(stack, implicit_grant=True)
    assert only(Template.from_stack(stack), CLIENT)["Properties"]["AllowedOAuthFlows"] == ["implicit", "code"]
    Annotations.from_stack(stack).has_warning(
        "/Stack/Page",
        Match.string_like_regexp(
            r"implicit_grant: tokens stand in the address .*RFC 9700.*@cognito-proxy:implicitGrant.*"
        ),
    )


@pytest.mark.proves("http-pages-warned")
def test_a_public_app_client_warns_and_without_the_implicit_grant_of_nothing_else() -> None:
    stack = new_stack()
    page(stack)
    warnings = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert ["@cognito-proxy:publicAppClient" in str(warning.entry.data) for warning in warnings] == [True]


@pytest.mark.proves("http-managed-login")
def test_managed_login_gets_the_style_without_which_it_shows_no_page(least_page: Template) -> None:
    ((client, _),) = least_page.find_resources(CLIENT).items()
    assert only(least_page, "AWS::Cognito::ManagedLoginBranding")["Properties"] == {
        "UserPoolId": f"{REGION}_AbCdEf123",
        "ClientId": {"Ref": client},
        "UseCognitoProvidedValues": True,
    }


def test_the_classic_pages_need_no_style() -> None:
    stack = new_stack()
    page(stack, managed_login=False)
    Template.from_stack(stack).resource_count_is("AWS::Cognito::ManagedLoginBranding", 0)


def test_a_page_may_ask_for_the_scopes_that_it_is_given_and_waits_for_them() -> None:
    stack = new_stack()
    users = pool(stack)
    page(stack, user_pool=users, api_scopes=api_scopes(stack, users), scope_names=["documents.read"])
    template = Template.from_stack(stack)
    client = only(template, CLIENT)
    assert client["Properties"]["AllowedOAuthScopes"][3:] == ["documents/documents.read"]
    (server,) = template.find_resources("AWS::Cognito::UserPoolResourceServer")
    assert server in client["DependsOn"]


@pytest.mark.proves("http-client-credentials")
def test_a_machine_has_client_credentials_alone_a_secret_and_scopes_of_the_api(least_machine: Template) -> None:
    client = only(least_machine, CLIENT)
    properties = client["Properties"]
    assert properties["AllowedOAuthFlows"] == ["client_credentials"]
    assert properties["GenerateSecret"] is True
    assert properties["AllowedOAuthScopes"] == ["documents/documents.read"]
    assert properties["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert "CallbackURLs" not in properties
    (server,) = least_machine.find_resources("AWS::Cognito::UserPoolResourceServer")
    assert server in client["DependsOn"]


def test_the_two_grants_are_never_in_one_app_client(full_jwt_api: Template) -> None:
    grants = [
        set(client["Properties"].get("AllowedOAuthFlows", []))
        for client in full_jwt_api.find_resources(CLIENT).values()
    ]
    assert {"client_credentials"} in grants
    assert not [found for found in grants if "client_credentials" in found and len(found) > 1]


def test_a_machines_secret_is_kept_and_can_be_read_by_whom_it_is_granted() -> None:
    stack = new_stack()
    made = machine(stack)
    made.grant_read_secret(iam.Role(stack, "Program", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")))
    template = Template.from_stack(stack)
    ((client, _),) = template.find_resources(CLIENT).items()
    ((secret, _),) = template.find_resources("AWS::SecretsManager::Secret").items()
    assert only(template, "Custom::CognitoProxyClientSecret")["Properties"]["ClientId"] == {"Ref": client}
    (statement,) = statements(template, "ProgramDefaultPolicy")
    assert (statement["Action"], statement["Resource"]) == ("secretsmanager:GetSecretValue", {"Ref": secret})
    assert "ClientSecret" not in json.dumps(template.to_json()).replace("CognitoProxyClientSecret", "")


@pytest.mark.parametrize(("policy", "written"), [(RemovalPolicy.DESTROY, "Delete"), (RemovalPolicy.RETAIN, "Retain")])
def test_app_clients_stay_where_that_is_asked_for(policy: RemovalPolicy, written: str) -> None:
    for make in (page, machine):
        stack = new_stack()
        make(stack, removal_policy=policy)
        made = only(Template.from_stack(stack), CLIENT)
        assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == (written, written)


def test_a_resource_server_has_the_scopes(least_machine: Template) -> None:
    assert only(least_machine, "AWS::Cognito::UserPoolResourceServer")["Properties"] == {
        "UserPoolId": f"{REGION}_AbCdEf123",
        "Identifier": "documents",
        "Name": "documents",
        "Scopes": [{"ScopeName": name, "ScopeDescription": text} for name, text in SCOPES.items()],
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com",
        "https://app.example.com:8443/callback?from=sign-in",
        "http://localhost:8000/",
        "http://127.0.0.1/",
        "http://[::1]:8000/",
        "myapp://callback",
        "capacitor://localhost/",
    ],
)
def test_takes_an_address_to_come_back_to(url: str) -> None:
    stack = new_stack()
    page(stack, callback_urls=[url], logout_urls=[url])
    properties = only(Template.from_stack(stack), CLIENT)["Properties"]
    assert properties["CallbackURLs"] == properties["LogoutURLs"] == [url]


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.com/",
        "http://localhost.example.com/",
        "https://app.example.com/#fragment",
        "https://app.example.com/#",
        "https:///callback",
        "app.example.com",
        "/callback",
        "",
        "https://app.example.com/a b",
        "javascript:alert(1)",
        "javascript://app.example.com/",
        "data:text/html,x",
        "https://[::1/",
        "https://app.example.com/" + "a" * 1024,
    ],
)
@pytest.mark.parametrize("name", ["callback_urls", "logout_urls"])
def test_refuses_an_address_to_come_back_to(name: str, url: str) -> None:
    with pytest.raises(PropertyError, match=f"{name}: .* is not an address to come back to"):
        page(new_stack(), **{name: [url]})


WRONG_PAGES: list[tuple[dict[str, Any], str]] = [
    ({"callback_urls": []}, "callback_urls must hold at least one address, not none"),
    ({"callback_urls": "https://a.example/"}, "callback_urls: 'https://a.example/' is one text; give a list"),
    ({"callback_urls": CALLBACKS * 101}, "callback_urls must hold at most 100 addresses, not 101"),
    ({"scope_names": ["documents.read"]}, "scope_names must be left out without api_scopes, not documents.read"),
    ({"access_token_validity": Duration.minutes(4)}, "access_token_validity must be from 5 minutes to 1 day"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG_PAGES)
def test_refuses_a_page(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=re.escape(message)):
        page(new_stack(), **properties)


WRONG_MACHINES: list[tuple[dict[str, Any], str]] = [
    ({"scope_names": []}, "scope_names must hold at least one scope, not none"),
    ({"scope_names": ["documents.delete"]}, "name must be one of documents.read, documents.write"),
    ({"access_token_validity": Duration.days(2)}, "access_token_validity must be from 5 minutes to 1 day"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG_MACHINES)
def test_refuses_a_machine(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=re.escape(message)):
        machine(new_stack(), **properties)


WRONG_SCOPES: list[tuple[dict[str, Any], str]] = [
    ({"identifier": ""}, "identifier must be 1 to 256 characters"),
    ({"identifier": "my api"}, "identifier must be 1 to 256 characters"),
    ({"identifier": "a" * 257}, "identifier must be 1 to 256 characters"),
    ({"scopes": {}}, "scopes must be from 1 to 100, not 0"),
    ({"scopes": {f"scope{number}": "A scope" for number in range(101)}}, "scopes must be from 1 to 100, not 101"),
    ({"scopes": {"documents/read": "Read"}}, "scopes: 'documents/read' is not a name"),
    ({"scopes": {"": "Nothing"}}, "scopes: '' is not a name"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG_SCOPES)
def test_refuses_scopes(properties: dict[str, Any], message: str) -> None:
    stack = new_stack()
    given = {"identifier": "documents", "scopes": SCOPES} | properties
    with pytest.raises(PropertyError, match=re.escape(message)):
        ApiScopes(stack, "Scopes", user_pool=pool(stack), **given)


def test_the_bounds_are_those_of_cognitos_model() -> None:
    model = Session().get_service_model("cognito-idp")
    identifier, name = model.shape_for("ResourceServerIdentifierType"), model.shape_for("ResourceServerScopeNameType")
    assert (identifier.metadata["min"], identifier.metadata["max"]) == (1, 256)
    assert (name.metadata["min"], name.metadata["max"]) == (1, 256)
    assert model.shape_for("ResourceServerScopeListType").metadata["max"] == 100
    assert model.shape_for("CallbackURLsListType").metadata["max"] == 100
    assert model.shape_for("RedirectUrlType").metadata["max"] == 1024
    assert model.shape_for("DomainType").metadata["pattern"] == r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$"
