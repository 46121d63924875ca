"""IPv6: whoever has a /64 has more addresses than a rate by address can count."""

from __future__ import annotations

import copy
import ipaddress
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Template
from hypothesis import given
from hypothesis import strategies as st

from cognito_proxy import AppClient, EdgeProxy, Ipv6Rates, ProxyWebAcl, RateLimit, RegionalProxy, WafScope
from local.simulators.common.http import HttpRequest
from local.simulators.waf import Action, Verdict, WebAcl, attached_web_acl, load_web_acl
from tests.constructs.synthesized import EDGE_REGION, new_stack
from tests.firewall.web_acls_and_callers import ORIGIN, Clock, call, ip_sets_of, preflight, rules_of, synthesize

SIGN_UPS = 3_000
ATTACKER_NETWORK = 64_496
MOBILE_NETWORK = 64_497
ATTACKERS_CLIENT = "t13d1516h2_8daaf6152771_b186095e22b6"

CHANCE = random.Random
"""Not for secrets: the same customers every time."""


def edge_template(**properties: Any) -> dict[str, Any]:
    """An edge proxy with the web ACL that it makes for itself."""
    stack = new_stack(region=EDGE_REGION)
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    EdgeProxy(stack, "Proxy", app_clients=[client], allowed_origins=[ORIGIN], **properties)
    return Template.from_stack(stack).to_json()


@pytest.fixture(scope="module")
def by_default() -> dict[str, Any]:
    return edge_template()


@pytest.fixture(scope="module")
def with_ipv6() -> dict[str, Any]:
    return edge_template(ipv6=True)


def firewall_of(template: dict[str, Any], clock: Clock | None = None) -> WebAcl:
    attached = attached_web_acl(template)
    assert attached is not None
    return load_web_acl(template, logical_id=attached.logical_id, clock=clock or Clock())


def out_of_one_64(
    operations: Iterable[str] = ("SignUp",), *, count: int = SIGN_UPS, fingerprints: Iterable[str | None] = (None,)
) -> Iterator[HttpRequest]:
    """Calls of one customer of a network, each from another of the customer's addresses."""
    subnet = ipaddress.IPv6Network("2001:db8:0:64::/64")
    for n, operation, ja4 in zip(range(count), itertools.cycle(operations), itertools.cycle(fingerprints)):
        yield call(operation, address=str(subnet[n * 2**40 + 1]), asn=ATTACKER_NETWORK, ja4=ja4)


def passed(firewall: WebAcl, requests: Iterable[HttpRequest]) -> int:
    return sum(firewall.decide(request).action is Action.ALLOW for request in requests)


A_CLIENT_EACH = [f"t13d{n:04}h2_8daaf6152771_b186095e22b6" for n in range(SIGN_UPS)]
FLOODS = [
    pytest.param({"fingerprints": [ATTACKERS_CLIENT]}, 500, id="with one client"),
    pytest.param({"fingerprints": A_CLIENT_EACH}, 1_000, id="with a client of its own for each call"),
    pytest.param({}, 1_000, id="with no fingerprint"),
    pytest.param(
        {"operations": ("SignUp", "ForgotPassword", "ChangePassword"), "fingerprints": A_CLIENT_EACH},
        1_000,
        id="by turns with recovery",
    ),
]
"""Ways to send three thousand calls, and how many of them pass with `ipv6`."""


@pytest.mark.proves("ipv6-blocked", simulator="waf")
@pytest.mark.parametrize(("way", "_ceiling"), FLOODS)
def test_by_default_no_sign_up_over_ipv6_reaches_the_function(
    by_default: dict[str, Any], way: dict[str, Any], _ceiling: int
) -> None:
    firewall = firewall_of(by_default)
    verdicts = [firewall.decide(request) for request in out_of_one_64(**way)]
    assert len(verdicts) == SIGN_UPS
    assert {verdict.rule for verdict in verdicts} == {"NoIpv6"}
    assert_page_can_read(verdicts[0], 403, "ForbiddenException")


@pytest.mark.proves("ipv6-network-ceiling", simulator="waf")
@pytest.mark.parametrize(("way", "ceiling"), FLOODS)
def test_with_ipv6_sign_ups_out_of_one_64_stop_at_the_ceiling(
    with_ipv6: dict[str, Any], way: dict[str, Any], ceiling: int
) -> None:
    firewall = firewall_of(with_ipv6)
    verdicts = [firewall.decide(request) for request in out_of_one_64(**way)]
    assert [verdict.action for verdict in verdicts] == [Action.ALLOW] * ceiling + [Action.BLOCK] * (SIGN_UPS - ceiling)
    kind = "Client" if ceiling == 500 else "Network"
    assert verdicts[-1].rule == f"Ipv6{kind}SignUpRateLimit"
    assert_page_can_read(verdicts[-1], 429, "TooManyRequestsException")


@pytest.mark.parametrize(("fingerprints", "ceiling"), [([ATTACKERS_CLIENT], 3_000), ([None], 6_000)])
def test_with_ipv6_sign_ins_out_of_one_64_stop_at_the_ceiling(
    with_ipv6: dict[str, Any], fingerprints: list[str | None], ceiling: int
) -> None:
    operations = ("InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken")
    flood = out_of_one_64(operations, count=7_000, fingerprints=fingerprints)
    assert passed(firewall_of(with_ipv6), flood) == ceiling


def test_the_rates_of_an_address_alone_hold_nobody_back(with_ipv6: dict[str, Any]) -> None:
    """What it was like: take the rules for IPv6 away, and every sign-up reaches the function."""
    template = copy.deepcopy(with_ipv6)
    (web_acl,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::WAFv2::WebACL")
    rules = web_acl["Properties"]["Rules"]
    web_acl["Properties"]["Rules"] = [rule for rule in rules if not rule["Name"].startswith("Ipv6")]
    assert len(web_acl["Properties"]["Rules"]) == len(rules) - 4
    firewall = firewall_of(template)
    assert passed(firewall, out_of_one_64()) == SIGN_UPS
    assert passed(firewall, [call("SignUp", address="198.51.100.1")] * SIGN_UPS) == 50


def test_an_address_over_ipv6_has_its_own_rate_besides(with_ipv6: dict[str, Any]) -> None:
    firewall = firewall_of(with_ipv6)
    verdicts = [firewall.decide(call("SignUp", address="2001:db8::1", asn=1)) for _ in range(51)]
    assert [verdict.rule for verdict in verdicts[-2:]] == [None, "SignUpRateLimit"]


APPS = {"phone app": (55, "t13d_phone"), "other phone app": (35, "t13d_other"), "browsers": (10, "t13d_browser")}


def customers(clock: Clock, chance: random.Random, *, minutes: int) -> Iterator[HttpRequest]:
    """A busy product's users of one mobile network, each with a /64, as they call within some minutes."""
    a_minute = {
        ("SignUp", "ConfirmSignUp"): 30,
        ("SignUp", "ResendConfirmationCode", "ConfirmSignUp"): 6,
        ("ForgotPassword", "ConfirmForgotPassword"): 8,
        ("InitiateAuth", "RespondToAuthChallenge", "RespondToAuthChallenge", "GetUser"): 180,
        ("InitiateAuth",): 200,
        ("GetTokensFromRefreshToken",): 200,
    }
    weights, fingerprints = zip(*APPS.values(), strict=True)
    subnets = ipaddress.IPv6Network("2001:db8:8000::/33").subnets(new_prefix=64)
    for _ in range(minutes):
        visits = [visit for visit, times in a_minute.items() for _ in range(times)]
        chance.shuffle(visits)
        for visit in visits:
            clock.now += 60 / len(visits)
            address, ja4 = str(next(subnets)[chance.getrandbits(64)]), chance.choices(fingerprints, weights)[0]
            for operation in visit:
                yield call(operation, address=address, asn=MOBILE_NETWORK, ja4=ja4)


def test_a_mobile_networks_customers_do_not_reach_the_ceilings(with_ipv6: dict[str, Any]) -> None:
    """Some 2,000 new users, 11,000 sign-ins and 24,000 refreshes an hour, out of one network and most with one app."""
    clock = Clock()
    firewall = firewall_of(with_ipv6, clock)
    blocked = Counter(firewall.decide(request).rule for request in customers(clock, CHANCE(7), minutes=6))
    assert blocked.total() > 7_000
    assert set(blocked) == {None}


@pytest.mark.proves("ipv6-client-ceiling", simulator="waf")
def test_a_flood_with_one_client_spares_the_other_customers_of_its_network(with_ipv6: dict[str, Any]) -> None:
    clock = Clock()
    firewall = firewall_of(with_ipv6, clock)
    attacker = itertools.cycle(
        call("SignUp", address=f"2001:db8:0:64::{n:x}", asn=MOBILE_NETWORK, ja4=ATTACKERS_CLIENT) for n in range(4_000)
    )
    verdicts: list[Verdict] = []
    attacks: list[Verdict] = []
    for request in customers(clock, CHANCE(7), minutes=3):
        verdicts.append(firewall.decide(request))
        attacks.append(firewall.decide(next(attacker)))
    assert {verdict.rule for verdict in verdicts} == {None}
    assert sum(attack.action is Action.ALLOW for attack in attacks) == 500
    assert sum(attack.action is Action.BLOCK for attack in attacks) > 3_000


def test_networks_do_not_share_a_ceiling_and_ipv4_has_none(with_ipv6: dict[str, Any]) -> None:
    firewall = firewall_of(with_ipv6)
    assert passed(firewall, out_of_one_64()) == 1_000
    assert firewall.decide(call("SignUp", address="2001:db8:1::1", asn=64_499)).action is Action.ALLOW
    over_ipv4 = (
        call("SignUp", address=str(ipaddress.ip_address("198.51.0.0") + n), asn=ATTACKER_NETWORK) for n in range(2_000)
    )
    assert passed(firewall, over_ipv4) == 2_000


def test_other_operations_over_ipv6_have_no_ceiling(with_ipv6: dict[str, Any]) -> None:
    """What the documents say stays open."""
    assert passed(firewall_of(with_ipv6), out_of_one_64(("GetUser",))) == SIGN_UPS


def test_a_ceiling_can_be_moved_or_left_out() -> None:
    def make(rates: Ipv6Rates) -> WebAcl:
        return load_web_acl(
            synthesize(
                lambda stack: ProxyWebAcl(
                    stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT, ipv6=True, ipv6_rates=rates, logging=None
                )
            ),
            clock=Clock(),
        )

    lower = Ipv6Rates(sign_up_and_recovery=RateLimit(limit=20, window_seconds=60))
    assert passed(make(lower), out_of_one_64(count=100)) == 20
    none = Ipv6Rates(
        sign_up_and_recovery=None, sign_up_and_recovery_of_one_client=None, sign_in=None, sign_in_of_one_client=None
    )
    assert passed(make(none), out_of_one_64()) == SIGN_UPS


@pytest.fixture(scope="module")
def blocking() -> WebAcl:
    """The least there is, in a world where every call is the first in a long time."""
    template = synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT, logging=None))
    return load_web_acl(template, clock=itertools.count(step=1_000).__next__)


@pytest.mark.proves("ipv6-blocked", simulator="waf")
@given(address=st.ip_addresses(v=6).filter(lambda address: address.ipv4_mapped is None))
def test_every_ipv6_address_is_blocked_where_there_is_none(blocking: WebAcl, address: ipaddress.IPv6Address) -> None:
    assert blocking.decide(call("GetUser", address=str(address))).rule == "NoIpv6"


@given(address=st.ip_addresses(v=4))
def test_no_ipv4_address_is_taken_for_ipv6(blocking: WebAcl, address: ipaddress.IPv4Address) -> None:
    for written in (str(address), f"::ffff:{address}"):
        assert blocking.decide(call("GetUser", address=written)).action is Action.ALLOW


def test_an_allowed_address_may_call_over_ipv6_all_the_same() -> None:
    template = synthesize(
        lambda stack: ProxyWebAcl(stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT, allow_ips="2001:db8:a::/48")
    )
    firewall = load_web_acl(template)
    assert firewall.decide(call(address="2001:db8:a::1")).rule == "AllowList"
    assert firewall.decide(call(address="2001:db8:b::1")).rule == "NoIpv6"


def test_a_blocked_page_gets_to_read_why(by_default: dict[str, Any]) -> None:
    verdict = firewall_of(by_default).decide(preflight(address="2001:db8::1"))
    assert verdict.rule == "DenyListPreflight"
    assert verdict.response is not None
    assert verdict.response.status == 204


@pytest.mark.proves("regional-without-ipv6")
def test_in_front_of_an_api_ipv6_is_off_twice() -> None:
    """API Gateway's own word for it is 'resolve' in newer documentation, so the web ACL does not rely on it."""
    stack = new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    RegionalProxy(stack, "Proxy", app_clients=[client])
    template = Template.from_stack(stack).to_json()
    (api,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::ApiGateway::RestApi")
    assert api["Properties"]["EndpointConfiguration"] == {"IpAddressType": "ipv4", "Types": ["REGIONAL"]}
    assert passed(firewall_of(template), out_of_one_64(count=100)) == 0


@pytest.mark.parametrize("fingerprints", [[ATTACKERS_CLIENT], A_CLIENT_EACH, [None]])
def test_in_front_of_an_api_with_ipv6_the_networks_ceiling_holds(fingerprints: list[str | None]) -> None:
    """A fingerprint makes no difference there: AWS WAF has none."""
    firewall = load_web_acl(synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl", ipv6=True)), clock=Clock())
    assert passed(firewall, out_of_one_64(fingerprints=fingerprints)) == 1_000


def test_there_is_one_set_of_every_ipv6_address(by_default: dict[str, Any], with_ipv6: dict[str, Any]) -> None:
    for template, prefix in ((by_default, "NoIpv6"), (with_ipv6, "Ipv6")):
        (logical_id,) = (name for name in ip_sets_of(template) if "Ipv6Sources" in name)
        assert ip_sets_of(template)[logical_id]["Properties"]["Addresses"] == ["::/1", "8000::/1"]
        rules = [rule for name, rule in rules_of(template).items() if name.startswith(prefix)]
        assert rules
        assert all(logical_id in json.dumps(rule["Statement"]) for rule in rules)


def assert_page_can_read(verdict: Verdict, status: int, error: str) -> None:
    assert verdict.response is not None
    assert verdict.response.status == status
    assert json.loads(verdict.response.body)["__type"] == error
    assert ("access-control-allow-origin", ORIGIN) in verdict.response.headers
