"""Errors as one line on stderr, whatever they come from."""

import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from typer.core import TyperGroup

from cognito_proxy.cli.aws import explained
from cognito_proxy.cli.errors import CommandError


class OneLineErrors(TyperGroup):
    """A group of commands that ends with one line and an exit code: 1 for a failure, 2 for a wrong call."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run and exit."""
        try:
            code = super().main(*args, **extra | {"standalone_mode": False})
        except CommandError as error:
            _fail(str(error), error.exit_code)
        except (BotoCoreError, ClientError) as error:
            _fail(explained(error), 1)
        except Exception as error:
            # Typer's errors of usage come from the click that it brings along, under a name of its own.
            if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
                raise
            if type(error).__name__ != "NoArgsIsHelpError":
                _fail(f"{error.format_message().rstrip('.')} (see --help)", error.exit_code)
            sys.exit(error.exit_code)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, exit_code: int) -> None:
    print("error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(exit_code)
