"""The shape of headers, which is the same in requests, origins and responses. Used by the tables of rules."""

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


def kind(value: Any) -> str:
    """A JSON type's name."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def text_or_empty(value: Any) -> str:
    """The value when it is a string, which other rules see to."""
    return value if isinstance(value, str) else ""


def member(value: Any, name: str) -> Any:
    """A member of an object, or None."""
    return value.get(name) if isinstance(value, dict) else None


def entries(headers: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The well-formed occurrences of headers with their names in the object."""
    if isinstance(headers, dict):
        for name, occurrences in headers.items():
            if isinstance(occurrences, list):
                yield from ((name, entry) for entry in occurrences if isinstance(entry, dict))


def present(headers: Any) -> set[str]:
    """Lower-case names of the headers that occur at least once."""
    return {name.lower() for name, _ in entries(headers)}


def values(headers: Any, name: str) -> list[Any]:
    """All values of a header."""
    return [entry.get("value") for key, entry in entries(headers) if key.lower() == name]


def not_an_object(headers: Any) -> Iterator[str]:
    """The headers are something else than an object."""
    if not isinstance(headers, dict):
        yield f"it is {kind(headers)}"


def not_arrays(headers: Any) -> Iterator[str]:
    """Headers whose occurrences are no array."""
    if isinstance(headers, dict):
        yield from (
            f"{name} is {kind(item)}, not an array" for name, item in headers.items() if not isinstance(item, list)
        )


def bad_entries(headers: Any) -> Iterator[str]:
    """Occurrences that are not `{key, value}` with strings."""
    if not isinstance(headers, dict):
        return
    for name, occurrences in headers.items():
        for entry in occurrences if isinstance(occurrences, list) else ():
            if not isinstance(entry, dict):
                yield f"{name} has an entry that is {kind(entry)}, not an object"
            elif unknown := sorted(set(entry) - {"key", "value"}):
                yield f"{name} has an entry with the member {', '.join(unknown)}"
            elif not isinstance(entry.get("value"), str):
                yield f"{name} has a value that is {kind(entry.get('value'))}, not a string"
            elif not isinstance(entry.get("key", ""), str):
                yield f"{name} has a key that is {kind(entry['key'])}, not a string"


def not_lower_case(headers: Any) -> Iterator[str]:
    """Names in the object that are not in lower case."""
    if isinstance(headers, dict):
        yield from (name for name in headers if name != name.lower())


def mismatched_keys(headers: Any) -> Iterator[str]:
    """Occurrences whose key is another header's name."""
    for name, entry in entries(headers):
        key = entry.get("key", name)
        if isinstance(key, str) and key.lower() != name.lower():
            yield f"{name} has the key {key}"


def bad_names(headers: Any) -> Iterator[str]:
    """Names that HTTP does not allow."""
    if isinstance(headers, dict):
        yield from (repr(name) for name in headers if not _TOKEN.fullmatch(name))


def bad_values(headers: Any) -> Iterator[str]:
    """Values that would not stay inside their line."""
    for name, entry in entries(headers):
        if _CONTROL.search(text_or_empty(entry.get("value"))):
            yield f"{name} has a value with a control character"


def has_control_or_space(text: str) -> bool:
    """Whether a URI or a query string holds a space or a control character."""
    return bool(re.search(r"[\x00-\x20\x7f]", text))
