"""The web ACL's log: AWS's form, and what the logging configuration redacts and drops."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.simulators.common.http import HttpRequest
from local.simulators.waf import Action, FirewallError, Verdict, firewall_hook, load_web_acl
from local.simulators.waf.log import REDACTED, WafLog, WafLogging, read_logging

SAMPLES = Path(__file__).resolve().parents[2] / "queries" / "samples" / "waf.ndjson"
STOPPED = {
    "DefaultBehavior": "DROP",
    "Filters": [
        {
            "Behavior": "KEEP",
            "Requirement": "MEETS_ANY",
            "Conditions": [{"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT")],
        }
    ],
}
RATE = {
    "Name": "RateLimit",
    "Priority": 0,
    "Statement": {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 10}},
    "Action": {"Block": {}},
    "VisibilityConfig": {"MetricName": "m", "CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": True},
}
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Acl": {
            "Type": "AWS::WAFv2::WebACL",
            "Properties": {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "Rules": [RATE]},
        },
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "aws-waf-logs-x"}},
        "Logging": {
            "Type": "AWS::WAFv2::LoggingConfiguration",
            "Properties": {
                "ResourceArn": {"Fn::GetAtt": ["Acl", "Arn"]},
                "LogDestinationConfigs": [{"Fn::Join": ["", ["arn:", {"Ref": "Group"}]]}],
                "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
                "LoggingFilter": STOPPED,
            },
        },
    }
}
REQUEST = HttpRequest(
    method="POST",
    path="/prod/",
    headers=(("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp"), ("Authorization", "sentinel-credential")),
    body=b'{"Password": "sentinel-password"}',
    client_ip="192.0.2.1",
)


def verdict(action: Action, *counted: str, rule: str | None = None) -> Verdict:
    return Verdict(action=action, rule=rule, response=None, counted=counted)


def written(given: Verdict, logging: WafLogging | None = None) -> list[str]:
    lines: list[str] = []
    found = logging or read_logging(TEMPLATE, web_acl="Acl")
    assert found is not None
    WafLog(found, lines.append, arn="arn", source="APIGW").write(REQUEST, given)
    return lines


def test_a_line_has_the_form_of_aws_and_nothing_secret() -> None:
    (line,) = written(verdict(Action.BLOCK, "Counted", rule="RateLimit"))
    record = json.loads(line)
    sample = json.loads(SAMPLES.read_text(encoding="utf-8").splitlines()[0])
    assert set(record) <= set(sample) | {"labels", "requestHeadersInserted", "responseCodeSent"}
    assert set(record["httpRequest"]) <= set(sample["httpRequest"])
    assert (record["action"], record["terminatingRuleId"], record["terminatingRuleType"]) == (
        "BLOCK",
        "RateLimit",
        "RATE_BASED",
    )
    assert record["httpRequest"]["clientIp"] == "192.0.2.1"
    assert {"name": "Authorization", "value": REDACTED} in record["httpRequest"]["headers"]
    assert [each["ruleId"] for each in record["nonTerminatingMatchingRules"]] == ["Counted"]
    assert "sentinel" not in line


def test_a_query_is_logged_unless_it_is_redacted() -> None:
    request = replace(REQUEST, query="id_token_hint=sentinel.token")
    found = read_logging(TEMPLATE, web_acl="Acl")
    template = copy.deepcopy(TEMPLATE)
    template["Resources"]["Logging"]["Properties"]["RedactedFields"].append({"QueryString": {}})
    redacting = read_logging(template, web_acl="Acl")
    for logging, args in ((found, request.query), (redacting, REDACTED)):
        assert logging is not None
        lines: list[str] = []
        WafLog(logging, lines.append, arn="arn", source="APIGW").write(request, verdict(Action.BLOCK, rule="RateLimit"))
        assert json.loads(lines[0])["httpRequest"]["args"] == args


def test_the_filter_keeps_what_was_stopped_or_counted() -> None:
    assert written(verdict(Action.ALLOW)) == []
    assert len(written(verdict(Action.ALLOW, "Counted"))) == 1
    assert len(written(verdict(Action.BLOCK, rule="DenyList"))) == 1


def test_without_a_filter_everything_is_logged() -> None:
    everything = WafLogging(log_group="Group", redacted=frozenset(), rate_based=frozenset(), log_filter=None)
    (line,) = written(verdict(Action.ALLOW), everything)
    assert json.loads(line)["terminatingRuleId"] == "Default_Action"


def test_a_condition_that_is_not_modelled_is_an_error() -> None:
    labels = {"LabelNameCondition": {"LabelName": "x"}}
    odd = {**STOPPED, "Filters": [{**STOPPED["Filters"][0], "Conditions": [labels]}]}  # type: ignore[dict-item]
    logging = WafLogging(log_group="Group", redacted=frozenset(), rate_based=frozenset(), log_filter=odd)
    with pytest.raises(FirewallError, match="LabelNameCondition is not modelled"):
        written(verdict(Action.BLOCK), logging)


def test_another_web_acl_s_log_is_none_of_its() -> None:
    assert read_logging(TEMPLATE, web_acl="Other") is None


def test_the_firewall_tells_every_verdict() -> None:
    told: list[str | None] = []
    hook = firewall_hook(load_web_acl(TEMPLATE, logical_id="Acl"), tell=lambda _, given: told.append(given.rule))
    for _ in range(12):
        asyncio.run(hook(REQUEST))  # type: ignore[arg-type]
    assert told[0] is None
    assert told[-1] == "RateLimit"
