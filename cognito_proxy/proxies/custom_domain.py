"""A host name of one's own for the proxy."""

from dataclasses import dataclass

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53

from cognito_proxy.proxies.dns_failover import DnsFailover


@dataclass(frozen=True, kw_only=True)
class CustomDomain:
    """The host name that apps call. Mobile SDKs take a host name and no path, so they need one."""

    domain_name: str
    """Fully qualified, for example `auth.example.com`."""

    certificate: acm.ICertificate
    """Covers `domain_name`. For a regional proxy it is in the stack's Region, for the edge in us-east-1."""

    hosted_zone: route53.IHostedZone | None = None
    """Where the alias record is made. Default: - no record is made; point the name at the proxy yourself."""

    failover: DnsFailover | None = None
    """Of a `RegionalProxy`: a proxy in another Region has the same name; needs `hosted_zone`. API Gateway's own name is
    not switched off then, since Route 53's health checkers ask there; the same web ACL stands in front of it. Default:
    - the name leads here alone."""
