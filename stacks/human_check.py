"""The human check of the flags, and the secret that its provider knows the proxy by."""

from typing import cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from cognito_proxy import HumanCheck, HumanCheckProvider
from cognito_proxy.common.acknowledge import acknowledge
from stacks.flags import AppFlags
from stacks.protection import removal_policy

SECRET_OUTPUT = "HumanCheckSecretArn"  # noqa: S105 - an output's name
"""Where the provider's secret key belongs, if the stack makes the place for it."""


def human_check(scope: Stack, flags: AppFlags, *, encryption_key: kms.IKey | None) -> HumanCheck | None:
    """What the flags ask for; None without `human_check`. A secret that is made is encrypted with `encryption_key`."""
    if flags.human_check is None:
        return None
    with_site_key = flags.human_check is HumanCheckProvider.HCAPTCHA
    return HumanCheck(
        provider=flags.human_check,
        secret=_secret(scope, flags, encryption_key),
        site_key=flags.human_check_site_key if with_site_key else None,
    )


def _secret(scope: Stack, flags: AppFlags, encryption_key: kms.IKey | None) -> secretsmanager.ISecret:
    if flags.human_check_secret_arn is not None:
        return secretsmanager.Secret.from_secret_complete_arn(scope, "HumanCheckSecret", flags.human_check_secret_arn)
    secret = secretsmanager.Secret(
        scope,
        "HumanCheckSecret",
        description="Secret key of the human check's provider; read by the sign-in proxy",
        encryption_key=encryption_key,
        removal_policy=removal_policy(flags),
    )
    # Somebody puts the key in. CloudFormation would put a new generated value whenever its recipe changes.
    cast("secretsmanager.CfnSecret", secret.node.default_child).add_property_deletion_override("GenerateSecretString")
    acknowledge(secret, {"SMG4": "The provider makes the key: it is changed there, and put here by whoever did."})
    CfnOutput(
        scope,
        SECRET_OUTPUT,
        value=secret.secret_arn,
        description="Secret that the provider's secret key has to be put into",
    )
    return secret
