"""Both variants with two app clients, whose secrets rotate faster than any real ones.

What a proxy keeps for 5 minutes it keeps for a second here, and what an overlap lets live for an hour lives seconds.
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, CfnResource, Duration, Environment, Stack

from cognito_proxy import AppClient, EdgeProxy, RegionalProxy
from cognito_proxy.common.regions import EDGE_REGION
from local.simulators.common.root_client import ACCOUNT_ID
from stacks.demo_pool import DemoPool

SECRET_TTL_SECONDS = 1
OVERLAP_SECONDS = 3
POOL_REGION = "eu-west-1"


def synthesize_rotating(folder: Path, *, variant: str) -> Path:
    """Synthesize the variant; the edge's pool stands in another Region. Gives the folder, a cloud assembly."""
    app = App(outdir=str(folder))
    pool_stack = Stack(app, "Rotating", env=Environment(account=ACCOUNT_ID, region=POOL_REGION))
    replicas = [EDGE_REGION] if variant == "edge" else []
    pool = DemoPool(pool_stack, "DemoPool")
    clients = {
        ending: AppClient(
            pool_stack,
            f"AppClient{ending}",
            user_pool=pool,
            secret_replica_regions=replicas,
            rotation=Duration.days(30),
        )
        for ending in ("", "Ios")
    }
    for client in clients.values():
        _shorten_overlap(client)
    secret_ttl = Duration.seconds(SECRET_TTL_SECONDS)
    proxy: EdgeProxy | RegionalProxy
    if variant == "edge":
        stack = Stack(app, "RotatingEdge", env=Environment(account=ACCOUNT_ID, region=EDGE_REGION))
        proxy = EdgeProxy(stack, "Proxy", app_clients=list(clients.values()), secret_ttl=secret_ttl)
    else:
        proxy = RegionalProxy(pool_stack, "Proxy", app_clients=list(clients.values()), secret_ttl=secret_ttl)
    CfnOutput(Stack.of(proxy), "ProxyEndpoint", value=proxy.endpoint)
    CfnOutput(pool_stack, "UserPoolId", value=pool.user_pool_id)
    CfnOutput(pool_stack, "Region", value=POOL_REGION)
    for ending, client in clients.items():
        CfnOutput(pool_stack, f"AppClientId{ending}", value=client.client_id)
    app.synth()
    return folder


def _shorten_overlap(client: AppClient) -> None:
    """Below what the construct takes: nobody wants to wait ten minutes for a test."""
    rotation = client.secret_rotation
    function = rotation.function.node.default_child if rotation else None
    if not isinstance(function, CfnResource):
        raise TypeError("the app client has no rotation function")
    function.add_property_override("Environment.Variables.OVERLAP_SECONDS", str(OVERLAP_SECONDS))
