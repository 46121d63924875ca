"""What requests get from the synthesized web ACL: order and meaning of its rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognito_proxy.firewall.rates import RECOVERY_OPERATIONS, SIGN_IN_OPERATIONS, SIGN_UP_OPERATIONS
from cognito_proxy.firewall.web_acl import FirewallRule, ProxyWebAcl
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.waf import Action, Verdict, WebAcl, load_web_acl
from tests.firewall.web_acls_and_callers import (
    ALLOWED,
    DENIED,
    ORIGIN,
    STRANGER,
    TARGET,
    Clock,
    call,
    preflight,
    synthesize,
)


def header(response: HttpResponse | None, name: str) -> str | None:
    assert response is not None
    return next((value for key, value in response.headers if key.lower() == name), None)


def assert_cognito_error(verdict: Verdict, status: int, error: str) -> None:
    response = verdict.response
    assert verdict.action is Action.BLOCK
    assert response is not None
    assert response.status == status
    document = json.loads(response.body)
    assert document["__type"] == error
    assert set(document) == {"__type", "message"}
    assert header(response, "content-type") == "application/json"
    assert header(response, "access-control-allow-origin") == ORIGIN


def test_lets_an_ordinary_call_through(firewall: WebAcl) -> None:
    verdict = firewall.decide(call("InitiateAuth"))
    assert (verdict.action, verdict.rule, verdict.response) == (Action.ALLOW, None, None)


@pytest.mark.proves("deny-list", simulator="waf")
@pytest.mark.parametrize("address", [DENIED, "2001:db8:d::9", f"::ffff:{DENIED}"])
def test_a_denied_address_gets_forbidden(firewall: WebAcl, address: str) -> None:
    verdict = firewall.decide(call(address=address))
    assert verdict.rule == "DenyList"
    assert_cognito_error(verdict, 403, "ForbiddenException")


@pytest.mark.proves("allow-list", simulator="waf")
@pytest.mark.parametrize("address", [ALLOWED, "2001:db8:a::9"])
def test_an_allowed_address_is_never_limited(firewall: WebAcl, address: str) -> None:
    for _ in range(500):
        verdict = firewall.decide(call("SignUp", address=address))
        assert (verdict.action, verdict.rule) == (Action.ALLOW, "AllowList")


@pytest.mark.proves("first-rule-decides", simulator="waf")
def test_the_allow_list_comes_before_everything_else(firewall: WebAcl) -> None:
    """Also when the deny list, changed by hand, has the address, too."""
    for ip_set in firewall.ip_sets.values():
        ip_set.replace([])
    by_hand = {name: s for name, s in firewall.ip_sets.items() if "FromSettings" not in name}
    for name, ip_set in by_hand.items():
        if "V4" in name:
            ip_set.replace([f"{STRANGER}/32"])
    assert firewall.decide(call(method="DELETE", body=b"x" * 20_000)).rule == "AllowList"


def test_lists_changed_by_hand_count_as_those_from_settings(firewall: WebAcl) -> None:
    for version, address, network in (
        ("V4", STRANGER, "192.0.2.0/24"),
        ("V6", "2001:db8:beef::1", "2001:db8:beef::/48"),
    ):
        (by_hand,) = (s for name, s in firewall.ip_sets.items() if name.startswith(f"WebAclDenyList{version}"))
        assert firewall.decide(call(address=address)).rule != "DenyList"
        by_hand.replace([network])
        assert firewall.decide(call(address=address)).rule == "DenyList"
    assert firewall.decide(call(address=DENIED)).rule == "DenyList"


@pytest.mark.proves("threat-mass-sign-up", simulator="waf")
def test_a_flood_of_sign_ups_gets_too_many_requests(firewall: WebAcl) -> None:
    verdicts = [firewall.decide(call("SignUp")) for _ in range(15)]
    assert [v.action for v in verdicts] == [Action.ALLOW] * 10 + [Action.BLOCK] * 5
    assert verdicts[-1].rule == "SignUpRateLimit"
    assert_cognito_error(verdicts[-1], 429, "TooManyRequestsException")


def test_other_operations_and_addresses_are_unaffected_by_the_sign_up_limit(firewall: WebAcl) -> None:
    for _ in range(40):
        firewall.decide(call("SignUp"))
    assert firewall.decide(call("SignUp")).action is Action.BLOCK
    assert firewall.decide(call("InitiateAuth")).action is Action.ALLOW
    assert firewall.decide(call("ForgotPassword")).action is Action.ALLOW
    assert firewall.decide(call("SignUp", address="192.0.2.2")).action is Action.ALLOW


def test_the_flood_may_call_again_once_the_window_has_passed(firewall: WebAcl, clock: Clock) -> None:
    for _ in range(11):
        verdict = firewall.decide(call("SignUp"))
    assert verdict.action is Action.BLOCK
    clock.now += 59
    assert firewall.decide(call("SignUp")).action is Action.BLOCK
    clock.now += 60
    assert firewall.decide(call("SignUp")).action is Action.ALLOW


@pytest.mark.proves("threat-codes", simulator="waf")
@pytest.mark.parametrize(
    ("operations", "limit", "rule"),
    [
        (SIGN_UP_OPERATIONS, 10, "SignUpRateLimit"),
        (RECOVERY_OPERATIONS, 20, "RecoveryRateLimit"),
        (SIGN_IN_OPERATIONS, 30, "SignInRateLimit"),
    ],
)
def test_a_groups_operations_share_its_limit(
    firewall: WebAcl, operations: tuple[str, ...], limit: int, rule: str
) -> None:
    verdicts = [firewall.decide(call(operations[n % len(operations)])) for n in range(limit + 1)]
    assert [v.rule for v in verdicts] == [None] * limit + [rule]


def sign_in_call(operation: str, body: bytes | dict[str, Any]) -> HttpRequest:
    return call(operation, body=body if isinstance(body, bytes) else json.dumps(body).encode())


ATTEMPTS = [
    ("RespondToAuthChallenge", {"ChallengeName": "PASSWORD_VERIFIER"}),
    ("RespondToAuthChallenge", {"ChallengeName": "SMS_MFA"}),
    ("RespondToAuthChallenge", {"ChallengeName": "SELECT_CHALLENGE"}),
    ("RespondToAuthChallenge", {"ChallengeName": "ONE_OF_TOMORROW"}),
    ("RespondToAuthChallenge", {"AuthFlow": "USER_SRP_AUTH"}),
    ("InitiateAuth", {"AuthFlow": "USER_AUTH"}),
    ("InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH"}),
    ("InitiateAuth", {"AuthFlow": "CUSTOM_AUTH"}),
    ("InitiateAuth", {"AuthFlow": "user_srp_auth"}),
    ("InitiateAuth", {"AuthFlow": " USER_SRP_AUTH"}),
    ("InitiateAuth", {"authFlow": "USER_SRP_AUTH"}),
    ("InitiateAuth", {"AuthParameters": {"AuthFlow": "USER_SRP_AUTH"}, "AuthFlow": "USER_AUTH"}),
    ("InitiateAuth", {"ChallengeName": "DEVICE_SRP_AUTH", "AuthFlow": "USER_AUTH"}),
    ("InitiateAuth", {}),
    ("InitiateAuth", b""),
    ("InitiateAuth", b'{"AuthFlow": "USER_SRP_AUTH"'),
    ("initiateauth", {"AuthFlow": "USER_AUTH"}),
]
NO_ATTEMPTS = [
    ("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH"}),
    ("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN_AUTH"}),
    ("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN"}),
    ("RespondToAuthChallenge", {"ChallengeName": "DEVICE_SRP_AUTH"}),
    ("RespondToAuthChallenge", {"ChallengeName": "DEVICE_PASSWORD_VERIFIER"}),
    ("GetTokensFromRefreshToken", {"RefreshToken": "x"}),
]


@pytest.mark.proves("threat-guessing", "unreadable-is-attempt", simulator="waf")
@pytest.mark.parametrize(("operation", "body"), ATTEMPTS)
def test_what_tries_a_password_or_may_send_a_message_has_a_tighter_rate(
    default_template: dict[str, Any], operation: str, body: bytes | dict[str, Any]
) -> None:
    firewall = load_web_acl(default_template, clock=Clock())
    verdicts = [firewall.decide(sign_in_call(operation, body)) for _ in range(101)]
    assert [verdict.rule for verdict in verdicts] == [None] * 100 + ["SignInAttemptRateLimit"]


@pytest.mark.proves("sign-in-rate", simulator="waf")
@pytest.mark.parametrize(("operation", "body"), NO_ATTEMPTS)
def test_what_neither_tries_nor_sends_has_the_rate_of_signing_in(
    default_template: dict[str, Any], operation: str, body: dict[str, Any]
) -> None:
    firewall = load_web_acl(default_template, clock=Clock())
    verdicts = [firewall.decide(sign_in_call(operation, body)) for _ in range(301)]
    assert [verdict.rule for verdict in verdicts] == [None] * 300 + ["SignInRateLimit"]


def test_an_office_that_signs_in_with_remembered_devices_does_not_feel_the_rate_of_attempts(
    default_template: dict[str, Any],
) -> None:
    firewall = load_web_acl(default_template, clock=Clock())
    sign_in = [NO_ATTEMPTS[0], ATTEMPTS[0], *NO_ATTEMPTS[3:5]]
    rules = {firewall.decide(sign_in_call(*each)).rule for _ in range(75) for each in sign_in}
    assert rules == {None}


@pytest.mark.proves("general-rate", simulator="waf")
def test_the_general_rate_counts_whatever_is_called(firewall: WebAcl) -> None:
    verdicts = [firewall.decide(call(f"Operation{n}")) for n in range(101)]
    assert verdicts[99].action is Action.ALLOW
    assert verdicts[100].rule == "RateLimit"
    assert_cognito_error(verdicts[100], 429, "TooManyRequestsException")


CASES = st.sampled_from(SIGN_UP_OPERATIONS).flatmap(
    lambda name: st.lists(st.booleans(), min_size=len(TARGET + name), max_size=len(TARGET + name)).map(
        lambda upper: "".join(c.upper() if u else c.lower() for c, u in zip(TARGET + name, upper, strict=True))
    )
)


@pytest.mark.proves("threat-mass-sign-up", simulator="waf")
@given(targets=st.lists(CASES, min_size=11, max_size=11), names=st.sampled_from(["x-amz-target", "X-Amz-Target"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_spelling_of_the_target_slips_past_a_limit(
    small_rates_template: dict[str, Any], targets: list[str], names: str
) -> None:
    firewall = load_web_acl(small_rates_template, clock=Clock())
    verdicts = [firewall.decide(call(headers=((names, target),))) for target in targets]
    assert verdicts[-1].rule == "SignUpRateLimit"
    assert {v.action for v in verdicts[:-1]} == {Action.ALLOW}


@pytest.mark.proves("post-and-options", simulator="waf")
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "DELETE", "PATCH", "post", "options", "TRACE"]) | st.text(min_size=1),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_post_and_options_pass(small_rates_template: dict[str, Any], method: str) -> None:
    verdict = load_web_acl(small_rates_template, clock=Clock()).decide(call(method=method))
    if method in {"POST", "OPTIONS"}:
        assert verdict.action is Action.ALLOW
    else:
        assert verdict.rule == "OnlyPostAndOptions"
        assert_cognito_error(verdict, 403, "ForbiddenException")


@pytest.mark.proves("body-size", simulator="waf")
@pytest.mark.parametrize(("size", "rule"), [(16_384, None), (16_385, "BodySize"), (1_000_000, "BodySize")])
def test_bodies_larger_than_cognito_is_ever_sent_are_blocked(firewall: WebAcl, size: int, rule: str | None) -> None:
    assert firewall.decide(call(body=b"x" * size)).rule == rule


def test_a_denied_pages_preflight_passes_so_that_its_block_can_be_read(firewall: WebAcl) -> None:
    verdict = firewall.decide(preflight(address=DENIED))
    assert verdict.rule == "DenyListPreflight"
    assert_preflight_answer(verdict)
    assert_cognito_error(firewall.decide(call(address=DENIED)), 403, "ForbiddenException")


def test_preflights_do_not_use_up_the_calls_that_they_precede(firewall: WebAcl) -> None:
    verdicts = [(firewall.decide(preflight()), firewall.decide(call())) for _ in range(100)]
    assert {v.action for pair in verdicts for v in pair} == {Action.ALLOW}


def test_preflights_pass_while_the_calls_are_limited(firewall: WebAcl) -> None:
    for _ in range(101):
        verdict = firewall.decide(call())
    assert verdict.rule == "RateLimit"
    assert firewall.decide(preflight()).action is Action.ALLOW


@pytest.mark.proves("preflight-rate", simulator="waf")
def test_a_flood_of_preflights_is_answered_without_the_function(firewall: WebAcl) -> None:
    for _ in range(101):
        verdict = firewall.decide(preflight())
    assert verdict.rule == "PreflightRateLimit"
    assert_preflight_answer(verdict)
    assert firewall.decide(call()).action is Action.ALLOW


def assert_preflight_answer(verdict: Verdict) -> None:
    """A browser goes on to send the call (Fetch standard, CORS-preflight fetch)."""
    response = verdict.response
    assert response is not None
    assert response.status == 204
    assert response.body == b""
    assert header(response, "access-control-allow-origin") == ORIGIN
    assert header(response, "access-control-allow-methods") == "POST"
    granted = (header(response, "access-control-allow-headers") or "").split(",")
    assert {"content-type", "x-amz-target", "x-amz-user-agent", "cache-control", "*"} <= set(granted)


@pytest.mark.proves("blocks-readable", simulator="waf")
@pytest.mark.parametrize(
    ("origins", "said"), [(["https://a.example.com", "https://b.example.com"], "*"), (["*"], "*"), ([], None)]
)
def test_fixed_responses_name_the_only_origin_or_any_or_none(origins: list[str], said: str | None) -> None:
    template = synthesize(
        lambda stack: ProxyWebAcl(stack, "WebAcl", deny_ips=DENIED, allowed_origins=origins, logging=None)
    )
    firewall = load_web_acl(template)
    assert header(firewall.decide(call(address=DENIED)).response, "access-control-allow-origin") == said
    blocked_preflight = firewall.decide(preflight(address=DENIED)).response
    assert blocked_preflight is not None
    assert blocked_preflight.status == (204 if origins else 403)


@pytest.mark.proves("count-only", simulator="waf")
def test_counting_rules_stop_nothing_and_say_what_they_would_have() -> None:
    template = synthesize(
        lambda stack: ProxyWebAcl(
            stack, "WebAcl", deny_ips=DENIED, allowed_origins=[ORIGIN], count_only=tuple(FirewallRule)
        )
    )
    verdict = load_web_acl(template).decide(call(address=DENIED, method="GET"))
    assert verdict.action is Action.ALLOW
    assert verdict.counted == ("DenyList", "OnlyPostAndOptions")


def test_managed_groups_are_listed_and_not_evaluated(firewall: WebAcl) -> None:
    assert firewall.not_evaluated == ("IpReputation", "AnonymousIp", "KnownBadInputs")
