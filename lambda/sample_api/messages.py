"""A request as both kinds of API Gateway's events say it, and an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call."""

    method: str
    """In capitals."""

    path: str
    """What stands after the stage and its slash: nothing for the root, `documents/notes`."""

    body: bytes | None = None
    """None: it did not arrive whole. Nothing sent is no bytes."""

    claims: Mapping[str, object] = field(default_factory=dict)
    """Of the token that API Gateway verified; none on a route without an authorizer. Nothing else is trusted."""

    origin: str = ""
    """Of the page that calls; nothing where no page does."""

    asked_headers: str = ""
    """That a preflight asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the caller gets."""

    status: int
    body: str = ""
    """JSON, or nothing."""

    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A call that is not done. The caller is told the status and one sentence, which holds nothing that he sent."""

    def __init__(self, status: int, message: str, *, allow: str = "") -> None:
        """`allow`: the methods that the path knows, where it does not know this one."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.allow = allow
