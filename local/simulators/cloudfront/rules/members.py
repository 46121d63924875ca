"""Checks of an object's members, the same for a request, its origin, its body and a response."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.rule import Check, Result

Find = Callable[[dict[str, Any]], Any]
"""Gives a part of an answer."""


def whole(answer: dict[str, Any]) -> Any:
    """The answer itself."""
    return answer


def only(members: Iterable[str], find: Find = whole) -> Check:
    """There are no members but these. Something else than an object is another rule's affair."""

    def check(result: Result) -> Iterator[str]:
        found = find(result.answer)
        if isinstance(found, dict):
            yield from sorted(set(found) - set(members))

    return check


def all_of(members: Iterable[str], find: Find = whole) -> Check:
    """None of these members is missing. An object that is missing, or empty, is another rule's affair."""

    def check(result: Result) -> Iterator[str]:
        if found := find(result.answer):
            yield from sorted(set(members) - set(found))

    return check


def is_text(name: str) -> Check:
    """A member of the answer is a string, where it is there."""

    def check(result: Result) -> Iterator[str]:
        if name in result.answer and not isinstance(result.answer[name], str):
            yield f"it is {shapes.kind(result.answer[name])}"

    return check
