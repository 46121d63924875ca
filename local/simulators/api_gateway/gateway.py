"""Stands where the edge of a regional REST API stands: the same address form, the same rules on the way in and out."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import aiohttp
from aiohttp import web

from local.simulators.api_gateway.forwarded import by_api_gateway, with_forwarded
from local.simulators.api_gateway.gateway_responses import GatewayResponses
from local.simulators.api_gateway.refusals import Refusal
from local.simulators.api_gateway.routes import Route, route_for
from local.simulators.common.http import DefaultBlock, Firewall, Headers, HttpRequest, HttpResponse, without
from local.simulators.common.journal import Journal
from local.simulators.common.serving import Upstream, application

DROPPED_REQUEST_HEADERS = frozenset(
    {
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "www-authenticate",
    }
)
"""What API Gateway does not hand on (Developer Guide, "Important notes for REST APIs")."""

REMAPPED_RESPONSE_HEADERS = frozenset(
    {
        "authorization",
        "connection",
        "content-md5",
        "date",
        "max-forwards",
        "server",
        "user-agent",
        "www-authenticate",
        "x-amzn-requestid",
    }
)
"""Response headers of the function that come back as `x-amzn-remapped-<name>` (same source)."""

MAX_PAYLOAD = 10 * 1024 * 1024
"""Bytes of a request body."""

TIMEOUT_SECONDS = 29.0
"""Longest run of an integration, unless AWS has raised it for an account."""

_NO_METHOD = Refusal(
    status=403,
    message="Missing Authentication Token",
    why="the API has no method for this",
    response_type="MISSING_AUTHENTICATION_TOKEN",
)
"""Also for "an unsupported API method or resource" (Developer Guide, "Gateway response types for API Gateway")."""


class Gateway:
    """The edge of one stage of a REST API: `/<stage>/…` here is `/…` of the API in the emulator.

    `methods` are those of the API, whose authorizers say who may pass, and nothing else reaches the API. Default: - who
    may pass is for the emulator to say. `responses` shape what it answers by itself. Default: API Gateway's own shapes.
    `firewall` sees every request first. Default: none. `switched_off` is the API's host name of AWS's, where that
    is disabled. Default: it is not. `timeout` is in seconds.
    """

    def __init__(
        self,
        *,
        emulator_url: str,
        api_id: str,
        stage: str,
        journal: Journal,
        methods: Sequence[Route] | None = None,
        responses: GatewayResponses | None = None,
        firewall: Firewall | None = None,
        switched_off: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.journal = journal
        self.path = f"/{stage}/"
        self.log_files: tuple[Path, ...] = ()
        self._api_path = f"/_aws/execute-api/{api_id}/{stage}/"
        self._methods = methods
        self._responses = responses or GatewayResponses()
        self._firewall = firewall
        self._switched_off = switched_off
        self._timeout = timeout
        self._upstream = Upstream(emulator_url)

    def web_application(self) -> web.Application:
        """The application to serve."""
        # This answer comes from before the API, which cannot shape it.
        too_large = GatewayResponses().answer("REQUEST_TOO_LARGE", status=413, message="Request Too Long")
        return application(self.handle, max_body=MAX_PAYLOAD, too_large=too_large, upstream=self._upstream)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer as the API would. The journal has the request as the client sent it."""
        response = self._by_the_disabled_name(request) or await self._blocked(request) or await self._answer(request)
        self.journal.record(request, response)
        return response

    def _by_the_disabled_name(self, request: HttpRequest) -> HttpResponse | None:
        # "Clients can still connect to your default endpoint, but they will receive a 403 Forbidden status code."
        # (Developer Guide, "Disable the default endpoint for REST APIs")
        if self._switched_off is None or (request.header("host") or "").lower().partition(":")[0] != self._switched_off:
            return None
        answer = GatewayResponses().answer("ACCESS_DENIED", status=403, message="Forbidden")
        return replace(answer, turned_away=by_api_gateway("the API's default host name is switched off"))

    async def _blocked(self, request: HttpRequest) -> HttpResponse | None:
        blocked = await self._firewall(request) if self._firewall else None
        if isinstance(blocked, DefaultBlock):
            answer = self._responses.answer("WAF_FILTERED", status=403, message="Forbidden")
            return replace(answer, turned_away=blocked.turned_away)
        return blocked

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        if not f"{request.path}/".startswith(self.path):
            # Not this API's stage, so its shapes do not apply.
            answer = GatewayResponses().answer("ACCESS_DENIED", status=403, message="Forbidden")
            return replace(answer, turned_away=by_api_gateway(f"the path does not begin with {self.path}"))
        path = request.path.removeprefix(self.path.rstrip("/")).lstrip("/")
        if refusal := await self._refusal(request, path):
            answer = self._responses.answer(refusal.response_type, status=refusal.status, message=refusal.message)
            return replace(answer, turned_away=by_api_gateway(refusal.why))
        try:
            response = await self._upstream.send(self._inward(request, path), seconds=self._timeout)
        except TimeoutError:
            return self._failure("INTEGRATION_TIMEOUT", "Endpoint request timed out")
        except aiohttp.ClientError:
            return self._failure("INTEGRATION_FAILURE", "Network error")
        return HttpResponse(status=response.status, headers=_outward(response.headers), body=response.body)

    async def _refusal(self, request: HttpRequest, path: str) -> Refusal | None:
        if self._methods is None:
            return None
        method = route_for(self._methods, request.method, path)
        return await method.refusal(request) if method else _NO_METHOD

    def _failure(self, kind: str, message: str) -> HttpResponse:
        answer = self._responses.answer(kind, status=504, message=message)
        return replace(answer, turned_away=by_api_gateway(message))

    def _inward(self, request: HttpRequest, path: str) -> HttpRequest:
        headers = without(request.headers, DROPPED_REQUEST_HEADERS)
        if (request.header("authorization") or "").startswith("AWS4-HMAC-SHA256"):
            headers = without(headers, {"authorization"})
        return replace(
            request, path=f"{self._api_path}{path}", headers=with_forwarded(headers, client_ip=request.client_ip)
        )


def _outward(headers: Headers) -> Headers:
    headers = without(headers, {"x-amz-request-id"})
    # The emulator's server appends a Date unless the function sent one.
    if headers and headers[-1][0] == "date":
        headers = headers[:-1]
    # Whether x-amzn-requestid is the function's or the emulator's cannot be seen here: it is taken for the function's.
    remapped = tuple(
        (f"x-amzn-Remapped-{name}" if name.lower() in REMAPPED_RESPONSE_HEADERS else name, value)
        for name, value in headers
    )
    return (*remapped, ("x-amzn-RequestId", str(uuid.uuid4())), ("x-amz-apigw-id", secrets.token_urlsafe(10)))
