"""Puts the page beside a local run."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import socket

from local.page.calls import CallFeed
from local.page.server import page_application
from local.paths import ROOT
from local.ports import LOOPBACK, port_of
from local.simulators.common.serving import ServerThread

DIST = ROOT / "web" / "dist"
"""Where `make web` puts the bundle."""

OUTPUTS = {
    "endpoint": "endpoint",
    "userPoolId": "user_pool_id",
    "clientId": "client_id",
    "restApiUrl": "RestApiUrl",
    "httpApiUrl": "HttpApiUrl",
    "humanCheckProvider": "humanCheckProvider",
    "humanCheckSiteKey": "humanCheckSiteKey",
    "humanCheckScript": "humanCheckScript",
}
"""What the page calls a value, and its name in outputs.json."""


def is_built(folder: Path = DIST) -> bool:
    """Whether there is a page to serve."""
    return (folder / "index.html").is_file()


def origin_of(listener: socket) -> str:
    """The origin of a page that is served there."""
    return f"http://{LOOPBACK}:{port_of(listener)}"


def page_config(outputs_file: Path) -> dict[str, str]:
    """The page's config.json for a run, from its outputs.json; the sample APIs are in it where they are deployed."""
    outputs = json.loads(outputs_file.read_text(encoding="utf-8"))
    return {name: outputs[output] for name, output in OUTPUTS.items() if outputs.get(output)}


@contextmanager
def serve_page(
    listener: socket, config: Mapping[str, str], *, calls: CallFeed | None = None, folder: Path = DIST
) -> Iterator[str]:
    """Serve the page until the block ends. Gives its address."""
    servers = ServerThread()
    try:
        servers.serve(page_application(folder, config, port=port_of(listener), calls=calls), listener)
        yield f"{origin_of(listener)}/"
    finally:
        servers.stop()
