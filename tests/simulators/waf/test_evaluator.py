"""The evaluator itself: statements as AWS WAF documents them, and an error for everything that it does not know."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.simulators.common.http import DEFAULT_BLOCK, HttpRequest, HttpResponse, TurnedAway
from local.simulators.waf import Action, FirewallError, firewall_hook, load_web_acl, rule_capacity
from local.simulators.waf.rates import SlidingWindow
from tests.firewall.web_acls_and_callers import STRANGER, Clock, call, preflight

NO_CHANGE = [{"Priority": 0, "Type": "NONE"}]
LOWER = [{"Priority": 0, "Type": "LOWERCASE"}]
METHOD_IS_POST = {
    "ByteMatchStatement": {
        "FieldToMatch": {"Method": {}},
        "PositionalConstraint": "EXACTLY",
        "SearchString": "POST",
        "TextTransformations": NO_CHANGE,
    }
}


def web_acl(*rules: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """A template with one web ACL and one IP set."""
    resource = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": {}, "Rules": list(rules)}
    return {
        "Resources": {
            "Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": resource | properties},
            "Set": {"Type": "AWS::WAFv2::IPSet", "Properties": {"Addresses": ["192.0.2.0/24"]}},
        }
    }


def rule(statement: dict[str, Any], *, name: str = "Rule", priority: int = 0, **changes: Any) -> dict[str, Any]:
    base = {"Name": name, "Priority": priority, "Action": {"Block": {}}, "Statement": statement, "VisibilityConfig": {}}
    return base | changes


def blocks(statement: dict[str, Any], request: HttpRequest) -> bool:
    return load_web_acl(web_acl(rule(statement))).decide(request).action is Action.BLOCK


def byte_match(
    constraint: str, search: str, *, field: dict[str, Any] | None = None, transformations: Any = NO_CHANGE
) -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "FieldToMatch": field or {"SingleHeader": {"Name": "X-Test"}},
            "PositionalConstraint": constraint,
            "SearchString": search,
            "TextTransformations": transformations,
        }
    }


@pytest.mark.parametrize(
    ("constraint", "search", "matching", "others"),
    [
        ("EXACTLY", "bot", ["bot"], ["Bot", "bots", "abot", ""]),
        ("STARTS_WITH", "bot", ["bot", "bots"], ["a bot", "BOT"]),
        ("ENDS_WITH", "bot", ["bot", "a bot"], ["bots", "boT"]),
        ("CONTAINS", "bot", ["bot", "abots"], ["b-ot"]),
        ("CONTAINS_WORD", "bot", ["bot", "bot;x", ";bot", "a-bot;b"], ["bots", "_bot", "bot9", "abotb"]),
    ],
)
def test_byte_matches_by_position(constraint: str, search: str, matching: list[str], others: list[str]) -> None:
    statement = byte_match(constraint, search)
    assert all(blocks(statement, call(headers=(("x-test", value),))) for value in matching)
    assert not any(blocks(statement, call(headers=(("x-test", value),))) for value in others)


def test_lowercase_is_applied_to_the_value_and_not_to_the_search_string() -> None:
    request = call(headers=(("x-test", "BoT"),))
    assert blocks(byte_match("EXACTLY", "bot", transformations=LOWER), request)
    assert not blocks(byte_match("EXACTLY", "BoT", transformations=LOWER), request)


def test_a_missing_header_matches_nothing_and_so_its_negation_matches() -> None:
    statement = byte_match("STARTS_WITH", "")
    assert not blocks(statement, call(headers=()))
    assert blocks({"NotStatement": {"Statement": statement}}, call(headers=()))


def test_each_line_of_a_header_is_looked_at() -> None:
    assert blocks(byte_match("EXACTLY", "b"), call(headers=(("X-Test", "a"), ("x-test", "b"))))


@pytest.mark.parametrize(
    ("field", "search"), [({"UriPath": {}}, "/a"), ({"QueryString": {}}, "q=1"), ({"Method": {}}, "POST")]
)
def test_other_parts_of_a_request_can_be_matched(field: dict[str, Any], search: str) -> None:
    request = call(path="/a", query="q=1")
    assert blocks(byte_match("EXACTLY", search, field=field), request)
    assert not blocks(byte_match("EXACTLY", "other", field=field), request)


@given(size=st.integers(0, 40), bound=st.integers(0, 40))
def test_sizes_compare_as_named(size: int, bound: int) -> None:
    expected = {
        "EQ": size == bound,
        "NE": size != bound,
        "LE": size <= bound,
        "LT": size < bound,
        "GE": size >= bound,
        "GT": size > bound,
    }
    for operator, result in expected.items():
        assert blocks(size_constraint(operator, bound), call(body=b"x" * size)) is result


def size_constraint(operator: str, bound: int, *, oversize: str = "CONTINUE") -> dict[str, Any]:
    return {
        "SizeConstraintStatement": {
            "FieldToMatch": {"Body": {"OversizeHandling": oversize}},
            "ComparisonOperator": operator,
            "Size": bound,
            "TextTransformations": NO_CHANGE,
        }
    }


@pytest.mark.parametrize(("oversize", "matches"), [("MATCH", True), ("NO_MATCH", False), ("CONTINUE", False)])
def test_bodies_beyond_what_aws_waf_sees_are_handled_as_asked(oversize: str, matches: bool) -> None:
    """Cut off at 16,384 bytes, so a larger bound is never exceeded by what is seen."""
    statement = size_constraint("GT", 20_000, oversize=oversize)
    assert blocks(statement, call(body=b"x" * 30_000)) is matches
    assert not blocks(statement, call(body=b"x" * 16_384))


def test_a_web_acl_may_see_more_of_a_body() -> None:
    config = {"RequestBody": {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_32"}}}
    template = web_acl(rule(size_constraint("GT", 20_000, oversize="MATCH")), AssociationConfig=config)
    firewall = load_web_acl(template)
    assert firewall.decide(call(body=b"x" * 20_000)).action is Action.ALLOW
    assert firewall.decide(call(body=b"x" * 20_001)).action is Action.BLOCK


@given(st.booleans(), st.booleans())
def test_logic_is_logic(first: bool, second: bool) -> None:
    sides = [byte_match("EXACTLY", str(value), field={"QueryString": {}}) for value in ("a", "b")]
    request = call(query="a" if first else "b" if second else "c")
    either = {"OrStatement": {"Statements": sides}}
    both = {"AndStatement": {"Statements": [either, METHOD_IS_POST]}}
    assert blocks(either, request) is (first or second)
    assert blocks(both, request) is (first or second)
    assert blocks({"NotStatement": {"Statement": both}}, request) is not (first or second)
    assert not blocks({"AndStatement": {"Statements": sides}}, request)


def test_rules_are_asked_by_priority_wherever_they_stand() -> None:
    template = web_acl(
        rule(METHOD_IS_POST, name="Second", priority=7),
        rule(METHOD_IS_POST, name="First", priority=3, Action={"Allow": {}}),
    )
    assert load_web_acl(template).decide(call()).rule == "First"


def test_the_default_action_can_block() -> None:
    verdict = load_web_acl(web_acl(DefaultAction={"Block": {}})).decide(call())
    assert (verdict.action, verdict.rule) == (Action.BLOCK, None)
    assert verdict.response is not None
    assert verdict.response.status == 403


def test_a_block_without_an_answer_of_its_own_is_left_to_what_stands_behind() -> None:
    """API Gateway has a gateway response for it, CloudFront a page."""
    assert load_web_acl(web_acl(rule(METHOD_IS_POST))).decide(call()).response is DEFAULT_BLOCK


def test_a_rate_counts_only_what_reaches_it_and_what_its_scope_matches() -> None:
    rate = {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 10, "ScopeDownStatement": METHOD_IS_POST}}
    template = web_acl(
        rule(byte_match("EXACTLY", "/free", field={"UriPath": {}}), name="Free", priority=0, Action={"Allow": {}}),
        rule(rate, name="Rate", priority=1),
    )
    firewall = load_web_acl(template, clock=Clock())
    for _ in range(30):
        assert firewall.decide(call(path="/free")).action is Action.ALLOW
        assert firewall.decide(preflight()).action is Action.ALLOW
    verdicts = [firewall.decide(call()).action for _ in range(11)]
    assert verdicts == [Action.ALLOW] * 10 + [Action.BLOCK]


@given(
    limit=st.integers(1, 5),
    steps=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40)), max_size=60),
)
def test_a_window_agrees_with_counting_by_hand(limit: int, steps: list[tuple[str, int]]) -> None:
    clock = Clock()
    window = SlidingWindow(limit=limit, seconds=60, clock=clock)
    sent: dict[str, list[float]] = {"a": [], "b": []}
    for key, pause in steps:
        clock.now += pause
        sent[key].append(clock.now)
        recent = [at for at in sent[key] if clock.now - at < 60]
        assert window.exceeded(key) is (len(recent) > limit)


def test_a_window_forgets_addresses_that_fell_silent() -> None:
    clock = Clock()
    window = SlidingWindow(limit=10, seconds=60, clock=clock)
    for n in range(9_999):
        window.exceeded(f"address {n}")
    clock.now += 61
    window.exceeded("one more")
    assert window.tracked <= 1


def rate_by(*keys: dict[str, Any], kind: str = "CUSTOM_KEYS", limit: int = 10) -> dict[str, Any]:
    return {"RateBasedStatement": {"AggregateKeyType": kind, "CustomKeys": list(keys), "Limit": limit}}


def json_body(*pointers: str, **changes: Any) -> dict[str, Any]:
    settings = {
        "InvalidFallbackBehavior": "NO_MATCH",
        "MatchPattern": {"IncludedPaths": list(pointers)},
        "MatchScope": "VALUE",
        "OversizeHandling": "NO_MATCH",
    }
    return {"JsonBody": settings | changes}


ASN: dict[str, Any] = {"ASN": {}}
JA4: dict[str, Any] = {"JA4Fingerprint": {"FallbackBehavior": "NO_MATCH"}}


def blocked_of(statement: dict[str, Any], requests: list[HttpRequest]) -> int:
    firewall = load_web_acl(web_acl(rule(statement)), clock=Clock())
    return sum(firewall.decide(request).action is Action.BLOCK for request in requests)


def test_a_network_is_one_sender_whatever_its_addresses() -> None:
    one = [call(address=f"2001:db8::{n:x}", asn=64_496) for n in range(15)]
    assert blocked_of(rate_by(ASN), one) == 5
    assert blocked_of(rate_by(ASN), [call(address="2001:db8::1", asn=64_496 + n) for n in range(15)]) == 0


def test_several_keys_count_every_combination_apart() -> None:
    clients = [call(asn=64_496, ja4=f"t13d{n % 2}") for n in range(20)]
    assert blocked_of(rate_by(ASN, JA4), clients) == 0
    assert blocked_of(rate_by(ASN, JA4), [*clients, call(asn=64_496, ja4="t13d0"), call(asn=1, ja4="t13d1")]) == 1
    assert blocked_of(rate_by(ASN, {"IP": {}}), [call(asn=64_496, address=f"2001:db8::{n}") for n in range(9)] * 2) == 0


def test_a_request_without_one_of_the_keys_is_neither_counted_nor_limited() -> None:
    """But an unknown network is one, of number 0 (Developer Guide, "Aggregating rate-based rules")."""
    assert blocked_of(rate_by(ASN, JA4), [call()] * 15) == 0
    assert blocked_of(rate_by(ASN), [call()] * 15) == 5


@pytest.mark.parametrize(
    ("body", "matches"),
    [
        (b'{"a": "x"}', True),
        (b'{"a": "\\u0078"}', True),
        (b'{"a": ["y", {"b": "x"}]}', True),
        (b'{"b": "x"}', False),
        (b'{"A": "x"}', False),
        (b'{"x": "a"}', False),
        (b'{"b": {"a": "x"}}', False),
        (b'["x"]', False),
        (b'{"a": "y"}', False),
        (b'{"a": null}', False),
        (b"", False),
        (b'{"a": "x"', False),
        (b'{"a": "x"}' + b" " * 16_384, False),
    ],
)
def test_json_bodies_are_matched_by_path(body: bytes, matches: bool) -> None:
    assert blocks(byte_match("EXACTLY", "x", field=json_body("/a")), call(body=body)) is matches


def test_json_arrays_are_matched_by_index() -> None:
    statement = byte_match("EXACTLY", "7", field=json_body("/a/1"))
    assert blocks(statement, call(body=b'{"a": [1, 7]}'))
    assert not blocks(statement, call(body=b'{"a": [7, 1]}'))


@pytest.mark.parametrize(
    ("fallback", "body"), [("InvalidFallbackBehavior", b"no json"), ("OversizeHandling", b" " * 16_385)]
)
def test_what_is_no_json_or_too_large_is_decided_by_its_fallback(fallback: str, body: bytes) -> None:
    assert blocks(byte_match("EXACTLY", "x", field=json_body("/a", **{fallback: "MATCH"})), call(body=body))
    assert not blocks(byte_match("EXACTLY", "x", field=json_body("/a")), call(body=body))


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    (web_acl(rule({"GeoMatchStatement": {"CountryCodes": ["CH"]}})), "GeoMatchStatement is not modelled"),
    (web_acl(rule(byte_match("EXACTLY", "x", field={"Cookies": {}}))), "Cookies is not modelled"),
    (web_acl(rule(byte_match("BETWEEN", "x"))), "BETWEEN is not modelled"),
    (web_acl(rule(byte_match("EXACTLY", "x", transformations=[{"Priority": 0, "Type": "CMD_LINE"}]))), "CMD_LINE"),
    (web_acl(rule({"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Other", "Arn"]}}})), "is no IP set"),
    (web_acl(rule({"NotStatement": {"Statement": METHOD_IS_POST, "More": 1}})), "More is not modelled"),
    (web_acl(rule({"OrStatement": {"Statements": [METHOD_IS_POST]}})), "at least two"),
    (web_acl(rule(METHOD_IS_POST, Action={"Captcha": {}})), "Captcha is not modelled"),
    (web_acl(rule(METHOD_IS_POST, RuleLabels=[{"Name": "a"}])), "RuleLabels is not modelled"),
    (web_acl(rule(METHOD_IS_POST), rule(METHOD_IS_POST, name="Other")), "same Priority"),
    (web_acl(rule(METHOD_IS_POST), rule(METHOD_IS_POST, priority=1)), "same Name"),
    (web_acl(CaptchaConfig={}), "CaptchaConfig is not modelled"),
    (
        web_acl(rule({"RateBasedStatement": {"AggregateKeyType": "FORWARDED_IP", "Limit": 10}})),
        "FORWARDED_IP with these CustomKeys is not modelled",
    ),
    (web_acl(rule(rate_by())), "CUSTOM_KEYS with these CustomKeys"),
    (web_acl(rule(rate_by({"IP": {}}))), "not IP alone"),
    (web_acl(rule(rate_by(*[{"ASN": {}}] * 6))), "CUSTOM_KEYS with 1 to 5"),
    (web_acl(rule(rate_by({"HTTPMethod": {}}))), "custom key HTTPMethod"),
    (web_acl(rule(rate_by({"JA4Fingerprint": {"FallbackBehavior": "MATCH"}}))), "custom key JA4Fingerprint"),
    (web_acl(rule(rate_by({"ASN": {}}, kind="IP"))), "IP with these CustomKeys"),
    (web_acl(rule(byte_match("EXACTLY", "x", field=json_body("/a", MatchScope="ALL")))), "MatchScope ALL"),
    (web_acl(rule(byte_match("EXACTLY", "x", field=json_body("/a", MatchPattern={"All": {}})))), "MatchPattern All"),
    (web_acl(rule(byte_match("EXACTLY", "x", field=json_body("/a", OversizeHandling="CONTINUE")))), "CONTINUE is not"),
    (
        web_acl(rule(byte_match("EXACTLY", "x", field=json_body("/a", InvalidFallbackBehavior="EVALUATE_AS_STRING")))),
        "EVALUATE_AS_STRING is not",
    ),
    (web_acl(rule({"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 9}})), "takes 10 or more"),
    (
        web_acl(rule({"NotStatement": {"Statement": {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 10}}}})),
        "at the top of a rule",
    ),
    (
        web_acl(rule(METHOD_IS_POST, Action={"Block": {"CustomResponse": {"ResponseCode": 418}}})),
        "does not answer with status 418",
    ),
    (
        web_acl(
            rule(
                METHOD_IS_POST,
                Action={"Block": {"CustomResponse": {"ResponseCode": 403, "CustomResponseBodyKey": "none"}}},
            )
        ),
        "none is not modelled",
    ),
    (web_acl(rule(byte_match("EXACTLY", {"Ref": "Client"}))), "give it in references"),  # type: ignore[arg-type]
    ({"Resources": {}}, "one web ACL expected in the template, found: none"),
]


@pytest.mark.parametrize(("template", "said"), UNKNOWN)
def test_what_is_not_modelled_is_an_error(template: dict[str, Any], said: str) -> None:
    with pytest.raises(FirewallError, match=said) as refusal:
        load_web_acl(template)
    assert "\n" not in str(refusal.value)


def test_one_of_several_web_acls_is_chosen_by_its_logical_id() -> None:
    template = web_acl(rule(METHOD_IS_POST))
    template["Resources"]["Other"] = web_acl()["Resources"]["Acl"]
    assert load_web_acl(template, logical_id="Other").decide(call()).action is Action.ALLOW
    assert load_web_acl(template, logical_id="Acl").decide(call()).action is Action.BLOCK
    with pytest.raises(FirewallError, match="found: Acl, Other; give logical_id"):
        load_web_acl(template)
    with pytest.raises(FirewallError, match="no web ACL Third"):
        load_web_acl(template, logical_id="Third")


def test_stands_in_front_of_a_local_server_and_says_which_rule_blocked() -> None:
    rate = {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 10}}
    slow_down = {"Block": {"CustomResponse": {"ResponseCode": 429}}}
    hook = firewall_hook(load_web_acl(web_acl(rule(rate, name="Rate", Action=slow_down)), clock=Clock()))

    async def ask() -> list[HttpResponse | None]:
        return [await hook(call("SignUp", address=STRANGER)) for _ in range(11)]

    *passed, blocked = asyncio.run(ask())
    assert passed == [None] * 10
    assert blocked is not None
    assert (blocked.status, blocked.turned_away) == (429, TurnedAway(by="the firewall", why="Rate"))


@pytest.mark.parametrize(
    ("statement", "cost"),
    [
        (METHOD_IS_POST, 2),
        (byte_match("CONTAINS", "x"), 10),
        (byte_match("EXACTLY", "x", transformations=LOWER), 12),
        ({"IPSetReferenceStatement": {"Arn": "arn"}}, 1),
        (size_constraint("GT", 1), 1),
        ({"NotStatement": {"Statement": {"OrStatement": {"Statements": [METHOD_IS_POST, METHOD_IS_POST]}}}}, 4),
        ({"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 10, "ScopeDownStatement": METHOD_IS_POST}}, 4),
        (rate_by(ASN), 32),
        (rate_by(ASN, JA4), 62),
        (byte_match("EXACTLY", "x", field=json_body("/a")), 4),
        (byte_match("EXACTLY", "x", field=json_body("/a"), transformations=LOWER), 14),
        ({"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesKnownBadInputsRuleSet", "VendorName": "AWS"}}, 200),
    ],
)
def test_capacity_follows_the_documented_costs(statement: dict[str, Any], cost: int) -> None:
    assert rule_capacity(rule(statement)) == cost


def test_capacity_of_an_unknown_statement_is_an_error() -> None:
    with pytest.raises(FirewallError, match="GeoMatchStatement"):
        rule_capacity(rule({"GeoMatchStatement": {}}))
