"""Who asks whether a proxy is well: Route 53's health checkers, and where they ask.

`"service": "ROUTE53_HEALTHCHECKS"` of AWS's ip-ranges.json, partition `aws`. They are written down here, because AWS
WAF takes no prefix list of AWS's, and nothing is looked up at synth. A checker in a range that AWS adds later is
blocked, and takes the endpoint for unhealthy. That changes nothing until more than four of five do: an endpoint is
healthy as long as more than 18 percent of the checkers say so. Checkers of an endpoint that is given as a host name
ask over IPv4 only (API reference, HealthCheckConfig, `FullyQualifiedDomainName`).
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/route-53-ip-addresses.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from cognito_proxy.firewall.address_lists import WafScope

HEALTH_PATH = "/health"
"""What the checkers ask for, below the stage."""

CHECKER_ADDRESSES = (
    "15.177.0.0/18",
    "54.183.255.128/26",
    "54.228.16.0/26",
    "54.232.40.64/26",
    "54.241.32.64/26",
    "54.243.31.192/26",
    "54.244.52.192/26",
    "54.245.168.0/26",
    "54.248.220.0/26",
    "54.250.253.192/26",
    "54.251.31.128/26",
    "54.252.79.128/26",
    "54.252.254.192/26",
    "54.255.254.192/26",
    "107.23.255.0/26",
    "176.34.159.192/26",
    "177.71.207.128/26",
)
"""Where Route 53's health checkers are."""


def health_checkers(scope: Construct, *, waf_scope: WafScope) -> wafv2.CfnIPSet:
    """Make `HealthCheckers` in `scope`: the IP set of these addresses."""
    return wafv2.CfnIPSet(
        scope,
        "HealthCheckers",
        scope=waf_scope.value,
        ip_address_version="IPV4",
        addresses=list(CHECKER_ADDRESSES),
        description="Route 53 health checkers",
    )
