"""What a response headers policy makes of a response's headers (understanding-response-headers-policies). Pure.

Open in the documents: what becomes of the origin's own Access-Control-Allow-Origin when the viewer's Origin is not in
the policy, so that the policy has nothing to put in its place. `UnmatchedOrigin` has both readings; the stricter one,
which lets the origin's header through, is the default. A policy that removes these headers (removal comes first) is
right in both. A `Vary: Origin` is not documented, so none is added.
"""

from collections.abc import Iterator
from enum import StrEnum

from local.simulators.cloudfront.response_policy import Cors, ResponseHeadersPolicy
from local.simulators.common.http import Headers, values_of, without


class UnmatchedOrigin(StrEnum):
    """What becomes of the origin's CORS headers where the policy overrides them but has no value of its own."""

    KEEPS_ORIGINS_HEADERS = "keeps"
    DROPS_ORIGINS_HEADERS = "drops"


def apply_policy(
    headers: Headers,
    policy: ResponseHeadersPolicy,
    *,
    method: str,
    request_headers: Headers,
    unmatched: UnmatchedOrigin = UnmatchedOrigin.KEEPS_ORIGINS_HEADERS,
) -> Headers:
    """The response's headers as the viewer gets them. `request_headers` are the viewer's, as it sent them."""
    result = without(headers, [name.lower() for name in policy.removed])
    if policy.cors is not None:
        result = _with_cors(result, policy.cors, method, request_headers, unmatched)
    for added in policy.added:
        result = _with(result, added.name, added.value, override=added.override)
    return result


def allowed_origin(cors: Cors, origin: str) -> str | None:
    """The value for Access-Control-Allow-Origin, or None for an origin that the policy does not allow."""
    if "*" in cors.allow_origins:
        return "*"
    return origin if any(_matches(pattern, origin) for pattern in cors.allow_origins) else None


def _matches(pattern: str, origin: str) -> bool:
    scheme, separator, host = pattern.rpartition("://")
    origin_scheme, _, origin_host = origin.rpartition("://")
    if separator and scheme != origin_scheme:
        return False
    return origin_host.endswith(host[1:]) if host.startswith("*.") else origin_host == host


def _with_cors(
    headers: Headers, cors: Cors, method: str, request_headers: Headers, unmatched: UnmatchedOrigin
) -> Headers:
    origins = values_of(request_headers, "origin")
    if not origins:
        return headers
    allowed = allowed_origin(cors, origins[0])
    if allowed is None:
        dropping = cors.override and unmatched is UnmatchedOrigin.DROPS_ORIGINS_HEADERS
        return without(headers, ("access-control-*",)) if dropping else headers
    preflight = method == "OPTIONS" and bool(values_of(request_headers, "access-control-request-method"))
    for name, value in _cors_headers(cors, allowed, preflight=preflight):
        headers = _with(headers, name, value, override=cors.override)
    return headers


def _cors_headers(cors: Cors, allowed: str, *, preflight: bool) -> Iterator[tuple[str, str]]:
    yield "Access-Control-Allow-Origin", allowed
    if cors.allow_credentials:
        yield "Access-Control-Allow-Credentials", "true"
    if cors.expose_headers:
        yield "Access-Control-Expose-Headers", ",".join(cors.expose_headers)
    if not preflight:
        return
    if cors.allow_headers:
        yield "Access-Control-Allow-Headers", ",".join(cors.allow_headers)
    if cors.allow_methods:
        yield "Access-Control-Allow-Methods", ",".join(cors.allow_methods)
    if cors.max_age is not None:
        yield "Access-Control-Max-Age", str(cors.max_age)


def _with(headers: Headers, name: str, value: str, *, override: bool) -> Headers:
    lower = name.lower()
    if values_of(headers, lower) and not override:
        return headers
    return (*without(headers, (lower,)), (name, value))
