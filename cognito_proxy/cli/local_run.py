"""The proxy that `make local` runs on this machine, as `--local` finds it: by the file that the run writes."""

import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cognito_proxy.cli.errors import CommandError

OUTPUTS = Path(".local", "outputs.json")
"""Where a run writes it, in the checkout."""

_KEYS = ("aws_endpoint_url", "stack", "stack_region", "endpoint")
_CONNECT_SECONDS = 5.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """What the command needs of a run."""

    file: Path
    endpoint_url: str
    """Where AWS's APIs are, on loopback."""
    stack: str
    region: str
    """Of the stack."""
    proxy_endpoint: str | None = None
    """Where apps call the proxy. Default: - nobody has said."""


def find_local_run(start: Path | None = None) -> LocalRun:
    """The run of the checkout that one is in, else of the checkout that this package is part of.

    Args:
        start: the folder to begin with. Default: the working directory.

    Raises:
        CommandError: there is none, its file cannot be understood, or it has ended.
    """
    here = (start or Path.cwd()).resolve()
    file = next((found for found in _candidates(here) if found.is_file()), None)
    if file is None:
        raise CommandError(f"no local run: there is no {OUTPUTS} in {here} or above it; start one with: make local")
    values = _values(file)
    _check_that_it_answers(file, values["aws_endpoint_url"])
    return LocalRun(
        file=file,
        endpoint_url=values["aws_endpoint_url"],
        stack=values["stack"],
        region=values["stack_region"],
        proxy_endpoint=values["endpoint"],
    )


def _candidates(here: Path) -> Iterator[Path]:
    folders: Iterable[Path] = (here, *here.parents, Path(__file__).resolve().parents[2])
    yield from (folder / OUTPUTS for folder in folders)


def _check_that_it_answers(file: Path, url: str) -> None:
    """A run that was killed leaves its file behind."""
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 80), timeout=_CONNECT_SECONDS).close()
    except OSError:
        raise CommandError(f"{file}: the local run does not answer at {url}; start it again with: make local") from None


def _values(file: Path) -> dict[str, str]:
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
        values = {key: document[key] for key in _KEYS}
        # Keys of a local run go to this machine only.
        right = all(isinstance(value, str) and value for value in values.values())
        address = urlsplit(values["aws_endpoint_url"])
        right = right and address.hostname in _LOOPBACK and address.port is not None
    except OSError as error:
        raise CommandError(f"{file}: cannot be read ({error.strerror}); start a new run with: make local") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        right, values = False, {}
    if not right:
        raise CommandError(f"{file}: not what a local run of this version writes; start it again with: make local")
    return values
