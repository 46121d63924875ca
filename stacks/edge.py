"""The edge variant: one stack for a pool in us-east-1, else one for the pool and one for the proxy."""

from aws_cdk import Environment, Stack
from constructs import Construct

from cognito_proxy import AppClient, EdgeProxy, ProxyAlarms
from cognito_proxy._acknowledge import acknowledge
from stacks.app_client import app_client
from stacks.domain import add_domain_target, custom_domain
from stacks.flags import EDGE_REGION, AppFlags
from stacks.outputs import add_outputs


class EdgePoolStack(Stack):
    """What stands in the pool's Region: the pool (existing, or one for the demonstration), app client and secret."""

    client: AppClient

    def __init__(self, scope: Construct, construct_id: str, *, flags: AppFlags, env: Environment) -> None:
        super().__init__(
            scope, construct_id, env=env, description="App client of the sign-in proxy, edge variant, in its Region"
        )
        self.client = app_client(self, flags, secret_replica_regions=[EDGE_REGION])


class EdgeStack(Stack):
    """What stands in us-east-1: the proxy and, on request, alarms. Pool and app client, too, if they are given none."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        flags: AppFlags,
        env: Environment,
        client: AppClient | None = None,
    ) -> None:
        super().__init__(
            scope, construct_id, env=env, description="Sign-in proxy in front of Amazon Cognito, edge variant"
        )
        client = client or app_client(self, flags)
        proxy = EdgeProxy(
            self,
            "Proxy",
            app_clients=[client],
            allowed_origins=flags.allowed_origins,
            threat_protection=flags.threat_protection,
            propagate_client_ip=flags.propagate_client_ip,
            domain=custom_domain(self, flags),
        )
        acknowledge(
            proxy.distribution, {"CFR2": "The stack has no firewall; a web ACL is attached to the distribution."}
        )
        if flags.alarm_email is not None:
            ProxyAlarms(self, "Alarms", proxy=proxy, email=flags.alarm_email)
        add_outputs(self, client=client, endpoint=proxy.endpoint, domain_name=proxy.domain_name)
        add_domain_target(self, flags, proxy.alias_target)


def edge_stacks(
    scope: Construct, name: str, *, flags: AppFlags, pool_region: str, account: str | None = None
) -> EdgeStack:
    """The stacks of the variant: `name` in us-east-1 and, for a pool in another Region, `name` + `Pool` there."""
    env = Environment(account=account, region=EDGE_REGION)
    if pool_region == EDGE_REGION:
        return EdgeStack(scope, name, flags=flags, env=env)
    pool = EdgePoolStack(scope, f"{name}Pool", flags=flags, env=Environment(account=account, region=pool_region))
    return EdgeStack(scope, name, flags=flags, env=env, client=pool.client)
