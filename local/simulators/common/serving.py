"""Loopback HTTP servers in one thread beside the caller's, and the pooled connections that they forward over."""

import asyncio
import io
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from yarl import URL

from local.simulators.common.http import Headers, HttpRequest, HttpResponse, without

Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]
"""Answers a request."""

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that belong to one connection (RFC 9110, 7.6.1)."""

_START_SECONDS = 10.0
# Bytes of a request line or a header. What of that is too long is for the simulators to say, in AWS's words.
_MAX_LINE = 65_536
_T = TypeVar("_T")


class ServerThread:
    """An event loop in a thread of its own. Servers added to it run until `stop`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._runners: list[web.AppRunner] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="local-servers", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine there and wait for it (at most ten seconds)."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_SECONDS)

    def serve(self, application: web.Application, *listeners: socket.socket) -> None:
        """Serve an application on listening sockets; the caller closes its own copies after `stop`."""
        self.run(self._serve(application, listeners))

    def stop(self) -> None:
        """End all servers, close their connections and end the thread. Safe to call twice."""
        if self._loop.is_closed():
            return
        for runner in reversed(self._runners):
            self.run(runner.cleanup())
        self.run(_cancel_the_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)
        self._loop.close()

    async def _serve(self, application: web.Application, listeners: Sequence[socket.socket]) -> None:
        # A body that a client compressed is passed on as it came.
        runner = web.AppRunner(
            application,
            handle_signals=False,
            access_log=None,
            shutdown_timeout=1,
            auto_decompress=False,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
        )
        self._runners.append(runner)
        await runner.setup()
        for listener in listeners:
            await web.SockSite(runner, listener.dup()).start()


async def _cancel_the_rest() -> None:
    """End what is still under way for clients that have hung up."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def application(
    handler: Handler, *, max_body: int, too_large: HttpResponse, upstream: "Upstream | None" = None
) -> web.Application:
    """A web application that gives every request, whatever its method and path, to `handler`.

    `max_body` is in bytes; a longer body is answered with `too_large`. `upstream` is closed when the application ends.
    Default: none.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _web_response(too_large)
        return _web_response(await handler(_http_request(request, body)))

    app = web.Application(client_max_size=max_body)
    app.router.add_route("*", "/{tail:.*}", handle)
    if upstream is not None:
        app.on_cleanup.append(lambda _: upstream.close())
    return app


class Upstream:
    """Pooled keep-alive connections to the emulator. Bytes and headers go through unchanged, Host included."""

    def __init__(self, base_url: str = "") -> None:
        self.base_url = base_url
        """Scheme, host and port, without a trailing slash; may be set later, before the first request."""
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: HttpRequest, *, seconds: float) -> HttpResponse:
        """Forward a request and read the whole answer, or raise TimeoutError or aiohttp.ClientError."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=60),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        query = f"?{request.query}" if request.query else ""
        async with self._session.request(
            request.method,
            URL(f"{self.base_url}{request.path}{query}", encoded=True),
            headers=_spelled_alike(without(request.headers, HOP_BY_HOP | {"content-length"})),
            data=io.BytesIO(request.body) if request.body else None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=seconds),
        ) as response:
            body = await response.read()
            headers = without(header_lines(response.raw_headers), HOP_BY_HOP)
            return HttpResponse(status=response.status, headers=headers, body=body)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _spelled_alike(headers: Headers) -> list[tuple[str, str]]:
    """Names in lower case: of two that differ in case only, aiohttp would send the last alone."""
    return [(name.lower(), value) for name, value in headers]


def _http_request(request: web.Request, body: bytes) -> HttpRequest:
    return HttpRequest(
        method=request.method,
        path=request.rel_url.raw_path,
        query=request.rel_url.raw_query_string,
        headers=header_lines(request.raw_headers),
        body=body,
        client_ip=request.remote or "",
    )


def header_lines(raw: tuple[tuple[bytes, bytes], ...]) -> Headers:
    """Header lines as they came; the framework's own view changes the case of names that it knows."""
    return tuple((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in raw)


def _web_response(response: HttpResponse) -> web.Response:
    headers: Headers = without(response.headers, HOP_BY_HOP | {"content-length"})
    answer = web.Response(status=response.status, reason=response.reason or None, body=response.body)
    # aiohttp would add a content type of its own where there is none.
    answer.headers.clear()
    for name, value in headers:
        answer.headers.add(name, value)
    return answer
