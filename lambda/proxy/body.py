"""Reading and writing of request bodies: as Cognito reads them, or not at all.

Two readers that disagree about one document are an open door: the proxy would check one ClientId and Cognito use
another. So whatever JSON leaves open (duplicate keys, NaN, other encodings) is refused.
"""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder, JSONEncoder
from typing import Any, NoReturn

from proxy.errors import Serialization, TooLarge

MAX_BODY_BYTES = 1_000_000
"""1 MB, read as the smaller of its two meanings: what CloudFront shows to a function and takes back from it, and far
more than any of Cognito's requests needs."""

MAX_DEPTH = 64
"""Objects and arrays within each other; Cognito's own shapes have four. A number of ours, since the parser's own limit
differs from one Python to the next."""


_WHITE_SPACE = " \t\n\r"
"""https://www.rfc-editor.org/rfc/rfc8259#section-2"""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Serialization("The body names a member twice.")
    return members


def _constant(_name: str) -> NoReturn:
    raise Serialization("The body holds a number that JSON does not know.")


_decode = JSONDecoder(object_pairs_hook=_object, parse_constant=_constant).raw_decode
# What was just read from JSON holds no circle.
_encode = JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode


def read_body(body: bytes | None) -> dict[str, Any]:
    """The JSON object that the body holds.

    Raises:
        Serialization: not whole, not UTF-8 without a BOM, not JSON, not an object, a key twice, NaN, or too
            deeply nested.
        TooLarge: more than 1 MB.
    """
    if body is None:
        raise Serialization("The body did not arrive whole.")
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge("The body is larger than 1 MB.")
    try:
        text = body.decode("utf-8").strip(_WHITE_SPACE)
        document, end = _decode(text)
    except UnicodeDecodeError:
        raise Serialization("The body is not UTF-8.") from None
    except JSONDecodeError:
        raise Serialization("The body is not valid JSON.") from None
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        raise Serialization("The body is nested too deeply or holds too large a number.") from None
    if end != len(text):
        raise Serialization("The body is not valid JSON.")
    if not isinstance(document, dict):
        raise Serialization("The body is not a JSON object.")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_deeper_than(MAX_DEPTH, document):
        raise Serialization("The body is nested too deeply or holds too large a number.")
    return document


def _is_deeper_than(limit: int, document: Any) -> bool:
    level = [document]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
    return bool(level)


def _children(value: Any) -> list[Any]:
    """The objects and arrays directly within a value."""
    members = value.values() if isinstance(value, dict) else value
    return [member for member in members if isinstance(member, dict | list)]


def write_body(document: dict[str, Any]) -> bytes:
    """The document as compact ASCII JSON.

    Raises:
        Serialization: a number that overflowed to infinity, or nesting that is too deep to write.
        TooLarge: more than 1 MB after rewriting.
    """
    try:
        body = _encode(document).encode("ascii")
    except (RecursionError, ValueError):
        raise Serialization("The body is nested too deeply or holds too large a number.") from None
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge("The body is larger than 1 MB.")
    return body
