"""Rules on a response that a function generates (lambda-generating-http-responses-in-requests).

Open in the documents, and read strictly here: a 204 with a body is said to fail in viewer requests only; which
headers a response may not set is told by event type, so those that are read-only in origin requests are refused.
"""

from collections.abc import Iterator
from typing import Any

from local.simulators.cloudfront.names import MAX_GENERATED_RESPONSE
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.body import as_bytes, decoded
from local.simulators.cloudfront.rules.headers import header_rules, none_of
from local.simulators.cloudfront.rules.members import is_text, only
from local.simulators.cloudfront.rules.rule import Result, Rule
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS

_SOURCE = "lambda-generating-http-responses-in-requests"
_MEMBERS = {"body", "bodyEncoding", "headers", "status", "statusDescription"}
_STATUSES = range(200, 600)
_NO_CONTENT = 204


def status(answer: dict[str, Any]) -> int | None:
    """The status as a number, or None when it is no string of three digits."""
    written = answer.get("status")
    if isinstance(written, str) and written.isascii() and written.isdigit():
        return int(written)
    return None


def body_bytes(answer: dict[str, Any]) -> bytes:
    """The body of a response as it goes to the viewer; empty where another rule objects."""
    text = shapes.text_or_empty(answer.get("body"))
    return (decoded(text) or b"") if answer.get("bodyEncoding") == "base64" else as_bytes(text)


def _headers(answer: dict[str, Any]) -> Any:
    return answer.get("headers", {})


def header_pairs(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The headers of a response. Without a key, a name is written with initial capitals, as CloudFront does."""
    return [
        (entry.get("key") or name.title(), shapes.text_or_empty(entry.get("value")))
        for name, entry in shapes.entries(answer.get("headers", {}))
    ]


def _status_string(result: Result) -> Iterator[str]:
    if not isinstance(result.answer.get("status"), str):
        yield f"it is {shapes.kind(result.answer.get('status'))}"


def _status_range(result: Result) -> Iterator[str]:
    if isinstance(result.answer.get("status"), str) and status(result.answer) not in _STATUSES:
        yield f"it is {result.answer['status']!r}"


def _clean_description(result: Result) -> Iterator[str]:
    if any(mark in shapes.text_or_empty(result.answer.get("statusDescription")) for mark in "\r\n"):
        yield "it has a line break"


def _encoding(result: Result) -> Iterator[str]:
    if result.answer.get("bodyEncoding", "text") not in ("text", "base64"):
        yield f"it is {result.answer['bodyEncoding']!r}"


def _base64(result: Result) -> Iterator[str]:
    text = shapes.text_or_empty(result.answer.get("body"))
    if result.answer.get("bodyEncoding") == "base64" and decoded(text) is None:
        yield "it is not"


def _no_content(result: Result) -> Iterator[str]:
    if status(result.answer) == _NO_CONTENT and result.answer.get("body"):
        yield "it has one"


def _size(result: Result) -> Iterator[str]:
    head = sum(len(f"{name}: {value}\r\n") for name, value in header_pairs(result.answer))
    # The text as it was returned counts: base64 is not decoded for the limit (strict).
    body = len(as_bytes(shapes.text_or_empty(result.answer.get("body"))))
    if head + body > MAX_GENERATED_RESPONSE:
        yield f"{head + body} bytes, at most {MAX_GENERATED_RESPONSE}"


RESPONSE_RULES = (
    Rule("response.member", "a generated response has only documented members", f"{_SOURCE} (strict)", only(_MEMBERS)),
    Rule("response.status-string", "`status` is a string", _SOURCE, _status_string),
    Rule("response.status-range", "`status` is between 200 and 599", _SOURCE, _status_range),
    Rule("response.status-description", "`statusDescription` is a string", _SOURCE, is_text("statusDescription")),
    Rule("response.status-line", "`statusDescription` is one line", f"{_SOURCE} (strict)", _clean_description),
    Rule("response.body", "`body` is a string", _SOURCE, is_text("body")),
    Rule("response.body-encoding", "`bodyEncoding` is text or base64", _SOURCE, _encoding),
    Rule("response.base64", "a body that is said to be base64 is valid base64", _SOURCE, _base64),
    Rule("response.no-content", "a response with the status 204 has no body", f"{_SOURCE} (strict)", _no_content),
    Rule(
        "response.size",
        "headers and body of a generated response are at most 1 MB",
        f"{_SOURCE}, cloudfront-limits",
        _size,
    ),
    *header_rules("response-headers", _headers, source=_SOURCE),
    Rule(
        "response-headers.read-only",
        "a generated response must not set a header that is read-only in origin-request events",
        "edge-function-restrictions-all (strict)",
        none_of(READ_ONLY_HEADERS, _headers),
    ),
)
"""Every restriction on a response that a function generates."""
