"""The web site whose pages the browser opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.ports import LOOPBACK, listen, port_of
from local.simulators.common.serving import ServerThread


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder that is served on loopback, under two names and so as two origins."""

    folder: Path
    port: int

    @property
    def origin(self) -> str:
        """What the deployments under test allow."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def foreign_origin(self) -> str:
        """The same pages by another name, which no deployment allows."""
        return f"http://localhost:{self.port}"


@contextmanager
def serve_site(folder: Path) -> Iterator[Site]:
    """Serve what is in the folder, or comes there, until the block ends."""
    application = web.Application()
    application.router.add_static("/", folder)
    servers = ServerThread()
    try:
        with listen() as listener:
            servers.serve(application, listener)
            yield Site(folder=folder, port=port_of(listener))
    finally:
        servers.stop()
