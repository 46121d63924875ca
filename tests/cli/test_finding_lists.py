"""From a stack or a web ACL to the lists: what is found, and what is said when something is missing."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from typer.testing import CliRunner

from cognito_proxy.cli.app import app
from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.proxy_lists import ListName, find_lists
from cognito_proxy.firewall.ip_list_expiry import IpListExpiry
from cognito_proxy.firewall.ip_lists import MAX_ADDRESSES, IpList
from cognito_proxy.firewall.web_acl import FirewallRule, ProxyWebAcl
from cognito_proxy.list_edits import stores
from cognito_proxy.list_edits.by_hand import BY_HAND
from cognito_proxy.list_edits.ip_set import WafArn
from cognito_proxy.list_edits.table import EntryTable
from cognito_proxy.list_edits.table_layout import TABLE_TAG
from local.simulators.waf.api import KeptIpSet
from tests.cli.deployed_proxy import DeployedProxy, create_stack, list_rule
from tests.cli.waf_stub import WafStub


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and the one line on stderr of `cognito-proxy ip list`."""
    result = CliRunner().invoke(app, ["ip", "list", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr.removesuffix("\n")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """A web ACL with everything that has to do with lists."""
    stack = cdk.Stack(cdk.App(), "Test")
    web_acl = ProxyWebAcl(
        stack,
        "WebAcl",
        allow_ips="192.0.2.1,2001:db8:a::/48",
        deny_ips="198.51.100.0/24",
        allowed_origins=["https://app.example.com"],
    )
    IpListExpiry(stack, "IpListExpiry", web_acl=web_acl)
    return Template.from_stack(stack).to_json()


def test_finds_what_the_constructs_make(template: dict[str, Any], proxy: DeployedProxy) -> None:
    arn, ip_sets = deployed(template, proxy.waf)
    found = find_lists(Aws(), WafArn.parse(arn))
    assert {name: set(each.by_hand) for name, each in found.lists.items()} == {name: {4, 6} for name in ListName}
    ids = {
        (name, version): hand_list.entries.ip_set_id
        for name, each in found.lists.items()
        for version, hand_list in each.by_hand.items()
        if isinstance(hand_list.entries, EntryTable)
    }
    assert ids == {
        (name, version): next(
            ip_set.id for logical_id, ip_set in ip_sets.items() if f"{name.value}V{version}" in logical_id
        )
        for name in ListName
        for version in (4, 6)
    }
    assert found.lists[ListName.ALLOW].from_settings == IpList(v4=("192.0.2.1/32",), v6=("2001:db8:a::/48",))
    assert found.lists[ListName.DENY].from_settings == IpList(v4=("198.51.100.0/24",))


def test_names_agree_with_the_construct(template: dict[str, Any]) -> None:
    assert [name.value for name in ListName] == [FirewallRule.ALLOW_LIST.value, FirewallRule.DENY_LIST.value]
    by_hand = [ip_set for ip_set in ip_sets_of(template).values() if ip_set.get("Description", "").endswith(BY_HAND)]
    assert len(by_hand) == 4
    assert stores.MAX_ADDRESSES == MAX_ADDRESSES


def test_the_web_acl_is_enough(proxy: DeployedProxy) -> None:
    assert run("--web-acl-arn", proxy.web_acl_arn) == (0, "")


def test_the_web_acl_goes_before_a_stack_of_the_environment(
    proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COGNITO_PROXY_STACK", "nowhere")
    assert run("--web-acl-arn", proxy.web_acl_arn) == (0, "")


def test_the_stack_may_come_from_the_environment(proxy: DeployedProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGNITO_PROXY_STACK", proxy.stack)
    assert run() == (0, "")


def test_asks_for_a_stack_or_a_web_acl(proxy: DeployedProxy) -> None:
    assert run() == (2, "error: give --stack, the proxy's CloudFormation stack, --web-acl-arn, or --local")


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("acl", "--web-acl-arn: 'acl' is not an ARN of AWS WAF"),
        ("arn:aws:s3:::bucket", "--web-acl-arn: 'arn:aws:s3:::bucket' is not an ARN of AWS WAF"),
        ("arn:aws:wafv2:eu-west-1:1:regional/ipset/a/b", "is the ARN of another thing (ipset)"),
    ],
)
def test_refuses_what_is_no_web_acl(proxy: DeployedProxy, arn: str, message: str) -> None:
    code, line = run("--web-acl-arn", arn)
    assert code == 2
    assert message in line


def test_names_a_web_acl_that_is_gone(proxy: DeployedProxy) -> None:
    proxy.waf.web_acls.clear()
    code, line = run("--stack", proxy.stack)
    assert code == 1
    assert line.startswith("error: web ACL acl-")
    assert line.endswith(": not in eu-west-1")


def test_names_a_stack_without_the_output(proxy: DeployedProxy) -> None:
    name = f"{proxy.stack}-other"
    create_stack(proxy.emulator.client("cloudformation"), name, {"Other": "x"})
    assert run("--stack", name) == (
        1,
        f"error: stack {name}: no output WebAclArn in eu-west-1; give the web ACL itself with --web-acl-arn",
    )


def test_says_what_to_add_where_there_is_no_table(proxy: DeployedProxy) -> None:
    arn = proxy.waf.add_web_acl("bare", [list_rule("AllowList", proxy.allow.values())], {})
    assert run("--web-acl-arn", arn) == (
        1,
        f"error: web ACL bare: no tag {TABLE_TAG}, so no table for notes and expiry; add IpListExpiry to its stack",
    )


def test_names_the_rule_of_a_foreign_web_acl(proxy: DeployedProxy) -> None:
    rules = [list_rule("AllowList", proxy.allow.values()), list_rule("DenyList", [proxy.deny[4]] * 2)]
    arn = proxy.waf.add_web_acl("foreign", rules, {TABLE_TAG: "table"})
    assert run("--web-acl-arn", arn) == (
        1,
        "error: web ACL foreign: its rule DenyList has no IP set for editing by hand for IPV6",
    )


def test_the_region_of_a_cloudfront_web_acl_is_its_own() -> None:
    arn = WafArn.parse("arn:aws:wafv2:us-east-1:1:global/webacl/name/id")
    assert (arn.region, arn.key) == ("us-east-1", {"Name": "name", "Scope": "CLOUDFRONT", "Id": "id"})


def deployed(template: dict[str, Any], waf: WafStub) -> tuple[str, dict[str, KeptIpSet]]:
    """The template's web ACL and IP sets in the stub; gives the ARN and the IP sets by logical id."""
    ip_sets = {
        logical_id: waf.add_ip_set(
            logical_id, found["IPAddressVersion"], found.get("Description", ""), found["Addresses"]
        )
        for logical_id, found in ip_sets_of(template).items()
    }
    arns = {logical_id: ip_set.arn for logical_id, ip_set in ip_sets.items()}
    (web_acl,) = (r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::WAFv2::WebACL")
    rules = [
        {"Name": rule["Name"], "Statement": resolved(rule["Statement"], arns)}
        for rule in web_acl["Rules"]
        if rule["Name"] in ("AllowList", "DenyListPreflight", "DenyList")
    ]
    tags = {tag["Key"]: str(tag["Value"]) for tag in web_acl["Tags"]}
    return waf.add_web_acl("acl", [without_matches(rule) for rule in rules], tags), ip_sets


def resolved(value: Any, arns: dict[str, str]) -> Any:
    """The ARNs of the IP sets instead of `Fn::GetAtt`, and the API's spelling of the member."""
    if isinstance(value, list):
        return [resolved(item, arns) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value:
        return arns[value["Fn::GetAtt"][0]]
    return {{"Arn": "ARN"}.get(key, key): resolved(item, arns) for key, item in value.items()}


def without_matches(rule: dict[str, Any]) -> dict[str, Any]:
    """The preflight's rule keeps its name only: that it matches a method is not what this is about."""
    if "AndStatement" not in rule["Statement"]:
        return rule
    return {"Name": rule["Name"], "Statement": rule["Statement"]["AndStatement"]["Statements"][1]}


def ip_sets_of(template: dict[str, Any]) -> dict[str, Any]:
    """Properties of the IP sets by logical id."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::WAFv2::IPSet"
    }
