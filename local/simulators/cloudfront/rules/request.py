"""Rules on a request that a function returns to let it go on to the origin."""

from collections.abc import Iterator
from typing import Any

from local.simulators.cloudfront.names import MAX_URL
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.body import BODY_RULES
from local.simulators.cloudfront.rules.headers import header_rules
from local.simulators.cloudfront.rules.members import all_of, is_text, only
from local.simulators.cloudfront.rules.origin import ORIGIN_RULES
from local.simulators.cloudfront.rules.rule import Check, Result, Rule
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS

_EVENT = "lambda-event-structure"
_ALL_FUNCTIONS = "edge-function-restrictions-all"
_REQUIRED = {"clientIp", "headers", "method", "origin", "querystring", "uri"}
_MEMBERS = _REQUIRED | {"body"}


def _unchanged(name: str) -> Check:
    def check(result: Result) -> Iterator[str]:
        sent: Any = dict(result.event)[name]
        if name in result.answer and result.answer[name] != sent:
            yield f"it was {sent!r} and is {result.answer[name]!r}"

    return check


def _slash(result: Result) -> Iterator[str]:
    uri = result.answer.get("uri")
    if isinstance(uri, str) and not uri.startswith("/"):
        yield "it does not"


def _clean_uri(result: Result) -> Iterator[str]:
    uri = shapes.text_or_empty(result.answer.get("uri"))
    if uri != result.event["uri"] and (shapes.has_control_or_space(uri) or "#" in uri or "?" in uri):
        yield "it does"


def _clean_querystring(result: Result) -> Iterator[str]:
    query = shapes.text_or_empty(result.answer.get("querystring"))
    if query != result.event["querystring"] and (shapes.has_control_or_space(query) or "#" in query):
        yield "it does"


def _url_size(result: Result) -> Iterator[str]:
    uri, query = (shapes.text_or_empty(result.answer.get(name)) for name in ("uri", "querystring"))
    size = len(uri) + (len(query) + 1 if query else 0)
    if size >= MAX_URL:
        yield f"{size} characters, fewer than {MAX_URL} are allowed"


def _read_only(result: Result) -> Iterator[str]:
    for name in READ_ONLY_HEADERS:
        sent, returned = (shapes.values(side, name) for side in (result.event["headers"], result.answer.get("headers")))
        if sent != returned:
            yield f"{name} was {'added' if not sent else 'deleted' if not returned else 'changed'}"


REQUEST_RULES = (
    Rule("request.member", "a returned request has only documented members", f"{_EVENT} (strict)", only(_MEMBERS)),
    Rule("request.missing", "a request is returned whole", f"{_EVENT} (strict)", all_of(_REQUIRED)),
    Rule("request.method", "`method` is read-only", _EVENT, _unchanged("method")),
    Rule("request.client-ip", "`clientIp` is read-only", _EVENT, _unchanged("clientIp")),
    Rule("uri.string", "`uri` is a string", _EVENT, is_text("uri")),
    Rule("uri.slash", "`uri` begins with a slash", _EVENT, _slash),
    Rule(
        "uri.characters",
        "a changed `uri` must not hold a space, a control character, `?` or `#`",
        f"{_ALL_FUNCTIONS} (strict: said of query strings)",
        _clean_uri,
    ),
    Rule("querystring.string", "`querystring` is a string", _EVENT, is_text("querystring")),
    Rule(
        "querystring.characters",
        "a changed query string must not hold a space, a control character or `#`",
        _ALL_FUNCTIONS,
        _clean_querystring,
    ),
    Rule("uri.size", "URI and query string together have fewer than 8,192 characters", _ALL_FUNCTIONS, _url_size),
    *header_rules("headers", lambda answer: answer.get("headers", {}), source=_EVENT),
    Rule("headers.read-only", "a read-only header must not be added, changed or deleted", _ALL_FUNCTIONS, _read_only),
    *BODY_RULES,
    *ORIGIN_RULES,
)
"""Every restriction on a request that a function lets go on."""
