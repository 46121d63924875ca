"""Options that several commands have."""

from dataclasses import dataclass
from typing import Annotated

import typer

from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import WrongUsage
from cognito_proxy.cli.local_run import find_local_run

STACK_VARIABLE = "COGNITO_PROXY_STACK"

Stack = Annotated[
    str | None,
    typer.Option(envvar=STACK_VARIABLE, help="The proxy's CloudFormation stack.", show_default=False),
]
Region = Annotated[
    str | None,
    typer.Option(
        help="The stack's Region; us-east-1 for an edge proxy. Default: AWS_REGION or the profile's.",
        show_default=False,
    ),
]
Local = Annotated[
    bool,
    typer.Option("--local", help="The proxy that `make local` runs on this machine, instead of one in AWS."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Which proxy a command is for."""

    aws: Aws
    stack: str | None
    """None: none was named."""
    local_endpoint: str | None = None
    """Where apps call the proxy of a local run. None: it is in AWS."""


def target(context: typer.Context, *, stack: str | None, region: str | None, local: bool) -> Target:
    """The proxy that the options name. A stack that only the environment names gives way to `--local`.

    Raises:
        WrongUsage: `--local` together with the name of something in AWS.
        CommandError: there is no local run.
    """
    if not local:
        return Target(aws=Aws(region), stack=stack or None)
    for option in ("stack", "region", "web_acl_arn", "secret"):
        source = context.get_parameter_source(option)
        if source is not None and source.name == "COMMANDLINE":
            raise WrongUsage(f"--local and --{option.replace('_', '-')}: give one of them")
    run = find_local_run()
    return Target(aws=Aws(local=run), stack=run.stack, local_endpoint=run.proxy_endpoint)
