"""The rule that lets Route 53 ask whether a proxy is well, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack

from cognito_proxy import PropertyError
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.health_checkers import CHECKER_ADDRESSES
from cognito_proxy.firewall.managed_groups import ManagedGroups
from cognito_proxy.firewall.web_acl import FirewallRule, ProxyWebAcl
from local.simulators.common.http import HttpRequest
from local.simulators.waf import Action, WebAcl, load_web_acl
from tests.firewall.web_acls_and_callers import Clock, synthesize

CHECKER, STRANGER = "15.177.2.1", "203.0.113.50"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return synthesize(
        lambda stack: ProxyWebAcl(stack, "WebAcl", health_check=True, managed_groups=ManagedGroups(bot_control=True))
    )


@pytest.fixture
def firewall(template: dict[str, Any]) -> WebAcl:
    return load_web_acl(template, clock=Clock())


def ask(path: str = "/prod/health", *, address: str = CHECKER, method: str = "GET") -> HttpRequest:
    return HttpRequest(method=method, path=path, query="", headers=(), body=b"", client_ip=address)


@pytest.mark.proves("only-checkers", simulator="waf")
@pytest.mark.parametrize("path", ["/prod/health", "/health"])
def test_a_checker_may_ask(firewall: WebAcl, path: str) -> None:
    verdict = firewall.decide(ask(path))
    assert (verdict.action, verdict.rule) == (Action.ALLOW, FirewallRule.HEALTH_CHECK)


@pytest.mark.parametrize(
    "request_",
    [ask(address=STRANGER), ask("/prod/"), ask("/prod/health/x"), ask("/prod/HEALTH"), ask(method="HEAD")],
    ids=["from elsewhere", "the root", "below", "spelt otherwise", "HEAD"],
)
def test_nobody_else_may_and_for_nothing_else(firewall: WebAcl, request_: HttpRequest) -> None:
    verdict = firewall.decide(request_)
    assert (verdict.action, verdict.rule) == (Action.BLOCK, FirewallRule.METHODS)


def test_a_checkers_address_is_let_in_for_nothing_but_the_check(firewall: WebAcl) -> None:
    assert firewall.decide(ask(method="POST")).rule is None


def test_without_it_nothing_is_made_for_it() -> None:
    template = synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl"))
    assert not [name for name in template["Resources"] if "HealthCheckers" in name]
    verdict = load_web_acl(template, clock=Clock()).decide(ask())
    assert (verdict.action, verdict.rule) == (Action.BLOCK, FirewallRule.METHODS)


def test_the_checkers_are_route_53s_and_no_network_is_named_twice() -> None:
    assert len(set(CHECKER_ADDRESSES)) == len(CHECKER_ADDRESSES) == 17


def test_no_health_check_asks_at_the_edge() -> None:
    stack = Stack(App(), "Stack", env=Environment(region="us-east-1"))
    with pytest.raises(PropertyError, match=r"health_check: needs waf_scope REGIONAL"):
        ProxyWebAcl(stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT, health_check=True)
