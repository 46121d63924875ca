"""The command `cognito-proxy`: what people do by hand with a deployed proxy.

`app.py` lists the groups of commands, a file each; a file of commands only reads arguments and prints. What they do
stands in modules that know nothing of the command line.
"""

import importlib
import sys

_EXTRA = frozenset({"boto3", "botocore", "rich", "typer"})


def main() -> None:
    """Run the command; ends the process with 0, with 1 when it failed, with 2 when it was called wrongly."""
    try:
        app = importlib.import_module("cognito_proxy.cli.app").app
    except ModuleNotFoundError as missing:
        if missing.name not in _EXTRA:
            raise
        sys.exit(f"error: {missing.name} is not installed; run: pip install 'cognito-sign-in-proxy[cli]'")
    app()
