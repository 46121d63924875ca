"""An origin that remembers what it got, and a running edge server in front of it."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web

from local.ports import LOOPBACK, listen, port_of
from local.simulators.cloudfront import EdgeConfig, EdgeServer
from local.simulators.common.serving import ServerThread
from tests.simulators.cloudfront.samples import ORIGIN_DOMAIN, sample_behaviour, write_handler


@dataclass
class RecordingOrigin:
    """Stands where Cognito stands."""

    url: str = ""
    requests: list[tuple[str, str, list[tuple[str, str]], bytes]] = field(default_factory=list)
    """Method, path with query string, headers and body of what came."""
    peers: set[tuple[str, int]] = field(default_factory=set)
    """Connections that requests came over."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"ok": true}'
    delay: float = 0

    def header(self, name: str) -> str | None:
        """A header of the latest request."""
        return {key.lower(): value for key, value in self.requests[-1][2]}.get(name)

    async def answer(self, request: web.Request) -> web.Response:
        """Remembers the request."""
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername")[:2])
        headers = [(name.decode(), value.decode()) for name, value in request.raw_headers]
        self.requests.append((request.method, request.raw_path, headers, await request.read()))
        await asyncio.sleep(self.delay)
        return web.Response(status=self.status, headers=self.headers, body=self.body)


@pytest.fixture
def origin() -> Iterator[RecordingOrigin]:
    recording = RecordingOrigin()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=2**23)
        app.router.add_route("*", "/{path:.*}", recording.answer)
        runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    recording.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield recording
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@dataclass(frozen=True)
class Edge:
    """A running edge server with what a test needs beside it."""

    server: EdgeServer
    url: str
    servers: ServerThread
    http: requests.Session

    def call(self, method: str = "POST", path: str = "/", **arguments: Any) -> requests.Response:
        """A request of a viewer."""
        return self.http.request(method, self.url + path, timeout=20, **arguments)

    def use_credentials(self, credentials: Mapping[str, str]) -> None:
        """Give new workers these credentials, and end the idle ones."""
        self.servers.run(self.server.use_credentials(credentials))


@contextlib.contextmanager
def served(config: EdgeConfig) -> Iterator[Edge]:
    """An edge server on loopback until the block ends, served as in a local run."""
    with contextlib.ExitStack() as ends:
        listener = ends.enter_context(listen())
        servers = ServerThread()
        ends.callback(servers.stop)
        server = EdgeServer(config)
        servers.serve(server.web_application(), listener)
        http = ends.enter_context(requests.Session())
        yield Edge(server=server, url=f"http://{LOOPBACK}:{port_of(listener)}", servers=servers, http=http)


StartEdge = Callable[..., Edge]


@pytest.fixture
def start_edge(origin: RecordingOrigin, tmp_path: Path) -> Iterator[StartEdge]:
    """Starts an edge server with the handler whose body is given, and ends it after the test."""
    with contextlib.ExitStack() as stack:

        def start(body: str = "", *, template: dict[str, Any] | None = None, **changes: Any) -> Edge:
            settings: dict[str, Any] = {
                "behaviour": sample_behaviour(template),
                "asset": write_handler(tmp_path / "asset", body),
                "origins": {ORIGIN_DOMAIN: origin.url},
            }
            return stack.enter_context(served(EdgeConfig(**{**settings, **changes})))

        yield start
