"""What of a viewer's request CloudFront takes on towards the origin. Pure.

Sources: RequestAndResponseBehaviorCustomOrigin (table of headers, X-Forwarded-For, User-Agent),
origin-request-understand-origin-request-policy, edge-function-restrictions-all (what a function does not get to see).
Open in the documents, and read strictly here: whether disallowed headers that a viewer sent (x-amzn-requestid, say)
travel on to the origin unseen: they are dropped; which headers pass without any policy: those of the body's length.
"""

from enum import StrEnum
from urllib.parse import unquote_plus

from local.simulators.cloudfront.names import DISALLOWED_HEADERS
from local.simulators.cloudfront.origin import Origin
from local.simulators.cloudfront.request_policy import OriginRequestPolicy
from local.simulators.common.http import Headers, HttpRequest, values_of, without

_REMOVED = (*DISALLOWED_HEADERS, "te")
_ALWAYS = ("content-length", "transfer-encoding")
_OWN = ("cookie", "host", "user-agent", "via", "x-forwarded-for")


class ViewerCopies(StrEnum):
    """Whether the function sees a viewer's header that is named like one of the origin's custom headers.

    The documents say that CloudFront overwrites it on the way to the origin, not whether it stands in the event.
    """

    VISIBLE = "visible"
    HIDDEN = "hidden"


def origin_headers(
    viewer: HttpRequest, *, policy: OriginRequestPolicy, origin: Origin, copies: ViewerCopies, edge_host: str
) -> Headers:
    """The headers of the origin request, before the function runs and without the origin's custom headers."""
    hidden = tuple(name.lower() for name, _ in origin.custom_headers) if copies is ViewerCopies.HIDDEN else ()
    passing = without(viewer.headers, (*_REMOVED, *hidden))
    kept = (
        (name, value)
        for name, value in passing
        if name.lower() in _ALWAYS or (policy.headers.passes(name) and name.lower() not in _OWN)
    )
    return (*_own_headers(viewer, policy, origin, edge_host), *kept)


def origin_querystring(querystring: str, policy: OriginRequestPolicy) -> str:
    """What of the query string goes on."""
    pairs = [pair for pair in querystring.split("&") if pair]
    return "&".join(pair for pair in pairs if policy.query_strings.passes(unquote_plus(pair.partition("=")[0])))


def _own_headers(viewer: HttpRequest, policy: OriginRequestPolicy, origin: Origin, edge_host: str) -> Headers:
    """The headers that CloudFront writes itself, for every request."""
    hosts = values_of(viewer.headers, "host") if policy.headers.passes("host") else []
    agents = values_of(viewer.headers, "user-agent") if policy.headers.passes("user-agent") else []
    forwarded = values_of(viewer.headers, "x-forwarded-for")
    via = values_of(viewer.headers, "via")
    cookies = [cookie for value in values_of(viewer.headers, "cookie") if (cookie := _cookies(value, policy))]
    return (
        ("X-Forwarded-For", ",".join([*forwarded, viewer.client_ip])),
        ("User-Agent", agents[0] if agents else "Amazon CloudFront"),
        ("Via", ", ".join([*via, f"1.1 {edge_host} (CloudFront)"])),
        ("Host", hosts[0] if hosts else origin.domain_name),
        *(("Cookie", cookie) for cookie in cookies),
    )


def _cookies(value: str, policy: OriginRequestPolicy) -> str:
    crumbs = [crumb.strip() for crumb in value.split(";")]
    return "; ".join(crumb for crumb in crumbs if crumb and policy.cookies.passes(crumb.partition("=")[0]))
