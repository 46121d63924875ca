"""UserEvents: the bus, the queue behind it, and what the proxy may do with both."""

import json
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from cognito_proxy import AppClient, EdgeProxy, PropertyError, ProxyAlarms, RegionalProxy, UserEvents
from cognito_proxy.interceptors.user_events import MadeUserEvents
from tests.constructs.synthesized import REGION, joined, new_stack, only

QUEUE, BUS, ALARM = "AWS::SQS::Queue", "AWS::Events::EventBus", "AWS::CloudWatch::Alarm"


def proxy_with(user_events: UserEvents | None, stack: Stack | None = None) -> RegionalProxy:
    stack = stack or new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    return RegionalProxy(stack, "Proxy", app_clients=[client], events=user_events)


def template_of(proxy: RegionalProxy) -> Template:
    return Template.from_stack(Stack.of(proxy))


def settings_in(template: Template) -> Any:
    functions = template.find_resources("AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}})
    (function,) = functions.values()
    return json.loads(joined(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"]))


def statements(template: Template) -> list[Any]:
    return [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


@pytest.fixture(scope="module")
def least() -> Template:
    """A bus of the proxy's own."""
    return template_of(proxy_with(UserEvents()))


def test_without_events_there_is_nothing_of_them() -> None:
    proxy = proxy_with(None)
    assert (proxy.event_bus, proxy.undelivered_events) == (None, None)
    template = template_of(proxy)
    for kind in (QUEUE, BUS):
        template.resource_count_is(kind, 0)
    assert "events" not in settings_in(template)


def test_the_proxy_has_a_bus_of_its_own_and_a_queue_that_is_encrypted_and_takes_tls_only(least: Template) -> None:
    only(least, BUS)
    queue = only(least, QUEUE)
    assert queue["Properties"] == {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 24 * 3600}
    least.has_resource_properties(
        "AWS::SQS::QueuePolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
                ]
            }
        },
    )


def test_the_function_may_put_events_on_that_bus_and_send_to_that_queue_and_no_more(least: Template) -> None:
    (bus,), (queue,) = least.find_resources(BUS), least.find_resources(QUEUE)
    found = {
        action: statement["Resource"]
        for statement in statements(least)
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        if action.startswith(("events:", "sqs:"))
    }
    assert found.pop("events:PutEvents") == {"Fn::GetAtt": [bus, "Arn"]}
    assert found == {"sqs:SendMessage": {"Fn::GetAtt": [queue, "Arn"]}}


def test_the_function_is_told_where_events_go(least: Template) -> None:
    (bus,), (queue,) = least.find_resources(BUS), least.find_resources(QUEUE)
    assert settings_in(least)["events"] == {"bus": f"<{bus}.Arn>", "queue": f"<{queue}>"}


def test_sign_ins_are_told_by_choice() -> None:
    assert settings_in(template_of(proxy_with(UserEvents(sign_ins=True))))["events"]["sign_ins"] is True


def test_a_bus_of_the_user_s_is_used_and_none_is_made() -> None:
    stack = new_stack()
    arn = f"arn:aws:events:{REGION}:111122223333:event-bus/ours"
    bus = events.EventBus.from_event_bus_arn(stack, "Ours", arn)
    proxy = proxy_with(UserEvents(bus=bus), stack)
    assert proxy.event_bus is bus
    template = template_of(proxy)
    template.resource_count_is(BUS, 0)
    assert settings_in(template)["events"]["bus"] == arn
    assert [each["Resource"] for each in statements(template) if each["Action"] == "events:PutEvents"] == [arn]


def test_a_bus_in_another_region_is_refused() -> None:
    stack = new_stack()
    bus = events.EventBus.from_event_bus_arn(stack, "Ours", "arn:aws:events:us-west-2:111122223333:event-bus/ours")
    with pytest.raises(PropertyError, match=r"bus must be in the proxy's Region, eu-west-1, not in us-west-2"):
        proxy_with(UserEvents(bus=bus), stack)


def test_where_the_region_is_known_at_deploy_time_only_no_bus_is_refused() -> None:
    stack = new_stack(region=None)
    bus = events.EventBus.from_event_bus_arn(stack, "Ours", "arn:aws:events:us-west-2:111122223333:event-bus/ours")
    assert proxy_with(UserEvents(bus=bus), stack).event_bus is bus


def test_with_a_key_bus_and_queue_are_encrypted_with_it_and_the_function_may_use_it() -> None:
    stack = Stack(App(), "Stack", env=Environment(region=REGION))
    made = UserEvents().make(stack, encryption_key=kms.Key(stack, "Key"))
    assert isinstance(made, MadeUserEvents)
    function = proxy_with(None, stack).function
    made.grant(function)
    template = Template.from_stack(stack)
    (key,) = template.find_resources("AWS::KMS::Key")
    arn = {"Fn::GetAtt": [key, "Arn"]}
    assert only(template, QUEUE)["Properties"]["KmsMasterKeyId"] == arn
    assert only(template, BUS)["Properties"]["KmsKeyIdentifier"] == arn
    (uses,) = (each for each in statements(template) if "kms:GenerateDataKey" in each["Action"])
    assert uses["Condition"] == {"StringEquals": {"kms:ViaService": f"sqs.{REGION}.amazonaws.com"}}
    assert (uses["Action"], uses["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], arn)


@pytest.mark.proves("event-alarms")
def test_the_first_event_that_is_not_delivered_rings() -> None:
    proxy = proxy_with(UserEvents())
    stack = Stack.of(proxy)
    alarms = ProxyAlarms(stack, "Alarms", proxy=proxy, threshold=7)
    template = Template.from_stack(stack)
    assert {alarm.node.id for alarm in alarms.alarms} >= {"EventFailures", "UndeliveredEvents"}
    found = {each["Properties"]["MetricName"]: each["Properties"] for each in template.find_resources(ALARM).values()}
    assert {name: each["Threshold"] for name, each in found.items()} == {
        "5XXError": 7,
        "Errors": 7,
        "Throttles": 7,
        "EventFailures": 1,
        "ApproximateNumberOfMessagesVisible": 1,
    }
    failures = found["EventFailures"]
    assert (failures["Namespace"], failures["Statistic"], failures["Period"]) == ("CognitoProxy", "Sum", 300)
    names = {each["Name"]: each["Value"] for each in failures["Dimensions"]}
    (function,) = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}}
    )
    assert names == {"variant": "regional", "function": {"Ref": function}}


def test_ids_stay() -> None:
    proxy = proxy_with(UserEvents())
    room = proxy.node.find_child("Events")
    assert {child.node.id for child in room.node.children} == {"Bus", "Undelivered"}


def test_an_edge_proxy_takes_none() -> None:
    with pytest.raises(TypeError):
        EdgeProxy(new_stack(), "Proxy", app_clients=[], events=UserEvents())  # type: ignore[call-arg]
