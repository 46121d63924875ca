"""For all tests: the project's own Node.js (from PyPI) comes before any other, as the Makefile has it."""

import os
import sys
from pathlib import Path

import pytest

from tests.scheduling import ByDeployment

os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByDeployment | None:
    """What `--dist loadfile` does here."""
    return ByDeployment(config, log) if config.getvalue("dist") == "loadfile" else None
