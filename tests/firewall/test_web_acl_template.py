"""What stands in the template: the seeds' three rules and four sets, order, metrics, logging, lists by hand."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match

from cognito_proxy import PropertyError
from cognito_proxy.common.answer_headers import ANSWER_HEADERS
from cognito_proxy.firewall.address_lists import WafScope
from cognito_proxy.firewall.managed_groups import (
    AccountCreationFraudPrevention,
    AccountTakeoverPrevention,
    ManagedGroups,
)
from cognito_proxy.firewall.rates import Ipv6Rates, OperationRates, RateLimit
from cognito_proxy.firewall.web_acl import FirewallRule, ProxyWebAcl
from cognito_proxy.firewall.web_acl_logging import WebAclLogging
from local.simulators.waf import Action, load_web_acl, rule_capacity, web_acl_capacity
from local.simulators.waf.capacity import INCLUDED
from tests.firewall.web_acls_and_callers import call, ip_sets_of, preflight, rules_of, synthesize, web_acl_of

EVERYTHING = ManagedGroups(
    bot_control=True,
    account_takeover=AccountTakeoverPrevention(),
    account_creation=AccountCreationFraudPrevention(
        email_pointer="/UserAttributes/0/Value", phone_pointer="/UserAttributes/1/Value"
    ),
)


@pytest.fixture(scope="module")
def everything_template() -> dict[str, Any]:
    return synthesize(
        lambda stack: ProxyWebAcl(
            stack,
            "WebAcl",
            waf_scope=WafScope.CLOUDFRONT,
            allow_ips="192.0.2.1,2001:db8::1",
            deny_ips="192.0.2.2,2001:db8::2",
            allowed_origins=["https://a.example.com", "https://b.example.com"],
            managed_groups=EVERYTHING,
            max_body_bytes=65_536,
            ipv6=True,
        ),
        env=cdk.Environment(region="us-east-1"),
    )


def test_has_the_three_rules_and_four_ip_sets_of_the_articles(default_template: dict[str, Any]) -> None:
    """AllowList, DenyList and RateLimit, asked in this order, over IP sets for v4 and v6 (AWS Security Blog, 2021)."""
    rules = rules_of(default_template)
    ip_sets = {name: s for name, s in ip_sets_of(default_template).items() if "Ipv6Sources" not in name}
    assert {
        (name.removeprefix("WebAcl").rpartition("V")[0], r["Properties"]["IPAddressVersion"])
        for name, r in ip_sets.items()
    } == {("AllowList", "IPV4"), ("AllowList", "IPV6"), ("DenyList", "IPV4"), ("DenyList", "IPV6")}

    assert list(rules).index("AllowList") < list(rules).index("DenyList") < list(rules).index("RateLimit")
    assert rules["AllowList"]["Action"] == {"Allow": {}}
    assert "Block" in rules["DenyList"]["Action"]
    assert "Block" in rules["RateLimit"]["Action"]
    for name in ("AllowList", "DenyList"):
        statements = rules[name]["Statement"]["OrStatement"]["Statements"]
        references = {s["IPSetReferenceStatement"]["Arn"]["Fn::GetAtt"][0] for s in statements}
        assert references == {logical_id for logical_id in ip_sets if name in logical_id}
    rate = rules["RateLimit"]["Statement"]["RateBasedStatement"]
    assert rate == {"AggregateKeyType": "IP", "EvaluationWindowSec": 300, "Limit": 1000}
    assert web_acl_of(default_template)["DefaultAction"] == {"Allow": {}}


@pytest.mark.proves("first-rule-decides")
def test_rules_stand_in_the_documented_order(
    default_template: dict[str, Any], everything_template: dict[str, Any]
) -> None:
    order = [rule.value for rule in FirewallRule]
    # These have tests of their own: test_health_check_rule.py (regional web ACLs only), test_oauth.py.
    apart = ("NoIpv6", "HealthCheck", "OAuthRateLimit")
    assert list(rules_of(everything_template)) == [name for name in order if name not in apart]
    default = list(rules_of(default_template))
    assert default == [name for name in order if name in default]
    opt_in = {"BotControl", "AccountTakeoverPrevention", "AccountCreationFraudPrevention"}
    needs_origins = {"DenyListPreflight", "PreflightRateLimit"}
    needs_ipv6 = {name for name in order if name.startswith("Ipv6")}
    assert len(needs_ipv6) == 4
    assert set(order) - set(default) == opt_in | needs_origins | needs_ipv6 | {"HealthCheck", "OAuthRateLimit"}


@pytest.mark.proves("rule-names")
def test_each_rule_has_a_metric_of_its_own(everything_template: dict[str, Any]) -> None:
    for name, rule in rules_of(everything_template).items():
        assert rule["VisibilityConfig"] == {
            "CloudWatchMetricsEnabled": True,
            "MetricName": name,
            "SampledRequestsEnabled": True,
        }


@pytest.mark.proves("lists-survive")
def test_by_hand_sets_never_change_in_the_template() -> None:
    """CloudFormation leaves a resource alone as long as its template properties stay as they are, tags included."""

    def make(stack: cdk.Stack, **properties: Any) -> None:
        ProxyWebAcl(stack, "WebAcl", **properties)
        cdk.Tags.of(stack).add("team", str(properties))

    variants: list[dict[str, Any]] = [
        {},
        {"allow_ips": "192.0.2.1", "deny_ips": "2001:db8::1"},
        {"allowed_origins": ["*"], "rate_limit": RateLimit(limit=10), "count_only": tuple(FirewallRule)},
    ]
    by_hand = []
    for properties in variants:
        sets = ip_sets_of(synthesize(lambda stack, p=properties: make(stack, **p)))  # type: ignore[misc]
        by_hand.append({name: r for name, r in sets.items() if "edit by hand" in str(r).lower()})
    assert by_hand[0] == by_hand[1] == by_hand[2]
    assert len(by_hand[0]) == 4
    for resource in by_hand[0].values():
        assert resource["Properties"]["Addresses"] == []
        assert set(resource["Properties"]) == {"Addresses", "Description", "IPAddressVersion", "Scope"}
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resource["UpdateReplacePolicy"] == "Retain"
    # These words are properties, too: changing them would empty lists that are in use.
    assert {r["Properties"]["Description"] for r in by_hand[0].values()} == {
        "Always let in. Edit by hand: deployments leave this set alone.",
        "Always blocked. Edit by hand: deployments leave this set alone.",
    }


@pytest.mark.proves("settings-own-sets")
def test_addresses_from_settings_have_sets_of_their_own(small_rates_template: dict[str, Any]) -> None:
    from_settings = {
        (name.removeprefix("WebAcl").partition("FromSettings")[0], r["Properties"]["IPAddressVersion"]): r["Properties"]
        for name, r in ip_sets_of(small_rates_template).items()
        if "FromSettings" in name
    }
    assert {key: properties["Addresses"] for key, properties in from_settings.items()} == {
        ("AllowList", "IPV4"): ["198.51.100.7/32"],
        ("AllowList", "IPV6"): ["2001:db8:a::/48"],
        ("DenyList", "IPV4"): ["203.0.113.9/32"],
        ("DenyList", "IPV6"): ["2001:db8:d::/48"],
    }


def test_every_rule_can_count_first(everything_template: dict[str, Any]) -> None:
    counting = [
        rules_of(
            synthesize(
                lambda stack, ipv6=ipv6: ProxyWebAcl(  # type: ignore[misc]
                    stack,
                    "WebAcl",
                    waf_scope=WafScope.CLOUDFRONT,
                    ipv6=ipv6,
                    allowed_origins=["https://app.example.com"],
                    managed_groups=EVERYTHING,
                    count_only=tuple(FirewallRule),
                )
            )
        )
        for ipv6 in (False, True)
    ]
    assert list(counting[1]) == list(rules_of(everything_template))
    assert {*counting[0], *counting[1], "HealthCheck", "OAuthRateLimit"} == {rule.value for rule in FirewallRule}
    for rule in (*counting[0].values(), *counting[1].values()):
        assert rule.get("Action", rule.get("OverrideAction")) == {"Count": {}}


def test_counting_a_rule_lets_its_preflights_through_as_well() -> None:
    rules = rules_of(
        synthesize(
            lambda stack: ProxyWebAcl(
                stack,
                "WebAcl",
                allowed_origins=["*"],
                count_only=[FirewallRule.DENY_LIST, FirewallRule.NO_IPV6, FirewallRule.IP_REPUTATION],
            )
        )
    )
    assert counted(rules) == {"DenyList", "NoIpv6", "DenyListPreflight", "IpReputation", "AnonymousIp"}


@pytest.mark.parametrize(
    ("counting", "answered", "not_answered"),
    [
        (FirewallRule.DENY_LIST, "2001:db8::1", "203.0.113.9"),
        (FirewallRule.NO_IPV6, "203.0.113.9", "2001:db8::1"),
    ],
)
def test_preflights_are_answered_for_the_rule_that_blocks_and_not_for_the_one_that_counts(
    counting: FirewallRule, answered: str, not_answered: str
) -> None:
    template = synthesize(
        lambda stack: ProxyWebAcl(stack, "WebAcl", deny_ips="203.0.113.9", allowed_origins=["*"], count_only=[counting])
    )
    firewall = load_web_acl(template)
    assert firewall.decide(preflight(address=answered)).rule == "DenyListPreflight"
    assert firewall.decide(preflight(address=not_answered)).action is Action.ALLOW
    assert firewall.decide(call(address=not_answered)).action is Action.ALLOW


def counted(rules: dict[str, Any]) -> set[str]:
    return {name for name, rule in rules.items() if "Count" in rule.get("Action", rule.get("OverrideAction"))}


@pytest.mark.proves("anonymous-ip-counts")
@pytest.mark.parametrize(
    ("groups", "action"),
    [
        (ManagedGroups(), {"Count": {}}),
        (ManagedGroups(block_anonymous_ip=True), {"None": {}}),
        (ManagedGroups(anonymous_ip=False), None),
    ],
)
def test_anonymous_addresses_are_counted_unless_they_shall_be_blocked(
    groups: ManagedGroups, action: dict[str, Any] | None
) -> None:
    rules = rules_of(synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl", managed_groups=groups)))
    assert rules.get("AnonymousIp", {}).get("OverrideAction") == action
    assert rules["IpReputation"]["OverrideAction"] == {"None": {}}


@pytest.mark.proves("no-extra-capacity", simulator="waf")
def test_the_default_web_acl_costs_no_extra(
    default_template: dict[str, Any], everything_template: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    costs = {name: rule_capacity(rule) for name, rule in rules_of(default_template).items()}
    total = web_acl_capacity(web_acl_of(default_template))
    with capsys.disabled():
        print(f"\nweb ACL capacity by default: {total} WCU of {INCLUDED} ({costs})")
    assert total == sum(costs.values())
    assert total < INCLUDED
    assert web_acl_capacity(web_acl_of(everything_template)) < INCLUDED


def test_stays_within_the_quotas_of_a_web_acl(everything_template: dict[str, Any]) -> None:
    """AWS WAF quotas: 100 response headers and 50 bodies in a web ACL, 10 rate-based rules, 50 references to sets."""
    web_acl = web_acl_of(everything_template)
    text = json.dumps(web_acl)
    headers = sum(len(item) for item in _values(web_acl, "ResponseHeaders"))
    assert 0 < headers <= 100
    assert text.count("RateBasedStatement") <= 10
    assert text.count("IPSetReferenceStatement") <= 50
    for overrides in _values(web_acl, "RuleActionOverrides"):
        assert len({override["Name"] for override in overrides}) == len(overrides) <= 100


def test_blocks_of_our_own_rules_have_the_headers_of_all_answers(
    default_template: dict[str, Any], everything_template: dict[str, Any]
) -> None:
    """Without allowed origins, too. Managed groups' blocks and the ceilings' have none: the quota is 100 headers."""
    answers = {name.lower(): value for name, value in ANSWER_HEADERS.items()}
    for template in (default_template, everything_template, synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl"))):
        found = set()
        for name, rule in rules_of(template).items():
            response = rule.get("Action", {}).get("Block", {}).get("CustomResponse")
            if response is not None and response["ResponseCode"] != 204:
                headers = {header["Name"]: header["Value"] for header in response["ResponseHeaders"]}
                assert headers.items() >= ({} if name.startswith("Ipv6") else answers).items()
                assert len(response["ResponseHeaders"]) == len(headers) <= 10
                found.add(name)
            for override in _values(rule, "RuleActionOverrides"):
                for headers in _values(override, "ResponseHeaders"):
                    assert [header["Name"] for header in headers] == ["access-control-allow-origin"]
        assert {"DenyList", "OnlyPostAndOptions", "BodySize", "RateLimit", "SignUpRateLimit"} <= found


def test_fraud_control_reads_cognitos_json(everything_template: dict[str, Any]) -> None:
    rules = rules_of(everything_template)
    takeover = rules["AccountTakeoverPrevention"]["Statement"]["ManagedRuleGroupStatement"]
    creation = rules["AccountCreationFraudPrevention"]["Statement"]["ManagedRuleGroupStatement"]
    status_codes = {"StatusCode": {"SuccessCodes": [200], "FailureCodes": [400]}}
    assert takeover["ManagedRuleGroupConfigs"] == [
        {
            "AWSManagedRulesATPRuleSet": {
                "LoginPath": "/",
                "RequestInspection": {
                    "PayloadType": "JSON",
                    "UsernameField": {"Identifier": "/AuthParameters/USERNAME"},
                    "PasswordField": {"Identifier": "/AuthParameters/PASSWORD"},
                },
                "ResponseInspection": status_codes,
            }
        }
    ]
    assert creation["ManagedRuleGroupConfigs"] == [
        {
            "AWSManagedRulesACFPRuleSet": {
                "CreationPath": "/",
                "RegistrationPagePath": "/",
                "RequestInspection": {
                    "PayloadType": "JSON",
                    "UsernameField": {"Identifier": "/Username"},
                    "PasswordField": {"Identifier": "/Password"},
                    "EmailField": {"Identifier": "/UserAttributes/0/Value"},
                    "PhoneNumberFields": [{"Identifier": "/UserAttributes/1/Value"}],
                },
                "ResponseInspection": status_codes,
            }
        }
    ]
    for group, operation in ((takeover, ".initiateauth"), (creation, ".signup")):
        searched = set(_values(group["ScopeDownStatement"], "SearchString"))
        assert searched == {"POST", operation}
    counted = {o["Name"] for o in takeover["RuleActionOverrides"] if "Count" in o["ActionToUse"]}
    assert counted == {"SignalMissingCredential", "UnsupportedCognitoIDP"}


def test_response_inspection_is_left_out_in_front_of_an_api() -> None:
    template = synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl", managed_groups=EVERYTHING))
    assert "ResponseInspection" not in json.dumps(web_acl_of(template))


def test_managed_rules_answer_in_cognitos_shape(small_rates_template: dict[str, Any]) -> None:
    group = rules_of(small_rates_template)["AnonymousIp"]["Statement"]["ManagedRuleGroupStatement"]
    ours = rules_of(small_rates_template)["DenyList"]["Action"]["Block"]["CustomResponse"]
    for override in group["RuleActionOverrides"]:
        response = override["ActionToUse"]["Block"]["CustomResponse"]
        assert response | {"ResponseHeaders": None} == ours | {"ResponseHeaders": None}
        assert all(header in ours["ResponseHeaders"] for header in response["ResponseHeaders"])


@pytest.mark.parametrize(
    ("scope", "size", "step"),
    [
        (WafScope.REGIONAL, 16_384, None),
        (WafScope.REGIONAL, 16_385, {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_32"}}),
        (WafScope.CLOUDFRONT, 65_536, {"CLOUDFRONT": {"DefaultSizeInspectionLimit": "KB_64"}}),
    ],
)
def test_aws_waf_gets_to_see_as_much_of_a_body_as_may_pass(scope: WafScope, size: int, step: Any) -> None:
    template = synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl", waf_scope=scope, max_body_bytes=size))
    config = web_acl_of(template).get("AssociationConfig")
    assert config == (None if step is None else {"RequestBody": step})


def test_logs_what_was_stopped_without_credentials(default_template: dict[str, Any]) -> None:
    (logging,) = _of_type(default_template, "AWS::WAFv2::LoggingConfiguration")
    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}
    assert redacted == {"authorization", "cookie", "x-amz-security-token"}
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (log_group,) = _of_type(default_template, "AWS::Logs::LogGroup")
    assert log_group["LogGroupName"].startswith("aws-waf-logs-")
    assert log_group["RetentionInDays"] == 30
    protected = web_acl_of(default_template)["DataProtectionConfig"]["DataProtections"]
    assert {entry["Field"]["FieldType"] for entry in protected} == {"SINGLE_HEADER", "BODY"}


def test_logs_into_a_bucket() -> None:
    def make(stack: cdk.Stack) -> None:
        bucket = s3.Bucket(stack, "Bucket", bucket_name="aws-waf-logs-mine")
        ProxyWebAcl(stack, "WebAcl", logging=WebAclLogging(bucket=bucket, allowed_requests=True))

    template = synthesize(make)
    (logging,) = _of_type(template, "AWS::WAFv2::LoggingConfiguration")
    assert "Bucket" in logging["LogDestinationConfigs"][0]["Fn::GetAtt"][0]
    assert "LoggingFilter" not in logging
    assert not _of_type(template, "AWS::Logs::LogGroup")


def test_logging_can_be_turned_off() -> None:
    template = synthesize(lambda stack: ProxyWebAcl(stack, "WebAcl", logging=None))
    assert not _of_type(template, "AWS::WAFv2::LoggingConfiguration")


@pytest.mark.parametrize(
    ("waf_scope", "dimensions"),
    [(WafScope.REGIONAL, {"WebACL", "Rule", "Region"}), (WafScope.CLOUDFRONT, {"WebACL", "Rule"})],
)
def test_metrics_have_the_dimensions_of_the_scope(waf_scope: WafScope, dimensions: set[str]) -> None:
    web_acl = ProxyWebAcl(cdk.Stack(cdk.App(), "Test"), "WebAcl", waf_scope=waf_scope)
    metric = web_acl.metric_blocked(FirewallRule.RATE_LIMIT)
    assert set(metric.dimensions or {}) == dimensions
    assert (metric.dimensions or {})["Rule"] == "RateLimit"


BAD_PROPERTIES = [
    ({"allow_ips": "nonsense"}, r"allow_ips: 'nonsense' is neither"),
    ({"deny_ips": ["0.0.0.0/0"]}, r"deny_ips: '0\.0\.0\.0/0' is everybody"),
    ({"allow_ips": "192.0.2.0/24", "deny_ips": "192.0.2.1"}, r"deny_ips: 192\.0\.2\.1/32 can never be denied"),
    ({"max_body_bytes": 0}, r"max_body_bytes: 0; AWS WAF inspects 1 to 65536 bytes"),
    ({"max_body_bytes": 65_537}, r"max_body_bytes: 65537"),
    ({"max_body_bytes": cdk.Token.as_number({"Ref": "Size"})}, r"max_body_bytes: it is known at deployment only; give"),
    ({"allowed_origins": ["https://" + "a" * 250]}, r"allowed_origins: .* has 258 characters"),
    ({"allowed_origins": "https://app.example.com"}, r"allowed_origins: 'https://app.example.com' is one text; give a"),
    ({"allowed_origins": ["app.example.com"]}, r"allowed_origins: 'app.example.com' is not an origin"),
    ({"waf_scope": WafScope.CLOUDFRONT, "ipv6_rates": Ipv6Rates()}, r"ipv6_rates: given without ipv6=True"),
    ({"count_only": ["NoSuchRule"]}, r"count_only: 'NoSuchRule'; known are AllowList, "),
]


@pytest.mark.parametrize(("properties", "said"), BAD_PROPERTIES)
def test_refuses_bad_properties(properties: dict[str, Any], said: str) -> None:
    with pytest.raises(PropertyError, match=said) as refusal:
        ProxyWebAcl(cdk.Stack(cdk.App(), "Test"), "WebAcl", **properties)
    assert "\n" not in str(refusal.value)
    # An unresolved number is a huge negative one, an unresolved text begins with ${Token.
    assert not re.search(r"e\+?308|Token\[", str(refusal.value))


BAD_VALUES = [
    (lambda: RateLimit(limit=9), "limit: 9; AWS WAF takes 10 to 2000000000"),
    (lambda: RateLimit(limit=2_000_000_001), "limit: 2000000001"),
    (lambda: RateLimit(limit=100, window_seconds=61), "window_seconds: 61; AWS WAF takes 60, 120, 300, 600"),
    (lambda: AccountTakeoverPrevention(login_path=""), "login_path: ''"),
    (lambda: AccountTakeoverPrevention(login_path="login"), "login_path: 'login'"),
    (lambda: AccountCreationFraudPrevention(creation_path=" "), "creation_path: ' '"),
    (lambda: AccountCreationFraudPrevention(email_pointer="Email"), "email_pointer: 'Email'"),
    (lambda: ManagedGroups(anonymous_ip=False, block_anonymous_ip=True), "block_anonymous_ip: True needs anonymous_ip"),
]


@pytest.mark.parametrize(("make", "said"), BAD_VALUES)
def test_refuses_bad_values(make: Any, said: str) -> None:
    with pytest.raises(PropertyError, match=said):
        make()


@pytest.mark.parametrize(
    ("groups", "warned_of"),
    [
        (ManagedGroups(), []),
        (EVERYTHING, []),
        (ManagedGroups(account_takeover=AccountTakeoverPrevention(login_path="/prod/")), ["login_path"]),
        (ManagedGroups(account_creation=AccountCreationFraudPrevention(creation_path="/prod")), ["creation_path"]),
    ],
)
def test_a_path_that_leaving_out_a_slash_slips_past_warns(groups: ManagedGroups, warned_of: list[str]) -> None:
    stack = cdk.Stack(cdk.App(), "Test")
    ProxyWebAcl(stack, "WebAcl", managed_groups=groups)
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(".*managedGroupPath.*"))
    assert len(found) == len(warned_of)
    for warning, name in zip(found, warned_of, strict=True):
        assert f"its {name} is longer than /" in str(warning.entry.data)


def test_fraud_control_looks_at_every_path_by_default() -> None:
    assert AccountTakeoverPrevention().login_path == "/"
    assert AccountCreationFraudPrevention().creation_path == "/"


def test_rates_known_at_deployment_only_are_taken() -> None:
    parameter = cdk.CfnParameter(cdk.Stack(cdk.App(), "Test"), "Limit", type="Number")
    RateLimit(limit=parameter.value_as_number)  # type: ignore[arg-type]
    assert OperationRates(sign_up=None).sign_up is None


def test_refuses_cloudfront_outside_us_east_1() -> None:
    stack = cdk.Stack(cdk.App(), "Test", env=cdk.Environment(region="eu-west-1"))
    with pytest.raises(PropertyError, match="CLOUDFRONT needs a stack in us-east-1; this one is in eu-west-1"):
        ProxyWebAcl(stack, "WebAcl", waf_scope=WafScope.CLOUDFRONT)


def test_refuses_log_destinations_that_aws_waf_refuses() -> None:
    stack = cdk.Stack(cdk.App(), "Test")
    named = logs.LogGroup(stack, "Named", log_group_name="my-logs")
    unnamed = logs.LogGroup(stack, "Unnamed")
    right = logs.LogGroup(stack, "Right", log_group_name="aws-waf-logs-right")
    imported = s3.Bucket.from_bucket_name(stack, "Imported", "my-bucket")
    for bad, said in (
        ({"log_group": named}, "log_group: its name is 'my-logs'"),
        ({"log_group": unnamed}, "log_group: it has no name of its own"),
        ({"bucket": imported}, "bucket: its name is 'my-bucket'"),
        ({"log_group": right, "bucket": imported}, "give one of them"),
    ):
        with pytest.raises(PropertyError, match=said):
            WebAclLogging(**bad)  # type: ignore[arg-type]
    WebAclLogging(log_group=right)


def _of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [r["Properties"] for r in template["Resources"].values() if r["Type"] == kind]


def _values(value: Any, key: str) -> list[Any]:
    """Everything that stands under `key`, at any depth."""
    if isinstance(value, list):
        return [found for item in value for found in _values(item, key)]
    if not isinstance(value, dict):
        return []
    own = [value[key]] if key in value else []
    return own + [found for item in value.values() for found in _values(item, key)]
