"""HTTP messages as the parts in front of the emulator hand them on: plain values, no framework."""

import json
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

Headers = tuple[tuple[str, str], ...]
"""Header lines in the order in which they came; names keep their case."""


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """A request as it reached the front."""

    method: str
    path: str
    """Path without the query, as sent (not decoded)."""
    query: str = ""
    """Without the question mark."""
    headers: Headers
    body: bytes = field(repr=False)
    client_ip: str
    """Address of the TCP peer; what the peer claims elsewhere does not count."""
    asn: int = 0
    """Autonomous system of that address, for rates by network; AWS WAF's 0 stands for unknown, as on one machine."""
    ja4: str | None = None
    """JA4 fingerprint of the TLS client, for rates by client; None when there is none, as on one machine."""

    arrived: float = field(default_factory=time.monotonic, compare=False, repr=False)
    """Seconds of `time.monotonic` when it was there. Default: now."""

    def header(self, name: str) -> str | None:
        """The values of all lines of this header (any case), joined by a comma; None when there is none."""
        values = values_of(self.headers, name.lower())
        return ", ".join(values) if values else None


@dataclass(frozen=True, kw_only=True)
class TurnedAway:
    """Who answered in place of the proxy, and why."""

    by: str
    """`the firewall`, `API Gateway` or `CloudFront`."""
    why: str
    """The firewall's rule by its name; else a sentence, with nothing in it that a client sent."""


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """An answer."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    reason: str = ""
    """Reason phrase of the status line. Default: - the usual one for the status."""
    turned_away: TurnedAway | None = field(default=None, compare=False)
    """For the journal. Default: - the proxy answered, or Cognito behind it."""


class DefaultBlock(HttpResponse):
    """A block without an answer of its own."""


DEFAULT_BLOCK = DefaultBlock(status=403, headers=(), body=b"")
"""What a firewall answers that blocks without an answer of its own: the front then gives the one for that case."""

Firewall = Callable[[HttpRequest], Awaitable[HttpResponse | None]]
"""Stands in front of everything: an answer blocks the request, None lets it through."""


def document_of(body: bytes) -> Any:
    """The JSON of a body; None when it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def listed(name: str, table: Iterable[str]) -> bool:
    """Whether a header's name stands in a table of lower-case names, where a trailing `*` matches any ending."""
    lower = name.lower()
    return any(lower.startswith(entry[:-1]) if entry.endswith("*") else lower == entry for entry in table)


def values_of(headers: Headers, name: str) -> list[str]:
    """All values of a header by its lower-case name, whatever its own case."""
    return [value for key, value in headers if key.lower() == name]


def without(headers: Headers, table: Collection[str]) -> Headers:
    """The headers but those that are `listed` in the table."""
    return tuple((name, value) for name, value in headers if not listed(name, table))
