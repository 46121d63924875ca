"""What Cognito may see at the edge: `POST /`, no query, our content type, and no header but those named here.

With OAuth 2.0 served, also that a pool's keys are asked for: `GET`, and of a client's headers none.

Written from the contract and from CloudFront's documents, not from the function's code, which is held against it.
"""

import re
from collections import Counter

from local.simulators.common.http import HttpRequest
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS

CONTENT_TYPE = "application/x-amz-json-1.1"
"""What Cognito reads and writes."""

PROXY_HEADERS = frozenset(
    {"amz-sdk-invocation-id", "amz-sdk-request", "content-type", "user-agent", "x-amz-target", "x-amz-user-agent"}
)
"""What the proxy lets Cognito have of a call, or writes itself."""

SIGNATURE_HEADERS = frozenset({"authorization", "x-amz-date", "x-amz-security-token"})
"""What it adds to an administrator's call. None of them is there without a signature."""

CLOUDFRONT_HEADERS = frozenset({"connection", "host", "x-amz-cf-id", *READ_ONLY_HEADERS})
"""What CloudFront writes on connections of its own (RequestAndResponseBehaviorCustomOrigin), and what no function may
take away."""

_SIGNATURE = "AWS4-HMAC-SHA256 "
_KEYS = re.compile(r"/[a-z0-9-]+_[A-Za-z0-9]+/\.well-known/jwks\.json")
_METHOD = re.compile(r"[A-Z]{1,10}")


def edge_problem(request: HttpRequest) -> str | None:
    """How a request that CloudFront carried breaks the contract; None for one that keeps it, or that came another way.

    CloudFront adds X-Amz-Cf-Id to every request to an origin, and no viewer can keep it from that.
    """
    return None if request.header("x-amz-cf-id") is None else contract_problem(request)


def contract_problem(request: HttpRequest) -> str | None:
    """How a request breaks the contract, whichever way it came. Names what is there too much, and no value."""
    if request.method == "GET" and _KEYS.fullmatch(request.path):
        return _keys_problem(request)
    if request.method != "POST":
        return f"the method {request.method if _METHOD.fullmatch(request.method) else '?'}"
    if request.path != "/" or request.query:
        return "a query" if request.query else "a path"
    if request.header("content-type") != CONTENT_TYPE:
        return f"a content type that is not {CONTENT_TYPE}"
    times = Counter(name.lower() for name, _ in request.headers)
    signed = (request.header("authorization") or "").startswith(_SIGNATURE)
    allowed = PROXY_HEADERS | CLOUDFRONT_HEADERS | (SIGNATURE_HEADERS if signed else frozenset())
    if foreign := sorted(set(times) - allowed):
        return f"the headers {', '.join(foreign)}"
    repeated = sorted(name for name in PROXY_HEADERS | SIGNATURE_HEADERS if times[name] > 1)
    return f"{', '.join(repeated)} more than once" if repeated else None


def _keys_problem(request: HttpRequest) -> str | None:
    if request.query:
        return "a query"
    foreign = sorted({name.lower() for name, _ in request.headers} - {"accept"} - CLOUDFRONT_HEADERS)
    return f"the headers {', '.join(foreign)}" if foreign else None
