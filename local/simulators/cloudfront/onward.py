"""What goes to the origin after the function, and what of the origin's answer comes back. Pure.

Source: RequestAndResponseBehaviorCustomOrigin, add-origin-custom-headers.
"""

from local.simulators.cloudfront.request_policy import OriginRequestPolicy
from local.simulators.cloudfront.rules import OnwardRequest
from local.simulators.common.http import Headers, values_of, without

_CONNECTION = (
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
)


def forwarded_headers(onward: OnwardRequest, *, request_id: str, host: str | None) -> Headers:
    """The headers that the origin gets.

    The rules have seen to it that no name stands in both the request's headers and the origin's custom headers.
    X-Amz-Cf-Id comes last, after any signature that the function made. The length is written by whoever sends the
    body. `host` replaces the Host header; None keeps it.
    """
    kept = without(onward.headers, (*_CONNECTION, "content-length", "host"))
    hosts = [host] if host is not None else values_of(onward.headers, "host")
    return (
        ("Host", hosts[0] if hosts else onward.domain_name),
        *kept,
        *onward.custom_headers,
        ("X-Amz-Cf-Id", request_id),
    )


def target(onward: OnwardRequest) -> str:
    """Path and query string at the origin."""
    return onward.path + onward.uri + (f"?{onward.querystring}" if onward.querystring else "")


def returned_headers(headers: Headers, policy: OriginRequestPolicy) -> Headers:
    """What of an origin's headers goes back: no headers of the connection, cookies only where cookies are forwarded."""
    removed = [*_CONNECTION, "content-length"]
    if policy.cookies.behavior == "none":
        removed.append("set-cookie")
    kept = ((name, _varying(value, policy) if _is_vary(name) else value) for name, value in without(headers, removed))
    return tuple((name, value) for name, value in kept if value)


def _is_vary(name: str) -> bool:
    return name.lower() == "vary"


def _varying(value: str, policy: OriginRequestPolicy) -> str:
    """`Vary` names only what is forwarded, besides Accept-Encoding and Cookie."""
    names = [name.strip() for name in value.split(",")]
    always = {"accept-encoding", "cookie"}
    return ", ".join(name for name in names if name.lower() in always or policy.headers.passes(name))
