"""Rules on a request's body (lambda-event-structure, lambda-at-edge-function-restrictions, cloudfront-limits).

Too large a replacement: an older page says that it is truncated, newer ones that the answer is 502. It is refused here.
Replacing a body of which the function saw only a part is refused here, too: the rest would be lost without a word.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from local.simulators.cloudfront.names import MAX_BASE64_BODY, MAX_TEXT_BODY
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.members import only
from local.simulators.cloudfront.rules.rule import Result, Rule

_MEMBERS = {"action", "data", "encoding", "inputTruncated"}
_EVENT = "lambda-event-structure"
_LIMITS = "lambda-at-edge-function-restrictions, cloudfront-limits"


def decoded(text: str) -> bytes | None:
    """The bytes of strict base64, or None."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def as_bytes(text: str) -> bytes:
    """A text as UTF-8, in which nothing of what JSON can hold fails."""
    return text.encode("utf-8", "replace")


def replaced(result: Result) -> dict[str, Any] | None:
    """The answer's body when it is to replace the viewer's."""
    body = result.answer.get("body")
    return body if isinstance(body, dict) and body.get("action") == "replace" else None


def _object(result: Result) -> Iterator[str]:
    if "body" in result.answer and not isinstance(result.answer["body"], dict):
        yield f"it is {shapes.kind(result.answer['body'])}"


def _exposed(result: Result) -> Iterator[str]:
    if "body" in result.answer and "body" not in result.event:
        yield "the event had none"


def _action(result: Result) -> Iterator[str]:
    body = result.answer.get("body")
    if isinstance(body, dict) and body.get("action", "read-only") not in ("read-only", "replace"):
        yield f"it is {body['action']!r}"


def _truncated_flag(result: Result) -> Iterator[str]:
    sent = shapes.member(result.event.get("body"), "inputTruncated")
    body = result.answer.get("body")
    if isinstance(body, dict) and "inputTruncated" in body and body["inputTruncated"] is not sent:
        yield f"it was {sent} and is {body['inputTruncated']}"


def _replaced_truncated(result: Result) -> Iterator[str]:
    if replaced(result) is not None and shapes.member(result.event.get("body"), "inputTruncated"):
        yield "inputTruncated is true"


def _encoding(result: Result) -> Iterator[str]:
    body = replaced(result)
    if body is not None and body.get("encoding", "base64") not in ("base64", "text"):
        yield f"it is {body['encoding']!r}"


def _data(result: Result) -> Iterator[str]:
    body = replaced(result)
    if body is not None and not isinstance(body.get("data"), str):
        yield f"it is {shapes.kind(body.get('data'))}"


def _base64(result: Result) -> Iterator[str]:
    body = replaced(result)
    if body is not None and body.get("encoding", "base64") == "base64" and decoded(_text(body)) is None:
        yield "it is not"


def _text_size(result: Result) -> Iterator[str]:
    body = replaced(result)
    if body is not None and body.get("encoding") == "text" and (size := len(as_bytes(_text(body)))) > MAX_TEXT_BODY:
        yield f"{size} bytes, at most {MAX_TEXT_BODY}"


def _base64_size(result: Result) -> Iterator[str]:
    body = replaced(result)
    if body is not None and body.get("encoding", "base64") == "base64" and (size := len(_text(body))) > MAX_BASE64_BODY:
        yield f"{size} characters, at most {MAX_BASE64_BODY}"


def _text(body: dict[str, Any]) -> str:
    return shapes.text_or_empty(body.get("data"))


BODY_RULES = (
    Rule("body.object", "`body` is an object", _EVENT, _object),
    Rule(
        "body.exposed",
        "a body is returned only where the event had one (include body, and a method with a body)",
        "lambda-include-body-access (strict)",
        _exposed,
    ),
    Rule(
        "body.member",
        "`body` has only the members action, data, encoding and inputTruncated",
        f"{_EVENT} (strict)",
        only(_MEMBERS, lambda answer: answer.get("body")),
    ),
    Rule("body.action", "`action` is read-only or replace", _EVENT, _action),
    Rule("body.input-truncated", "`inputTruncated` is read-only", _EVENT, _truncated_flag),
    Rule(
        "body.truncated-replaced",
        "a body that was truncated must not be replaced",
        "lambda-at-edge-function-restrictions (strict)",
        _replaced_truncated,
    ),
    Rule("body.encoding", "`encoding` is base64 or text", _EVENT, _encoding),
    Rule("body.data", "`data` is a string", _EVENT, _data),
    Rule("body.base64", "data that is said to be base64 is valid base64", _EVENT, _base64),
    Rule("body.text-size", "a body replaced as text is at most 1 MB", _LIMITS, _text_size),
    Rule("body.base64-size", "a body replaced as base64 is at most 1.33 MB", _LIMITS, _base64_size),
)
"""Every restriction on the body of a returned request."""
