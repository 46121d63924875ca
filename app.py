"""Deployment plan: which stacks stand where. What the flags mean is in stacks/flags/."""

import os
import sys

from aws_cdk import App

from cognito_proxy import PropertyError
from cognito_proxy.common.regions import EDGE_REGION
from stacks.edge import EdgeStack, edge_stacks
from stacks.flags import AppFlags, FlagError, Variant
from stacks.protection import stack_name
from stacks.regional import RegionalStack
from stacks.regional_stacks import regional_stacks
from stacks.samples import sample_stacks

# What the CDK command line knows of whoever deploys; nothing without credentials.
_ACCOUNT = os.environ.get("CDK_DEFAULT_ACCOUNT")
_REGION = os.environ.get("CDK_DEFAULT_REGION")


def main() -> None:
    """Synthesize the variant that the flags ask for."""
    app = App()
    plan(app)
    app.synth()


def plan(app: App) -> None:
    """Make the stacks that the app's flags ask for; a wrong flag ends the program with one line."""
    try:
        flags = AppFlags.from_context(app.node)
        sample_stacks(app, flags, _PLANS[flags.variant](app, flags))
    except (FlagError, PropertyError) as error:
        # Some flags only a construct can judge, such as how many app clients fit; its properties have their names.
        sys.exit(str(error))


def _regional(app: App, flags: AppFlags) -> RegionalStack:
    """All in the pool's Region; without a pool, wherever one deploys; once more in a second Region, if there is one."""
    return regional_stacks(app, stack_name("CognitoProxyRegional", flags), flags=flags, account=_ACCOUNT)


def _edge(app: App, flags: AppFlags) -> EdgeStack:
    """The proxy in us-east-1, the pool in its Region; without a pool, wherever one deploys, else in us-east-1, too."""
    return edge_stacks(
        app,
        stack_name("CognitoProxyEdge", flags),
        flags=flags,
        pool_region=flags.region or _REGION or EDGE_REGION,
        account=_ACCOUNT,
    )


_PLANS = {Variant.REGIONAL: _regional, Variant.EDGE: _edge}

if __name__ == "__main__":
    main()
