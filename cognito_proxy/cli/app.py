"""All commands. A new command is a file and a line here; a group of them is a file with a `typer.Typer()`."""

import typer

from cognito_proxy.cli import ip, rotate
from cognito_proxy.cli.one_line import OneLineErrors

app = typer.Typer(
    cls=OneLineErrors,
    help="Looks after a deployed sign-in proxy for Amazon Cognito.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(ip.commands, name="ip")
app.command()(rotate.rotate)
