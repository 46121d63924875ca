"""The web ACL that the flags speak of."""

from constructs import Construct

from cognito_proxy import IpListExpiry, ProxyWebAcl, RateLimit, WafScope
from stacks.flags import AppFlags


def web_acl(scope: Construct, flags: AppFlags, *, waf_scope: WafScope) -> ProxyWebAcl:
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
    )
    IpListExpiry(scope, "IpListExpiry", web_acl=acl)
    return acl
