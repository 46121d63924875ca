"""That no deployment destroys what apps and users rely on: docs/decisions/0009-protecting-production.md."""

from aws_cdk import Annotations, RemovalPolicy, Stack

from stacks.flags import AppFlags


def stack_name(name: str, flags: AppFlags) -> str:
    """A demonstration has stacks of its own, so a forgotten `user_pool_id` touches no other."""
    return f"{name}Demo" if flags.demonstration else name


def removal_policy(flags: AppFlags) -> RemovalPolicy:
    """What becomes of app clients and their secrets when they leave the stack."""
    return RemovalPolicy.DESTROY if flags.demonstration else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


def say_what_is_kept(stack: Stack, flags: AppFlags) -> None:
    """One line at synth: that it is a demonstration, or what outlives the stack."""
    if flags.demonstration:
        Annotations.of(stack).add_warning_v2(
            "@cognito-proxy:demonstration",
            "user_pool_id is not set, so this is a demonstration: its user pool goes with the stack, users and all. "
            "Stacks for a pool of yours have other names and are not touched.",
        )
    else:
        Annotations.of(stack).add_info_v2(
            "@cognito-proxy:kept",
            "App clients and secrets that leave this stack, or are replaced in it, stay in the account. The flag "
            "app_client_ids serves such an app client again.",
        )
