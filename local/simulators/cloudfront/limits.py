"""What CloudFront refuses before anything else looks at a request (RequestAndResponseBehaviorCustomOrigin)."""

from local.simulators.cloudfront.behaviour import Behaviour
from local.simulators.cloudfront.names import MAX_REQUEST_HEAD, MAX_URL
from local.simulators.common.http import HttpRequest

_METHODS_WITHOUT_BODY = {"GET", "HEAD"}


def refused_by_cloudfront(viewer: HttpRequest, behaviour: Behaviour) -> tuple[int, str] | None:
    """Status and reason of a refusal, or None for a request that may go on."""
    if viewer.method not in behaviour.allowed_methods:
        return 403, "This distribution is not configured to allow the HTTP request method that was used"
    if viewer.method in _METHODS_WITHOUT_BODY and viewer.body:
        return 403, f"A {viewer.method} request must not have a body"
    url = len(viewer.path) + (len(viewer.query) + 1 if viewer.query else 0)
    if url > MAX_URL:
        return 413, f"The URL has {url} characters, at most {MAX_URL} are allowed"
    head = url + sum(len(name) + len(value) + 4 for name, value in viewer.headers)
    if head > MAX_REQUEST_HEAD:
        return 413, f"Path, query string and headers have {head} bytes, at most {MAX_REQUEST_HEAD} are allowed"
    return None
