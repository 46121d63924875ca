"""What the two query services have in common: a query that runs, ends or is stopped, and what it read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

MOST_ROWS = 100
"""Of one query: each saved text ends with this limit."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """From when to when."""

    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a query is."""

    ended: bool = False
    bytes_scanned: int = 0
    rows: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    """By column, once it has ended."""


class QueryFailed(Exception):
    """The service gave a query up; the message is its reason, on one line."""

    def __init__(self, reason: str) -> None:
        """`reason` may quote what stands in a log."""
        super().__init__(printable(reason))


def printable(text: str) -> str:
    """A text without what a terminal would obey: in logs stands what callers sent."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


class Running(Protocol):
    """A query that was started."""

    def look(self) -> Progress:
        """How far it is.

        Raises:
            QueryFailed: it will not end well.
            ClientError: AWS refused.
        """
        ...

    def stop(self) -> None:
        """End it. What it read is charged all the same."""
        ...
