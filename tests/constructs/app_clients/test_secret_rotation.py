"""The construct: one pool, one secret, and what calls the function."""

from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from cognito_proxy import PropertyError
from cognito_proxy.app_clients.secret_rotation import SecretRotation
from tests.rotation.simulated_aws import TIMEOUT


def rotation(stack: Stack, **properties: Any) -> SecretRotation:
    pool = cognito.UserPool(stack, "Pool")
    return SecretRotation(
        stack,
        "Rotation",
        user_pool=pool,
        client_id="4h7example",
        secret=secretsmanager.Secret(stack, "Secret"),
        **({"every": Duration.days(30)} | properties),
    )


def new_stack() -> Stack:
    return Stack(App(), "Stack", env=Environment(region="eu-west-1"))


@pytest.fixture(scope="module")
def least() -> Template:
    stack = new_stack()
    rotation(stack)
    return Template.from_stack(stack)


@pytest.fixture(scope="module")
def full() -> Template:
    stack = new_stack()
    topic = sns.Topic(stack, "Topic")
    rotation(
        stack,
        every=Duration.days(1),
        overlap=Duration.hours(12),
        encryption_key=kms.Key(stack, "Key"),
        seeded=topic,
        alarm_action=actions.SnsAction(topic),
    )
    return Template.from_stack(stack)


def policy(template: Template) -> list[dict[str, Any]]:
    found = template.find_resources(
        "AWS::IAM::Policy", {"Properties": {"PolicyName": Match.string_like_regexp("^Rotation")}}
    )
    return [
        statement
        for name, resource in found.items()
        if name.startswith("RotationPolicy")
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]


@pytest.mark.proves("rotation-permissions")
def test_the_function_may_touch_one_pool_and_one_secret(least: Template) -> None:
    (pool,) = least.find_resources("AWS::Cognito::UserPool")
    (secret,) = least.find_resources("AWS::SecretsManager::Secret")
    assert policy(least) == [
        {
            "Effect": "Allow",
            "Action": [
                "cognito-idp:AddUserPoolClientSecret",
                "cognito-idp:DeleteUserPoolClientSecret",
                "cognito-idp:ListUserPoolClientSecrets",
            ],
            "Resource": {"Fn::GetAtt": [pool, "Arn"]},
        },
        {
            "Effect": "Allow",
            "Action": [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
            "Resource": {"Ref": secret},
        },
    ]


def test_nothing_else_gives_its_role_a_permission_but_that_of_its_log(least: Template) -> None:
    statements = [
        (statement["Action"], statement["Resource"])
        for resource in least.find_resources("AWS::IAM::Policy").values()
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]
    logs = [actions for actions, _ in statements if all(action.startswith("logs:") for action in actions)]
    assert len(statements) == 2 + len(logs)
    assert not [resource for _, resource in statements if resource == "*"]
    least.all_resources_properties("AWS::IAM::Role", {"ManagedPolicyArns": Match.absent()})


def test_a_key_of_your_own_is_used_through_secrets_manager_only(full: Template) -> None:
    (key,) = full.find_resources("AWS::KMS::Key")
    assert policy(full)[2] == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": {"Fn::GetAtt": [key, "Arn"]},
        "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}},
    }


def test_secrets_manager_of_this_account_and_the_schedule_may_call_it_and_nobody_else(least: Template) -> None:
    permissions = [found["Properties"] for found in least.find_resources("AWS::Lambda::Permission").values()]
    assert {found["Principal"] for found in permissions} == {"secretsmanager.amazonaws.com", "events.amazonaws.com"}
    for found in permissions:
        if found["Principal"].startswith("secretsmanager"):
            assert found["SourceAccount"] == {"Ref": "AWS::AccountId"}
        else:
            assert "SourceArn" in found


@pytest.mark.proves("deployments-never-rotate")
def test_a_deployment_does_not_rotate(least: Template) -> None:
    least.has_resource_properties(
        "AWS::SecretsManager::RotationSchedule",
        {"RotateImmediatelyOnUpdate": False, "RotationRules": {"AutomaticallyAfterDays": 30}},
    )


def test_the_schedule_waits_for_the_permissions_and_the_first_value(full: Template) -> None:
    (schedule,) = full.find_resources("AWS::SecretsManager::RotationSchedule").values()
    (topic,) = full.find_resources("AWS::SNS::Topic")
    (permission,) = [
        name
        for name, found in full.find_resources("AWS::Lambda::Permission").items()
        if found["Properties"]["Principal"].startswith("secretsmanager")
    ]
    policies = [name for name in full.find_resources("AWS::IAM::Policy") if name.startswith("RotationPolicy")]
    assert set(schedule["DependsOn"]) == {topic, permission, *policies}
    assert schedule["Properties"]["RotationRules"] == {"AutomaticallyAfterDays": 1}


def test_the_clean_up_comes_as_often_as_the_overlap_is_long(least: Template, full: Template) -> None:
    for template, rate in ((least, "rate(1 hour)"), (full, "rate(12 hours)")):
        (rule,) = template.find_resources("AWS::Events::Rule").values()
        assert rule["Properties"]["ScheduleExpression"] == rate
        (target,) = rule["Properties"]["Targets"]
        assert '"Step":"endPrevious"' in str(target["Input"])


def test_the_function_knows_its_app_client_and_the_overlap(full: Template) -> None:
    full.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "rotation.handler.handler",
            "Timeout": TIMEOUT,
            "Environment": {"Variables": Match.object_like({"CLIENT_ID": "4h7example", "OVERLAP_SECONDS": "43200"})},
        },
    )


@pytest.mark.proves("failed-replica-keeps")
def test_a_failure_rings_and_is_told_if_one_says_whom(least: Template, full: Template) -> None:
    failure = {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Threshold": 1, "TreatMissingData": "notBreaching"}
    least.has_resource_properties("AWS::CloudWatch::Alarm", failure | {"AlarmActions": Match.absent()})
    full.has_resource_properties("AWS::CloudWatch::Alarm", failure | {"AlarmActions": Match.any_value()})


def test_the_ids_are_as_promised(least: Template) -> None:
    names = {name[:-8] for name in least.to_json()["Resources"]}
    assert {
        "RotationFunction",
        "RotationRole",
        "RotationLogGroup",
        "RotationPolicy",
        "RotationCleanUp",
        "RotationAlarm",
        "RotationSchedule",
        "RotationSecretsManagerPermission",
    } <= names


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"every": Duration.hours(23)}, "every must be from 1 day to 1000 days, not 23 hours"),
        ({"every": Duration.days(1001)}, "every must be from 1 day to 1000 days, not 1001 days"),
        ({"every": Duration.hours(36)}, "every must be whole days, not 1 day 12 hours"),
        ({"overlap": Duration.minutes(9)}, "overlap must be from 10 minutes to 12 hours, not 9 minutes"),
        ({"overlap": Duration.hours(13)}, "overlap must be from 10 minutes to 12 hours, not 13 hours"),
        ({"overlap": Duration.seconds(630)}, "overlap must be whole minutes, not 10 minutes 30 seconds"),
    ],
)
def test_refuses_what_is_out_of_bounds(properties: dict[str, Any], told: str) -> None:
    with pytest.raises(PropertyError, match=f"^{told}$"):
        rotation(new_stack(), **properties)


def test_refuses_proxies_that_keep_a_secret_for_too_long() -> None:
    made = rotation(new_stack(), overlap=Duration.minutes(10))
    made.check_covers(Duration.minutes(5))
    with pytest.raises(PropertyError, match="secret_ttl must be shorter than the rotation's overlap"):
        made.check_covers(Duration.minutes(10))
