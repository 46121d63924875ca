"""The user pool that the flags speak of, and its app clients."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy import AppClient, AuthFlows, RefreshTokenRotation
from stacks.demo_pool import DemoPool
from stacks.flags import AppFlags


def app_clients(
    scope: Construct, flags: AppFlags, *, secret_replica_regions: Sequence[str] = ()
) -> dict[str, AppClient]:
    """Make the app clients; of the existing pool, or of one for the demonstration.

    They come in the order of `flags.app_clients`, by what their construct ids and outputs end in: nothing for the first
    one, which is there without the flag, too, and `Ios` for a further one that is called `ios`.
    """
    pool = _pool(scope, flags)
    demonstration = flags.user_pool_id is None
    return {
        ending: AppClient(
            scope,
            f"AppClient{ending}",
            user_pool=pool,
            # The demonstration shows password sign-in, too.
            auth_flows=AuthFlows(user_password=demonstration),
            # Rotation of refresh tokens is refused by pools on the Lite plan, and nothing here knows this pool's plan.
            refresh_token_rotation=RefreshTokenRotation() if demonstration else None,
            secret_replica_regions=secret_replica_regions,
            rotation=None if flags.rotation_days is None else Duration.days(flags.rotation_days),
        )
        for ending in ("", *(name.capitalize() for name in flags.app_clients[1:]))
    }


def _pool(scope: Construct, flags: AppFlags) -> cognito.IUserPool:
    if flags.user_pool_id is not None:
        return cognito.UserPool.from_user_pool_id(scope, "UserPool", flags.user_pool_id)
    return DemoPool(scope, "DemoPool", threat_protection=flags.threat_protection or flags.propagate_client_ip)
