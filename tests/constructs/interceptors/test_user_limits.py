"""`UserLimits` of a regional proxy: its table, its settings, and what the function may do with the table."""

import json
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import (
    AppClient,
    FailurePolicy,
    LimitedGroup,
    PropertyError,
    ProxyAlarms,
    RegionalProxy,
    UserLimits,
)
from cognito_proxy.interceptors import counter_table
from proxy import counters
from proxy.interceptors.user_limits import limits_of
from proxy.interceptors.user_limits.groups import Group
from tests.constructs.synthesized import new_stack


def proxy_with(limits: UserLimits | None, stack: Stack | None = None) -> RegionalProxy:
    stack = stack or new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    return RegionalProxy(stack, "Proxy", app_clients=[client], user_limits=limits)


def template_of(proxy: RegionalProxy) -> Template:
    return Template.from_stack(Stack.of(proxy))


def part_in(template: Template) -> dict[str, Any]:
    """The function's settings, with a name for the table."""
    (variables,) = [
        function["Properties"]["Environment"]["Variables"]
        for function in template.find_resources("AWS::Lambda::Function").values()
        if "PROXY_SETTINGS" in function["Properties"].get("Environment", {}).get("Variables", {})
    ]
    joined = variables["PROXY_SETTINGS"]["Fn::Join"][1]
    text = "".join(
        piece if isinstance(piece, str) else "TABLE" if "CounterTable" in json.dumps(piece) else "x" for piece in joined
    )
    part: dict[str, Any] = json.loads(text)["user_limits"]
    return part


def statements_on(template: Template, name: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if name in json.dumps(statement["Resource"])
    ]


def test_without_limits_there_is_no_table() -> None:
    template = template_of(proxy_with(None))
    template.resource_count_is("AWS::DynamoDB::Table", 0)
    assert "user_limits" not in json.dumps(template.to_json())


def test_the_least_one_can_write() -> None:
    template = template_of(proxy_with(UserLimits()))
    template.has_resource(
        "AWS::DynamoDB::Table",
        {
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "key", "KeyType": "HASH"}],
                "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
                "SSESpecification": Match.absent(),
            },
        },
    )
    part = part_in(template)
    assert part == {
        "table": "TABLE",
        "attempts": 10,
        "network_attempts": 100,
        "window": 1200,
        "remembered": 30 * 86_400,
    }
    limits = limits_of(part)
    assert (limits.groups, limits.closed) == (frozenset(Group), False)


def test_everything_set() -> None:
    limits = UserLimits(
        attempts=5,
        network_attempts=50,
        window=Duration.hours(1),
        remembered=Duration.days(7),
        groups=[LimitedGroup.RECOVERY, LimitedGroup.SIGN_IN],
        when_unavailable=FailurePolicy.CLOSED,
    )
    part = part_in(template_of(proxy_with(limits)))
    assert limits_of(part) == (
        "TABLE",
        5,
        50,
        3600,
        7 * 86_400,
        frozenset({Group.SIGN_IN, Group.RECOVERY}),
        True,
    )


def test_the_function_may_count_and_mark_and_nothing_else() -> None:
    template = template_of(proxy_with(UserLimits()))
    (statement,) = statements_on(template, "CounterTable")
    assert sorted(statement["Action"]) == ["dynamodb:BatchWriteItem", "dynamodb:UpdateItem"]
    assert "*" not in json.dumps(statement["Resource"])


def test_a_key_of_ones_own_encrypts_the_table() -> None:
    stack = new_stack()
    proxy = proxy_with(None, stack)
    made = UserLimits().make(proxy, encryption_key=kms.Key(stack, "Key"))
    made.grant(proxy.function)
    template = template_of(proxy)
    template.has_resource_properties(
        "AWS::DynamoDB::Table", {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"}}
    )
    assert any("kms:Decrypt" in statement["Action"] for statement in statements_on(template, "Key"))


def test_counters_of_one_proxy_share_a_table() -> None:
    proxy = proxy_with(UserLimits())
    assert counter_table.counter_table(proxy) is counter_table.counter_table(proxy)
    template_of(proxy).resource_count_is("AWS::DynamoDB::Table", 1)


def test_an_alarm_rings_when_nothing_can_be_counted() -> None:
    proxy = proxy_with(UserLimits())
    ProxyAlarms(Stack.of(proxy), "Alarms", proxy=proxy)
    template_of(proxy).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Namespace": "CognitoProxy",
            "MetricName": "CounterFailures",
            "Statistic": "Sum",
            "Dimensions": Match.array_with([{"Name": "variant", "Value": "regional"}]),
        },
    )


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"attempts": 2}, "attempts must be from 3 to 1,000 attempts, not 2"),
        ({"attempts": 1001}, "attempts must be from 3 to 1,000"),
        ({"network_attempts": 9}, "network_attempts must be from 10 to 100,000 attempts, not 9"),
        ({"window": Duration.seconds(59)}, "window must be from 1 minute to "),
        ({"window": Duration.hours(25)}, "window must be from 1 minute to "),
        ({"remembered": Duration.hours(23)}, "remembered must be from 1 day to 400 days"),
        ({"groups": []}, "groups must hold at least one LimitedGroup"),
    ],
)
def test_refuses_what_is_out_of_bounds(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError) as raised:
        UserLimits(**properties)
    assert message in str(raised.value)


@pytest.mark.parametrize(("minutes", "warns"), [(17, True), (18, False), (20, False)])
def test_a_window_in_which_cognitos_own_lock_never_ends_warns(minutes: int, *, warns: bool) -> None:
    proxy = proxy_with(UserLimits(window=Duration.minutes(minutes)))
    found = Annotations.from_stack(Stack.of(proxy)).find_warning("*", Match.string_like_regexp("user_limits: a window"))
    assert bool(found) == warns


def test_library_and_function_agree() -> None:
    assert (counter_table.PARTITION_KEY, counter_table.EXPIRY) == (counters.PARTITION_KEY, counters.EXPIRY)
    assert [group.value for group in LimitedGroup] == [group.value for group in Group]
