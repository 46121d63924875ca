"""The user pool that the flags speak of, and its app clients."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypedDict

from aws_cdk import Duration, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy import AppClient, AuthFlows, RefreshTokenRotation
from stacks.demo_pool import DemoPool
from stacks.flags import AppFlags
from stacks.oauth import demo_domain
from stacks.protection import removal_policy, say_what_is_kept
from stacks.replica import pool_replica


class _Keys(TypedDict):
    """What an app client is given to encrypt with."""

    encryption_key: kms.IKey | None
    function_encryption_key: kms.IKey | None
    secret_replica_keys: Mapping[str, kms.IKey]


def app_clients(
    scope: Construct,
    flags: AppFlags,
    *,
    secret_replica_regions: Sequence[str] = (),
    secret_replica_keys: Mapping[str, kms.IKey] = MappingProxyType({}),
    encryption_key: kms.IKey | None = None,
) -> dict[str, AppClient]:
    """Make the app clients, or take over those that exist; of the existing pool, or of one for the demonstration.

    They come in the order of `flags.app_clients`, by what their construct ids and outputs end in: nothing for the first
    one, which is there without the flag, too, and `Ios` for a further one that is called `ios`.
    """
    say_what_is_kept(Stack.of(scope), flags)
    pool = _pool(scope, flags)
    pool_replica(scope, flags, user_pool=pool, encryption_key=encryption_key)
    demo_domain(scope, flags, pool)
    endings = ("", *(name.capitalize() for name in flags.app_clients[1:]))
    return {
        ending: _client(
            scope,
            f"AppClient{ending}",
            flags,
            user_pool=pool,
            existing_id=flags.existing_client_ids.get(place),
            secret_replica_regions=secret_replica_regions,
            keys=_Keys(
                encryption_key=encryption_key,
                function_encryption_key=encryption_key,
                secret_replica_keys=secret_replica_keys,
            ),
        )
        for place, ending in enumerate(endings)
    }


def _client(
    scope: Construct,
    construct_id: str,
    flags: AppFlags,
    *,
    user_pool: cognito.IUserPool,
    existing_id: str | None,
    secret_replica_regions: Sequence[str],
    keys: "_Keys",
) -> AppClient:
    rotation = None if flags.rotation_days is None else Duration.days(flags.rotation_days)
    if existing_id is not None:
        return AppClient.from_client_id(
            scope,
            construct_id,
            user_pool=user_pool,
            client_id=existing_id,
            secret_replica_regions=secret_replica_regions,
            rotation=rotation,
            removal_policy=removal_policy(flags),
            **keys,
        )
    return AppClient(
        scope,
        construct_id,
        user_pool=user_pool,
        auth_flows=_auth_flows(flags),
        # Rotation of refresh tokens is refused by pools on the Lite plan, and nothing here knows this pool's plan.
        refresh_token_rotation=RefreshTokenRotation() if flags.demonstration else None,
        secret_replica_regions=secret_replica_regions,
        rotation=rotation,
        removal_policy=removal_policy(flags),
        **keys,
    )


def _auth_flows(flags: AppFlags) -> AuthFlows:
    # The demonstration shows password sign-in, too.
    default = ("srp", "password") if flags.demonstration else ("srp",)
    wanted = flags.auth_flows or default
    return AuthFlows(
        user_srp="srp" in wanted,
        user_password="password" in wanted,
        user="user" in wanted,
        custom="custom" in wanted,
    )


def _pool(scope: Construct, flags: AppFlags) -> cognito.IUserPool:
    if flags.user_pool_id is not None:
        return cognito.UserPool.from_user_pool_id(scope, "UserPool", flags.user_pool_id)
    return DemoPool(scope, "DemoPool", threat_protection=flags.threat_protection or flags.propagate_client_ip)
