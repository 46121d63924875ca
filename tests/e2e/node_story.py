"""One user's story with a JavaScript client: one Node.js process tells it from beginning to end."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.deployment import Deployment
from tests.e2e.story import Person, Report, Step

CLIENTS_DIRECTORY = Path(__file__).parent / "clients"
_NODE = Path(sys.executable).parent / "node"
_TIMEOUT_SECONDS = 60


def clients_are_installed() -> bool:
    """Whether the JavaScript clients were installed (`make setup` does it)."""
    return (CLIENTS_DIRECTORY / "node_modules").is_dir()


def tell_node_story(client: str, *, deployment: Deployment, person: Person, steps: tuple[Step, ...]) -> list[Report]:
    """Run `clients/<client>.mjs` and return what it reports.

    Raises:
        RuntimeError: the process failed; its error output is the message.
        subprocess.TimeoutExpired: it took longer than a minute.
    """
    config = deployment.as_config() | person.as_config() | {"steps": [step.name for step in steps]}
    return [json.loads(line) for line in run_node(f"{client}.mjs", says=config).splitlines()]


def run_node(script: str, *arguments: str, says: Mapping[str, Any] | None = None) -> str:
    """Run a script of `clients/` with a JSON document on its stdin, and return what it prints.

    Raises:
        RuntimeError: the process failed; its error output is the message.
        subprocess.TimeoutExpired: it took longer than a minute.
    """
    finished = subprocess.run(
        [str(_NODE), script, *arguments],
        cwd=CLIENTS_DIRECTORY,
        env={"PATH": os.defpath},  # no credentials, no proxies, no options of the caller's
        input=json.dumps(says),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"{script} ended with {finished.returncode}: {finished.stderr}")
    return finished.stdout
