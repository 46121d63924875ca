"""The edge variant: one stack for a pool in us-east-1, else one for the pool and one for the proxy."""

from collections.abc import Mapping

from aws_cdk import Environment, Stack
from constructs import Construct

from cognito_proxy import AppClient, EdgeAdminCalls, EdgeProxy, ProxyOutputs, WafScope
from cognito_proxy.common.cross_region import EDGE_REGION
from stacks.alarms import proxy_alarms, rotation_topic, tell_of_failed_rotations
from stacks.app_client import app_clients
from stacks.domain import add_domain_target, custom_domain
from stacks.flags import AppFlags
from stacks.web_acl import web_acl


class EdgePoolStack(Stack):
    """What stands in the pool's Region: the pool (existing, or one for the demonstration), app clients and secrets."""

    clients: Mapping[str, AppClient]

    def __init__(self, scope: Construct, construct_id: str, *, flags: AppFlags, env: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="App client of the sign-in proxy, edge variant, in its Region",
            termination_protection=not flags.demonstration,
        )
        self.clients = app_clients(self, flags, secret_replica_regions=[EDGE_REGION])
        tell_of_failed_rotations(rotation_topic(self, flags), self.clients)


class EdgeStack(Stack):
    """What stands in us-east-1: web ACL, proxy and, on request, alarms.

    Pool and app clients, too, if it is given none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        flags: AppFlags,
        env: Environment,
        clients: Mapping[str, AppClient] | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="Sign-in proxy in front of Amazon Cognito, edge variant",
            termination_protection=not flags.demonstration,
        )
        own_clients = {} if clients else app_clients(self, flags)
        clients = clients or own_clients
        acl = web_acl(self, flags, waf_scope=WafScope.CLOUDFRONT)
        proxy = EdgeProxy(
            self,
            "Proxy",
            app_clients=list(clients.values()),
            allowed_origins=flags.allowed_origins,
            threat_protection=flags.threat_protection,
            propagate_client_ip=flags.propagate_client_ip,
            edge_admin_calls=flags.edge_admin_calls or EdgeAdminCalls.GENERATED,
            web_acl=acl,
            ipv6=flags.ipv6,
            domain=custom_domain(self, flags),
        )
        tell_of_failed_rotations(proxy_alarms(self, flags, proxy), own_clients)
        ProxyOutputs(self, "Outputs", proxy=proxy, app_client_names=flags.app_clients)
        add_domain_target(self, flags, proxy.alias_target)


def edge_stacks(
    scope: Construct, name: str, *, flags: AppFlags, pool_region: str, account: str | None = None
) -> EdgeStack:
    """The stacks of the variant: `name` in us-east-1 and, for a pool in another Region, `name` + `Pool` there."""
    env = Environment(account=account, region=EDGE_REGION)
    if pool_region == EDGE_REGION:
        return EdgeStack(scope, name, flags=flags, env=env)
    pool = EdgePoolStack(scope, f"{name}Pool", flags=flags, env=Environment(account=account, region=pool_region))
    return EdgeStack(scope, name, flags=flags, env=env, clients=pool.clients)
