"""Which version this is."""

import tomllib
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "cognito-sign-in-proxy"


def version() -> str:
    """The installed version; in a checkout that is not installed, that of its pyproject.toml."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        project = Path(__file__).resolve().parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
