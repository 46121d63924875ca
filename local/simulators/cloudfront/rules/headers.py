"""Rules on headers, made once and applied to a request's headers, its origin's custom headers and a response's."""

from collections.abc import Callable, Iterable
from typing import Any

from local.simulators.cloudfront.names import DISALLOWED_HEADERS
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.rule import Result, Rule
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


def header_rules(prefix: str, find: Callable[[dict[str, Any]], Any], *, source: str) -> tuple[Rule, ...]:
    """The rules on the shape of the headers that `find` gives, and on disallowed ones; ids start with the prefix."""

    def on(check: Callable[[Any], Iterable[str]]) -> Callable[[Result], Iterable[str]]:
        return lambda result: check(find(result.answer))

    return (
        *(
            Rule(rule_id=f"{prefix}.{name}", sentence=sentence, source=source, check=on(check))
            for name, sentence, check in _SHAPE_RULES
        ),
        Rule(
            rule_id=f"{prefix}.disallowed",
            sentence="a function must not add a disallowed header",
            source="edge-function-restrictions-all",
            check=on(_disallowed),
        ),
    )


def _disallowed(headers: Any) -> list[str]:
    return sorted(name for name in shapes.present(headers) if listed(name, DISALLOWED_HEADERS))
