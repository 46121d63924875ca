"""The second firewall, on the user pool: our app clients are used through the proxy or not at all."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Annotations, Match

from cognito_proxy import PropertyError
from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.firewall.pool_shield import PoolShield, ProxyHeader
from local.simulators.common.http import HttpRequest
from local.simulators.waf import Action, WebAcl, load_web_acl
from tests.firewall.web_acls_and_callers import call, rules_of, synthesize

CLIENT = "1example23456789"
NAT = "198.51.100.20"


def shield(stack: cdk.Stack, **properties: Any) -> PoolShield:
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-west-1_AbCdEf123")
    return PoolShield(stack, "Shield", user_pool=pool, **{"app_client_ids": [CLIENT]} | properties)


def firewall_of(**properties: Any) -> WebAcl:
    return load_web_acl(synthesize(lambda stack: shield(stack, **properties)))


def direct(operation: str | None, *, client: str | None = CLIENT, address: str = "192.0.2.1") -> HttpRequest:
    """A request as AWS WAF gets it from Cognito."""
    named = (("x-amzn-cognito-client-id", client), ("x-amzn-cognito-operation-name", operation))
    return call(address=address, headers=tuple((name, value) for name, value in named if value is not None))


@pytest.fixture(scope="module")
def with_everything() -> WebAcl:
    return firewall_of(threat_protection=True, proxy_addresses=f"{NAT},2001:db8::/56")


@pytest.mark.proves("shield-blocks", simulator="waf")
@pytest.mark.parametrize("operation", ["InitiateAuth", "RespondToAuthChallenge"])
@pytest.mark.parametrize("address", ["192.0.2.1", NAT])
def test_unsigned_sign_ins_are_blocked_from_everywhere(with_everything: WebAcl, operation: str, address: str) -> None:
    assert with_everything.decide(direct(operation, address=address)).rule == "DirectSignIn"


@pytest.mark.parametrize("operation", ["SignUp", "ForgotPassword", "GetTokensFromRefreshToken"])
def test_other_operations_are_let_in_from_the_proxy_only(with_everything: WebAcl, operation: str) -> None:
    assert with_everything.decide(direct(operation)).rule == "NotThroughTheProxy"
    for address in (NAT, "2001:db8:0:9::1"):
        assert with_everything.decide(direct(operation, address=address)).action is Action.ALLOW


@pytest.mark.parametrize("operation", ["InitiateAuth", "SignUp"])
def test_other_app_clients_are_left_alone(with_everything: WebAcl, operation: str) -> None:
    for client in ("2example23456789", CLIENT.upper(), f"{CLIENT}x", None):
        assert with_everything.decide(direct(operation, client=client)).action is Action.ALLOW


def test_managed_login_is_left_alone(with_everything: WebAcl) -> None:
    assert with_everything.decide(direct(None)).action is Action.ALLOW


def test_without_threat_protection_sign_ins_come_through_the_proxy() -> None:
    firewall = firewall_of(proxy_addresses=[NAT])
    assert firewall.decide(direct("InitiateAuth")).rule == "NotThroughTheProxy"
    assert firewall.decide(direct("InitiateAuth", address=NAT)).action is Action.ALLOW


def test_with_threat_protection_alone_other_operations_stay_open() -> None:
    firewall = firewall_of(threat_protection=True)
    assert firewall.decide(direct("SignUp")).action is Action.ALLOW
    assert firewall.decide(direct("InitiateAuth")).action is Action.BLOCK


def test_several_app_clients_are_shielded_alike() -> None:
    firewall = firewall_of(app_client_ids=["one1", "two2"], threat_protection=True)
    for client in ("one1", "two2"):
        assert firewall.decide(direct("InitiateAuth", client=client)).action is Action.BLOCK


def test_an_app_client_of_the_same_stack_is_referred_to() -> None:
    def make(stack: cdk.Stack) -> None:
        client = cognito.UserPool(stack, "Own").add_client("Client")
        shield(stack, app_client_ids=[client.user_pool_client_id], threat_protection=True)

    template = synthesize(make)
    (logical_id,) = (n for n, r in template["Resources"].items() if r["Type"] == "AWS::Cognito::UserPoolClient")
    firewall = load_web_acl(template, references={logical_id: CLIENT})
    assert firewall.decide(direct("InitiateAuth")).action is Action.BLOCK


def test_counts_first_when_asked() -> None:
    verdict = firewall_of(threat_protection=True, count_only=True).decide(direct("InitiateAuth"))
    assert (verdict.action, verdict.counted) == (Action.ALLOW, ("DirectSignIn",))


def test_the_secret_header_is_a_dynamic_reference_and_warns() -> None:
    stack = cdk.Stack(cdk.App(), "Test")
    secret = secretsmanager.Secret(stack, "Secret")
    shield(stack, proxy_header=ProxyHeader(name="x-proxy-proof", secret=secret, secret_field="value"))
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp(".*@cognito-proxy:poolShieldHeader.*"))

    def make(scope: cdk.Stack) -> None:
        own = secretsmanager.Secret(scope, "Secret")
        shield(scope, proxy_header=ProxyHeader(name="x-proxy-proof", secret=own, secret_field="value"))

    text = json.dumps(rules_of(synthesize(make))["NotThroughTheProxy"])
    assert "{{resolve:secretsmanager:" in text
    assert ":SecretString:value::}}" in text
    assert '"x-proxy-proof"' in text


def warnings(stack: cdk.Stack, name: str) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(f".*@cognito-proxy:{name}.*"))
    return [str(warning.entry.data) for warning in found]


@pytest.mark.parametrize(
    ("properties", "blocked"),
    [
        ({"proxy_addresses": NAT}, "all their calls would be blocked"),
        (
            {"proxy_addresses": NAT, "threat_protection": True},
            "all their calls but InitiateAuth and RespondToAuthChallenge would be blocked",
        ),
        ({"threat_protection": True}, None),
        ({"proxy_addresses": NAT, "count_only": True}, None),
    ],
)
def test_warns_of_whom_known_addresses_would_block(properties: dict[str, Any], blocked: str | None) -> None:
    stack = cdk.Stack(cdk.App(), "Test")
    shield(stack, **properties)
    said = warnings(stack, "poolShieldBlocksProxy")
    assert len(said) == (0 if blocked is None else 1)
    if blocked is not None:
        assert blocked in said[0]
        assert "the call by which a rotation tests a new secret" in said[0]


def test_a_proxys_own_calls_are_what_known_addresses_block() -> None:
    """Why it warns: a function outside of a VPC calls from an address of AWS, and so does the rotation's test call."""
    firewall = firewall_of(proxy_addresses=NAT)
    for operation in ("SignUp", "InitiateAuth", "ConfirmSignUp"):
        assert firewall.decide(direct(operation, address="3.250.0.1")).rule == "NotThroughTheProxy"


def with_rotation(stack: cdk.Stack, *, rotation: cdk.Duration | None, **properties: Any) -> PoolShield:
    pool = cognito.UserPool(stack, "Pool")
    clients = [
        AppClient(stack, "Still", user_pool=pool),
        AppClient(stack, "Rotating", user_pool=pool, rotation=rotation),
    ]
    return PoolShield(
        stack, "Shield", user_pool=pool, app_client_ids=[client.client_id for client in clients], **properties
    )


@pytest.mark.proves("shield-spares-rotation")
@pytest.mark.parametrize("restricted", ["addresses", "header"])
def test_refuses_to_block_a_rotation_that_it_knows_of(restricted: str) -> None:
    stack = cdk.Stack(cdk.App(), "Test", env=cdk.Environment(region="eu-west-1"))
    header = ProxyHeader(name="x-proof", secret=secretsmanager.Secret(stack, "Proof"))
    properties: dict[str, Any] = {"addresses": {"proxy_addresses": NAT}, "header": {"proxy_header": header}}[restricted]
    with pytest.raises(PropertyError, match="the secret of Test/Rotating rotates, and the call by which a rotation"):
        with_rotation(stack, rotation=cdk.Duration.days(30), **properties)


@pytest.mark.parametrize(
    ("rotation", "properties"),
    [
        (None, {"proxy_addresses": NAT}),
        (cdk.Duration.days(30), {"threat_protection": True}),
        (cdk.Duration.days(30), {"proxy_addresses": NAT, "count_only": True}),
    ],
)
def test_takes_what_blocks_no_rotation(rotation: cdk.Duration | None, properties: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(), "Test", env=cdk.Environment(region="eu-west-1"))
    assert with_rotation(stack, rotation=rotation, **properties).web_acl


def test_is_put_on_the_pool() -> None:
    template = synthesize(lambda stack: shield(stack, threat_protection=True))
    (association,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::WAFv2::WebACLAssociation")
    assert "userpool/eu-west-1_AbCdEf123" in json.dumps(association["Properties"]["ResourceArn"])


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"app_client_ids": [], "threat_protection": True}, "app_client_ids: none given"),
        ({}, "nothing to restrict"),
        ({"proxy_addresses": ","}, "nothing to restrict"),
        ({"proxy_addresses": "nat.example.com"}, "proxy_addresses: 'nat.example.com' is neither"),
    ],
)
def test_refuses_bad_properties(properties: dict[str, Any], said: str) -> None:
    with pytest.raises(PropertyError, match=said):
        shield(cdk.Stack(cdk.App(), "Test"), **properties)


@pytest.mark.parametrize("name", ["", "x y", "x-amz-proof", "X-Amzn-Proof", "x-edge-proof", "a" * 65])
def test_refuses_header_names_that_do_not_work(name: str) -> None:
    secret = secretsmanager.Secret(cdk.Stack(cdk.App(), "Test"), "Secret")
    with pytest.raises(PropertyError, match="name: "):
        ProxyHeader(name=name, secret=secret)
