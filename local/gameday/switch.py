"""A switch before a server: with it a Region's service goes away, and comes back."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from enum import Enum, auto

from aiohttp import web

_SILENT_SECONDS = 60.0


class Mode(Enum):
    """How a service is."""

    WELL = auto()
    GONE = auto()
    """Each connection breaks, those under way, too: what they carried may have been done."""
    ERRORS = auto()
    """Each call is answered 500."""
    SILENT = auto()
    """No call is answered."""


class Switch:
    """Stands before one server, as its middleware."""

    def __init__(self) -> None:
        self.mode = Mode.WELL

    @property
    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """For the application's list of them."""

        @web.middleware
        async def switched(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if self.mode is Mode.SILENT:
                await asyncio.sleep(_SILENT_SECONDS)
            if self.mode is Mode.ERRORS:
                return _error()
            response = web.StreamResponse() if self.mode is Mode.GONE else await handler(request)
            if self.mode is Mode.GONE and request.transport is not None:
                request.transport.abort()
            return response

        return switched


def _error() -> web.Response:
    document = {"__type": "InternalErrorException", "message": "the Region is away"}
    headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": "InternalErrorException"}
    return web.Response(status=500, body=json.dumps(document).encode(), headers=headers)
