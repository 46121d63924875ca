"""The regional variant in one stack."""

from aws_cdk import Environment, Stack
from constructs import Construct

from cognito_proxy import ProxyOutputs, RegionalProxy, Throttle, WafScope
from stacks.alarms import proxy_alarms, tell_of_failed_rotations
from stacks.app_client import app_clients
from stacks.domain import add_domain_target, custom_domain
from stacks.flags import AppFlags
from stacks.web_acl import web_acl


class RegionalStack(Stack):
    """User pool (existing, or one for the demonstration), app clients, web ACL, proxy and, on request, alarms."""

    def __init__(self, scope: Construct, construct_id: str, *, flags: AppFlags, env: Environment | None = None) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="Sign-in proxy in front of Amazon Cognito, regional variant",
            termination_protection=not flags.demonstration,
        )
        clients = app_clients(self, flags)
        acl = web_acl(self, flags, waf_scope=WafScope.REGIONAL)
        proxy = RegionalProxy(
            self,
            "Proxy",
            app_clients=list(clients.values()),
            allowed_origins=flags.allowed_origins,
            threat_protection=flags.threat_protection,
            propagate_client_ip=flags.propagate_client_ip,
            web_acl=acl,
            throttle=_throttle(flags),
            cloud_watch_role=flags.api_gateway_account_role,
            domain=custom_domain(self, flags),
        )
        tell_of_failed_rotations(proxy_alarms(self, flags, proxy), clients)
        ProxyOutputs(self, "Outputs", proxy=proxy, app_client_names=flags.app_clients)
        add_domain_target(self, flags, proxy.alias_target)


def _throttle(flags: AppFlags) -> Throttle:
    given = {"rate_limit": flags.throttle_rate, "burst_limit": flags.throttle_burst}
    return Throttle(**{name: value for name, value in given.items() if value is not None})
