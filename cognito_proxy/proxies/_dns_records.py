"""The records of a proxy's host name, and the health check behind them."""

from typing import Any

import jsii
from aws_cdk import Duration, Stack
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.dns_failover import DnsFailover, FailoverRole

_ROLES = {FailoverRole.PRIMARY: route53.Failover.PRIMARY, FailoverRole.SECONDARY: route53.Failover.SECONDARY}


@jsii.implements(route53.IAliasRecordTarget)
class _Watched:
    """The same target; the record also fails where API Gateway itself does. CDK's target has no property for it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/dns-failover.html
    """

    def __init__(self, target: route53.IAliasRecordTarget) -> None:
        self._target = target

    def bind(self, record: Any, zone: Any = None) -> route53.AliasRecordTargetConfig:
        """What CDK asks of a target."""
        bound = self._target.bind(record, zone)
        return route53.AliasRecordTargetConfig(
            dns_name=bound.dns_name, hosted_zone_id=bound.hosted_zone_id, evaluate_target_health=True
        )


def alias_records(
    scope: Construct,
    domain: CustomDomain,
    target: route53.IAliasRecordTarget,
    *,
    ipv6: bool,
    health_check: route53.IHealthCheck | None,
) -> None:
    """Make `AliasRecord` in `scope`, and `AliasRecordIpv6`, if the host name has a hosted zone.

    With failover Route 53 tells the two records of the name by `SetIdentifier`, for which each has its Region.
    """
    if domain.hosted_zone is None:
        return
    records = {"AliasRecord": route53.ARecord, **({"AliasRecordIpv6": route53.AaaaRecord} if ipv6 else {})}
    for construct_id, record in records.items():
        record(
            scope,
            construct_id,
            zone=domain.hosted_zone,
            # The dot at the end makes it fully qualified, whatever the zone's name is.
            record_name=f"{domain.domain_name}.",
            target=route53.RecordTarget.from_alias(target if domain.failover is None else _Watched(target)),
            failover=None if domain.failover is None else _ROLES[domain.failover.role],
            set_identifier=None if domain.failover is None else Stack.of(scope).region,
            health_check=health_check,
        )


def new_health_check(scope: Construct, failover: DnsFailover, *, host_name: str, path: str) -> route53.HealthCheck:
    """Make `HealthCheck` in `scope`.

    It asks on AWS's own name, since the host name of one's own leads to whichever Region answers. Route 53 does not
    look at the certificate, but sends the name (SNI), without which API Gateway has none to show. Healthy is who
    answers 2xx or 3xx within two seconds of the connection.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
    """
    return route53.HealthCheck(
        scope,
        "HealthCheck",
        type=route53.HealthCheckType.HTTPS,
        fqdn=host_name,
        port=443,
        resource_path=path,
        request_interval=failover.check_interval or Duration.seconds(30),
        failure_threshold=failover.failure_threshold,
        enable_sni=True,
    )


def check_failover(domain: CustomDomain | None) -> None:
    """Route 53 can fail over only what is in a zone of its.

    Raises:
        PropertyError: the host name has no hosted zone.
    """
    if domain is not None and domain.failover is not None and domain.hosted_zone is None:
        raise PropertyError("domain: failover needs hosted_zone, in which Route 53 keeps both records")
