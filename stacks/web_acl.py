"""The web ACL that the flags speak of."""

from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy import IpListExpiry, ProxyWebAcl, RateLimit, WafScope, WebAclLogging
from cognito_proxy.firewall.rates import DEFAULT_OAUTH_RATE
from stacks.flags import AppFlags


def web_acl(
    scope: Construct,
    flags: AppFlags,
    *,
    waf_scope: WafScope,
    encryption_key: kms.IKey | None,
    health_check: bool = False,
) -> ProxyWebAcl:
    """Make the web ACL, and what takes expired addresses off its lists."""
    acl = ProxyWebAcl(
        scope,
        "WebAcl",
        waf_scope=waf_scope,
        allow_ips=flags.allow_ips,
        deny_ips=flags.deny_ips,
        rate_limit=RateLimit(limit=flags.rate_limit, window_seconds=flags.rate_window_seconds),
        operation_rates=flags.operation_rates,
        managed_groups=flags.managed_groups,
        allowed_origins=flags.allowed_origins,
        count_only=flags.count_only,
        ipv6=flags.ipv6,
        health_check=health_check,
        oauth_rate=None if flags.oauth_domain is None else DEFAULT_OAUTH_RATE,
        logging=WebAclLogging(encryption_key=encryption_key),
    )
    IpListExpiry(scope, "IpListExpiry", web_acl=acl, encryption_key=encryption_key)
    return acl
