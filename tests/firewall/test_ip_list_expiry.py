"""IpListExpiry: what it makes, what its function may do, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cdk_nag
import pytest
from aws_cdk import App, Duration, Stack, Validations
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

from cognito_proxy import PropertyError
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.ip_list_expiry import IpListExpiry
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.list_edits.table_layout import TABLE_TAG
from tests.cfn_lint import findings
from tests.constructs.synthesized import attributes_read, new_stack, only, statements
from tests.syntheses import template_validation


@pytest.fixture(scope="module")
def least() -> Template:
    """The least one can write."""
    stack = new_stack()
    IpListExpiry(stack, "Expiry", web_acl=ProxyWebAcl(stack, "WebAcl"))
    return Template.from_stack(stack)


@pytest.fixture(scope="module")
def full() -> Template:
    """Everything set, with lists from the settings beside those by hand."""
    stack = new_stack(region="us-east-1")
    web_acl = ProxyWebAcl(
        stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT, allow_ips="192.0.2.1", deny_ips="2001:db8::/32"
    )
    IpListExpiry(
        stack,
        "Expiry",
        web_acl=web_acl,
        interval=Duration.minutes(15),
        log_retention=logs.RetentionDays.ONE_WEEK,
    )
    return Template.from_stack(stack)


def by_hand(template: Template) -> set[str]:
    """Logical ids of the IP sets that people edit."""
    found = template.find_resources("AWS::WAFv2::IPSet")
    return {logical_id for logical_id, ip_set in found.items() if "Description" in ip_set["Properties"]}


@pytest.mark.proves("expired-taken-off")
def test_runs_every_five_minutes(least: Template) -> None:
    least.has_resource_properties("AWS::Events::Rule", {"ScheduleExpression": "rate(5 minutes)"})


def test_everything_can_be_set(full: Template) -> None:
    full.has_resource_properties("AWS::Events::Rule", {"ScheduleExpression": "rate(15 minutes)"})
    full.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 7})


@pytest.mark.parametrize("name", ["least", "full"])
def test_the_function_may_do_what_it_does_to_these_lists_and_no_more(name: str, request: pytest.FixtureRequest) -> None:
    template = request.getfixturevalue(name)
    allowed = {
        action: attributes_read(statement["Resource"])
        for statement in statements(template, "ExpiryRole")
        for action in statement["Action"]
    }
    lists = {(logical_id, "Arn") for logical_id in by_hand(template)}
    assert len(lists) == 4
    (table,) = template.find_resources("AWS::DynamoDB::Table")
    assert {action: found for action, found in allowed.items() if not action.startswith("logs:")} == {
        "wafv2:GetIPSet": lists,
        "wafv2:UpdateIPSet": lists,
        "dynamodb:Query": {(table, "Arn")},
        "dynamodb:PutItem": {(table, "Arn")},
        "dynamodb:DeleteItem": {(table, "Arn")},
    }
    function = only(template, "AWS::Lambda::Function")["Properties"]
    assert attributes_read(function["Environment"]["Variables"]["IP_SET_ARNS"]) == lists


def test_the_web_acl_names_the_table(least: Template) -> None:
    (table,) = least.find_resources("AWS::DynamoDB::Table")
    assert only(least, "AWS::WAFv2::WebACL")["Properties"]["Tags"] == [{"Key": TABLE_TAG, "Value": {"Ref": table}}]


def test_the_lists_themselves_are_left_alone(least: Template) -> None:
    stack = new_stack()
    ProxyWebAcl(stack, "WebAcl")
    without = Template.from_stack(stack).find_resources("AWS::WAFv2::IPSet")
    assert least.find_resources("AWS::WAFv2::IPSet") == without


def test_notes_outlive_the_stack_as_the_lists_do(least: Template) -> None:
    table = only(least, "AWS::DynamoDB::Table")
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    # DynamoDB would delete the entry and leave the address on the list.
    assert "TimeToLiveSpecification" not in table["Properties"]


def test_ids_stay() -> None:
    stack = new_stack()
    expiry = IpListExpiry(stack, "Expiry", web_acl=ProxyWebAcl(stack, "WebAcl"))
    assert {child.node.id for child in expiry.node.children} == {"Function", "LogGroup", "Role", "Schedule", "Table"}
    assert stack.get_logical_id(expiry.table.node.default_child) == "ExpiryTable481EB7D0"  # type: ignore[arg-type]


def test_errors_can_be_watched() -> None:
    stack = new_stack()
    expiry = IpListExpiry(stack, "Expiry", web_acl=ProxyWebAcl(stack, "WebAcl"))
    metric = expiry.metric_errors()
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("AWS/Lambda", "Errors", "Sum")


@pytest.mark.parametrize(
    ("interval", "message"),
    [
        (Duration.seconds(30), "interval must be from 1 minute to 1 hour, not 30 seconds"),
        (Duration.minutes(61), "interval must be from 1 minute to 1 hour, not 1 hour 1 minute"),
        (Duration.seconds(90), "interval must be whole minutes, not 1 minute 30 seconds"),
    ],
)
def test_refuses_an_interval_out_of_bounds(interval: Duration, message: str) -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match=message):
        IpListExpiry(stack, "Expiry", web_acl=ProxyWebAcl(stack, "WebAcl"), interval=interval)


def test_refuses_a_web_acl_of_another_stack() -> None:
    app = App()
    web_acl = ProxyWebAcl(Stack(app, "One"), "WebAcl")
    with pytest.raises(PropertyError, match="web_acl must be in the same stack, Two, not in One"):
        IpListExpiry(Stack(app, "Two"), "Expiry", web_acl=web_acl)


def test_cdk_nag_and_cfn_lint_are_content(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Stack")
    IpListExpiry(stack, "Expiry", web_acl=ProxyWebAcl(stack, "WebAcl"))
    Validations.of(app).add_plugins(template_validation(), cdk_nag.AwsSolutionsChecks())
    app.synth()
    report: dict[str, Any] = json.loads((tmp_path / "validation-report.json").read_text())
    assert [violation for plugin in report["pluginReports"] for violation in plugin["violations"]] == []
    assert findings((tmp_path / "Stack.template.json").read_text()) == ()
