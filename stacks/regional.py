"""The regional variant in one stack."""

from aws_cdk import CfnOutput

from cognito_proxy import (
    CustomDomain,
    PrivateNetwork,
    RegionalProxy,
    SealedTokens,
    Throttle,
    UserEvents,
    UserLimits,
    WafScope,
)
from cognito_proxy.proxies.proxy_properties import ProxyProperties
from stacks.domain import custom_domain, shared_domain
from stacks.flags import AppFlags
from stacks.protection import removal_policy
from stacks.proxy import ProxyStack


class RegionalStack(ProxyStack):
    """User pool (existing, or one for the demonstration), app clients, web ACL, proxy, dashboard, alarms, queries."""

    _description = "Sign-in proxy in front of Amazon Cognito, regional variant"
    _waf_scope = WafScope.REGIONAL

    def _domain(self, flags: AppFlags) -> CustomDomain | None:
        return custom_domain(self, flags) if flags.second_region is None else shared_domain(self, flags, self._role)

    def _new_proxy(self, flags: AppFlags, shared: ProxyProperties) -> RegionalProxy:
        proxy = RegionalProxy(
            self,
            "Proxy",
            throttle=_throttle(flags),
            cloud_watch_role=flags.api_gateway_account_role,
            provisioned_concurrency=flags.provisioned_concurrency,
            ipv6=flags.ipv6,
            reserved_concurrent_executions=flags.reserved_concurrency,
            vpc=_network(flags),
            tracing=flags.tracing,
            events=UserEvents() if flags.events else None,
            user_limits=_user_limits(flags),
            sealed_tokens=self._sealed_tokens(flags),
            **shared,
        )
        if flags.second_region is not None:
            CfnOutput(self, "RegionEndpoint", value=proxy.api.url, description="This Region's own URL, for smoke")
        if proxy.egress_addresses is not None:
            addresses = ",".join(proxy.egress_addresses.addresses)
            CfnOutput(self, "EgressAddresses", value=addresses, description="Where calls of Cognito come from")
        if proxy.event_bus is not None and proxy.undelivered_events is not None:
            CfnOutput(self, "EventBusName", value=proxy.event_bus.event_bus_name)
            CfnOutput(self, "UndeliveredEventsUrl", value=proxy.undelivered_events.queue_url)
        return proxy

    def _sealed_tokens(self, flags: AppFlags) -> SealedTokens | None:
        if not flags.sealed_tokens:
            return None
        sealed = self.sealed_tokens = SealedTokens(
            self,
            "SealedTokens",
            encryption_key=self.encryption_key,
            function_encryption_key=self.encryption_key,
            removal_policy=removal_policy(flags),
        )
        CfnOutput(
            self,
            "SealedTokensSecretArn",
            value=sealed.secret.secret_arn,
            description="Secret with the keys of sealed access tokens",
        )
        return sealed


def _network(flags: AppFlags) -> PrivateNetwork | None:
    if not flags.private_network:
        return None
    nat_gateways = flags.nat_gateways or 0
    # With NAT gateways Cognito is called through them: from fixed addresses, and also where the pool has a domain.
    return PrivateNetwork(nat_gateways=nat_gateways, cognito_endpoint=not nat_gateways)


def _throttle(flags: AppFlags) -> Throttle:
    given = {"rate_limit": flags.throttle_rate, "burst_limit": flags.throttle_burst}
    return Throttle(**{name: value for name, value in given.items() if value is not None})


def _user_limits(flags: AppFlags) -> UserLimits | None:
    return None if flags.user_limits is None else UserLimits(attempts=flags.user_limits)
