"""Stands where the edge of an HTTP API stands: its routes, its authorizers, its own answers."""

import json
from collections.abc import Sequence
from dataclasses import replace

import aiohttp
from aiohttp import web

from local.simulators.api_gateway.cors import Cors, is_preflight
from local.simulators.api_gateway.forwarded import by_api_gateway, with_forwarded
from local.simulators.api_gateway.refusals import Refusal
from local.simulators.api_gateway.routes import DEFAULT, Route, route_for
from local.simulators.common.http import Headers, HttpRequest, HttpResponse, without
from local.simulators.common.journal import Journal
from local.simulators.common.serving import Upstream, application

MAX_PAYLOAD = 10 * 1024 * 1024
"""Bytes of a request body (Developer Guide, "Quotas for configuring and running an HTTP API")."""

TIMEOUT_SECONDS = 30.0
"""Longest run of an integration (the same page)."""

_NO_ROUTE = Refusal(status=404, message="Not Found", why="the API has no route for this")
"""The body is documented (Developer Guide, "Create routes for HTTP APIs")."""

_UNAVAILABLE = Refusal(status=503, message="Service Unavailable", why="the integration gave no answer in time")


class HttpApi:
    """The edge of an HTTP API: `/…` here is `/…` of the API in the emulator.

    `cors` is the API's CORS configuration. Default: none. `timeout` is in seconds.
    """

    path = "/"

    def __init__(
        self,
        *,
        emulator_url: str,
        api_id: str,
        routes: Sequence[Route],
        journal: Journal,
        cors: Cors | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.journal = journal
        self._api_path = f"/_aws/execute-api/{api_id}/{DEFAULT}"
        self._routes = tuple(routes)
        self._cors = cors
        self._timeout = timeout
        self._upstream = Upstream(emulator_url)

    def web_application(self) -> web.Application:
        """The application to serve."""
        too_large = _answer(Refusal(status=413, message="Request Entity Too Large", why="the body is too long"))
        return application(self.handle, max_body=MAX_PAYLOAD, too_large=too_large, upstream=self._upstream)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer as the API would. The journal has the request as the client sent it."""
        response = await self._answer(request)
        self.journal.record(request, response)
        return response

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        """A preflight is answered before a route or an authorizer is looked at."""
        if self._cors and is_preflight(request):
            return self._cors.preflight(request)
        if refusal := await self._refusal(request):
            return _answer(refusal)
        response = await self._integration(request)
        return self._cors.added(request, response) if self._cors else response

    async def _refusal(self, request: HttpRequest) -> Refusal | None:
        route = route_for(self._routes, request.method, request.path)
        return await route.refusal(request) if route else _NO_ROUTE

    async def _integration(self, request: HttpRequest) -> HttpResponse:
        inward = replace(
            request,
            path=f"{self._api_path}{request.path}",
            headers=with_forwarded(request.headers, client_ip=request.client_ip),
        )
        try:
            response = await self._upstream.send(inward, seconds=self._timeout)
        except (TimeoutError, aiohttp.ClientError):
            return _answer(_UNAVAILABLE)
        return replace(response, headers=without(response.headers, {"x-amz-request-id", "date"}))


def _answer(refusal: Refusal) -> HttpResponse:
    """CORS headers are not among its headers: they are added "to the response from an integration" (Developer Guide,
    "Configure CORS for HTTP APIs"), and of other answers nothing is said."""
    challenge: Headers = (("www-authenticate", refusal.challenge),) if refusal.challenge else ()
    return HttpResponse(
        status=refusal.status,
        headers=(("Content-Type", "application/json"), *challenge),
        body=json.dumps({"message": refusal.message}, separators=(",", ":")).encode(),
        turned_away=by_api_gateway(refusal.why),
    )
