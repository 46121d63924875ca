"""`cognito-proxy config`: what to paste into an app."""

from typing import Annotated

import typer

from cognito_proxy.cli.errors import CommandError, WrongUsage
from cognito_proxy.cli.options import Local, Region, Stack, target
from cognito_proxy.cli.stack_outputs import stack_outputs
from cognito_proxy.client_config.proxy import NotConfigurable, SeveralAppClients, proxy_of
from cognito_proxy.client_config.sdks import Sdk, configuration

_ENDPOINT = "ProxyEndpoint"

For = Annotated[Sdk, typer.Option("--for", help="The SDK that the app uses.", show_default=False)]
Client = Annotated[
    str | None,
    typer.Option(
        metavar="ID",
        help="Which app client, by its id, or by its name in the flag app_clients. Needed when there are several.",
        show_default=False,
    ),
]


def config(
    context: typer.Context,
    *,
    sdk: For,
    stack: Stack = None,
    region: Region = None,
    client: Client = None,
    local: Local = False,
) -> None:
    """Print what to paste into an app, so that its SDK calls the proxy.

    Stdout holds exactly that, and no secret. Remarks are on stderr.
    """
    proxy = target(context, stack=stack, region=region, local=local)
    if proxy.stack is None:
        raise WrongUsage("give --stack, the proxy's CloudFormation stack, or --local")
    outputs = stack_outputs(proxy.aws, proxy.stack)
    if proxy.local_endpoint is not None:
        # The stack tells API Gateway's or CloudFront's name, which nobody answers to here.
        outputs |= {_ENDPOINT: proxy.local_endpoint}
    try:
        found = configuration(sdk, proxy_of(outputs, client, stack=proxy.stack))
    except SeveralAppClients as several:
        raise WrongUsage(str(several)) from None
    except NotConfigurable as reason:
        raise CommandError(str(reason)) from None
    for remark in found.remarks:
        typer.echo(f"note: {remark}", err=True)
    typer.echo(found.text, nl=False)
