"""The regional variant in one stack."""

from cognito_proxy import RegionalProxy, Throttle, WafScope
from cognito_proxy.proxies.proxy_properties import ProxyProperties
from stacks.flags import AppFlags
from stacks.proxy import ProxyStack


class RegionalStack(ProxyStack):
    """User pool (existing, or one for the demonstration), app clients, web ACL, proxy, dashboard, alarms, queries."""

    _description = "Sign-in proxy in front of Amazon Cognito, regional variant"
    _waf_scope = WafScope.REGIONAL

    def _new_proxy(self, flags: AppFlags, shared: ProxyProperties) -> RegionalProxy:
        return RegionalProxy(
            self,
            "Proxy",
            throttle=_throttle(flags),
            cloud_watch_role=flags.api_gateway_account_role,
            provisioned_concurrency=flags.provisioned_concurrency,
            ipv6=flags.ipv6,
            **shared,
        )


def _throttle(flags: AppFlags) -> Throttle:
    given = {"rate_limit": flags.throttle_rate, "burst_limit": flags.throttle_burst}
    return Throttle(**{name: value for name, value in given.items() if value is not None})
