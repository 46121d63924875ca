"""The stacks of the regional variant: one, or one in each of two Regions."""

from aws_cdk import Environment
from constructs import Construct

from cognito_proxy import FailoverRole
from stacks.flags import AppFlags
from stacks.regional import RegionalStack
from stacks.reviewed import CustomerKeyStack


def regional_stacks(scope: Construct, name: str, *, flags: AppFlags, account: str | None = None) -> RegionalStack:
    """`name` in the pool's Region; without a pool, wherever one deploys. Returns that one.

    With a second Region, `name` + `Second` is there and takes the app clients of the first. With a key, that of the
    second Region is in a stack before these two, `name` + `SecondKey`, since a replica of a secret needs it.
    """
    env = None if flags.region is None else Environment(account=account, region=flags.region)
    if flags.second_region is None:
        return RegionalStack(scope, name, flags=flags, env=env)
    second = Environment(account=account, region=flags.second_region)
    key = CustomerKeyStack(scope, f"{name}SecondKey", flags=flags, env=second).key if flags.customer_key else None
    first = RegionalStack(
        scope,
        name,
        flags=flags,
        env=env,
        secret_replica_regions=[flags.second_region],
        secret_replica_keys={} if key is None else {flags.second_region: key},
    )
    RegionalStack(
        scope,
        f"{name}Second",
        flags=flags,
        env=second,
        clients=first.clients,
        encryption_key=key,
        role=FailoverRole.SECONDARY,
    )
    return first
