"""JSON that every reader reads alike, or none: RFC 8259 leaves open what the refusals here close."""

from __future__ import annotations

import json
from typing import Any, NoReturn

MAX_BODY_BYTES = 16 * 1024
"""Of a document, as it is sent."""

MAX_DEPTH = 64
"""Objects and arrays within each other."""


class NotJson(Exception):
    """What was sent is no JSON that is taken; the message says why."""


def checked(body: bytes | None) -> str:
    """The text of a body that is strict JSON, as it was sent.

    Raises:
        NotJson: not whole, not UTF-8 without a BOM, not JSON, a member twice, NaN, or too deeply nested.
    """
    if body is None:
        raise NotJson("The body did not arrive whole.")
    try:
        text = body.decode("utf-8")
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError:
        raise NotJson("The body is not UTF-8.") from None
    except json.JSONDecodeError:
        raise NotJson("The body is not JSON.") from None
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        raise NotJson("The body is nested too deeply, or holds too large a number.") from None
    if _is_deeper_than(MAX_DEPTH, document):
        raise NotJson("The body is nested too deeply, or holds too large a number.")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("The body names a member twice.")
    return members


def _constant(_name: str) -> NoReturn:
    raise NotJson("The body holds a number that JSON does not know.")


def _is_deeper_than(limit: int, document: Any) -> bool:
    level = [document]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
    return any(isinstance(each, dict | list) for each in level)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
