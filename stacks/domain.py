"""The host name that the flags speak of."""

from aws_cdk import CfnOutput
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cognito_proxy import CustomDomain
from stacks.flags import AppFlags


def custom_domain(scope: Construct, flags: AppFlags) -> CustomDomain | None:
    """The domain; None without the flags for it."""
    if flags.domain_name is None or flags.certificate_arn is None:
        return None
    zone = None
    if flags.hosted_zone_id is not None:
        zone = route53.HostedZone.from_hosted_zone_attributes(
            scope, "HostedZone", hosted_zone_id=flags.hosted_zone_id, zone_name=flags.domain_name
        )
    certificate = acm.Certificate.from_certificate_arn(scope, "Certificate", flags.certificate_arn)
    return CustomDomain(domain_name=flags.domain_name, certificate=certificate, hosted_zone=zone)


def add_domain_target(scope: Construct, flags: AppFlags, alias_target: str | None) -> None:
    """Tell where the DNS record must point, unless it is made here."""
    if alias_target is not None and flags.hosted_zone_id is None:
        CfnOutput(
            scope, "ProxyDomainTarget", value=alias_target, description="Point the DNS record of ProxyDomain here"
        )
