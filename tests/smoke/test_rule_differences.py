"""Rules of a web ACL as synthesized, against those that AWS WAF tells."""

from __future__ import annotations

import copy

import pytest

from cognito_proxy.smoke.rule_differences import rule_differences

NO_OPTIONS = {
    "NotStatement": {
        "Statement": {"ByteMatchStatement": {"SearchString": "OPTIONS", "PositionalConstraint": "EXACTLY"}}
    }
}
PROMISED = [
    {
        "Name": "AllowList",
        "Priority": 0,
        "Action": {"Allow": {}},
        "Statement": {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Set", "Arn"]}}},
    },
    {
        "Name": "RateLimit",
        "Priority": 10,
        "Action": {"Block": {"CustomResponse": {"ResponseCode": 429}}},
        "Statement": {
            "RateBasedStatement": {"Limit": 1000, "AggregateKeyType": "IP", "ScopeDownStatement": NO_OPTIONS}
        },
    },
    {
        "Name": "IpReputation",
        "Priority": 20,
        "OverrideAction": {"None": {}},
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesIpReputation"}},
    },
]


@pytest.fixture
def live():
    """As the API tells them: other spellings, bytes, defaults."""
    rules = copy.deepcopy(PROMISED)
    rules[0]["Statement"] = {"IPSetReferenceStatement": {"ARN": "arn:aws:wafv2:eu-west-1:1:regional/ipset/a/b"}}
    rate = rules[1]["Statement"]["RateBasedStatement"]
    rate["EvaluationWindowSec"] = 300
    rate["ScopeDownStatement"]["NotStatement"]["Statement"]["ByteMatchStatement"]["SearchString"] = b"OPTIONS"
    for rule in rules:
        rule["VisibilityConfig"] = {"MetricName": rule["Name"]}
    return rules


def test_defaults_and_spellings_of_the_api_are_no_difference(live):
    assert rule_differences(PROMISED, live) == []


def test_a_rule_that_counts_is_named(live):
    live[1]["Action"] = {"Count": {}}
    assert rule_differences(PROMISED, live) == ["RateLimit counts where it blocks"]


def test_a_group_that_counts_is_named(live):
    live[2]["OverrideAction"] = {"Count": {}}
    assert rule_differences(PROMISED, live) == ["IpReputation counts where it lets its group decide"]


def test_a_missing_and_a_strange_rule_are_named(live):
    live[1]["Name"] = "Other"
    assert rule_differences(PROMISED, live) == ["RateLimit is missing", "Other is not of this deployment"]


@pytest.mark.parametrize(
    "change",
    [
        lambda rate: rate.update(Limit=100_000),
        lambda rate: rate.pop("ScopeDownStatement"),
        lambda rate: rate["ScopeDownStatement"]["NotStatement"]["Statement"]["ByteMatchStatement"].update(
            SearchString=b"options"
        ),
    ],
    ids=["limit", "without its scope", "another text"],
)
def test_another_statement_is_named(live, change):
    change(live[1]["Statement"]["RateBasedStatement"])
    assert rule_differences(PROMISED, live) == ["RateLimit: its statement is another one"]


def test_another_response_is_named(live):
    live[1]["Action"]["Block"]["CustomResponse"]["ResponseCode"] = 200
    assert rule_differences(PROMISED, live) == ["RateLimit: its response is another one"]


def test_another_order_is_told(live):
    live[0]["Priority"] = 15
    assert rule_differences(PROMISED, live) == ["the order is another one"]


def test_an_ip_set_reference_that_is_gone_is_a_difference(live):
    live[0]["Statement"] = {"GeoMatchStatement": {"CountryCodes": ["CH"]}}
    assert rule_differences(PROMISED, live) == ["AllowList: its statement is another one"]
