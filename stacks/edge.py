"""The edge variant: one stack for a pool in us-east-1, else one for the pool and one for the proxy."""

from collections.abc import Mapping

from aws_cdk import Environment, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy import AppClient, EdgeAdminCalls, EdgeProxy, WafScope
from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.proxies.proxy_properties import ProxyProperties
from stacks.alarms import watch_pool
from stacks.app_client import app_clients
from stacks.flags import AppFlags
from stacks.proxy import ProxyStack
from stacks.reviewed import CustomerKeyStack, customer_key


class EdgePoolStack(Stack):
    """What stands in the pool's Region: the pool (existing, or one for the demonstration), app clients and secrets."""

    clients: Mapping[str, AppClient]
    """By what their construct ids and outputs end in."""

    def __init__(
        self, scope: Construct, construct_id: str, *, flags: AppFlags, env: Environment, edge_key: kms.Key | None = None
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=env,
            description="App client of the sign-in proxy, edge variant, in its Region",
            termination_protection=not flags.demonstration,
        )
        key = customer_key(self, flags)
        self.clients = app_clients(
            self,
            flags,
            secret_replica_regions=[EDGE_REGION],
            secret_replica_keys={} if edge_key is None else {EDGE_REGION: edge_key},
            encryption_key=key,
        )
        watch_pool(self, flags, self.clients, encryption_key=key)


class EdgeStack(ProxyStack):
    """What stands in us-east-1: web ACL, proxy, dashboard, alarms and queries.

    Pool and app clients, too, if it is given none.
    """

    _description = "Sign-in proxy in front of Amazon Cognito, edge variant"
    _waf_scope = WafScope.CLOUDFRONT

    def _new_proxy(self, flags: AppFlags, shared: ProxyProperties) -> EdgeProxy:
        edge_admin_calls = flags.edge_admin_calls or EdgeAdminCalls.GENERATED
        return EdgeProxy(
            self,
            "Proxy",
            edge_admin_calls=edge_admin_calls,
            ipv6=flags.ipv6,
            access_log_bucket=self.access_log_bucket,
            **shared,
        )


def edge_stacks(
    scope: Construct, name: str, *, flags: AppFlags, pool_region: str, account: str | None = None
) -> EdgeStack:
    """The stacks of the variant: `name` in us-east-1 and, for a pool in another Region, `name` + `Pool` there.

    With a key, that of us-east-1 is in a stack before these two, `name` + `Key`."""
    env = Environment(account=account, region=EDGE_REGION)
    if pool_region == EDGE_REGION:
        return EdgeStack(scope, name, flags=flags, env=env)
    # A key has to be there before a replica of a secret in its Region is.
    key = CustomerKeyStack(scope, f"{name}Key", flags=flags, env=env).key if flags.customer_key else None
    pool_env = Environment(account=account, region=pool_region)
    pool = EdgePoolStack(scope, f"{name}Pool", flags=flags, env=pool_env, edge_key=key)
    return EdgeStack(scope, name, flags=flags, env=env, clients=pool.clients, encryption_key=key)
