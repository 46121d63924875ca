"""Phone rules of a proxy: what the function is told, the table, the permission, and what is refused."""

import json
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Match, Template

from cognito_proxy import (
    AppClient,
    EdgeProxy,
    FailurePolicy,
    MessageChannel,
    MessageLimit,
    Monitoring,
    PhoneRules,
    PropertyError,
    RegionalProxy,
)
from proxy.after_answer import AfterAnswer
from proxy.call import Call
from proxy.interceptors import Tools, interceptors_of
from proxy.interceptors.message_ceilings import MessageCeilings
from proxy.interceptors.phone_rules import PhoneRules as PhoneRulesOfFunction
from proxy.pseudonyms import Pseudonyms
from proxy.settings import parse_settings
from tests.constructs.synthesized import EDGE_REGION, joined, new_stack, only

TEN = MessageLimit(messages=10)
CODES = PhoneRules(countries=["+1", "+44"], except_prefixes=["+1876"])
EVERYTHING = PhoneRules(
    countries=["+1", "+44"],
    except_prefixes=["+1876"],
    all_messages=MessageLimit(messages=500, window=Duration.minutes(30)),
    per_prefix=TEN,
    prefix_digits=6,
    channels=[MessageChannel.SMS, MessageChannel.EMAIL],
    stops_sign_ins=True,
    when_unavailable=FailurePolicy.CLOSED,
)


def client(stack: Stack) -> AppClient:
    return AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))


def regional(rules: PhoneRules | None, *, watched: bool = False) -> Template:
    stack = new_stack()
    proxy = RegionalProxy(stack, "Proxy", app_clients=[client(stack)], phone_rules=rules)
    if watched:
        Monitoring(stack, "Monitoring", proxy=proxy)
    return Template.from_stack(stack)


def document(template: Template) -> dict[str, Any]:
    functions = template.find_resources("AWS::Lambda::Function", {"Properties": {"Handler": "proxy.regional.handler"}})
    ((_, function),) = functions.items()
    text = joined(function["Properties"]["Environment"]["Variables"]["PROXY_SETTINGS"])
    settings: dict[str, Any] = json.loads(text)
    return settings


def test_the_least_is_a_list_of_calling_codes_and_makes_nothing() -> None:
    template = regional(CODES)
    assert document(template)["phone_rules"] == {"allow": ["1", "44"], "except": ["1876"]}
    assert "message_ceilings" not in document(template)
    template.resource_count_is("AWS::DynamoDB::Table", 0)


def test_everything_set() -> None:
    template = regional(EVERYTHING)
    ceilings = document(template)["message_ceilings"]
    ((table_id, _),) = template.find_resources("AWS::DynamoDB::Table").items()
    assert ceilings == {
        "table": f"<{table_id}>",
        "all": [500, 1800],
        "prefix": [10, 3600],
        "digits": 6,
        "channels": ["sms", "email"],
        "sign_ins": True,
        "closed": True,
    }


def test_what_is_a_default_is_left_out() -> None:
    ceilings = document(regional(PhoneRules(all_messages=TEN)))["message_ceilings"]
    assert ceilings.keys() == {"table", "all"}


def test_the_function_may_update_items_of_the_table_and_no_more() -> None:
    template = regional(PhoneRules(all_messages=TEN))
    ((table_id, _),) = template.find_resources("AWS::DynamoDB::Table").items()
    statement = {
        "Action": "dynamodb:UpdateItem",
        "Effect": "Allow",
        "Resource": {"Fn::GetAtt": [table_id, "Arn"]},
    }
    template.has_resource_properties(
        "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([statement])}}
    )
    assert json.dumps(template.to_json()).count("dynamodb:") == 1


@pytest.mark.parametrize("rules", [CODES, EVERYTHING, PhoneRules(per_prefix=TEN)])
def test_the_function_reads_what_the_construct_writes(rules: PhoneRules) -> None:
    settings = parse_settings(
        json.dumps(document(regional(rules)) | {"user_pool_id": "eu-west-1_x", "clients": CLIENTS})
    )
    made = interceptors_of(Tools(settings=settings, pseudonyms=_none, after_answer=AfterAnswer))
    expected = [PhoneRulesOfFunction] * rules.has_codes + [MessageCeilings] * rules.has_ceilings
    assert [type(each) for each in made] == expected


CLIENTS = {"1example": {"secret_arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf"}}


def _none(_call: Call, _deadline: float) -> Pseudonyms | None:
    return None


def test_without_rules_nothing_is_there() -> None:
    template = regional(None)
    assert not {"phone_rules", "message_ceilings"} & document(template).keys()
    template.resource_count_is("AWS::DynamoDB::Table", 0)


def test_the_edge_takes_calling_codes() -> None:
    stack = new_stack(region=EDGE_REGION)
    EdgeProxy(stack, "Proxy", app_clients=[client(stack)], phone_rules=CODES)
    distribution = only(Template.from_stack(stack), "AWS::CloudFront::Distribution")
    (origin,) = distribution["Properties"]["DistributionConfig"]["Origins"]
    (header,) = origin["OriginCustomHeaders"]
    assert '"phone_rules":{"allow":["1","44"],"except":["1876"]}' in joined(header["HeaderValue"])


@pytest.mark.parametrize("ceiling", ["all_messages", "per_prefix"])
def test_the_edge_takes_no_ceilings(ceiling: str) -> None:
    stack = new_stack(region=EDGE_REGION)
    with pytest.raises(PropertyError, match=r"^phone_rules: all_messages and per_prefix are for a RegionalProxy"):
        EdgeProxy(stack, "Proxy", app_clients=[client(stack)], phone_rules=PhoneRules(**{ceiling: TEN}))


def test_too_many_prefixes_for_the_edge_are_named() -> None:
    stack = new_stack(region=EDGE_REGION)
    rules = PhoneRules(countries=[f"+1{code}" for code in range(200, 450)])
    with pytest.raises(PropertyError, match=r"^phone_rules: with them the settings of one app client have"):
        EdgeProxy(stack, "Proxy", app_clients=[client(stack)], phone_rules=rules)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "countries: nothing is asked for; give these, except_prefixes or a ceiling"),
    ({"countries": ["1"]}, r"countries: '1' is not a plus and 1 to 15 digits, such as \+44"),
    ({"countries": ["+01"]}, r"countries: '\+01' is not"),
    ({"countries": ["+1 876"]}, r"countries: '\+1 876' is not"),
    ({"countries": "+1"}, r"countries must be a list of prefixes such as \['\+1', '\+44'\], not '\+1'"),
    ({"countries": ["+1", "+1"]}, r"countries must not hold an entry twice: \+1, \+1"),
    ({"countries": ["+1"], "except_prefixes": ["+1"]}, r"except_prefixes: \+1 stands in countries, too"),
    (
        {"countries": [f"+{n}" for n in range(1000, 1301)]},
        "countries and except_prefixes must have 300",
    ),
    ({"all_messages": TEN, "prefix_digits": 0}, "prefix_digits must be from 1 to 14, not 0"),
    ({"all_messages": TEN, "prefix_digits": 15}, "prefix_digits must be from 1 to 14, not 15"),
    ({"all_messages": TEN, "channels": []}, "channels must be some of sms, email, not"),
    ({"all_messages": TEN, "channels": ["letter"]}, "channels must be some of sms, email, not"),
    ({"all_messages": TEN, "when_unavailable": "later"}, "when_unavailable must be one of open, closed, not 'later'"),
    ({"per_prefix": TEN, "stops_sign_ins": True}, "stops_sign_ins: needs all_messages"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_misuse_is_refused_by_name(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=f"^{message}"):
        PhoneRules(**properties)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"messages": 0}, "messages must be from 1 to 100,000, not 0"),
        ({"messages": 100_001}, "messages must be from 1 to 100,000, not 100001"),
        ({"messages": 1, "window": Duration.seconds(59)}, "window must be from 1 minute to 1 day, not 59 seconds"),
        ({"messages": 1, "window": Duration.hours(25)}, "window must be from 1 minute to 1 day, not 1 day 1 hour"),
    ],
)
def test_a_limit_has_bounds(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(PropertyError, match=f"^{message}"):
        MessageLimit(**properties)


@pytest.mark.proves("alarm-message-ceiling")
def test_an_alarm_rings_when_a_ceiling_bites() -> None:
    regional(EVERYTHING, watched=True).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Namespace": "CognitoProxy",
            "MetricName": "Refusals",
            "Dimensions": Match.array_with([{"Name": "reason", "Value": "messages"}]),
            "Threshold": 1,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "TreatMissingData": "notBreaching",
            "AlarmActions": Match.any_value(),
        },
    )


@pytest.mark.parametrize("rules", [None, CODES])
def test_without_a_ceiling_there_is_no_alarm_of_it(rules: PhoneRules | None) -> None:
    assert "MessageCeiling" not in json.dumps(regional(rules, watched=True).to_json())
