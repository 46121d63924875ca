"""The host name that the flags speak of."""

from aws_cdk import CfnOutput
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cognito_proxy import CustomDomain, DnsFailover, FailoverRole
from stacks.flags import AppFlags


def custom_domain(scope: Construct, flags: AppFlags) -> CustomDomain | None:
    """The domain; None without the flags for it."""
    return own_domain(scope, "", flags.domain_name, flags.certificate_arn, flags.hosted_zone_id)


def shared_domain(scope: Construct, flags: AppFlags, role: FailoverRole) -> CustomDomain | None:
    """The domain of a stack of two, each with a certificate in its Region."""
    arn = flags.certificate_arn if role is FailoverRole.PRIMARY else flags.second_certificate_arn
    return own_domain(scope, "", flags.domain_name, arn, flags.hosted_zone_id, failover=DnsFailover(role=role))


def own_domain(
    scope: Construct,
    prefix: str,
    domain_name: str | None,
    certificate_arn: str | None,
    hosted_zone_id: str | None,
    *,
    failover: DnsFailover | None = None,
) -> CustomDomain | None:
    """A domain, of construct ids that begin with `prefix`; None without a name and a certificate."""
    if domain_name is None or certificate_arn is None:
        return None
    zone = None
    if hosted_zone_id is not None:
        zone = route53.HostedZone.from_hosted_zone_attributes(
            scope, f"{prefix}HostedZone", hosted_zone_id=hosted_zone_id, zone_name=domain_name
        )
    certificate = acm.Certificate.from_certificate_arn(scope, f"{prefix}Certificate", certificate_arn)
    return CustomDomain(domain_name=domain_name, certificate=certificate, hosted_zone=zone, failover=failover)


def add_domain_target(scope: Construct, flags: AppFlags, alias_target: str | None) -> None:
    """Tell where the DNS record must point, unless it is made here."""
    if alias_target is not None and flags.hosted_zone_id is None:
        CfnOutput(
            scope, "ProxyDomainTarget", value=alias_target, description="Point the DNS record of ProxyDomain here"
        )
