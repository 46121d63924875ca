"""Monitoring and CognitoAlarms as constructs: what is refused, and what is there once."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Template

from cognito_proxy import AppClient, CognitoLimits, Monitoring, PropertyError, ProxyAlarms, RegionalProxy
from tests.constructs.synthesized import new_stack

ALARM = "AWS::CloudWatch::Alarm"


def monitored(**properties: Any) -> Monitoring:
    stack = new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"), rotation=Duration.days(30))
    proxy = RegionalProxy(stack, "Proxy", app_clients=[client])
    if properties.pop("with_alarms", False):
        properties["proxy_alarms"] = ProxyAlarms(stack, "Alarms", proxy=proxy)
    return Monitoring(stack, "Monitoring", proxy=proxy, **properties)


def test_alarms_that_are_there_already_keep_their_ids_and_their_topic_tells_of_everything() -> None:
    monitoring = monitored(with_alarms=True)
    template = Template.from_stack(monitoring.node.scope)  # type: ignore[arg-type]
    (topic,) = template.find_resources("AWS::SNS::Topic")
    assert topic.startswith("AlarmsTopic")
    alarms = template.find_resources(ALARM)
    assert [name for name in alarms if name.startswith("AlarmsServerErrors")]
    watched = [alarm["Properties"].get("MetricName") for alarm in alarms.values()]
    assert watched.count("5XXError") == 1
    assert {str(alarm["Properties"]["AlarmActions"]) for alarm in alarms.values()} == {str([{"Ref": topic}])}


@pytest.mark.proves("dashboard-made")
def test_least_makes_everything_itself() -> None:
    monitoring = monitored()
    template = Template.from_stack(monitoring.node.scope)  # type: ignore[arg-type]
    template.resource_count_is("AWS::CloudWatch::Dashboard", 1)
    template.resource_count_is("AWS::SNS::Topic", 1)
    # All, and the rotation's.
    template.resource_count_is(ALARM, len(monitoring.alarms) + 1)


def test_a_category_without_a_limit_has_no_alarm() -> None:
    limits = CognitoLimits(user_federation=None, user_authentication=500)
    assert limits.by_category() == {
        "UserAuthentication": 500,
        "UserCreation": 50,
        "UserAccountRecovery": 30,
        "UserToken": 120,
    }
    assert len(monitored(limits=limits).alarms) == len(monitored().alarms) - 3


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"with_alarms": True, "email": "ops@example.com"}, "email: given beside proxy_alarms"),
        ({"failed_percent": 0}, "failed_percent must be from 0.01 to 100 percent, not 0"),
        ({"latency": Duration.minutes(1)}, "latency must be from"),
        ({"throttled_calls": 0}, "throttled_calls must be from 1 to"),
        ({"blocked_requests": 0}, "blocked_requests must be from 1 to"),
    ],
)
def test_refuses(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=message):
        monitored(**properties)


def test_refuses_a_limit_of_nothing() -> None:
    with pytest.raises(PropertyError, match="user_token must be from 1 to"):
        CognitoLimits(user_token=0)
