"""What the firewall makes of the OAuth 2.0 paths: GET passes, and what is below `/oauth2/` has a rate of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.rates import DEFAULT_OAUTH_RATE, RateLimit
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from local.simulators.waf import Action, Verdict, WebAcl, load_web_acl
from local.simulators.waf.capacity import INCLUDED, web_acl_capacity
from local.simulators.waf.log import WafLog, read_logging
from tests.firewall.web_acls_and_callers import (
    ORIGIN,
    Clock,
    call,
    preflight,
    rules_of,
    synthesize,
    web_acl_of,
)


def template_of(**properties: Any) -> dict[str, Any]:
    given = {"oauth_rate": DEFAULT_OAUTH_RATE, "allowed_origins": [ORIGIN], **properties}
    region = "us-east-1" if given.get("waf_scope") is WafScope.CLOUDFRONT else "eu-west-1"
    return synthesize(lambda stack: ProxyWebAcl(stack, "Acl", **given), env={"region": region})


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return template_of()


@pytest.fixture
def firewall(template: dict[str, Any]) -> WebAcl:
    return load_web_acl(template, clock=Clock())


def decide(firewall: WebAcl, path: str, *, method: str = "POST", times: int = 1) -> Verdict:
    verdicts = [firewall.decide(call(path=path, method=method, headers=())) for _ in range(times)]
    return verdicts[-1]


def test_browsers_come_with_get(firewall: WebAcl) -> None:
    assert decide(firewall, "/prod/oauth2/authorize", method="GET").action is Action.ALLOW
    assert decide(firewall, "/prod/oauth2/token", method="PUT").rule == "OnlyPostAndOptions"


def test_without_a_rate_get_is_blocked() -> None:
    firewall = load_web_acl(template_of(oauth_rate=None), clock=Clock())
    assert decide(firewall, "/oauth2/authorize", method="GET").rule == "OnlyPostAndOptions"
    assert "OAuthRateLimit" not in rules_of(template_of(oauth_rate=None))


@pytest.mark.proves("oauth-rate", simulator="waf")
@pytest.mark.parametrize(
    "path", ["/oauth2/token", "/prod/oauth2/token", "/prod/OAUTH2/token", "/prod/%6fauth2%2Ftoken"]
)
def test_an_address_has_a_rate_below_oauth2(firewall: WebAcl, path: str) -> None:
    limit = DEFAULT_OAUTH_RATE.limit
    assert decide(firewall, path, times=limit).action is Action.ALLOW
    assert firewall.decide(preflight()).action is Action.ALLOW
    blocked = decide(firewall, path)
    assert (blocked.rule, blocked.action) == ("OAuthRateLimit", Action.BLOCK)
    assert blocked.response is not None
    assert blocked.response.status == 429
    assert json.loads(blocked.response.body)["error"] == "temporarily_unavailable"
    assert ("access-control-allow-origin", ORIGIN) in blocked.response.headers
    assert firewall.decide(call("InitiateAuth")).action is Action.ALLOW
    assert decide(firewall, "/prod/logout", method="GET").action is Action.ALLOW


def test_preflights_do_not_count(firewall: WebAcl) -> None:
    for _ in range(DEFAULT_OAUTH_RATE.limit + 1):
        verdict = firewall.decide(call(path="/oauth2/token", method="OPTIONS", headers=(), body=b""))
    assert verdict.action is Action.ALLOW
    assert decide(firewall, "/oauth2/token").action is Action.ALLOW


def test_the_general_rate_counts_them_too() -> None:
    firewall = load_web_acl(template_of(rate_limit=RateLimit(limit=10)), clock=Clock())
    assert decide(firewall, "/oauth2/token", times=11).rule == "RateLimit"


QUERY_STRING: dict[str, Any] = {"QueryString": {}}


@pytest.mark.parametrize("waf_scope", list(WafScope))
def test_the_query_is_in_no_log_and_no_sample(waf_scope: WafScope) -> None:
    template = template_of(waf_scope=waf_scope)
    (logging,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::WAFv2::LoggingConfiguration")
    assert QUERY_STRING in logging["Properties"]["RedactedFields"]
    protections = web_acl_of(template)["DataProtectionConfig"]["DataProtections"]
    assert {"Field": {"FieldType": "QUERY_STRING"}, "Action": "SUBSTITUTION"} in protections


def test_a_token_and_an_address_in_the_query_are_not_logged(template: dict[str, Any], firewall: WebAcl) -> None:
    (name,) = (name for name, r in template["Resources"].items() if r["Type"] == "AWS::WAFv2::WebACL")
    logging = read_logging(template, web_acl=name)
    assert logging is not None
    lines: list[str] = []
    log = WafLog(logging, lines.append, arn="arn", source="APIGW")
    stopped = call(path="/prod/logout", method="PUT", headers=())
    request = replace(stopped, query="id_token_hint=sentinel.id.token&login_hint=sentinel%40example.com")
    log.write(request, firewall.decide(request))
    (line,) = lines
    assert json.loads(line)["terminatingRuleId"] == "OnlyPostAndOptions"
    assert "sentinel" not in line


def test_without_oauth_the_logging_is_as_it_was() -> None:
    text = json.dumps(template_of(oauth_rate=None))
    assert json.dumps(QUERY_STRING) not in text
    assert "QUERY_STRING" not in text


def test_networks_over_ipv6_have_their_ceiling() -> None:
    rules = rules_of(template_of(ipv6=True, waf_scope=WafScope.CLOUDFRONT))
    for name in ("Ipv6ClientSignInRateLimit", "Ipv6NetworkSignInRateLimit"):
        assert "/oauth2/" in json.dumps(rules[name])


def test_it_is_within_the_price_of_a_web_acl() -> None:
    full = template_of(ipv6=True, waf_scope=WafScope.CLOUDFRONT)
    assert web_acl_capacity(web_acl_of(full)) <= INCLUDED
