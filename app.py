"""Deployment plan: which stacks stand where. What the flags mean is in stacks/flags.py."""

import os
import sys

from aws_cdk import App, Environment

from stacks.edge import edge_stacks
from stacks.flags import EDGE_REGION, AppFlags, FlagError, Variant
from stacks.regional import RegionalStack

# What the CDK command line knows of whoever deploys; nothing without credentials.
_ACCOUNT = os.environ.get("CDK_DEFAULT_ACCOUNT")
_REGION = os.environ.get("CDK_DEFAULT_REGION")


def main() -> None:
    """Synthesize the variant that the flags ask for."""
    app = App()
    try:
        flags = AppFlags.from_context(app.node)
    except FlagError as error:
        sys.exit(str(error))
    _PLANS[flags.variant](app, flags)
    app.synth()


def _regional(app: App, flags: AppFlags) -> None:
    """All in the pool's Region; without a pool, wherever one deploys."""
    env = None if flags.region is None else Environment(account=_ACCOUNT, region=flags.region)
    RegionalStack(app, "CognitoProxyRegional", flags=flags, env=env)


def _edge(app: App, flags: AppFlags) -> None:
    """The proxy in us-east-1, the pool in its Region; without a pool, wherever one deploys, else in us-east-1, too."""
    edge_stacks(
        app, "CognitoProxyEdge", flags=flags, pool_region=flags.region or _REGION or EDGE_REGION, account=_ACCOUNT
    )


_PLANS = {Variant.REGIONAL: _regional, Variant.EDGE: _edge}

main()
