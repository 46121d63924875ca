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


def _members(result: Result) -> Iterator[str]:
    body = result.answer.get("body")
    if isinstance(body, dict):
        yield from sorted(set(body) - _MEMBERS)


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
    Rule(rule_id="body.object", sentence="`body` is an object", source=_EVENT, check=_object),
    Rule(
        rule_id="body.exposed",
        sentence="a body is returned only where the event had one (include body, and a method with a body)",
        source="lambda-include-body-access (strict)",
        check=_exposed,
    ),
    Rule(
        rule_id="body.member",
        sentence="`body` has only the members action, data, encoding and inputTruncated",
        source=f"{_EVENT} (strict)",
        check=_members,
    ),
    Rule(rule_id="body.action", sentence="`action` is read-only or replace", source=_EVENT, check=_action),
    Rule(
        rule_id="body.input-truncated",
        sentence="`inputTruncated` is read-only",
        source=_EVENT,
        check=_truncated_flag,
    ),
    Rule(
        rule_id="body.truncated-replaced",
        sentence="a body that was truncated must not be replaced",
        source="lambda-at-edge-function-restrictions (strict)",
        check=_replaced_truncated,
    ),
    Rule(rule_id="body.encoding", sentence="`encoding` is base64 or text", source=_EVENT, check=_encoding),
    Rule(rule_id="body.data", sentence="`data` is a string", source=_EVENT, check=_data),
    Rule(
        rule_id="body.base64",
        sentence="data that is said to be base64 is valid base64",
        source=_EVENT,
        check=_base64,
    ),
    Rule(
        rule_id="body.text-size",
        sentence="a body replaced as text is at most 1 MB",
        source=_LIMITS,
        check=_text_size,
    ),
    Rule(
        rule_id="body.base64-size",
        sentence="a body replaced as base64 is at most 1.33 MB",
        source=_LIMITS,
        check=_base64_size,
    ),
)
"""Every restriction on the body of a returned request."""
