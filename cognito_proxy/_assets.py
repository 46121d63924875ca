"""Where the code that runs in AWS is found, in a checkout and in a wheel."""

from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

_PACKAGE = Path(__file__).resolve().parent


def _lambda_dir() -> Path:
    # A wheel carries the folder inside the package; in a checkout it is the package's neighbour.
    packaged = _PACKAGE / "_lambda"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "lambda"


# Absolute, because jsii changes the working directory when it is imported.
LAMBDA_DIR = _lambda_dir()
"""The asset root: the parent of the Python packages `proxy`, `rotation` and `seeding`."""


def proxy_code() -> lambda_.Code:
    """The proxy function: `proxy/` alone, so that its asset changes only when it does."""
    return _package("proxy")


def seeding_code() -> lambda_.Code:
    """The function that puts an app client's secret into Secrets Manager: `seeding/` alone."""
    return _package("seeding")


def rotation_code() -> lambda_.Code:
    """The function that rotates an app client's secret: `rotation/` alone."""
    return _package("rotation")


def _package(name: str) -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(LAMBDA_DIR),
        exclude=["/*", f"!/{name}", "__pycache__", "*.pyc"],
        ignore_mode=IgnoreMode.GIT,
    )
