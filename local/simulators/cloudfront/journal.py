"""What the simulator did, request by request, without a value of any header or body."""

import re
from collections import deque
from dataclasses import dataclass

from local.simulators.cloudfront.names import Headers, values_of

_OPERATION = re.compile(r"[A-Za-z0-9]{1,64}")
_KEPT = 10_000


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """One request."""

    request_id: str
    operation: str
    """What the viewer's X-Amz-Target names behind its dot; `-` when there is none, `?` when it is no name."""
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


Journal = deque[JournalEntry]
"""The latest requests, oldest first."""


def new_journal() -> Journal:
    """An empty journal that keeps the latest 10,000 requests."""
    return deque(maxlen=_KEPT)


def operation_of(headers: Headers) -> str:
    """The operation for a journal, harmless whatever the viewer sent."""
    targets = values_of(headers, "x-amz-target")
    if not targets:
        return "-"
    name = targets[0].rpartition(".")[2]
    return name if _OPERATION.fullmatch(name) else "?"


def names_of(headers: Headers) -> tuple[str, ...]:
    """Lower-case names, each once, in order."""
    return tuple(dict.fromkeys(name.lower() for name, _ in headers))
