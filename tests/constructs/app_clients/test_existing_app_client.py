"""AppClient.from_client_id: an app client that exists is served like any other, and never touched."""

import json
from typing import Any

import pytest
from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import AppClient, EdgeProxy, PropertyError, RegionalProxy
from proxy.settings import parse_settings
from tests.constructs.synthesized import EDGE_REGION, REGION, joined, new_stack, new_stacks, only, statements

CLIENT = "AWS::Cognito::UserPoolClient"
SECRET = "AWS::SecretsManager::Secret"
SEEDING = "Custom::CognitoProxyClientSecret"
POOL_ID = f"{REGION}_AbCdEf123"
CLIENT_ID = "4h7exampleexampleexample00"
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:a-AbCdEf"


def take_over(stack: Stack, *, pool_id: str = POOL_ID, **properties: Any) -> AppClient:
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", pool_id)
    return AppClient.from_client_id(stack, "WebClient", user_pool=pool, **({"client_id": CLIENT_ID} | properties))


@pytest.mark.proves("its-settings-untouched")
def test_no_resource_stands_for_the_app_client_so_no_deployment_changes_or_deletes_it() -> None:
    stack = new_stack()
    client = take_over(stack)
    RegionalProxy(stack, "Proxy", app_clients=[client], threat_protection=True, propagate_client_ip=True)
    template = Template.from_stack(stack)
    template.resource_count_is(CLIENT, 0)
    template.resource_count_is("AWS::Cognito::UserPool", 0)
    actions = json.dumps([policy["Properties"] for policy in template.find_resources("AWS::IAM::Policy").values()])
    assert not [verb for verb in ("UpdateUserPoolClient", 'DeleteUserPoolClient"', "cognito-idp:*") if verb in actions]


def test_its_secret_is_seeded_like_any_other() -> None:
    stack = new_stack()
    take_over(stack)
    template = Template.from_stack(stack)
    seeding = only(template, SEEDING)["Properties"]
    (secret,) = template.find_resources(SECRET)
    assert (seeding["UserPoolId"], seeding["ClientId"]) == (POOL_ID, CLIENT_ID)
    assert seeding["SecretArn"] == {"Ref": secret}
    describe, write = statements(template, "WebClientSeedingPolicy")
    assert describe["Action"] == "cognito-idp:DescribeUserPoolClient"
    assert joined(describe["Resource"]).endswith(f":userpool/{POOL_ID}")
    assert write["Resource"] == {"Ref": secret}


def test_its_secret_stays_in_the_account_since_a_rotated_value_stands_nowhere_else() -> None:
    stack = new_stack()
    take_over(stack)
    secret = only(Template.from_stack(stack), SECRET)
    assert (secret["DeletionPolicy"], secret["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_its_secret_is_rotated_like_any_other() -> None:
    stack = new_stack()
    client = take_over(
        stack, rotation=Duration.days(30), rotation_overlap=Duration.minutes(30), encryption_key=kms.Key(stack, "Key")
    )
    template = Template.from_stack(stack)
    schedule = only(template, "AWS::SecretsManager::RotationSchedule")
    assert schedule["Properties"]["RotationRules"] == {"AutomaticallyAfterDays": 30}
    (seeding,) = template.find_resources(SEEDING)
    assert seeding in schedule["DependsOn"]
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "rotation.handler.handler",
            "Environment": {
                "Variables": Match.object_like(
                    {"CLIENT_ID": CLIENT_ID, "USER_POOL_ID": POOL_ID, "OVERLAP_SECONDS": "1800"}
                )
            },
        },
    )
    assert client.secret_rotation is not None
    with pytest.raises(PropertyError, match="secret_ttl must be shorter than the rotation's overlap"):
        RegionalProxy(stack, "Proxy", app_clients=[client], secret_ttl=Duration.minutes(30))


def test_a_regional_proxy_serves_it_beside_a_new_one() -> None:
    stack = new_stack()
    taken = take_over(stack)
    new = AppClient(stack, "New", user_pool=cognito.UserPool.from_user_pool_id(stack, "Same", POOL_ID))
    RegionalProxy(stack, "Proxy", app_clients=[taken, new])
    template = Template.from_stack(stack)
    (function,) = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
    ).values()
    document = json.loads(joined(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"]))
    assert len(document["clients"]) == 2
    assert document["clients"][CLIENT_ID]["secret_arn"] == joined(stack.resolve(taken.secret.secret_arn))


def test_an_edge_proxy_far_from_the_pool_serves_it() -> None:
    pool_stack, stack = new_stacks()
    client = take_over(pool_stack, secret_replica_regions=[EDGE_REGION])
    EdgeProxy(stack, "Proxy", app_clients=[client])
    pool, edge = Template.from_stack(pool_stack), Template.from_stack(stack)
    assert only(pool, SECRET)["Properties"]["ReplicaRegions"] == [{"Region": EDGE_REGION}]
    (origin,) = only(edge, "AWS::CloudFront::Distribution")["Properties"]["DistributionConfig"]["Origins"]
    text = joined(origin["OriginCustomHeaders"][0]["HeaderValue"])
    (told,) = json.loads(text)["clients"].values()
    settings = parse_settings(text.replace(told["secret_arn"], ARN))
    assert settings.clients == {CLIENT_ID: ARN}
    assert (settings.user_pool_id, settings.region) == (POOL_ID, REGION)


WARNINGS = {
    "threat_protection": ("existingAppClientFlows", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    "propagate_client_ip": ("existingAppClientContextData", "EnablePropagateAdditionalUserContextData"),
}


@pytest.mark.proves("its-settings-untouched")
@pytest.mark.parametrize("on", [(), ("threat_protection",), ("propagate_client_ip",), tuple(WARNINGS)])
def test_what_a_proxy_needs_of_it_is_said_since_it_is_not_set(on: tuple[str, ...]) -> None:
    stack = new_stack()
    RegionalProxy(stack, "Proxy", app_clients=[take_over(stack)], **dict.fromkeys(on, True))
    found = Annotations.from_stack(stack).find_warning("/Stack/WebClient", Match.any_value())
    said = [str(warning.entry.data) for warning in found]
    assert len(said) == len(on)
    for name in on:
        warning_id, setting = WARNINGS[name]
        (line,) = (text for text in said if text.startswith(f"{name}: "))
        assert f"[ack: @cognito-proxy:{warning_id}]" in line
        assert setting in line
        assert CLIENT_ID in line


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"client_id": ""}, r"client_id must be 1 to 128 letters, digits, _ or \+, not ''"),
    ({"client_id": "abc-def"}, r"client_id must be .*, not 'abc-def'"),
    ({"client_id": "a" * 129}, "client_id must be 1 to 128"),
    ({"client_id": "bücher"}, "client_id must be .*, not 'bücher'"),
    ({"pool_id": "us-west-2_AbCdEf123"}, "user_pool must be in the stack's Region eu-west-1, not us-west-2_AbCdEf123"),
    ({"rotation_overlap": Duration.minutes(30)}, "rotation_overlap: 30 minutes needs rotation"),
    ({"secret_replica_regions": [REGION]}, "secret_replica_regions must not hold the stack's own Region"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_refuses(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=f"^{message}"):
        take_over(new_stack(), **properties)


def test_an_id_that_is_known_at_deploy_time_only_passes() -> None:
    stack = new_stack()
    client = take_over(stack, client_id=Token.as_string({"Ref": "ClientId"}))
    RegionalProxy(stack, "Proxy", app_clients=[client], propagate_client_ip=True)
    Annotations.from_stack(stack).has_warning(
        "/Stack/WebClient", Match.string_like_regexp("propagate_client_ip: .* The app client Stack/WebClient is an .*")
    )
    assert only(Template.from_stack(stack), SEEDING)["Properties"]["ClientId"] == {"Ref": "ClientId"}


def test_whoever_keeps_a_client_that_its_stack_made_keeps_its_secret_too() -> None:
    """The same construct id: the secret is the same resource, and seeding leaves a value for that client alone."""
    made, taken = new_stack(), new_stack()
    AppClient(made, "WebClient", user_pool=cognito.UserPool.from_user_pool_id(made, "Pool", POOL_ID))
    take_over(taken)
    for resource_type in (SECRET, SEEDING):
        ids = [list(Template.from_stack(stack).find_resources(resource_type)) for stack in (made, taken)]
        assert ids[0] == ids[1]


def test_is_an_app_client_to_whoever_asks() -> None:
    client = take_over(new_stack())
    assert isinstance(client, AppClient)
    assert client.client_id == client.user_pool_client.user_pool_client_id == CLIENT_ID
    assert {child.node.id for child in client.node.children} == {"Resource", "Secret", "Seeding", "SeedingPolicy"}
