"""The user pool's domain: of AWS's making or one's own, and what is warned of."""

import re
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from cognito_proxy import CustomDomain, PropertyError, SignInDomain
from tests.constructs.synthesized import EDGE_REGION, REGION, joined, new_stack, only

DOMAIN = "AWS::Cognito::UserPoolDomain"


def sign_in(stack: Stack, **properties: Any) -> SignInDomain:
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", f"{REGION}_AbCdEf123")
    return SignInDomain(stack, "SignIn", user_pool=pool, **properties)


def own(stack: Stack, *, name: str = "auth.example.com", region: str = EDGE_REGION, zone: bool = False) -> CustomDomain:
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", f"arn:aws:acm:{region}:123456789012:certificate/abc"
    )
    hosted_zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    return CustomDomain(domain_name=name, certificate=certificate, hosted_zone=hosted_zone if zone else None)


def test_without_a_domain_the_prefix_is_the_accounts_own() -> None:
    stack = new_stack()
    made = sign_in(stack)
    properties = only(Template.from_stack(stack), DOMAIN)["Properties"]
    prefix = joined(properties["Domain"])
    assert re.fullmatch(r"sign-in-<AWS::AccountId>-[0-9a-f]{10}", prefix)
    assert len(prefix.replace("<AWS::AccountId>", "123456789012")) <= 63
    assert joined(stack.resolve(made.url)) == f"https://{prefix}.auth.{REGION}.amazoncognito.com"
    assert made.alias_target is None
    assert "CustomDomainConfig" not in properties


def test_two_domains_of_an_account_have_different_prefixes() -> None:
    stack = new_stack()
    sign_in(stack)
    pool = cognito.UserPool.from_user_pool_id(stack, "Other", f"{REGION}_GhIjKl456")
    SignInDomain(stack, "OtherSignIn", user_pool=pool)
    domains = Template.from_stack(stack).find_resources(DOMAIN).values()
    assert len({joined(domain["Properties"]["Domain"]) for domain in domains}) == 2


def test_a_prefix_of_ones_own() -> None:
    stack = new_stack()
    made = sign_in(stack, prefix="my-app-2")
    assert only(Template.from_stack(stack), DOMAIN)["Properties"]["Domain"] == "my-app-2"
    assert made.domain_name == f"my-app-2.auth.{REGION}.amazoncognito.com"


@pytest.mark.proves("http-managed-login")
def test_managed_login_unless_the_classic_pages_are_wanted() -> None:
    for properties, version in (({}, 2), ({"managed_login": False}, 1)):
        stack = new_stack()
        sign_in(stack, **properties)
        assert only(Template.from_stack(stack), DOMAIN)["Properties"]["ManagedLoginVersion"] == version


def test_a_domain_of_ones_own_has_its_certificate_and_tells_where_to_point() -> None:
    stack = new_stack()
    made = sign_in(stack, domain=own(stack))
    template = Template.from_stack(stack)
    ((name, domain),) = template.find_resources(DOMAIN).items()
    assert domain["Properties"]["Domain"] == "auth.example.com"
    assert domain["Properties"]["CustomDomainConfig"] == {
        "CertificateArn": f"arn:aws:acm:{EDGE_REGION}:123456789012:certificate/abc"
    }
    assert made.url == "https://auth.example.com"
    assert stack.resolve(made.alias_target) == {"Fn::GetAtt": [name, "CloudFrontDistribution"]}
    template.resource_count_is("AWS::Route53::RecordSet", 0)


def test_the_hosted_zone_gets_the_record_without_a_function_of_cdks() -> None:
    stack = new_stack()
    sign_in(stack, domain=own(stack, zone=True))
    template = Template.from_stack(stack)
    ((name, _),) = template.find_resources(DOMAIN).items()
    record = only(template, "AWS::Route53::RecordSet")["Properties"]
    assert (record["Name"], record["Type"], record["HostedZoneId"]) == (
        "auth.example.com.",
        "A",
        "Z0123456789ABCDEFGHIJ",
    )
    # CloudFront's zone, the same for every distribution:
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
    assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": [name, "CloudFrontDistribution"]}
    assert "Z2FDTNDATAQYW2" in str(template.to_json())
    template.resource_count_is("AWS::Lambda::Function", 0)


@pytest.mark.proves("http-pages-warned")
def test_warns_of_what_goes_past_the_proxy() -> None:
    stack = new_stack()
    sign_in(stack)
    Annotations.from_stack(stack).has_warning(
        "/Stack/SignIn", Match.string_like_regexp(r"These pages take passwords .*@cognito-proxy:signInPages.*")
    )


def test_tells_of_the_record_that_must_be_there_for_the_name_above() -> None:
    stack = new_stack()
    sign_in(stack, domain=own(stack, name="auth.team.example.com"))
    Annotations.from_stack(stack).has_info(
        "/Stack/SignIn",
        Match.string_like_regexp(r"domain: Cognito refuses .* unless team\.example\.com has .*A record"),
    )


WRONG: list[tuple[str, str]] = [
    ("My-App", "prefix must be 1 to 63 lower-case letters, digits and hyphens, none at its ends, not 'My-App'"),
    ("-app", "prefix must be"),
    ("app-", "prefix must be"),
    ("a" * 64, "prefix must be"),
    ("", "prefix must be"),
    ("auth.example.com", "prefix must be"),
    ("myawsapp", "prefix must not have 'aws' in it"),
    ("amazon", "prefix must not have 'amazon' in it"),
    ("cognito-app", "prefix must not have 'cognito' in it"),
]


@pytest.mark.parametrize(("prefix", "message"), WRONG)
def test_refuses_a_prefix(prefix: str, message: str) -> None:
    with pytest.raises(PropertyError, match=re.escape(message)):
        sign_in(new_stack(), prefix=prefix)


def test_refuses_a_prefix_beside_a_domain() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="prefix must be left out beside domain, not 'app'"):
        sign_in(stack, prefix="app", domain=own(stack))


@pytest.mark.proves("http-sign-in-certificate")
def test_refuses_a_certificate_that_is_not_in_us_east_1() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="domain: its certificate must be in us-east-1, not in eu-west-1"):
        sign_in(stack, domain=own(stack, region=REGION))


def test_refuses_a_name_without_one_of_yours_above_it() -> None:
    stack = new_stack()
    with pytest.raises(PropertyError, match="domain must be below a name of yours"):
        sign_in(stack, domain=own(stack, name="example.com"))
