"""Rules on headers, made once and applied to a request's headers, its origin's custom headers and a response's."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from local.simulators.cloudfront.names import DISALLOWED_HEADERS
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.members import Find
from local.simulators.cloudfront.rules.rule import Check, Result, Rule
from local.simulators.common.http import listed

_SHAPE_RULES: tuple[tuple[str, str, Callable[[Any], Iterable[str]]], ...] = (
    ("object", "headers are an object of arrays", shapes.not_an_object),
    ("array", "each header is an array of key-value pairs", shapes.not_arrays),
    ("entry", "each occurrence of a header is an object with a string `value` and a string `key`", shapes.bad_entries),
    ("lower-case", "the names in the headers object are in lower case", shapes.not_lower_case),
    ("key", "a header's key is its own name, in any case", shapes.mismatched_keys),
    ("name", "a header's name is a token of HTTP", shapes.bad_names),
    ("value", "a header's value has no control characters", shapes.bad_values),
)


def header_rules(prefix: str, find: Find, *, source: str) -> tuple[Rule, ...]:
    """The rules on the shape of the headers that `find` gives, and on disallowed ones; ids start with the prefix."""

    def on(check: Callable[[Any], Iterable[str]]) -> Check:
        return lambda result: check(find(result.answer))

    return (
        *(Rule(f"{prefix}.{name}", sentence, source, on(check)) for name, sentence, check in _SHAPE_RULES),
        Rule(
            f"{prefix}.disallowed",
            "a function must not add a disallowed header",
            "edge-function-restrictions-all",
            none_of(DISALLOWED_HEADERS, find),
        ),
    )


def none_of(table: Iterable[str], find: Find) -> Check:
    """None of the headers that `find` gives stands in a table, as `listed` reads it."""

    def check(result: Result) -> Iterator[str]:
        yield from sorted(name for name in shapes.present(find(result.answer)) if listed(name, table))

    return check
