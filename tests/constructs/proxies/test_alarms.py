"""ProxyAlarms: who is told of what."""

from typing import cast

import pytest
from aws_cdk import Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Match, Template

from cognito_proxy import AppClient, EdgeProxy, PropertyError, ProxyAlarms, RegionalProxy
from tests.constructs.synthesized import EDGE_REGION, new_stack, only

ALARM = "AWS::CloudWatch::Alarm"
TOPIC_POLICY = "AWS::SNS::TopicPolicy"


@pytest.mark.proves("alarm-mails")
def test_three_things_ring(alarms: Template) -> None:
    found = [alarm["Properties"] for alarm in alarms.find_resources(ALARM).values()]
    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in found} == {
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
    }
    (topic,) = alarms.find_resources("AWS::SNS::Topic")
    for alarm in found:
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Sum", 3, 300)
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.proves("alarm-mails")
def test_the_address_is_subscribed(alarms: Template) -> None:
    alarms.has_resource_properties("AWS::SNS::Subscription", {"Protocol": "email", "Endpoint": "ops@example.com"})


def test_messages_are_encrypted_with_a_key_that_rotates(alarms: Template) -> None:
    (key,) = alarms.find_resources("AWS::KMS::Key")
    alarms.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}})
    alarms.has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})
    # It stays when the topic goes, but a deployment that fails leaves none behind.
    policies = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    alarms.has_resource("AWS::KMS::Key", policies)


def test_cloudwatch_of_this_account_may_publish_and_use_the_key(alarms: Template) -> None:
    by_cloudwatch = {
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        "Effect": "Allow",
    }
    statements = only(alarms, TOPIC_POLICY)["Properties"]["PolicyDocument"]["Statement"]
    assert [statement["Action"] for statement in statements if by_cloudwatch.items() <= statement.items()] == [
        "sns:Publish"
    ]
    alarms.has_resource_properties(
        "AWS::KMS::Key",
        {
            "KeyPolicy": {
                "Statement": Match.array_with(
                    [Match.object_like(by_cloudwatch | {"Action": ["kms:Decrypt", "kms:GenerateDataKey*"]})]
                )
            }
        },
    )


def test_the_topic_takes_tls_only(alarms: Template) -> None:
    statements = only(alarms, TOPIC_POLICY)["Properties"]["PolicyDocument"]["Statement"]
    assert [
        statement
        for statement in statements
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]


def test_least_subscribes_nobody() -> None:
    stack = new_stack()
    ProxyAlarms(stack, "Alarms", proxy=_proxy(stack))
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::SNS::Subscription", 0)
    template.all_resources_properties(ALARM, {"Threshold": 5})


def test_refuses_a_threshold_below_one() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="threshold must be at least 1, not 0"):
        ProxyAlarms(stack, "Alarms", proxy=_proxy(stack), threshold=0)


def test_a_threshold_that_is_known_at_deploy_time_only_passes() -> None:
    stack = new_stack()
    number = cast("int", Token.as_number({"Ref": "Parameter"}))
    ProxyAlarms(stack, "Alarms", proxy=_proxy(stack), threshold=number, error_rate_threshold=number)
    Template.from_stack(stack).all_resources_properties(ALARM, {"Threshold": {"Ref": "Parameter"}})


@pytest.mark.proves("alarm-mails")
def test_of_the_edge_the_rate_of_errors_rings() -> None:
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    proxy = EdgeProxy(stack, "Proxy", app_clients=[client])
    ProxyAlarms(stack, "Alarms", proxy=proxy, error_rate_threshold=2.5)
    alarm = only(Template.from_stack(stack), ALARM)["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/CloudFront", "5xxErrorRate")
    assert (alarm["Statistic"], alarm["Threshold"], alarm["TreatMissingData"]) == ("Average", 2.5, "notBreaching")
    # CloudFront knows the metric under exactly these two.
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    assert dimensions == {"DistributionId": {"Ref": "ProxyDistributionEFAD9F4B"}, "Region": "Global"}


@pytest.mark.parametrize("percent", [0, -1, 100.5])
def test_refuses_a_rate_that_is_none(percent: float) -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="error_rate_threshold must be above 0, up to 100 percent, not"):
        ProxyAlarms(stack, "Alarms", proxy=_proxy(stack), error_rate_threshold=percent)


def _proxy(stack: Stack) -> RegionalProxy:
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    return RegionalProxy(stack, "Proxy", app_clients=[client])
