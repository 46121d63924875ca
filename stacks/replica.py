"""The replica of the pool that the flags speak of."""

from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy import ReplicaRegion
from stacks.flags import AppFlags
from stacks.flags.pool_replica import PoolReplica
from stacks.protection import removal_policy


def pool_replica(
    scope: Construct, flags: AppFlags, *, user_pool: cognito.IUserPool, encryption_key: kms.IKey | None
) -> None:
    """Make `ReplicaRegion` in the pool's stack; nothing where the flags name no second Region, or it is there."""
    if flags.second_region is None or flags.pool_replica is PoolReplica.EXISTING:
        return
    ReplicaRegion(
        scope,
        "ReplicaRegion",
        user_pool=user_pool,
        region=flags.second_region,
        active=flags.pool_replica is PoolReplica.ACTIVE,
        removal_policy=removal_policy(flags),
        encryption_key=encryption_key,
    )
