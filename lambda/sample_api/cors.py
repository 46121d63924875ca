"""Cross-origin rules: exact origins, and preflight answered here. https://fetch.spec.whatwg.org/#http-cors-protocol"""

from __future__ import annotations

import re

from sample_api.messages import Answer, Refused, Request
from sample_api.settings import Settings

MAX_AGE_SECONDS = 7200
"""How long a browser may reuse a preflight; Chromium takes no more."""

METHODS = "GET,POST"

_HEADERS = "authorization,content-type"
_HEADER_LIST = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}")


def cors_headers(origin: str, settings: Settings) -> dict[str, str]:
    """What lets the page at `origin` read an answer; `vary` stands there whenever an answer depends on it."""
    if not settings.allowed_origins:
        return {}
    if origin not in settings.allowed_origins:
        return {"vary": "Origin"}
    return {"access-control-allow-origin": origin, "vary": "Origin"}


def preflight(request: Request, settings: Settings) -> Answer:
    """Answer an OPTIONS request, which carries no token. Headers are granted as asked for, since SDKs add their own.

    Raises:
        Refused: the page's origin is not allowed.
    """
    headers = cors_headers(request.origin, settings)
    if "access-control-allow-origin" not in headers:
        raise Refused(403, "This origin is not allowed.")
    asked = request.asked_headers
    return Answer(
        status=204,
        headers=headers
        | {
            "access-control-allow-methods": METHODS,
            "access-control-allow-headers": asked if _HEADER_LIST.fullmatch(asked) else _HEADERS,
            "access-control-max-age": str(MAX_AGE_SECONDS),
            "vary": "Origin, Access-Control-Request-Headers",
        },
    )
