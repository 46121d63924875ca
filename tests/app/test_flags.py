"""The context flags: what each takes, and the one line that says what is wrong."""

from typing import Any

import pytest
from aws_cdk import App

from cognito_proxy import (
    AccountTakeoverPrevention,
    EdgeAdminCalls,
    FirewallRule,
    HumanCheckProvider,
    LogLevel,
    ManagedGroups,
    OperationRates,
    RateLimit,
)
from stacks.flags import AppFlags, FlagError, Variant
from stacks.flags.sample import Sample, SignInHost
from stacks.flags.table import FLAGS

POOL = "eu-west-1_AbCdEf123"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-0000-0000-0000-000000000000"
AT_THE_EDGE = CERTIFICATE.replace("eu-west-1", "us-east-1")
PROVIDERS_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:human/check-AbCdEf"
DOMAIN = {"domain_name": "auth.example.com", "certificate_arn": CERTIFICATE}
HTTP = {"sample": "http"}


def test_nothing_set() -> None:
    assert AppFlags.from_mapping({}) == AppFlags()
    assert AppFlags().variant is Variant.REGIONAL
    assert AppFlags().region is None


def test_everything_set() -> None:
    flags = AppFlags.from_mapping(
        {
            "variant": "regional",
            "user_pool_id": POOL,
            "allowed_origins": "https://app.example.com, capacitor://localhost",
            "threat_protection": "true",
            "propagate_client_ip": "true",
            "log_level": "problems",
            "log_plain": "true",
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
            "alarm_email": "ops@example.com",
            "rate_limit": "500",
            "rate_window_seconds": "60",
            "allow_ips": "192.0.2.0/24, 2001:db8::1",
            "deny_ips": "198.51.100.7",
            "app_clients": "web, ios",
            "rotation_days": "30",
            "app_client_ids": "ios:1a2b3c",
            "auth_flows": "srp,user",
            "sign_in_rate_limit": "100",
            "managed_groups": "ip_reputation",
            "count_only": "RateLimit",
            "throttle_rate": "50",
            "throttle_burst": "60",
            "api_gateway_account_role": "true",
            "sample": "rest",
            "human_check": "turnstile",
            "human_check_secret_arn": PROVIDERS_SECRET,
            "human_check_site_key": "0x4AAA_-",
        }
        | DOMAIN
    )
    assert flags == AppFlags(
        variant=Variant.REGIONAL,
        user_pool_id=POOL,
        allowed_origins=("https://app.example.com", "capacitor://localhost"),
        threat_protection=True,
        propagate_client_ip=True,
        log_level=LogLevel.PROBLEMS,
        log_plain=True,
        domain_name="auth.example.com",
        certificate_arn=CERTIFICATE,
        hosted_zone_id="Z0123456789ABCDEFGHIJ",
        alarm_email="ops@example.com",
        rate_limit=500,
        rate_window_seconds=60,
        allow_ips=("192.0.2.0/24", "2001:db8::1"),
        deny_ips=("198.51.100.7",),
        app_clients=("web", "ios"),
        rotation_days=30,
        app_client_ids=(("ios", "1a2b3c"),),
        auth_flows=("srp", "user"),
        operation_rates=OperationRates(sign_in=RateLimit(limit=100)),
        managed_groups=ManagedGroups(ip_reputation=True, anonymous_ip=False, known_bad_inputs=False),
        count_only=(FirewallRule.RATE_LIMIT,),
        throttle_rate=50,
        throttle_burst=60,
        api_gateway_account_role=True,
        sample=(Sample.REST,),
        human_check=HumanCheckProvider.TURNSTILE,
        human_check_secret_arn=PROVIDERS_SECRET,
        human_check_site_key="0x4AAA_-",
    )
    assert flags.region == "eu-west-1"


def test_everything_set_for_the_sample_http() -> None:
    flags = AppFlags.from_mapping(
        {
            "sample": "rest, http",
            "api_domain": "api.example.com",
            "api_certificate_arn": CERTIFICATE,
            "sign_in_domain": "auth.example.com",
            "sign_in_certificate_arn": AT_THE_EDGE,
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
            "nat_gateways": "2",
            "implicit_grant": "true",
        }
    )
    assert flags == AppFlags(
        sample=(Sample.REST, Sample.HTTP),
        api_domain="api.example.com",
        api_certificate_arn=CERTIFICATE,
        sign_in_domain=SignInHost(host_name="auth.example.com"),
        sign_in_certificate_arn=AT_THE_EDGE,
        hosted_zone_id="Z0123456789ABCDEFGHIJ",
        nat_gateways=2,
        implicit_grant=True,
    )
    # The API's certificate is where the API is, and that is where the pool is.
    assert flags.region == "eu-west-1"


@pytest.mark.parametrize(
    ("value", "host", "made"),
    [
        ("auth.team.example.com", SignInHost(host_name="auth.team.example.com"), True),
        ("my-app", SignInHost(prefix="my-app"), True),
        ("none", SignInHost(), False),
    ],
)
def test_sign_in_pages_have_a_name_of_ones_own_a_prefix_or_none(value: str, host: SignInHost, made: bool) -> None:
    flags = HTTP | {"sign_in_domain": value}
    if host.host_name:
        flags |= {"sign_in_certificate_arn": AT_THE_EDGE}
    assert AppFlags.from_mapping(flags).sign_in_domain == host
    assert host.made is made


def test_from_the_context_of_an_app() -> None:
    app = App(context={"user_pool_id": POOL, "@aws-cdk/core:newStyleStackSynthesis": True})
    assert AppFlags.from_context(app.node).user_pool_id == POOL


def test_lists_and_numbers_may_come_from_cdk_json() -> None:
    flags = AppFlags.from_mapping(
        {"allowed_origins": ["https://a.example", "https://b.example"], "deny_ips": ["192.0.2.1"], "rate_limit": 10}
    )
    assert flags.allowed_origins == ("https://a.example", "https://b.example")
    assert (flags.deny_ips, flags.rate_limit) == (("192.0.2.1",), 10)


@pytest.mark.parametrize("flag", ["threat_protection", "propagate_client_ip", "api_gateway_account_role"])
@pytest.mark.parametrize(("value", "read"), [("true", True), ("false", False), (True, True), (False, False)])
def test_a_switch_comes_from_the_command_line_or_from_cdk_json(flag: str, value: Any, read: bool) -> None:
    assert getattr(AppFlags.from_mapping({flag: value}), flag) is read


@pytest.mark.proves("wrong-flag-one-line")
@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("empty", ["", " ", None, []])
def test_an_empty_value_is_an_error_for_every_flag(flag: str, empty: Any) -> None:
    """An unset variable of a shell must not turn production into a demonstration."""
    with pytest.raises(FlagError) as raised:
        AppFlags.from_mapping({flag: empty})
    assert str(raised.value) == f"{flag}: empty; leave the flag out, or give {FLAGS[flag].allowed}"


@pytest.mark.parametrize("flag", ["allowed_origins", "app_clients", "allow_ips", "auth_flows", "managed_groups"])
def test_a_list_of_nothing_is_an_error(flag: str) -> None:
    with pytest.raises(FlagError, match=f"^{flag}: ' , ' is not allowed"):
        AppFlags.from_mapping({flag: " , "})


def test_app_clients_that_exist_go_by_their_names() -> None:
    flags = AppFlags.from_mapping(
        {"user_pool_id": POOL, "app_clients": "web,ios,tv", "app_client_ids": "tv:3c_4d, ios : 1a+2b"}
    )
    assert flags.existing_client_ids == {2: "3c_4d", 1: "1a+2b"}
    assert flags.client_count == 3


@pytest.mark.parametrize("more", [{}, {"app_clients": "web"}])
def test_one_app_client_that_exists_needs_no_name(more: dict[str, str]) -> None:
    flags = AppFlags.from_mapping({"user_pool_id": POOL, "app_client_ids": "1a2b3c"} | more)
    assert flags.existing_client_ids == {0: "1a2b3c"}


def test_without_flags_the_firewall_is_as_the_library_has_it() -> None:
    assert AppFlags().operation_rates == OperationRates()
    assert AppFlags().managed_groups == ManagedGroups()
    assert AppFlags().count_only == ()


def test_rates_of_operations_are_set_one_by_one() -> None:
    rates = AppFlags.from_mapping({"sign_up_rate_limit": "10", "recovery_rate_limit": "none"}).operation_rates
    assert rates.sign_up == RateLimit(limit=10)
    assert rates.recovery is None
    assert rates.sign_in == OperationRates().sign_in


def test_managed_groups_are_those_that_are_named() -> None:
    groups = AppFlags.from_mapping({"managed_groups": "known_bad_inputs, account_takeover"}).managed_groups
    assert (groups.known_bad_inputs, groups.ip_reputation, groups.anonymous_ip) == (True, False, False)
    assert groups.account_takeover == AccountTakeoverPrevention(login_path="/")
    assert groups.account_creation is None


def test_no_managed_group_at_all() -> None:
    groups = AppFlags.from_mapping({"managed_groups": "none"}).managed_groups
    assert not any((groups.ip_reputation, groups.anonymous_ip, groups.known_bad_inputs, groups.account_takeover))


@pytest.mark.parametrize(
    ("value", "counting"),
    [
        ("true", tuple(FirewallRule)),
        (True, tuple(FirewallRule)),
        ("false", ()),
        (False, ()),
        ("RateLimit, AnonymousIp", (FirewallRule.RATE_LIMIT, FirewallRule.ANONYMOUS_IP)),
        (["RateLimit"], (FirewallRule.RATE_LIMIT,)),
    ],
)
def test_all_rules_count_or_those_that_are_named(value: Any, counting: tuple[FirewallRule, ...]) -> None:
    assert AppFlags.from_mapping({"count_only": value}).count_only == counting


def test_who_sends_administrator_calls_at_the_edge() -> None:
    edge = {"variant": "edge", "threat_protection": "true"}
    assert AppFlags.from_mapping(edge).edge_admin_calls is None
    assert AppFlags.from_mapping(edge | {"edge_admin_calls": "in_place"}).edge_admin_calls is EdgeAdminCalls.IN_PLACE


def test_keys_of_cdk_itself_are_not_flags() -> None:
    context = {
        "aws:cdk:enable-path-metadata": True,
        "@aws-cdk/core:stackRelativeExports": True,
        "availability-zones:account=1:region=eu-west-1": [],
        "acknowledged-issue-numbers": [1],
        "cli-telemetry": False,
    }
    assert AppFlags.from_mapping(context) == AppFlags()


def test_the_certificate_settles_the_region_where_no_pool_does() -> None:
    assert AppFlags.from_mapping(DOMAIN).region == "eu-west-1"


def test_an_edge_certificate_says_nothing_of_the_pool() -> None:
    domain = DOMAIN | {"certificate_arn": CERTIFICATE.replace("eu-west-1", "us-east-1")}
    assert AppFlags.from_mapping(domain | {"variant": "edge"}).region is None
    assert AppFlags.from_mapping(domain | {"variant": "edge", "user_pool_id": POOL}).region == "eu-west-1"


EXISTING = {"user_pool_id": POOL}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"variant": "egde"}, "variant: 'egde' is not allowed; allowed is regional or edge"),
    ({"variant": True}, "variant: True is not allowed; allowed is regional or edge"),
    ({"user_pool_id": "AbCdEf123"}, "user_pool_id: 'AbCdEf123' is not allowed; allowed is a user pool's id, such as"),
    ({"user_pool_id": "eu-west-1_"}, "user_pool_id: 'eu-west-1_' is not allowed"),
    ({"user_pool_id": "eu-west-1-AbC"}, "user_pool_id: 'eu-west-1-AbC' is not allowed"),
    ({"user_pool_id": f"arn:aws:cognito-idp:{POOL}"}, "user_pool_id: 'arn:aws:cognito-idp:eu-west-1_AbCdEf123' is not"),
    ({"user_pool_id": 7}, "user_pool_id: 7 is not allowed"),
    (
        {"app_clients": "web,iOS"},
        "app_clients: 'web,iOS' is not allowed; allowed is different names of 1 to 32 lower-case",
    ),
    ({"app_clients": "web,web"}, "app_clients: 'web,web' is not allowed"),
    ({"app_clients": "web,id"}, "app_clients: 'web,id' is not allowed"),
    ({"app_clients": ["web", 1]}, "app_clients: ['web', 1] is not allowed"),
    ({"rotation_days": "0"}, "rotation_days: '0' is not allowed; allowed is a whole number of days from 1 to 1000"),
    ({"rotation_days": "1001"}, "rotation_days: '1001' is not allowed"),
    ({"rotation_days": "30d"}, "rotation_days: '30d' is not allowed"),
    ({"allowed_origins": "app.example.com"}, "allowed_origins: 'app.example.com' is not allowed; allowed is scheme://"),
    ({"allowed_origins": "https://a.example/"}, "allowed_origins: 'https://a.example/' is not allowed"),
    ({"allowed_origins": "*,https://a.example"}, "allowed_origins: '*,https://a.example' is not allowed"),
    ({"allowed_origins": ["https://a.example", 1]}, "allowed_origins: ['https://a.example', 1] is not allowed"),
    ({"allowed_origins": True}, "allowed_origins: True is not allowed"),
    ({"threat_protection": "yes"}, "threat_protection: 'yes' is not allowed; allowed is true or false"),
    ({"threat_protection": 1}, "threat_protection: 1 is not allowed"),
    ({"propagate_client_ip": "True"}, "propagate_client_ip: 'True' is not allowed; allowed is true or false"),
    ({"threat-protection": "true"}, "threat-protection: unknown flag; did you mean threat_protection?"),
    ({"propagate_ip": "true"}, "propagate_ip: unknown flag; did you mean propagate_client_ip?"),
    (DOMAIN | {"domain_name": "https://auth.example.com"}, "domain_name: 'https://auth.example.com' is not allowed"),
    (DOMAIN | {"domain_name": "auth"}, "domain_name: 'auth' is not allowed; allowed is a host name"),
    (DOMAIN | {"domain_name": "*.example.com"}, "domain_name: '*.example.com' is not allowed"),
    (DOMAIN | {"certificate_arn": "abc"}, "certificate_arn: 'abc' is not allowed; allowed is the ARN of a certificate"),
    (DOMAIN | {"hosted_zone_id": "example.com"}, "hosted_zone_id: 'example.com' is not allowed"),
    ({"alarm_email": "ops"}, "alarm_email: 'ops' is not allowed; allowed is one e-mail address"),
    ({"alarm_email": "a@b.example,c@d.example"}, "alarm_email: 'a@b.example,c@d.example' is not allowed"),
    ({"sample": "rets"}, f"sample: 'rets' is not allowed; allowed is some of {', '.join(Sample)}, comma-separated"),
    ({"sample": "rest,rest"}, "sample: 'rest,rest' is not allowed"),
    ({"sample": True}, "sample: True is not allowed"),
    ({"sample": "rest", "allowed_origins": "*"}, "allowed_origins: '*' is not for sample=rest, which answers with"),
    ({"sample": "http", "allowed_origins": "*"}, "allowed_origins: '*' is not for sample=http, which answers with"),
    ({"nat_gateways": "1"}, "nat_gateways: needs sample=http, which it is for"),
    (
        {"variant": "edge", "private_network": "true"},
        "private_network: true needs variant=regional; Lambda@Edge has no such thing",
    ),
    ({"variant": "edge", "tracing": "true"}, "tracing: true needs variant=regional; Lambda@Edge has no such thing"),
    ({"variant": "edge", "reserved_concurrency": "5"}, "reserved_concurrency: 5 needs variant=regional"),
    ({"reserved_concurrency": "0"}, "reserved_concurrency: '0' is not allowed; allowed is a whole number of runs from"),
    (
        HTTP | {"private_network": "true"},
        "private_network: true calls Cognito through an endpoint, which a pool with sign-in pages refuses; give nat",
    ),
    ({"sample": "rest", "implicit_grant": "true"}, "implicit_grant: needs sample=http"),
    ({"sample": "rest", "sign_in_domain": "none"}, "sign_in_domain: needs sample=http"),
    (HTTP | {"nat_gateways": "3"}, "nat_gateways: '3' is not allowed; allowed is a whole number from 0 to 2"),
    (HTTP | {"sign_in_domain": "My-App"}, "sign_in_domain: 'My-App' is not allowed; allowed is a host name in lower"),
    (HTTP | {"sign_in_domain": "example.com"}, "sign_in_domain: 'example.com' is not allowed"),
    (HTTP | {"sign_in_domain": "-app"}, "sign_in_domain: '-app' is not allowed"),
    (HTTP | {"sign_in_domain": True}, "sign_in_domain: True is not allowed"),
    (HTTP | {"sign_in_domain": "auth.example.com"}, "sign_in_domain: 'auth.example.com' needs sign_in_certificate_arn"),
    (
        HTTP | {"sign_in_domain": "my-app", "sign_in_certificate_arn": AT_THE_EDGE},
        f"sign_in_certificate_arn: '{AT_THE_EDGE}' needs a host name in sign_in_domain",
    ),
    (
        HTTP | {"sign_in_domain": "auth.example.com", "sign_in_certificate_arn": CERTIFICATE},
        f"sign_in_certificate_arn: '{CERTIFICATE}' is not where Cognito needs it; allowed is one in us-east-1",
    ),
    (HTTP | {"sign_in_domain": "none", "implicit_grant": "true"}, "implicit_grant: true needs sign-in pages"),
    (HTTP | {"api_domain": "api.example.com"}, "api_domain: 'api.example.com' needs api_certificate_arn"),
    (HTTP | {"api_certificate_arn": CERTIFICATE}, f"api_certificate_arn: '{CERTIFICATE}' needs api_domain"),
    (
        HTTP | {"user_pool_id": "us-west-2_AbC", "api_domain": "api.example.com", "api_certificate_arn": CERTIFICATE},
        f"api_certificate_arn: '{CERTIFICATE}' is not in the pool's Region; allowed is one in us-west-2",
    ),
    ({"domain_name": "auth.example.com"}, "domain_name: 'auth.example.com' needs certificate_arn"),
    ({"certificate_arn": CERTIFICATE}, f"certificate_arn: '{CERTIFICATE}' needs domain_name"),
    ({"hosted_zone_id": "Z012345"}, "hosted_zone_id: 'Z012345' needs domain_name"),
    (
        DOMAIN | {"user_pool_id": "us-west-2_AbCdEf123"},
        f"certificate_arn: '{CERTIFICATE}' is not in the pool's Region; allowed is one in us-west-2",
    ),
    (
        DOMAIN | {"variant": "edge", "user_pool_id": POOL},
        f"certificate_arn: '{CERTIFICATE}' is not where CloudFront needs it; allowed is one in us-east-1",
    ),
    (
        {"rate_limit": "9"},
        "rate_limit: '9' is not allowed; allowed is a whole number of requests from 10 to 2,000,000,000",
    ),
    ({"rate_limit": "2000000001"}, "rate_limit: '2000000001' is not allowed"),
    ({"rate_limit": "1_000"}, "rate_limit: '1_000' is not allowed"),
    ({"rate_limit": 99.5}, "rate_limit: 99.5 is not allowed"),
    ({"rate_limit": True}, "rate_limit: True is not allowed"),
    (
        {"rate_window_seconds": "90"},
        "rate_window_seconds: '90' is not allowed; allowed is one of 60, 120, 300, 600 seconds",
    ),
    ({"allow_ips": "192.0.2.300"}, "allow_ips: '192.0.2.300' is neither an IPv4 nor an IPv6 address or range; "),
    ({"deny_ips": "192.0.2.1/24"}, "deny_ips: '192.0.2.1/24' has bits set behind its prefix; "),
    ({"deny_ips": "0.0.0.0/0"}, "deny_ips: '0.0.0.0/0' is everybody; "),
    ({"deny_ips": 7}, "deny_ips: 7 is not allowed; allowed is IPv4 and IPv6 addresses and CIDRs, comma-separated"),
    (
        {"allow_ips": "192.0.2.0/24", "deny_ips": "203.0.113.1,192.0.2.7"},
        "deny_ips: 192.0.2.7/32 can never be denied, since allow_ips has 192.0.2.0/24 and comes first; take one of",
    ),
    (
        EXISTING | {"app_client_ids": "a-b"},
        "app_client_ids: 'a-b' is not allowed; allowed is one app client's id, or name:id",
    ),
    (EXISTING | {"app_client_ids": "web:1,web:2"}, "app_client_ids: 'web:1,web:2' is not allowed"),
    (EXISTING | {"app_client_ids": "web:1,ios:1"}, "app_client_ids: 'web:1,ios:1' is not allowed"),
    (EXISTING | {"app_client_ids": "web:"}, "app_client_ids: 'web:' is not allowed"),
    (EXISTING | {"app_client_ids": "1,2"}, "app_client_ids: '1,2' is not allowed"),
    (EXISTING | {"app_client_ids": 12}, "app_client_ids: 12 is not allowed"),
    ({"app_client_ids": "1a"}, "app_client_ids: needs user_pool_id, the pool that these app clients are of"),
    (
        EXISTING | {"app_client_ids": "1a", "app_clients": "web,ios"},
        "app_client_ids: with several app clients each id needs its name in app_clients, such as web:1a2b3c",
    ),
    (
        EXISTING | {"app_client_ids": "tv:1a", "app_clients": "web,ios"},
        "app_client_ids: 'tv' is not a name in app_clients; allowed are web, ios",
    ),
    (
        EXISTING | {"app_client_ids": "web:1a"},
        "app_client_ids: 'web' is not a name in app_clients; give app_clients, too",
    ),
    (
        EXISTING | {"app_client_ids": "1a", "auth_flows": "user"},
        "auth_flows: nothing of an existing app client is changed, and app_client_ids names all there are",
    ),
    (
        {"auth_flows": "srp,passkey"},
        "auth_flows: 'srp,passkey' is not allowed; allowed is some of srp, password, user, custom, comma-separated",
    ),
    ({"auth_flows": "srp,srp"}, "auth_flows: 'srp,srp' is not allowed"),
    (
        {"sign_up_rate_limit": "9"},
        "sign_up_rate_limit: '9' is not allowed; allowed is a whole number of requests from 10 to 2,000,000,000, or",
    ),
    ({"sign_in_rate_limit": "None"}, "sign_in_rate_limit: 'None' is not allowed"),
    (
        {"managed_groups": "bots"},
        "managed_groups: 'bots' is not allowed; allowed is some of ip_reputation, anonymous_ip, ",
    ),
    ({"managed_groups": "none,ip_reputation"}, "managed_groups: 'none,ip_reputation' is not allowed"),
    ({"managed_groups": True}, "managed_groups: True is not allowed"),
    (
        {"count_only": "ratelimit"},
        "count_only: 'ratelimit' is not allowed; allowed is true, false, or some of AllowList, ",
    ),
    ({"count_only": 1}, "count_only: 1 is not allowed"),
    (
        {"throttle_rate": "0"},
        "throttle_rate: '0' is not allowed; allowed is a whole number of requests a second from 1 to 10000",
    ),
    (
        {"throttle_burst": "5001"},
        "throttle_burst: '5001' is not allowed; allowed is a whole number of requests from 1 to",
    ),
    (
        {"user_limits": "2"},
        "user_limits: '2' is not allowed; allowed is true, or a whole number of attempts from 3 to 1000",
    ),
    (
        {"variant": "edge", "user_limits": "true"},
        "user_limits: needs variant=regional; the edge's function does not see Cognito's answers",
    ),
    (
        {"variant": "edge", "sealed_tokens": "true"},
        "sealed_tokens: true needs variant=regional; at the edge Cognito's answers do not pass the function",
    ),
    (
        {"sealed_tokens": "true", "sample": "http"},
        "sealed_tokens: true with sample=http needs sign_in_domain=none; Cognito's own pages give tokens that are not",
    ),
    (
        {"sealed_tokens": "true", "sample": "rest,http", "sign_in_domain": "my-app"},
        "sealed_tokens: true with sample=http needs sign_in_domain=none",
    ),
    (
        {
            "sealed_tokens": "true",
            "oauth_domain": "my-app",
            "oauth_callback_urls": "https://app.example.com/signed-in",
        },
        "sealed_tokens: true not with oauth_domain, whose token endpoint gives tokens that are not sealed",
    ),
    (
        {"sealed_tokens": "true", "second_region": "eu-central-1"},
        "sealed_tokens: true not with second_region; the keys are in one Region only",
    ),
    ({"sealed_tokens": "yes please"}, "sealed_tokens: 'yes please' is not allowed; allowed is true or false"),
    ({"variant": "edge", "throttle_rate": "5"}, "throttle_rate: 5 needs variant=regional; the edge has no API Gateway"),
    (
        {"variant": "edge", "events": "true"},
        "events: true needs variant=regional; at the edge Cognito's answers do not pass through the function",
    ),
    ({"variant": "edge", "throttle_burst": "5"}, "throttle_burst: 5 needs variant=regional"),
    (
        {"variant": "edge", "api_gateway_account_role": "true"},
        "api_gateway_account_role: true needs variant=regional; the edge has no API Gateway",
    ),
    (
        {"provisioned_concurrency": "0"},
        "provisioned_concurrency: '0' is not allowed; allowed is a whole number of execution environments from 1 to",
    ),
    (
        {"variant": "edge", "provisioned_concurrency": "1"},
        "provisioned_concurrency: 1 needs variant=regional; Lambda@Edge keeps no execution environments ready",
    ),
    (
        {"human_check": "friendly"},
        "human_check: 'friendly' is not allowed; allowed is turnstile or recaptcha or hcaptcha",
    ),
    ({"oauth_callback_urls": "https://x.example/"}, "oauth_callback_urls: needs oauth_domain, the domain of the"),
    ({"oauth_logout_urls": "https://x.example/"}, "oauth_logout_urls: needs oauth_domain, the domain of the user pool"),
    ({"oauth_domain": "none"}, "oauth_domain: 'none' is not allowed; allowed is the user pool's domain: a prefix"),
    ({"oauth_domain": "my-app"}, "oauth_domain: new app clients need oauth_callback_urls, where apps come back to"),
    (
        {"oauth_domain": "my-app", "oauth_callback_urls": "http://x.example/"},
        "oauth_callback_urls: 'http://x.example/' is not allowed; allowed is absolute addresses without fragment",
    ),
    (
        {"oauth_domain": "auth.example.com", "oauth_callback_urls": "https://x.example/"},
        "oauth_domain: 'auth.example.com' needs user_pool_id; a demonstration makes a prefix of AWS's",
    ),
    (
        {
            **dict.fromkeys(("oauth_domain", "domain_name"), "auth.example.com"),
            "oauth_callback_urls": "https://x.example/",
            "user_pool_id": "eu-west-1_AbCdEf123",
            "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
        },
        "oauth_domain: 'auth.example.com' is domain_name, the proxy's own; give the user pool's domain",
    ),
    (
        {"oauth_domain": "my-app", "oauth_callback_urls": "https://x.example/", "sample": "http"},
        "oauth_domain: sample=http makes a domain of the pool, too, which has one; give sign_in_domain=none",
    ),
    (
        {"oauth_domain": "my-app", "oauth_callback_urls": "https://x.example/", "private_network": "true"},
        "oauth_domain: private_network=true needs nat_gateways; no endpoint in a VPC leads to a user pool domain",
    ),
    ({"human_check_site_key": "k"}, "human_check_site_key: 'k' needs human_check, the provider that it is of"),
    ({"human_check_secret_arn": PROVIDERS_SECRET}, f"human_check_secret_arn: '{PROVIDERS_SECRET}' needs human_check"),
    (
        {"human_check": "turnstile", "human_check_secret_arn": PROVIDERS_SECRET.removesuffix("-AbCdEf")},
        "human_check_secret_arn: ",
    ),
    (
        {"human_check": "turnstile", "sample": "page"},
        "human_check: turnstile with sample=page needs human_check_site_key, which the page shows",
    ),
    ({"variant": "edge", "ipv6": "yes"}, "ipv6: 'yes' is not allowed; allowed is true or false"),
    ({"api_gateway_account_role": "yes"}, "api_gateway_account_role: 'yes' is not allowed; allowed is true or false"),
    (
        {"variant": "edge", "threat_protection": "true", "edge_admin_calls": "sdk"},
        "edge_admin_calls: 'sdk' is not allowed; allowed is in_place or generated",
    ),
    (
        {"threat_protection": "true", "edge_admin_calls": "in_place"},
        "edge_admin_calls: in_place needs variant=edge; a regional function makes its own calls",
    ),
    (
        {"variant": "edge", "edge_admin_calls": "in_place"},
        "edge_admin_calls: in_place needs threat_protection; nothing is signed without it",
    ),
    ({"user_pool": POOL}, "user_pool: unknown flag; did you mean user_pool_id?"),
    ({"allowed-origins": "*"}, "allowed-origins: unknown flag; did you mean allowed_origins?"),
    ({"colour": "blue"}, "colour: unknown flag; known flags are variant, user_pool_id, "),
]


@pytest.mark.proves("wrong-flag-one-line")
@pytest.mark.parametrize(("context", "line"), WRONG)
def test_a_wrong_flag_gets_one_line(context: dict[str, Any], line: str) -> None:
    with pytest.raises(FlagError) as raised:
        AppFlags.from_mapping(context)
    assert str(raised.value).startswith(line)
    assert "\n" not in str(raised.value)


def test_an_endless_value_is_cut() -> None:
    with pytest.raises(FlagError) as raised:
        AppFlags.from_mapping({"user_pool_id": "x" * 10_000})
    assert len(str(raised.value)) < 400
