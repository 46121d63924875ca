"""The template as its users see it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.flags import AppFlags, Variant
from stacks.flags.table import FLAGS
from stacks.plain.parameters import parameters
from stacks.plain.plan import switches
from stacks.plain.template import LARGEST_BYTES, text

LISTED = {
    "UserPoolId",
    "AllowedOrigins",
    "RateLimit",
    "RateWindowSeconds",
    "AllowIpv4",
    "AllowIpv6",
    "DenyIpv4",
    "DenyIpv6",
    "ThreatProtection",
    "PropagateClientIp",
    "RotationDays",
    "DomainName",
    "CertificateArn",
    "HostedZoneId",
    "AlarmEmail",
}


@pytest.mark.proves("plain-template-lint")
def test_cfn_lint_finds_nothing(template_text: Callable[[Variant], str], variant: Variant, tmp_path: Path) -> None:
    """As a user runs it: what is to be passed over says the template itself."""
    file = tmp_path / "template.yaml"
    file.write_text(template_text(variant), encoding="ascii")
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.stdout, ran.returncode) == ("", 0)


@pytest.mark.proves("plain-template-size")
def test_it_is_smaller_than_the_console_takes(template_text: Callable[[Variant], str], variant: Variant) -> None:
    assert len(template_text(variant).encode()) < LARGEST_BYTES / 2


@pytest.mark.proves("plain-template-no-bucket")
def test_it_needs_no_bootstrap_and_no_bucket_of_assets(
    template_text: Callable[[Variant], str], variant: Variant
) -> None:
    written = template_text(variant)
    assert [
        word for word in ("cdk-hnb659fds", "BootstrapVersion", "S3Key", "aws:cdk:path", ".zip") if word in written
    ] == []


def test_nothing_stands_for_a_parameter_any_more(template_text: Callable[[Variant], str], variant: Variant) -> None:
    assert [word for word in ("stand-in", "198.51.100.20", "57a:d1", " 997") if word in template_text(variant)] == []


def test_no_path_of_the_machine_is_in_it(template_text: Callable[[Variant], str], variant: Variant) -> None:
    assert not re.search(r"/(?:tmp|home|root|work)/", template_text(variant))


def test_it_is_read_as_it_was_written(
    template: dict[str, Any], template_text: Callable[[Variant], str], variant: Variant
) -> None:
    assert text(template) == template_text(variant)


def test_everything_that_users_set_is_a_parameter(template: dict[str, Any]) -> None:
    assert template["Parameters"].keys() >= LISTED


def test_each_parameter_has_a_group_and_a_label(template: dict[str, Any]) -> None:
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])
    assert sorted(interface["ParameterLabels"]) == sorted(template["Parameters"])


def test_each_parameter_is_used(template: dict[str, Any]) -> None:
    used = json.dumps({name: template[name] for name in ("Conditions", "Resources", "Rules")})
    assert [name for name in template["Parameters"] if f'{{"Ref": "{name}"}}' not in used] == []


def test_only_the_pool_has_to_be_given(template: dict[str, Any]) -> None:
    assert [name for name, each in template["Parameters"].items() if "Default" not in each] == ["UserPoolId"]


def test_each_parameter_is_bounded(template: dict[str, Any]) -> None:
    bounds = {"AllowedPattern", "AllowedValues", "MinValue"}
    assert [name for name, each in template["Parameters"].items() if not bounds & each.keys()] == []


def test_defaults_are_those_of_the_flags(variant: Variant) -> None:
    flags = AppFlags()
    rates = flags.operation_rates
    known: dict[str, Any] = {
        "RateLimit": flags.rate_limit,
        "RateWindowSeconds": flags.rate_window_seconds,
        "SignUpRateLimit": rates.sign_up and rates.sign_up.limit,
        "RecoveryRateLimit": rates.recovery and rates.recovery.limit,
        "SignInRateLimit": rates.sign_in and rates.sign_in.limit,
        "SignInAttemptsRateLimit": rates.sign_in_attempts and rates.sign_in_attempts.limit,
        "Monitoring": str(flags.monitoring).lower(),
        "ThreatProtection": str(flags.threat_protection).lower(),
    }
    own = {each.name: each.default for each in parameters(variant)}
    assert {name: own[name] for name in known} == known


def test_each_parameter_says_what_a_flag_says_or_is_new(variant: Variant) -> None:
    assert [each.name for each in parameters(variant) if each.flag is None] == (
        ["ApiRevision"] if variant is Variant.REGIONAL else []
    )
    assert [each.flag for each in parameters(variant) if each.flag is not None and each.flag not in FLAGS] == []


EXAMPLES = {
    "AllowedOrigins": ("https://app.example.com", "*", "capacitor://localhost", "http://[::1]:8080"),
    "DomainName": ("auth.example.com",),
    "CertificateArn": ("arn:aws:acm:eu-west-1:123456789012:certificate/0a1b-2c",),
    "HostedZoneId": ("Z0123456789ABCDEFGHIJ",),
    "AlarmEmail": ("ops@example.com",),
    "AllowIpv4": ("192.0.2.0/24", "192.0.2.44/32"),
    "AllowIpv6": ("2001:db8::/32", "2001:db8::1/128"),
    "AppClientId": ("1a2b3c",),
}
WRONG = {
    "AllowedOrigins": ("https://app.example.com/", "app.example.com", "https://App.example.com"),
    "DomainName": ("https://auth.example.com", "auth"),
    "CertificateArn": ("arn:aws:iam::123456789012:role/x",),
    "HostedZoneId": ("z1",),
    "AlarmEmail": ("ops", "a@example.com,b@example.com"),
    "AllowIpv4": ("0.0.0.0/0", "192.0.2.44", "2001:db8::/32"),
    "AllowIpv6": ("::/0", "192.0.2.0/24", "2001:db8::/129"),
    "AppClientId": ("a b",),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_patterns_take_what_the_flags_take_and_nothing_too(variant: Variant, name: str) -> None:
    (parameter,) = (each for each in parameters(variant) if each.name == name)
    pattern, flag = parameter.constraints["AllowedPattern"], FLAGS[str(parameter.flag)]
    assert re.fullmatch(pattern, "")
    for value in EXAMPLES[name]:
        assert re.fullmatch(pattern, value)
        flag.read("flag", value)
    for value in WRONG[name]:
        assert not re.fullmatch(pattern, value)


def test_a_pool_elsewhere_is_refused_at_the_edge() -> None:
    patterns = {
        variant: next(each for each in parameters(variant) if each.name == "UserPoolId").constraints["AllowedPattern"]
        for variant in Variant
    }
    assert all(re.fullmatch(pattern, "us-east-1_AbCdEf123") for pattern in patterns.values())
    assert re.fullmatch(patterns[Variant.REGIONAL], "eu-west-1_AbCdEf123")
    assert not re.fullmatch(patterns[Variant.EDGE], "eu-west-1_AbCdEf123")


@pytest.mark.proves("plain-template-outputs")
def test_outputs_have_the_apps_names(template: dict[str, Any], variant: Variant) -> None:
    wanted = {"ProxyEndpoint", "ProxyDomain", "AppClientId", "UserPoolId", "Region", "WebAclArn", "SecretArn"}
    always = {name for name, output in template["Outputs"].items() if "Condition" not in output}
    assert always == wanted
    assert template["Outputs"].keys() - always == {"ProxyDomainTarget"}


def test_every_condition_of_a_switch_is_used(template: dict[str, Any], variant: Variant) -> None:
    rest = {name: section for name, section in template.items() if name != "Parameters"}
    used = json.dumps(rest)
    names = [name for switch in switches(variant) for name in switch.steps]
    assert [name for name in names if used.count(f'"{name}"') < 2] == []


def test_a_template_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="CloudFormation takes 1,000,000"):
        text({"Description": "x" * LARGEST_BYTES})
