"""The user pool that the flags speak of, and an app client of it."""

from collections.abc import Sequence

from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy import AppClient, AuthFlows
from stacks.demo_pool import DemoPool
from stacks.flags import AppFlags


def app_client(scope: Construct, flags: AppFlags, *, secret_replica_regions: Sequence[str] = ()) -> AppClient:
    """Make the app client; of the existing pool, or of one for the demonstration."""
    if flags.user_pool_id is None:
        return AppClient(
            scope,
            "AppClient",
            user_pool=DemoPool(
                scope, "DemoPool", threat_protection=flags.threat_protection or flags.propagate_client_ip
            ),
            # The demonstration shows password sign-in, too.
            auth_flows=AuthFlows(user_password=True),
            secret_replica_regions=secret_replica_regions,
        )
    return AppClient(
        scope,
        "AppClient",
        user_pool=cognito.UserPool.from_user_pool_id(scope, "UserPool", flags.user_pool_id),
        # Rotation of refresh tokens is refused by pools on the Lite plan, and nothing here knows this pool's plan.
        refresh_token_rotation=None,
        secret_replica_regions=secret_replica_regions,
    )
