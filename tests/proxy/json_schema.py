"""As much of JSON Schema as the schemas of this project use, and an error for whatever else one says.

No package for it is among the requirements; draft 7, https://json-schema.org/draft-07/json-schema-validation
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "string": str,
}


def faults(schema: Any, value: Any, where: str = "$") -> Iterator[str]:
    """What is wrong with a value; nothing if it is as the schema says."""
    if isinstance(schema, bool):
        if not schema:
            yield f"{where}: must not be there"
        return
    for keyword, bound in schema.items():
        if keyword in ("$schema", "title", "description", "then", "else"):
            continue
        yield from _KEYWORDS[keyword](schema, bound, value, where)


def _type(_: Any, bound: str, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, _TYPES[bound]) or (isinstance(value, bool) and bound != "boolean"):
        yield f"{where}: {value!r} is no {bound}"


def _test(ok: Callable[[Any, Any], bool], *kinds: type) -> Callable[..., Iterator[str]]:
    """A keyword that bounds values of some types and lets the others pass."""

    def check(_: Any, bound: Any, value: Any, where: str) -> Iterator[str]:
        if (not kinds or isinstance(value, kinds)) and not ok(bound, value):
            yield f"{where}: {value!r} is against {bound!r}"

    return check


def _same(bound: Any, value: Any) -> bool:
    return type(bound) is type(value) and bool(bound == value)


def _properties(_: Any, bound: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    for name in bound.keys() & value.keys():
        yield from faults(bound[name], value[name], f"{where}.{name}")


def _additional(schema: Any, bound: bool, value: Any, where: str) -> Iterator[str]:
    assert bound is False
    for name in value.keys() - schema["properties"].keys():
        yield f"{where}.{name}: not known"


def _required(_: Any, bound: list[str], value: Any, where: str) -> Iterator[str]:
    for name in bound:
        if name not in value:
            yield f"{where}.{name}: missing"


def _items(_: Any, bound: Any, value: Any, where: str) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from faults(bound, item, f"{where}[{index}]")


def _all_of(_: Any, bound: list[Any], value: Any, where: str) -> Iterator[str]:
    for schema in bound:
        yield from faults(schema, value, where)


def _if(schema: Any, bound: Any, value: Any, where: str) -> Iterator[str]:
    branch = "else" if any(faults(bound, value, where)) else "then"
    yield from faults(schema.get(branch, True), value, where)


_KEYWORDS: Mapping[str, Callable[..., Iterator[str]]] = {
    "additionalProperties": _additional,
    "allOf": _all_of,
    "const": _test(_same),
    "enum": _test(lambda bound, value: any(_same(item, value) for item in bound)),
    "if": _if,
    "items": _items,
    "maxItems": _test(lambda bound, value: len(value) <= bound, list),
    "maxLength": _test(lambda bound, value: len(value) <= bound, str),
    "maximum": _test(lambda bound, value: value <= bound, int, float),
    "minItems": _test(lambda bound, value: len(value) >= bound, list),
    "minLength": _test(lambda bound, value: len(value) >= bound, str),
    "minimum": _test(lambda bound, value: value >= bound, int, float),
    "pattern": _test(lambda bound, value: re.search(bound, value) is not None, str),
    "properties": _properties,
    "required": _required,
    "type": _type,
}
