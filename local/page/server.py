"""Serves the bundled page on loopback, as CloudFront would: its files, its configuration, its headers."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from local.page.calls import CallFeed
from local.ports import LOOPBACK
from stacks.page_headers import PAGE_HEADERS, SECURITY_HEADERS, content_security_policy

CALLS = "calls"
"""Where the page asks what the proxy did; it stands in the page's configuration, too."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page_application(
    folder: Path, config: Mapping[str, str], *, port: int, calls: CallFeed | None = None
) -> web.Application:
    """The page in `folder`, for whoever asks for it by its loopback address.

    `config` is its config.json. `calls` fills the side panel (Default: - there is none).
    """
    document = dict(config) if calls is None else {**config, "calls": CALLS}
    # Of what the page is told, these are the addresses that it calls.
    connect_to = [value for name, value in document.items() if name == "endpoint" or name.endswith("Url")]
    headers = {
        **PAGE_HEADERS,
        **SECURITY_HEADERS,
        "Content-Security-Policy": content_security_policy(connect_to, widget=_widget(document)),
    }
    hosts = {f"{LOOPBACK}:{port}"}

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        # A foreign site whose name leads here (DNS rebinding) would be this page's origin and could read the calls.
        if request.headers.get("Host") not in hosts:
            raise web.HTTPMisdirectedRequest(text=f"ask for http://{LOOPBACK}:{port}/\n")
        return await handler(request)

    async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    async def index(_: web.Request) -> web.FileResponse:
        return web.FileResponse(folder / "index.html")

    async def configuration(_: web.Request) -> web.Response:
        return web.json_response(document)

    async def news(request: web.Request) -> web.Response:
        return web.json_response(calls.since(_number(request)) if calls else {})

    application = web.Application(middlewares=[guard])
    application.on_response_prepare.append(add_headers)
    application.router.add_get("/", index)
    application.router.add_get("/config.json", configuration)
    if calls is not None:
        application.router.add_get(f"/{CALLS}", news)
    application.router.add_static("/", folder)
    return application


def _widget(document: Mapping[str, str]) -> dict[str, tuple[str, ...]] | None:
    """What the widget of a human check loads: all of it from where its script is."""
    script = document.get("humanCheckScript")
    if script is None:
        return None
    scheme, host, *_ = urlsplit(script)
    return dict.fromkeys(("script-src", "frame-src"), (f"{scheme}://{host}",))


def _number(request: web.Request) -> int:
    text = request.query.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
