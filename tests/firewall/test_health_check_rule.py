"""The rule that lets Route 53 ask whether a proxy is well, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack

from cognito_proxy import PropertyError
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.health_checkers import CHECKER_ADDRESSES
from cognito_proxy.firewall.managed_groups import ManagedGroups
from cognito_proxy.firewall.rates import DEFAULT_OAUTH_RATE
from cognito_proxy.firewall.web_acl import FirewallRule, ProxyWebAcl
from local.simulators.common.http import HttpRequest
from local.simulators.waf import Action, WebAcl, load_web_acl
from tests.firewall.web_acls_and_callers import Clock, synthesize

CHECKER, STRANGER = "15.177.2.1", "203.0.113.50"
API_NAME, HOST_NAME = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", "auth.example.com"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return synthesize(
        lambda stack: ProxyWebAcl(stack, "WebAcl", health_check=True, managed_groups=ManagedGroups(bot_control=True))
    )


@pytest.fixture
def firewall(template: dict[str, Any]) -> WebAcl:
    return load_web_acl(template, clock=Clock())


@pytest.fixture(scope="module")
def with_oauth() -> dict[str, Any]:
    return synthesize(
        lambda stack: ProxyWebAcl(stack, "WebAcl", health_check=True, oauth_rate=DEFAULT_OAUTH_RATE),
    )


def ask(
    path: str = "/prod/health", *, address: str = CHECKER, method: str = "GET", host: str = API_NAME
) -> HttpRequest:
    return HttpRequest(method=method, path=path, query="", headers=(("Host", host),), body=b"", client_ip=address)


STRANGERS = {
    "from elsewhere": ask(address=STRANGER),
    "a checker of somebody who knows the host name only": ask(host=HOST_NAME),
    "the same, without the stage": ask("/health", host=HOST_NAME),
    "the regional name that a record leads to": ask(host="d-a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"),
    "below": ask("/prod/health/x", address=STRANGER),
    "with a slash at the end": ask("/prod/health/", address=STRANGER),
    "in capitals": ask("/prod/HEALTH", address=STRANGER),
    "encoded": ask("/prod/%68ealth", address=STRANGER),
}


@pytest.mark.proves("only-checkers", simulator="waf")
@pytest.mark.parametrize("host", [API_NAME, API_NAME.upper()])
def test_a_checker_may_ask_by_api_gateways_name(firewall: WebAcl, host: str) -> None:
    verdict = firewall.decide(ask(host=host))
    assert (verdict.action, verdict.rule) == (Action.ALLOW, FirewallRule.HEALTH_CHECK)


@pytest.mark.proves("only-checkers", simulator="waf")
@pytest.mark.parametrize("request_", STRANGERS.values(), ids=STRANGERS.keys())
def test_nobody_else_may_whatever_else_is_on(
    firewall: WebAcl, with_oauth: dict[str, Any], request_: HttpRequest
) -> None:
    for each in (firewall, load_web_acl(with_oauth, clock=Clock())):
        verdict = each.decide(request_)
        assert (verdict.action, verdict.rule) == (Action.BLOCK, FirewallRule.METHODS)


def test_with_oauth_the_checkers_still_may_and_browsers_too(with_oauth: dict[str, Any]) -> None:
    firewall = load_web_acl(with_oauth, clock=Clock())
    assert firewall.decide(ask()).rule == FirewallRule.HEALTH_CHECK
    assert firewall.decide(ask("/prod/oauth2/authorize", address=STRANGER, host=HOST_NAME)).rule is None


@pytest.mark.parametrize("request_", [ask("/prod/"), ask(method="HEAD")], ids=["the root", "HEAD"])
def test_a_checker_may_ask_for_nothing_else(firewall: WebAcl, request_: HttpRequest) -> None:
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
