"""Deployment plan: which stacks stand where. What the flags mean is in stacks/flags.py."""

import os
import sys

from aws_cdk import App, Environment

from stacks.flags import AppFlags, FlagError, Variant
from stacks.regional import RegionalStack

_STACKS = {Variant.REGIONAL: ("CognitoProxyRegional", RegionalStack)}


def main() -> None:
    """Synthesize the variant that the flags ask for."""
    app = App()
    try:
        flags = AppFlags.from_context(app.node)
    except FlagError as error:
        sys.exit(str(error))
    name, stack = _STACKS[flags.variant]
    stack(app, name, flags=flags, env=_environment(flags))
    app.synth()


def _environment(flags: AppFlags) -> Environment | None:
    """The pool's Region, in the account of whoever deploys; without a pool, the deployer's Region, too."""
    if flags.region is None:
        return None
    return Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=flags.region)


main()
