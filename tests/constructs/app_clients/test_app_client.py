"""AppClient: what stands in the template, and what must not."""

import json
from typing import Any

import pytest
from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from cognito_proxy import AppClient, AuthFlows, EdgeProxy, PropertyError, RefreshTokenRotation, RegionalProxy
from cognito_proxy.app_clients.app_client import DEFAULT_SECRET_TTL
from proxy.settings import DEFAULT_SECRET_TTL_SECONDS
from tests.constructs.synthesized import EDGE_REGION, attributes_read, new_stack, only, statements

CLIENT = "AWS::Cognito::UserPoolClient"
SECRET = "AWS::SecretsManager::Secret"
SEEDING = "Custom::CognitoProxyClientSecret"


@pytest.mark.proves("srp-by-default")
def test_least_makes_a_client_with_a_secret_and_secure_defaults(least_app_client: Template) -> None:
    least_app_client.has_resource_properties(
        CLIENT,
        {
            "GenerateSecret": True,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
            "PreventUserExistenceErrors": "ENABLED",
            "EnableTokenRevocation": True,
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60},
            "AllowedOAuthFlowsUserPoolClient": False,
            "AllowedOAuthFlows": Match.absent(),
            "CallbackURLs": Match.absent(),
            "SupportedIdentityProviders": ["COGNITO"],
            "AccessTokenValidity": 60,
            "IdTokenValidity": 60,
            "RefreshTokenValidity": 30 * 24 * 60,
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"},
            "ClientName": Match.absent(),
        },
    )


def test_everything_set_reaches_the_client(full_app_client: Template) -> None:
    full_app_client.has_resource_properties(
        CLIENT,
        {
            "UserPoolId": "eu-west-1_AbCdEf123",
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"],
            "PreventUserExistenceErrors": "LEGACY",
            "EnableTokenRevocation": False,
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
            "AccessTokenValidity": 5,
            "IdTokenValidity": 24 * 60,
            "RefreshTokenValidity": 365 * 24 * 60,
        },
    )


def test_without_rotation_refreshing_is_allowed_in_the_old_way_too() -> None:
    stack = new_stack()
    AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), refresh_token_rotation=None)
    Template.from_stack(stack).has_resource_properties(
        CLIENT,
        {
            "RefreshTokenRotation": Match.absent(),
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        },
    )


@pytest.mark.proves("replaced-client-stays")
def test_a_replacement_leaves_the_old_app_client_and_apps_that_use_it(least_app_client: Template) -> None:
    least_app_client.has_resource(CLIENT, {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain"})


def test_no_administrator_flow_can_be_allowed(full_app_client: Template) -> None:
    assert "ADMIN" not in json.dumps(only(full_app_client, CLIENT))


@pytest.mark.parametrize("fixture", ["least_app_client", "full_app_client"])
def test_the_secret_starts_empty(request: pytest.FixtureRequest, fixture: str) -> None:
    secret = only(request.getfixturevalue(fixture), SECRET)["Properties"]
    assert not {"SecretString", "GenerateSecretString"} & set(secret)


@pytest.mark.proves("secret-nowhere")
@pytest.mark.parametrize("fixture", ["least_app_client", "full_app_client", "full_proxy"])
def test_no_template_reads_the_client_secret(request: pytest.FixtureRequest, fixture: str) -> None:
    document = request.getfixturevalue(fixture).to_json()
    assert "ClientSecret" not in {attribute for _, attribute in attributes_read(document)}
    assert "{{resolve:" not in json.dumps(document)


def test_least_uses_the_accounts_key_and_one_region(least_app_client: Template) -> None:
    least_app_client.has_resource(
        SECRET,
        {
            "Properties": {"KmsKeyId": Match.absent(), "ReplicaRegions": Match.absent(), "Name": Match.absent()},
            "DeletionPolicy": "Delete",
        },
    )
    least_app_client.resource_count_is("AWS::KMS::Key", 0)


def test_everything_set_reaches_the_secret(full_app_client: Template) -> None:
    full_app_client.has_resource(
        SECRET,
        {
            "Properties": {
                "KmsKeyId": Match.any_value(),
                "ReplicaRegions": [{"Region": "us-east-1"}, {"Region": "ap-southeast-2"}],
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )
    full_app_client.has_resource(CLIENT, {"DeletionPolicy": "Retain"})


@pytest.mark.proves("secret-nowhere")
def test_seeding_gets_identifiers_and_no_secret(least_app_client: Template) -> None:
    seeding = only(least_app_client, SEEDING)
    assert set(seeding["Properties"]) == {"ServiceToken", "ServiceTimeout", "UserPoolId", "ClientId", "SecretArn"}
    assert all("Ref" in seeding["Properties"][name] for name in ("UserPoolId", "ClientId", "SecretArn"))


def test_seeding_waits_for_its_permissions(least_app_client: Template) -> None:
    (policy,) = (name for name in least_app_client.find_resources("AWS::IAM::Policy") if "SeedingPolicy" in name)
    assert policy in only(least_app_client, SEEDING)["DependsOn"]


def test_seeding_may_describe_this_pools_clients_and_write_this_secret(least_app_client: Template) -> None:
    (pool,) = least_app_client.find_resources("AWS::Cognito::UserPool")
    (secret,) = least_app_client.find_resources(SECRET)
    assert statements(least_app_client, "WebClientSeedingPolicy") == [
        {
            "Action": "cognito-idp:DescribeUserPoolClient",
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [pool, "Arn"]},
        },
        {
            "Action": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
            "Effect": "Allow",
            "Resource": {"Ref": secret},
        },
    ]


def test_seeding_uses_a_customer_managed_key_through_secrets_manager_only(full_app_client: Template) -> None:
    (statement,) = (
        statement
        for statement in statements(full_app_client, "WebClientSeedingPolicy")
        if "kms:Decrypt" in statement["Action"]
    )
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
    assert statement["Resource"] != "*"


def test_one_seeding_function_serves_all_app_clients_of_a_stack(full_proxy: Template) -> None:
    full_proxy.resource_count_is(SEEDING, 2)
    full_proxy.resource_properties_count_is("AWS::Lambda::Function", {"Handler": "seeding.handler.handler"}, 1)


@pytest.mark.parametrize("own_key", [False, True])
def test_grant_read_secret_lets_read_and_nothing_else(own_key: bool) -> None:
    stack = new_stack()
    client = AppClient(
        stack,
        "WebClient",
        user_pool=cognito.UserPool(stack, "Pool"),
        encryption_key=kms.Key(stack, "Key") if own_key else None,
    )
    role = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    client.grant_read_secret(role)
    granted = {
        statement["Action"]: (statement["Resource"], statement.get("Condition"))
        for statement in statements(Template.from_stack(stack), "ReaderDefaultPolicy")
    }
    (secret,) = Template.from_stack(stack).find_resources(SECRET)
    assert granted.pop("secretsmanager:GetSecretValue") == ({"Ref": secret}, None)
    if own_key:
        (key,) = Template.from_stack(stack).find_resources("AWS::KMS::Key")
        through = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
        assert granted.pop("kms:Decrypt") == ({"Fn::GetAtt": [key, "Arn"]}, through)
    assert not granted


def test_exposes_objects() -> None:
    stack = new_stack()
    pool = cognito.UserPool(stack, "Pool")
    client = AppClient(stack, "WebClient", user_pool=pool)
    assert client.user_pool is pool
    assert client.client_id == client.user_pool_client.user_pool_client_id
    assert client.secret.secret_arn


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"access_token_validity": Duration.minutes(4)}, "access_token_validity must be from 5 minutes to 1 day, not 4 m"),
    ({"access_token_validity": Duration.hours(25)}, "access_token_validity must be from 5 minutes to 1 day, not 1 day"),
    (
        {"id_token_validity": Duration.seconds(299)},
        "id_token_validity must be from 5 minutes to 1 day, not 4 minutes 5",
    ),
    (
        {"refresh_token_validity": Duration.minutes(59)},
        "refresh_token_validity must be from 1 hour to 3650 days, not 59",
    ),
    (
        {"refresh_token_validity": Duration.hours(1), "id_token_validity": Duration.hours(2)},
        "refresh_token_validity must be no shorter than id_token_validity .2 hours., not 1 hour",
    ),
    ({"secret_replica_regions": ["us-east-1", "us-east-1"]}, "secret_replica_regions must not name a Region twice"),
    ({"secret_replica_regions": ["eu-west-1"]}, "secret_replica_regions must not hold the stack's own Region, eu-west"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_refuses_what_cognito_would_refuse(properties: dict[str, Any], message: str) -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match=message):
        AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), **properties)


def test_refuses_a_pool_of_another_region() -> None:
    stack = new_stack()
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "us-west-2_AbCdEf123")
    with pytest.raises(
        PropertyError, match="user_pool must be in the stack's Region eu-west-1, not us-west-2_AbCdEf123"
    ):
        AppClient(stack, "WebClient", user_pool=pool)


@pytest.mark.parametrize("pool_id", ["AbCdEf123", "eu-west-1", "_AbCdEf123"])
def test_refuses_a_pool_whose_id_names_no_region(pool_id: str) -> None:
    stack = new_stack(region=None)
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", pool_id)
    with pytest.raises(PropertyError, match=f"user_pool must have an id that begins with its Region.*not '{pool_id}'"):
        AppClient(stack, "WebClient", user_pool=pool)


def test_accepts_any_pool_where_the_region_is_known_at_deploy_time_only() -> None:
    stack = new_stack(region=None)
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "us-west-2_AbCdEf123")
    assert AppClient(stack, "WebClient", user_pool=pool).user_pool is pool


def test_refuses_no_flow_at_all() -> None:
    with pytest.raises(PropertyError, match="auth_flows must allow at least one of user_srp"):
        AuthFlows(user_srp=False)


def test_refuses_a_grace_period_above_a_minute() -> None:
    with pytest.raises(PropertyError, match="grace_period must be from 0 seconds to 1 minute, not 1 minute 1 second"):
        RefreshTokenRotation(grace_period=Duration.seconds(61))


def test_a_duration_that_is_known_at_deploy_time_only_passes() -> None:
    grace_period = Duration.seconds(Token.as_number({"Ref": "GracePeriod"}))
    assert RefreshTokenRotation(grace_period=grace_period).grace_period is grace_period


def test_without_rotation_there_is_none(least_app_client: Template) -> None:
    least_app_client.resource_count_is("AWS::SecretsManager::RotationSchedule", 0)
    least_app_client.resource_count_is("AWS::Events::Rule", 0)


def test_with_rotation_the_schedule_waits_for_the_first_value() -> None:
    stack = new_stack()
    client = AppClient(
        stack,
        "WebClient",
        user_pool=cognito.UserPool(stack, "Pool"),
        rotation=Duration.days(30),
        rotation_overlap=Duration.minutes(30),
    )
    template = Template.from_stack(stack)
    schedule = only(template, "AWS::SecretsManager::RotationSchedule")
    (seeding,) = template.find_resources(SEEDING)
    (secret,) = template.find_resources(SECRET)
    assert seeding in schedule["DependsOn"]
    assert schedule["Properties"]["SecretId"] == {"Ref": secret}
    assert schedule["Properties"]["RotationRules"] == {"AutomaticallyAfterDays": 30}
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "rotation.handler.handler",
            "Environment": {"Variables": Match.object_like({"OVERLAP_SECONDS": "1800", "SECRET_ARN": {"Ref": secret}})},
        },
    )
    assert client.secret_rotation is not None
    assert {child.node.id for child in client.node.children} == {
        "Resource",
        "Rotation",
        "Secret",
        "Seeding",
        "SeedingPolicy",
    }


def test_rotation_uses_the_secrets_own_key() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    AppClient(
        stack,
        "WebClient",
        user_pool=cognito.UserPool(stack, "Pool"),
        encryption_key=key,
        rotation=Duration.days(1),
    )
    found = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    (policy,) = [resource for name, resource in found.items() if "RotationPolicy" in name]
    actions = [statement["Action"] for statement in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert ["kms:Decrypt", "kms:GenerateDataKey"] in actions


def test_refuses_an_overlap_without_rotation() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="rotation_overlap: 30 minutes needs rotation"):
        AppClient(stack, "WebClient", user_pool=cognito.UserPool(stack, "Pool"), rotation_overlap=Duration.minutes(30))


@pytest.mark.proves("overlap-exceeds-ttl")
@pytest.mark.parametrize("variant", [RegionalProxy, EdgeProxy])
@pytest.mark.parametrize("secret_ttl", [Duration.minutes(10), Duration.hours(1)])
def test_refuses_a_proxy_that_keeps_the_secret_for_as_long_as_the_overlap(
    variant: type[RegionalProxy | EdgeProxy], secret_ttl: Duration
) -> None:
    stack = new_stack(region=EDGE_REGION)
    client = _rotating(stack, overlap=Duration.minutes(10))
    with pytest.raises(PropertyError, match=r"secret_ttl must be shorter than the rotation's overlap \(10 minutes\)"):
        variant(stack, "Proxy", app_clients=[client], secret_ttl=secret_ttl)


def test_a_proxy_that_says_nothing_keeps_the_secret_for_less() -> None:
    stack = new_stack()
    RegionalProxy(stack, "Proxy", app_clients=[_rotating(stack, overlap=Duration.minutes(10))])


@pytest.mark.proves("secret-time-to-live")
def test_the_default_time_to_live_is_the_functions_own() -> None:
    assert DEFAULT_SECRET_TTL.to_seconds() == DEFAULT_SECRET_TTL_SECONDS


def _rotating(stack: Stack, *, overlap: Duration) -> AppClient:
    pool = cognito.UserPool(stack, "Pool")
    return AppClient(stack, "WebClient", user_pool=pool, rotation=Duration.days(30), rotation_overlap=overlap)
