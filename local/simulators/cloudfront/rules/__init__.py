"""Every documented restriction on what an origin-request function may return. Pure.

`check(event, answer)` tells whether a handler's answer is a request that goes on or a generated response, and which
rules it breaks. Where CloudFront answers 502, the simulator does, with the violations in the answer's body.
"""

from dataclasses import dataclass
from typing import Any

from local.simulators.cloudfront.event import Request
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.body import as_bytes, decoded, replaced
from local.simulators.cloudfront.rules.request import REQUEST_RULES
from local.simulators.cloudfront.rules.response import RESPONSE_RULES, body_bytes, header_pairs, status
from local.simulators.cloudfront.rules.rule import Result, Rule, Violation, broken

RESULT_RULE = Rule(
    "result.object", "a function returns a request or a response, as an object", "lambda-event-structure", lambda _: ()
)
"""Broken by an answer that is neither."""

ALL_RULES = (RESULT_RULE, *REQUEST_RULES, *RESPONSE_RULES)


@dataclass(frozen=True, kw_only=True)
class OnwardRequest:
    """A request that goes on to the origin."""

    uri: str
    querystring: str
    headers: tuple[tuple[str, str], ...]
    domain_name: str
    path: str
    custom_headers: tuple[tuple[str, str], ...]
    read_timeout: int
    """Seconds."""
    body: bytes | None
    """The body that replaces the viewer's, or None for the viewer's own."""
    remarks: tuple[str, ...]
    """What CloudFront ignores without a word, though the function probably meant it."""


@dataclass(frozen=True, kw_only=True)
class GeneratedResponse:
    """A response that the function made itself."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Refused:
    """An answer that breaks rules: CloudFront answers 502."""

    violations: tuple[Violation, ...]


def check(event: Request, answer: Any) -> OnwardRequest | GeneratedResponse | Refused:
    """What CloudFront makes of a handler's answer to an event's request."""
    if not isinstance(answer, dict):
        return Refused(violations=(Violation(rule=RESULT_RULE, detail=f"it is {shapes.kind(answer)}"),))
    result = Result(event=event, answer=answer)
    generated = "status" in answer or not {"method", "uri", "headers"} & set(answer)
    violations = broken(RESPONSE_RULES if generated else REQUEST_RULES, result)
    if violations:
        return Refused(violations=tuple(violations))
    return _response(answer) if generated else _request(result)


def _response(answer: dict[str, Any]) -> GeneratedResponse:
    return GeneratedResponse(
        status=status(answer) or 0,
        reason=answer.get("statusDescription", ""),
        headers=tuple(header_pairs(answer)),
        body=body_bytes(answer),
    )


def _request(result: Result) -> OnwardRequest:
    answer = result.answer
    custom = answer["origin"]["custom"]
    return OnwardRequest(
        uri=answer["uri"],
        querystring=answer["querystring"],
        headers=_pairs(answer["headers"]),
        domain_name=custom["domainName"],
        path=custom["path"],
        custom_headers=_pairs(custom["customHeaders"]),
        read_timeout=custom["readTimeout"],
        body=_replacement(result),
        remarks=_remarks(result),
    )


def _pairs(headers: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((entry.get("key") or name, entry["value"]) for name, entry in shapes.entries(headers))


def _replacement(result: Result) -> bytes | None:
    body = replaced(result)
    if body is None:
        return None
    data: str = body["data"]
    return as_bytes(data) if body.get("encoding") == "text" else decoded(data)


def _remarks(result: Result) -> tuple[str, ...]:
    sent = result.event.get("body")
    body = result.answer.get("body")
    if sent is None or body is None or replaced(result) is not None:
        return ()
    if body.get("data", sent["data"]) != sent["data"]:
        return ("the body was changed but its action is read-only: the viewer's own body goes on",)
    return ()
