"""The edge variant whose function makes the signed calls itself: a property of the construct, without a flag."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Environment, Stack

from cognito_proxy import AppClient, AuthFlows, EdgeAdminCalls, EdgeProxy
from local.emulator import ACCOUNT_ID
from stacks.demo_pool import DemoPool
from stacks.flags import EDGE_REGION


def synthesize_generated_edge(folder: Path, *, allowed_origins: list[str]) -> Path:
    """Synthesize one stack with a pool of its own. Gives the folder, which is then a cloud assembly."""
    app = App(outdir=str(folder))
    stack = Stack(app, "GeneratedEdge", env=Environment(account=ACCOUNT_ID, region=EDGE_REGION))
    client = AppClient(
        stack,
        "AppClient",
        user_pool=DemoPool(stack, "DemoPool", threat_protection=True),
        auth_flows=AuthFlows(user_password=True),
    )
    proxy = EdgeProxy(
        stack,
        "Proxy",
        app_clients=[client],
        allowed_origins=allowed_origins,
        threat_protection=True,
        edge_admin_calls=EdgeAdminCalls.GENERATED,
    )
    outputs = {
        "ProxyEndpoint": proxy.endpoint,
        "AppClientId": client.client_id,
        "UserPoolId": client.user_pool.user_pool_id,
        "Region": stack.region,
    }
    for name, value in outputs.items():
        CfnOutput(stack, name, value=value)
    app.synth()
    return folder
