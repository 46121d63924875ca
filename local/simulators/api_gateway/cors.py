"""The CORS configuration of an HTTP API.

By the API Gateway Developer Guide, "Configure CORS for HTTP APIs in API Gateway"
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from local.simulators.common.errors import SimulatorError
from local.simulators.common.http import Headers, HttpRequest, HttpResponse, without

_ANY_OF_A_SCHEME = ("https://*", "http://*")


@dataclass(frozen=True, kw_only=True)
class Cors:
    """Which pages may call, and how."""

    origins: tuple[str, ...]
    """`*` is any, `https://*` and `http://*` any of the scheme."""
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None
    """In seconds."""

    @classmethod
    def read(cls, properties: Mapping[str, Any]) -> Self:
        """From a template's CorsConfiguration. Raises SimulatorError where a value is known to CloudFormation only."""
        lists = {name: tuple(properties.get(name, ())) for name in _LISTS}
        if not all(isinstance(item, str) for items in lists.values() for item in items):
            raise SimulatorError("a CORS configuration with values known to CloudFormation only is not simulated")
        return cls(
            **{field: lists[name] for name, field in _LISTS.items()},
            credentials=bool(properties.get("AllowCredentials", False)),
            max_age=properties.get("MaxAge"),
        )

    def preflight(self, request: HttpRequest) -> HttpResponse:
        """ "If you configure CORS for an API, API Gateway automatically sends a response to preflight OPTIONS
        requests". For a page that may not call it holds no CORS headers; what else it holds is not documented."""
        allowed = self._allowed(request)
        more = (
            ("access-control-allow-methods", ",".join(self.methods)),
            ("access-control-allow-headers", ",".join(self.headers)),
            ("access-control-max-age", "" if self.max_age is None else str(self.max_age)),
        )
        headers = (*allowed, *((name, value) for name, value in more if value)) if allowed else ()
        return HttpResponse(status=204, headers=headers, body=b"")

    def added(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The integration's answer with the configured headers: "API Gateway ignores CORS headers returned from your
        backend integration"."""
        return replace(response, headers=(*without(response.headers, {"access-control-*"}), *self._allowed(request)))

    def _allowed(self, request: HttpRequest) -> Headers:
        """The headers for this page: "To return CORS headers, your request must contain an `origin` header"."""
        origin = request.header("origin") or ""
        if not origin or not self._may_call(origin):
            return ()
        headers = (
            ("access-control-allow-origin", "*" if "*" in self.origins else origin),
            ("access-control-allow-credentials", "true" if self.credentials else ""),
            ("access-control-expose-headers", ",".join(self.exposed)),
        )
        return tuple((name, value) for name, value in headers if value)

    def _may_call(self, origin: str) -> bool:
        scheme = f"{origin.partition('://')[0]}://*"
        return "*" in self.origins or origin in self.origins or (scheme in _ANY_OF_A_SCHEME and scheme in self.origins)


_LISTS = {"AllowOrigins": "origins", "AllowMethods": "methods", "AllowHeaders": "headers", "ExposeHeaders": "exposed"}
"""Property → field."""


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks if a page may call (Fetch standard, "CORS-preflight request")."""
    return request.method == "OPTIONS" and None not in (
        request.header("origin"),
        request.header("access-control-request-method"),
    )
