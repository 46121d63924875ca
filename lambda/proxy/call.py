"""What is known of one call when it is over: the notes from which its line in the log is written.

The core notes what it has read of the body, the service what it did, the adapter what came of it. A note holds what is
plain text here and never on the line: only `proxy.request_line` decides what is written, and how.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from proxy.messages import Respond


class Call:
    """Notes of one call; each part is there as far as the call came."""

    request_id = ""
    """The id of whoever carried the call here; none that the caller chose."""
    operation: str | None = None
    """A name from the table of operations; None where the call named no such one."""
    flow: str | None = None
    """The auth flow or challenge as the client named it: any text."""
    client_id: str | None = None
    """A configured app client; None where the call named none, or was refused before that was clear."""
    username: str | None = None
    """As the client sent it: any text."""
    address = ""
    """The peer of the client's connection."""
    retries = 0
    """How often the call was sent to Cognito once more."""
    secret_refetches = 0
    """How often Cognito refused the secret and a fresh one was fetched."""
    secret_seconds: float | None = None
    """Spent on having the secret at hand before the decision; None where it was there."""
    upstream_seconds: float | None = None
    """Spent waiting for Cognito; None where the function did not call it."""
    cognito_region: str | None = None
    """The Region whose Cognito answered, or to which CloudFront carries the call; None: the one of the settings."""
    counts: Mapping[str, int] = MappingProxyType({})
    """What happened besides, by the names in `proxy.metrics.COUNTED`."""
    answer: Respond | None = None
    """What the client gets; None where CloudFront carries the call on and nobody here sees the answer."""

    def __init__(self, *, time: float, started: float) -> None:
        """
        Args:
            time: when the call came, in seconds since 1970.
            started: the same in seconds of a monotonic clock.
        """
        self.time = time
        self.started = started
        self.problems: list[str] = []
        """What an operator must know: fixed texts and types of errors."""

    def count(self, name: str) -> None:
        """Count one more of something that `proxy.metrics.COUNTED` names; it becomes a metric."""
        self.counts = {**self.counts, name: self.counts.get(name, 0) + 1}
