"""A request's way through CloudFront: to the function, and from what the function returned on to the origin. Pure.

Open in the documents: whether CloudFront writes X-Forwarded-For or User-Agent anew when a function took them out of an
origin request. It does not here: what the function returned is what goes on.
"""

from dataclasses import dataclass

from local.simulators.cloudfront.answer import EdgeIdentity
from local.simulators.cloudfront.behaviour import Behaviour
from local.simulators.cloudfront.event import Event, build_event
from local.simulators.cloudfront.onward import forwarded_headers, target
from local.simulators.cloudfront.rules import OnwardRequest
from local.simulators.cloudfront.viewer import ViewerCopies, origin_headers, origin_querystring
from local.simulators.common.http import Headers, HttpRequest


@dataclass(frozen=True, kw_only=True)
class OriginRequest:
    """What the origin gets."""

    method: str
    domain_name: str
    target: str
    """Path and query string."""
    headers: Headers
    body: bytes
    read_timeout: int
    """Seconds."""


def event_of(
    viewer: HttpRequest,
    behaviour: Behaviour,
    *,
    copies: ViewerCopies,
    identity: EdgeIdentity,
    distribution: tuple[str, str],
) -> Event:
    """The event that the function gets. `distribution` is its id and domain name."""
    policy = behaviour.origin_request_policy
    return build_event(
        viewer,
        headers=origin_headers(viewer, policy=policy, origin=behaviour.origin, copies=copies, edge_host=identity.host),
        querystring=origin_querystring(viewer.query, policy),
        origin=behaviour.origin,
        include_body=behaviour.function.include_body,
        distribution=distribution,
        request_id=identity.request_id,
    )


def origin_request(
    viewer: HttpRequest, onward: OnwardRequest, *, identity: EdgeIdentity, host: str | None
) -> OriginRequest:
    """What goes on to the origin. `host` replaces the Host header; None keeps it."""
    return OriginRequest(
        method=viewer.method,
        domain_name=onward.domain_name,
        target=target(onward),
        headers=forwarded_headers(onward, request_id=identity.request_id, host=host),
        body=viewer.body if onward.body is None else onward.body,
        read_timeout=onward.read_timeout,
    )
