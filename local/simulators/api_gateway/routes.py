"""Which method or route of an API a request is for, and what that asks of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from local.simulators.api_gateway.refusals import Refusal
from local.simulators.common.http import HttpRequest

ANY = "ANY"
"""Stands for each method that has no route of its own."""

DEFAULT = "$default"
"""The route for whatever no other route is for; of the same name is the stage at the root of an HTTP API's address."""


class Authorizer(Protocol):
    """Says who may pass."""

    async def refusal(self, request: HttpRequest, scopes: Sequence[str]) -> Refusal | None:
        """None when the request may pass."""
        ...


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method of a resource, or a route."""

    method: str
    path: str
    """`/documents/{name}`; `/{proxy+}` is greedy."""
    authorizer: Authorizer | None
    """None: everybody may pass."""
    scopes: tuple[str, ...] = ()

    async def refusal(self, request: HttpRequest) -> Refusal | None:
        """None when the request may pass."""
        return await self.authorizer.refusal(request, self.scopes) if self.authorizer else None


def route_for(routes: Iterable[Route], method: str, path: str) -> Route | None:
    """The most specific route for a request; None when there is none.

    A full match goes before a greedy one, then the path with more that is not a variable, then a method before `ANY`,
    and `$default` last (API Gateway Developer Guide, "Create routes for HTTP APIs": "Routing API requests"). REST APIs
    pick by resource and method together, in the same order.
    """
    segments = _segments(unquote(path))
    fitting = [
        route
        for route in routes
        if route.method in (method, ANY) and (route.path == DEFAULT or _fits(_segments(route.path), segments))
    ]
    return max(fitting, key=_specificity, default=None)


def _segments(path: str) -> list[str]:
    """What stands between slashes. A slash at the end makes it another path: of REST APIs that is the stricter reading.

    Further slashes at its beginning change nothing: so does the emulator, which has tried it with AWS.
    """
    return path.lstrip("/").split("/")


def _fits(wanted: Sequence[str], segments: Sequence[str]) -> bool:
    if _is_greedy(wanted[-1]):
        last = len(wanted) - 1
        segments = [*segments[:last], "/".join(segments[last:])]
    return len(wanted) == len(segments) and all(
        bool(segment) if _is_variable(part) else part == segment for part, segment in zip(wanted, segments, strict=True)
    )


def _specificity(route: Route) -> tuple[bool, bool, tuple[bool, ...], bool]:
    parts = _segments(route.path)
    greedy = _is_greedy(parts[-1])
    fixed = tuple(not _is_variable(part) for part in parts)
    return route.path != DEFAULT, not greedy, fixed, route.method != ANY


def _is_variable(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")


def _is_greedy(part: str) -> bool:
    return part.startswith("{") and part.endswith("+}")
