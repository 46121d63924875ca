"""Errors as one line on stderr, whatever they come from."""

import os
import sys
from typing import Any

from typer.core import TyperGroup

from cognito_proxy.cli.aws import AwsError, as_command_error
from cognito_proxy.cli.errors import FAILED, INTERRUPTED, CommandError

DEBUG = "COGNITO_PROXY_DEBUG"
"""The variable under which an error that nobody foresaw shows where it came from."""


class OneLineErrors(TyperGroup):
    """A group of commands that ends with one line and an exit code; `cognito_proxy.cli.errors` has the codes."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run and exit."""
        try:
            code = super().main(*args, **extra | {"standalone_mode": False})
        except CommandError as error:
            _fail(str(error), error.exit_code)
        except AwsError as error:
            _fail(str(as_command_error(error)), as_command_error(error).exit_code)
        except KeyboardInterrupt:
            _fail("interrupted", INTERRUPTED)
        except Exception as error:
            # Typer's errors of usage come from the click that it brings along, under a name of its own.
            if hasattr(error, "format_message") and hasattr(error, "exit_code"):
                if type(error).__name__ != "NoArgsIsHelpError":
                    _fail(f"{error.format_message().rstrip('.')} (see --help)", error.exit_code)
                sys.exit(error.exit_code)
            if type(error).__name__ == "Abort":
                _fail("interrupted", INTERRUPTED)
            if os.environ.get(DEBUG):
                raise
            _fail(f"{type(error).__name__}: {error}; this is a bug; to see where, set {DEBUG}=1", FAILED)
        if code == INTERRUPTED:
            _fail("interrupted", INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, exit_code: int) -> None:
    print("error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(exit_code)
