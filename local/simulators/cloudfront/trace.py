"""What CloudFront and the function made of each request: who answered, and what the rules found."""

from collections import deque
from dataclasses import dataclass

from local.simulators.common.http import Headers

_KEPT = 10_000


@dataclass(frozen=True, kw_only=True)
class EdgeTrace:
    """One request, without a value of any header or body. What it asked Cognito for is in the journal."""

    request_id: str
    method: str
    status: int
    answered_by: str
    """`origin`, `function`, `cloudfront` or `firewall`."""
    reason: str
    """Why CloudFront or the firewall answered; empty otherwise."""
    violations: tuple[str, ...]
    """Ids of the rules that the function's answer broke."""
    remarks: tuple[str, ...]
    """What CloudFront ignored in the function's answer."""
    event_headers: tuple[str, ...]
    """Names of the headers that the function saw, in lower case."""
    origin_headers: tuple[str, ...]
    """Names of the headers that the origin got, in lower case."""


def latest_traces() -> deque[EdgeTrace]:
    """Room for the latest 10,000 requests, oldest first."""
    return deque(maxlen=_KEPT)


def names_of(headers: Headers) -> tuple[str, ...]:
    """Lower-case names, each once, in order."""
    return tuple(dict.fromkeys(name.lower() for name, _ in headers))
