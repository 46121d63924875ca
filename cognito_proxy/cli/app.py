"""All commands. A new command is a file and a line here; a group of them is a file with a `typer.Typer()`."""

from typing import Annotated

import typer

from cognito_proxy.cli import audit, config, failover, ip, rotate, smoke, top
from cognito_proxy.cli.errors import EXIT_CODES
from cognito_proxy.cli.one_line_errors import OneLineErrors
from cognito_proxy.cli.version import version

app = typer.Typer(
    cls=OneLineErrors,
    help="Looks after a deployed sign-in proxy for Amazon Cognito.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(ip.commands, name="ip")
app.command(epilog=EXIT_CODES)(rotate.rotate)
app.command(epilog=EXIT_CODES)(failover.failover)
app.command(epilog=EXIT_CODES)(smoke.smoke)
app.command(epilog=EXIT_CODES)(audit.audit)
app.command(epilog=EXIT_CODES)(top.top)
app.command(epilog=EXIT_CODES)(config.config)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        typer.echo(f"cognito-proxy {version()}")
        raise typer.Exit


@app.callback()
def options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
