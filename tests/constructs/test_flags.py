"""The context flags: what each takes, and the one line that says what is wrong."""

from typing import Any

import pytest
from aws_cdk import App

from stacks.flags import AppFlags, FlagError, Variant

POOL = "eu-west-1_AbCdEf123"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-0000-0000-0000-000000000000"
DOMAIN = {"domain_name": "auth.example.com", "certificate_arn": CERTIFICATE}


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
            "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
            "alarm_email": "ops@example.com",
            "rate_limit": "500",
            "rate_window_seconds": "60",
            "allow_ips": "192.0.2.0/24, 2001:db8::1",
            "deny_ips": "198.51.100.7",
            "app_clients": "web, ios",
            "rotation_days": "30",
        }
        | DOMAIN
    )
    assert flags == AppFlags(
        variant=Variant.REGIONAL,
        user_pool_id=POOL,
        allowed_origins=("https://app.example.com", "capacitor://localhost"),
        threat_protection=True,
        propagate_client_ip=True,
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
    )
    assert flags.region == "eu-west-1"


def test_from_the_context_of_an_app() -> None:
    app = App(context={"user_pool_id": POOL, "@aws-cdk/core:newStyleStackSynthesis": True})
    assert AppFlags.from_context(app.node).user_pool_id == POOL


def test_lists_and_numbers_may_come_from_cdk_json() -> None:
    flags = AppFlags.from_mapping(
        {"allowed_origins": ["https://a.example", "https://b.example"], "deny_ips": ["192.0.2.1"], "rate_limit": 10}
    )
    assert flags.allowed_origins == ("https://a.example", "https://b.example")
    assert (flags.deny_ips, flags.rate_limit) == (("192.0.2.1",), 10)


@pytest.mark.parametrize("flag", ["threat_protection", "propagate_client_ip"])
@pytest.mark.parametrize(("value", "read"), [("true", True), ("false", False), (True, True), (False, False)])
def test_a_switch_comes_from_the_command_line_or_from_cdk_json(flag: str, value: Any, read: bool) -> None:
    assert getattr(AppFlags.from_mapping({flag: value}), flag) is read


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_value_is_as_good_as_none(empty: Any) -> None:
    assert AppFlags.from_mapping({"user_pool_id": empty, "allowed_origins": empty, "variant": empty}) == AppFlags()


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
        "deny_ips: 192.0.2.7/32 overlaps 192.0.2.0/24 in allow_ips; an address can be on one of the lists only",
    ),
    ({"user_pool": POOL}, "user_pool: unknown flag; did you mean user_pool_id?"),
    ({"allowed-origins": "*"}, "allowed-origins: unknown flag; did you mean allowed_origins?"),
    ({"colour": "blue"}, "colour: unknown flag; known flags are variant, user_pool_id, "),
]


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
