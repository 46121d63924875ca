"""`SealedTokens` and its authorizer: the secret, its rotation, who may read it, and what is bundled."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template
from constructs import IConstruct

from cognito_proxy import (
    AppClient,
    CognitoAuthorizedApi,
    EdgeProxy,
    OAuthEndpoints,
    PropertyError,
    RegionalProxy,
    SealedTokenAuthorizer,
    SealedTokens,
)
from cognito_proxy.common import native_wheels
from cognito_proxy.common.python_function import RUNTIME
from cognito_proxy.interceptors import sealed_tokens
from proxy.settings import parse_settings
from sealing.key_document import KEY_LENGTH
from tests.constructs.synthesized import EDGE_REGION, new_stack
from token_authorizer.settings import parse_settings as parse_authorizer_settings

ROOT = Path(__file__).parents[3]


def test_it_is_refused_beside_what_gives_other_tokens_or_reads_no_keys() -> None:
    stack = new_stack()
    client, sealed = client_in(stack), SealedTokens(stack, "SealedTokens")
    oauth = OAuthEndpoints(user_pool_domain="auth.example.com")
    with pytest.raises(PropertyError, match="sealed_tokens: not with oauth"):
        RegionalProxy(stack, "OAuth", app_clients=[client], sealed_tokens=sealed, oauth=oauth)
    with pytest.raises(PropertyError, match="sealed_tokens: not with failover_regions"):
        RegionalProxy(stack, "Failover", app_clients=[client], sealed_tokens=sealed, failover_regions=["eu-central-1"])


def client_in(stack: Stack) -> AppClient:
    return AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))


@pytest.fixture(scope="module")
def template() -> Template:
    """A proxy, a REST API and an HTTP API with the least that can be written."""
    stack = new_stack()
    client, sealed = client_in(stack), SealedTokens(stack, "SealedTokens")
    RegionalProxy(stack, "Proxy", app_clients=[client], sealed_tokens=sealed)
    authorizer = SealedTokenAuthorizer(
        stack,
        "Authorizer",
        sealed_tokens=sealed,
        user_pool=client.user_pool,
        user_pool_clients=[client.user_pool_client],
        scopes=["aws.cognito.signin.user.admin"],
    )
    api = apigateway.RestApi(stack, "Rest")
    api.root.add_method("GET", authorizer=authorizer.rest)
    http = apigatewayv2.HttpApi(stack, "Http")
    integration = integrations.HttpLambdaIntegration("Integration", authorizer.function)
    http.add_routes(path="/", integration=integration, authorizer=authorizer.http)
    return Template.from_stack(stack)


def settings_in(template: Template, variable: str) -> str:
    """A function's settings, with a word for what only deployment knows."""
    (value,) = (
        variables[variable]
        for function in template.find_resources("AWS::Lambda::Function").values()
        if variable in (variables := function["Properties"].get("Environment", {}).get("Variables", {}))
    )
    words = {
        "SealedTokens": "arn:aws:secretsmanager:eu-west-1:1:secret:keys",
        "ClientSecret": "arn:aws:secretsmanager:eu-west-1:1:secret:c",
    }
    pieces = value["Fn::Join"][1]
    return "".join(piece if isinstance(piece, str) else _word(json.dumps(piece), words) for piece in pieces)


def _word(reference: str, words: dict[str, str]) -> str:
    if "AWS::Region" in reference:
        return "eu-west-1"
    return next((word for name, word in words.items() if name in reference), "x")


def test_the_proxy_is_told_of_the_secret_and_may_read_it(template: Template) -> None:
    settings = parse_settings(settings_in(template, "PROXY_SETTINGS"))
    assert settings.interceptors["sealed_tokens"] == {"secret_arn": "arn:aws:secretsmanager:eu-west-1:1:secret:keys"}
    (secret,) = template.find_resources(
        "AWS::SecretsManager::Secret", {"Properties": {"GenerateSecretString": Match.any_value()}}
    )
    readers = [
        policy["Properties"]["Roles"][0]["Ref"]
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Resource"] == {"Ref": secret} and "GetSecretValue" in json.dumps(statement["Action"])
    ]
    assert sorted(role.rstrip("0123456789ABCDEF") for role in readers) == [
        "AuthorizerRole",
        "ProxyRole",
        "SealedTokensRole",
    ]


def test_secrets_manager_makes_the_first_key_and_no_template_has_it(template: Template) -> None:
    template.has_resource(
        "AWS::SecretsManager::Secret",
        {
            "Properties": {
                "GenerateSecretString": Match.object_like(
                    {
                        "SecretStringTemplate": "{}",
                        "GenerateStringKey": "key",
                        "PasswordLength": KEY_LENGTH,
                        "ExcludePunctuation": True,
                    }
                )
            },
            "DeletionPolicy": "RetainExceptOnCreate",
        },
    )
    assert sealed_tokens.KEY_LENGTH == KEY_LENGTH


def test_the_key_is_rotated_by_its_own_function(template: Template) -> None:
    template.has_resource_properties(
        "AWS::SecretsManager::RotationSchedule",
        {"RotationRules": {"AutomaticallyAfterDays": 30}, "RotateImmediatelyOnUpdate": False},
    )
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "seal_rotation.handler.handler",
            "Environment": {"Variables": Match.object_like({"LEAD_SECONDS": "3600"})},
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm", {"AlarmDescription": Match.string_like_regexp("key of sealed")}
    )


def test_an_authorizer_of_each_kind_asks_the_one_function(template: Template) -> None:
    template.has_resource_properties(
        "AWS::ApiGateway::Authorizer",
        {"Type": "TOKEN", "IdentitySource": "method.request.header.Authorization", "AuthorizerResultTtlInSeconds": 0},
    )
    template.has_resource_properties(
        "AWS::ApiGatewayV2::Authorizer",
        {
            "AuthorizerType": "REQUEST",
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": True,
            "IdentitySource": ["$request.header.Authorization"],
            "AuthorizerResultTtlInSeconds": 0,
        },
    )
    settings = parse_authorizer_settings(settings_in(template, "AUTHORIZER_SETTINGS"))
    assert settings.scopes == {"aws.cognito.signin.user.admin"}
    assert len(settings.client_ids) == 1


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"every": Duration.days(2)}, "every"),
        ({"every": Duration.days(1001)}, "every"),
        ({"every": Duration.hours(73)}, "every must be whole days"),
        ({"lead": Duration.minutes(9)}, "lead"),
        ({"lead": Duration.hours(13)}, "lead"),
        ({"lead": Duration.seconds(601)}, "lead must be whole minutes"),
    ],
)
def test_refuses_times_that_cannot_work(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        SealedTokens(new_stack(), "SealedTokens", **properties)


def test_refuses_a_proxy_that_reads_keys_too_seldom() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match=r"secret_ttl must be shorter than the lead of sealed_tokens \(1 hour\)"):
        RegionalProxy(
            stack,
            "Proxy",
            app_clients=[client_in(stack)],
            sealed_tokens=SealedTokens(stack, "SealedTokens"),
            secret_ttl=Duration.hours(1),
        )


def test_everything_set() -> None:
    stack = new_stack()
    client = client_in(stack)
    key = kms.Key(stack, "Key")
    sealed = SealedTokens(stack, "SealedTokens", every=Duration.days(3), accept_unsealed=True, encryption_key=key)
    RegionalProxy(stack, "Proxy", app_clients=[client], sealed_tokens=sealed)
    CognitoAuthorizedApi(
        stack,
        "Api",
        user_pool=client.user_pool,
        user_pool_clients=[client.user_pool_client],
        scopes=["documents/read"],
        sealed_tokens=sealed,
    )
    template = Template.from_stack(stack)
    part = parse_settings(settings_in(template, "PROXY_SETTINGS")).interceptors["sealed_tokens"]
    assert part["accept_unsealed"] is True
    # API Gateway knows no scopes of a Lambda authorizer's tokens: the function asks for them.
    assert parse_authorizer_settings(settings_in(template, "AUTHORIZER_SETTINGS")).scopes == {"documents/read"}
    methods = template.find_resources("AWS::ApiGateway::Method", {"Properties": {"AuthorizationType": "CUSTOM"}})
    assert len(methods) == 2
    assert all("AuthorizationScopes" not in method["Properties"] for method in methods.values())
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with([Match.object_like({"Action": ["kms:Decrypt", "kms:GenerateDataKey"]})])
            }
        },
    )


def warned_of(scope: IConstruct, name: str) -> list[str]:
    """The paths of the constructs that have this warning, one for each time."""
    found = Annotations.from_stack(Stack.of(scope)).find_warning("*", Match.string_like_regexp(f"cognito-proxy:{name}"))
    return [message.id for message in found]


def test_warns_while_cognitos_own_tokens_are_taken() -> None:
    """Whoever forgets to switch that off leaves the way past the proxy's seal."""
    stack = new_stack()
    client = client_in(stack)
    RegionalProxy(
        stack,
        "Open",
        app_clients=[client],
        sealed_tokens=SealedTokens(stack, "ForTheFirstDay", accept_unsealed=True),
    )
    RegionalProxy(stack, "Sealed", app_clients=[client], sealed_tokens=SealedTokens(stack, "SealedTokens"))
    assert warned_of(stack, "acceptUnsealed") == ["/Stack/Open"]
    assert warned_of(stack, "unsealedProxy") == []


@pytest.mark.parametrize("sealed_first", [True, False])
def test_warns_of_another_proxy_of_the_app_client_that_does_not_seal(*, sealed_first: bool) -> None:
    """With a refresh token of the one, the other gives out Cognito's own access token."""
    stack = new_stack(region=EDGE_REGION)
    client = client_in(stack)
    sealed = SealedTokens(stack, "SealedTokens")
    if sealed_first:
        RegionalProxy(stack, "Sealed", app_clients=[client], sealed_tokens=sealed)
    RegionalProxy(stack, "Plain", app_clients=[client])
    EdgeProxy(stack, "Edge", app_clients=[client])
    if not sealed_first:
        RegionalProxy(stack, "Sealed", app_clients=[client], sealed_tokens=sealed)
    RegionalProxy(stack, "SealedToo", app_clients=[client], sealed_tokens=sealed)
    other = AppClient(stack, "Other", user_pool=client.user_pool)
    RegionalProxy(stack, "PlainOfAnother", app_clients=[other])
    assert sorted(warned_of(stack, "unsealedProxy")) == ["/Stack/Edge", "/Stack/Plain"]


def test_the_wheels_are_those_of_the_functions_and_of_the_tests() -> None:
    assert f"python{native_wheels.PYTHON}" == RUNTIME.name
    pinned = (ROOT / "requirements.txt").read_text().splitlines()
    assert {f"{wheel.name}=={wheel.version}" for wheel in native_wheels.SEALING} <= set(pinned)


def test_what_is_bundled_is_for_the_functions_processor_and_nothing_is_too_much() -> None:
    files = SealedTokens.opening_files()
    natives = [path for path in files if path.endswith(".so")]
    assert natives == ["_cffi_backend.cpython-313-aarch64-linux-gnu.so", "cryptography/hazmat/bindings/_rust.abi3.so"]
    # ELF, 64 bits, AArch64 (183): the ELF header's e_machine.
    assert all(files[path].read_bytes()[:5] == b"\x7fELF\x02" for path in natives)
    assert all(int.from_bytes(files[path].read_bytes()[18:20], "little") == 183 for path in natives)
    assert {"sealing/envelope.py", "sealing/key_document.py", "joserfc/jws.py"} <= files.keys()
    assert not [path for path in files if path.startswith(("cffi/", "pycparser", "pip"))]
    assert sum(path.stat().st_size for path in files.values()) < 25_000_000
    assert [path for path in files if "licenses" in path]


@pytest.mark.proves("sealed-off-costs-nothing")
def test_what_is_off_is_neither_made_nor_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SealedTokens, "opening_files", None)
    monkeypatch.setattr("cognito_proxy.interceptors.sealed_tokens.wheel_files", None)
    stack = new_stack()
    RegionalProxy(stack, "Proxy", app_clients=[client_in(stack)])
    text = json.dumps(Template.from_stack(stack).to_json())
    assert "sealed_tokens" not in text
    assert "SealedTokens" not in text


def test_without_a_way_to_an_index_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    stack = new_stack()
    with pytest.raises(PropertyError, match=r"sealed_tokens: pip could not fetch joserfc 1\.8\.0, .*PIP_FIND_LINKS"):
        RegionalProxy(stack, "Proxy", app_clients=[client_in(stack)], sealed_tokens=SealedTokens(stack, "SealedTokens"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_wheel_with_another_hash_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wheel = native_wheels.Wheel(name="joserfc", version="1.8.0", sha256="0" * 64, takes=".*")
    with pytest.raises(PropertyError, match="pip could not fetch joserfc"):
        native_wheels.wheel_files([wheel])
