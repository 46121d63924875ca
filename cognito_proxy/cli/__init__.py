"""The command `cognito-proxy`: what people do by hand with a deployed proxy.

`app.py` lists the groups of commands, a file each; a file of commands only reads arguments and prints. What they do
stands in modules that know nothing of the command line.
"""

import importlib
import shlex
import sys

EXTRA = {"boto3": "boto3>=1.40", "requests": "requests>=2.32", "rich": "rich>=13", "typer": "typer>=0.15"}
"""What the extra `cli` asks for, by what is imported: named one by one, since that installs from anywhere, whichever
way this package itself came."""


def main() -> None:
    """Run the command; ends the process with one of the exit codes of `cognito_proxy.cli.errors`."""
    try:
        app = importlib.import_module("cognito_proxy.cli.app").app
    except ModuleNotFoundError as missing:
        # botocore comes with boto3.
        if missing.name not in {*EXTRA, "botocore"}:
            raise
        install = shlex.join([sys.executable, "-m", "pip", "install", *EXTRA.values()])
        sys.exit(f"error: {missing.name} is not installed; run: {install}")
    # Whichever way it was started: completion and help are for the command.
    app(prog_name="cognito-proxy")
