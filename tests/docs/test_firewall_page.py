"""What the documents say of the firewall is what is synthesized: its rules, their limits, what they cost."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

from cognito_proxy import FirewallRule, Ipv6Rates, OperationRates, ProxyWebAcl, RateLimit, WafScope
from cognito_proxy.firewall.rates import (
    DEFAULT_OAUTH_RATE,
    DEFAULT_RATE_LIMIT,
    RECOVERY_OPERATIONS,
    SIGN_IN_OPERATIONS,
    SIGN_UP_OPERATIONS,
)
from stacks.flags.app_flags import AppFlags
from tests.constructs.synthesized import only
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "firewall.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")

RATES = OperationRates()
NETWORKS = Ipv6Rates()
LIMITS: Mapping[FirewallRule, RateLimit | None] = {
    FirewallRule.RATE_LIMIT: DEFAULT_RATE_LIMIT,
    FirewallRule.SIGN_UP_RATE_LIMIT: RATES.sign_up,
    FirewallRule.RECOVERY_RATE_LIMIT: RATES.recovery,
    FirewallRule.SIGN_IN_RATE_LIMIT: RATES.sign_in,
    FirewallRule.SIGN_IN_ATTEMPT_RATE_LIMIT: RATES.sign_in_attempts,
    FirewallRule.OAUTH_RATE_LIMIT: DEFAULT_OAUTH_RATE,
    FirewallRule.IPV6_CLIENT_SIGN_UP_RATE_LIMIT: NETWORKS.sign_up_and_recovery_of_one_client,
    FirewallRule.IPV6_NETWORK_SIGN_UP_RATE_LIMIT: NETWORKS.sign_up_and_recovery,
    FirewallRule.IPV6_CLIENT_SIGN_IN_RATE_LIMIT: NETWORKS.sign_in_of_one_client,
    FirewallRule.IPV6_NETWORK_SIGN_IN_RATE_LIMIT: NETWORKS.sign_in,
}


def rows() -> list[tuple[int, str, str, str]]:
    """Number, name, meaning and condition of each row of the page's table of rules."""
    found = re.findall(r"^\| (\d+)\. (\w+) \| (.+?) \| (.+?) \|$", PAGE, flags=re.MULTILINE)
    return [(int(number), name, meaning, there) for number, name, meaning, there in found]


def test_the_page_has_every_rule_in_the_order_asked() -> None:
    assert [(number, name) for number, name, *_ in rows()] == list(enumerate(FirewallRule, 1))


def test_the_page_has_every_limit() -> None:
    told = {FirewallRule(name): meaning for _, name, meaning, _ in rows()}
    for rule, rate in LIMITS.items():
        assert rate is not None
        assert rate.window_seconds == 300
        assert told[rule].startswith(f"{rate.limit:,} ")
    assert {rule for rule in FirewallRule if rule.endswith("RateLimit")} - LIMITS.keys() == {
        FirewallRule.PREFLIGHT_RATE_LIMIT
    }


def test_the_page_has_every_limited_operation() -> None:
    groups: dict[str, set[str]] = {}
    for group, operations in re.findall(r"^\| (sign-up|recovery|sign-in) \| (.+?) \|$", PAGE, flags=re.MULTILINE):
        groups.setdefault(group, set()).update(operations.split(", "))
    assert groups == {
        "sign-up": set(SIGN_UP_OPERATIONS),
        "recovery": set(RECOVERY_OPERATIONS),
        "sign-in": set(SIGN_IN_OPERATIONS),
    }


@pytest.mark.proves("rules-counted")
@pytest.mark.parametrize(
    ("conditions", "properties"),
    [
        (set(), {}),
        ({"with `allowed_origins`"}, {"allowed_origins": ["https://app.example.com"]}),
        (
            {"with `allowed_origins`", "with `ipv6`"},
            {"allowed_origins": ["https://app.example.com"], "ipv6": True},
        ),
    ],
    ids=["by default", "with origins", "with IPv6"],
)
def test_the_page_says_which_rules_there_are_and_the_readme_what_they_cost(
    conditions: set[str], properties: dict[str, Any]
) -> None:
    there = {"always", "by default", *conditions} | (set() if "ipv6" in properties else {"without `ipv6`"})
    synthesized = rules(properties)
    assert [name for _, name, _, condition in rows() if condition in there] == synthesized
    # $5 for the web ACL, $1 for each rule.
    assert re.search(rf"^\| .+ \| {len(synthesized)} \| \${5 + len(synthesized)} \|$", README, flags=re.MULTILINE)


def rules(properties: Mapping[str, Any]) -> list[str]:
    """The names of the rules that a web ACL with these properties has, in their order."""
    stack = Stack(App(), "Stack", env=Environment(region="us-east-1"))
    ProxyWebAcl(stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT, **properties)
    found = only(Template.from_stack(stack), "AWS::WAFv2::WebACL")["Properties"]["Rules"]
    return [rule["Name"] for rule in sorted(found, key=lambda rule: rule["Priority"])]


@pytest.mark.parametrize(
    ("flag", "limit"),
    [
        ("rate_limit", AppFlags().rate_limit),
        ("sign_up_rate_limit", RATES.sign_up),
        ("recovery_rate_limit", RATES.recovery),
        ("sign_in_attempts_rate_limit", RATES.sign_in_attempts),
        ("sign_in_rate_limit", RATES.sign_in),
    ],
)
def test_the_readme_has_the_default_of_each_rate(flag: str, limit: RateLimit | int | None) -> None:
    assert limit is not None
    default = f"{limit if isinstance(limit, int) else limit.limit:,}"
    assert re.search(rf"^\| `{flag}`.* \| {default} \|$", README, flags=re.MULTILINE)
