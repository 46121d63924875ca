"""Cross-origin rules: exact origins, and preflight answered here.

Fetch standard, https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

import re

from proxy.errors import WAIT_HEADER, ForbiddenOrigin
from proxy.messages import Request, Respond
from proxy.settings import Settings

MAX_AGE_SECONDS = 7200
"""How long a browser may reuse a preflight; Chromium takes no more."""

EXPOSED_HEADERS = ",".join(
    (
        "x-amzn-RequestId",
        "x-amzn-ErrorType",
        "x-amzn-ErrorMessage",
        "Date",
        # The names under which API Gateway passes on what it will not have overwritten.
        "x-amzn-remapped-x-amzn-requestid",
        "x-amzn-remapped-date",
        WAIT_HEADER,
    )
)

# Asked for by the SDKs of today; the answer to a preflight that names none.
_KNOWN_HEADERS = (
    "amz-sdk-invocation-id,amz-sdk-request,aws-waf-token,cache-control,content-type,x-amz-target,x-amz-user-agent"
)
_HEADER_LIST = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}")


def cors_headers(origin: str | None, settings: Settings) -> dict[str, str]:
    """Headers that let the page at `origin` read an answer; `Vary` stands there whenever the answer depends on it."""
    allowed = settings.allowed_origins
    if not allowed:
        return {}
    if "*" in allowed:
        return {"access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED_HEADERS}
    if origin not in allowed:
        return {"vary": "Origin"}
    return {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": EXPOSED_HEADERS,
        "vary": "Origin",
    }


def preflight(request: Request, settings: Settings) -> Respond:
    """Answer an OPTIONS request.

    The headers that the browser asks for are granted as asked: which ones reach Cognito is decided by an allow-list
    of its own, so an SDK that adds a header of its own keeps working.

    Raises:
        ForbiddenOrigin: the page's origin is not allowed.
    """
    origin = request.header("origin")
    headers = cors_headers(origin, settings)
    if origin is not None and "access-control-allow-origin" not in headers:
        raise ForbiddenOrigin("This origin is not allowed.")
    return Respond(status=200, headers=headers | _grants(request) if origin is not None else headers)


def _grants(request: Request) -> dict[str, str]:
    asked = request.header("access-control-request-headers") or ""
    return {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": asked if _HEADER_LIST.fullmatch(asked) else _KNOWN_HEADERS,
        "access-control-max-age": str(MAX_AGE_SECONDS),
        "vary": "Origin, Access-Control-Request-Headers",
    }
