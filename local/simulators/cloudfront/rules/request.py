"""Rules on a request that a function returns to let it go on to the origin."""

from collections.abc import Callable, Iterator
from typing import Any

from local.simulators.cloudfront.names import MAX_URL
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.body import BODY_RULES
from local.simulators.cloudfront.rules.headers import header_rules
from local.simulators.cloudfront.rules.origin import ORIGIN_RULES
from local.simulators.cloudfront.rules.rule import Result, Rule
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS

_EVENT = "lambda-event-structure"
_ALL_FUNCTIONS = "edge-function-restrictions-all"
_REQUIRED = {"clientIp", "headers", "method", "origin", "querystring", "uri"}
_MEMBERS = _REQUIRED | {"body"}


def _unknown(result: Result) -> Iterator[str]:
    yield from sorted(set(result.answer) - _MEMBERS)


def _missing(result: Result) -> Iterator[str]:
    yield from sorted(_REQUIRED - set(result.answer))


def _unchanged(name: str) -> Callable[[Result], Iterator[str]]:
    def check(result: Result) -> Iterator[str]:
        sent: Any = dict(result.event)[name]
        if name in result.answer and result.answer[name] != sent:
            yield f"it was {sent!r} and is {result.answer[name]!r}"

    return check


def _is_text(name: str) -> Callable[[Result], Iterator[str]]:
    def check(result: Result) -> Iterator[str]:
        if name in result.answer and not isinstance(result.answer[name], str):
            yield f"it is {shapes.kind(result.answer[name])}"

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
    Rule(
        rule_id="request.member",
        sentence="a returned request has only documented members",
        source=f"{_EVENT} (strict)",
        check=_unknown,
    ),
    Rule(
        rule_id="request.missing",
        sentence="a request is returned whole",
        source=f"{_EVENT} (strict)",
        check=_missing,
    ),
    Rule(rule_id="request.method", sentence="`method` is read-only", source=_EVENT, check=_unchanged("method")),
    Rule(
        rule_id="request.client-ip",
        sentence="`clientIp` is read-only",
        source=_EVENT,
        check=_unchanged("clientIp"),
    ),
    Rule(rule_id="uri.string", sentence="`uri` is a string", source=_EVENT, check=_is_text("uri")),
    Rule(rule_id="uri.slash", sentence="`uri` begins with a slash", source=_EVENT, check=_slash),
    Rule(
        rule_id="uri.characters",
        sentence="a changed `uri` must not hold a space, a control character, `?` or `#`",
        source=f"{_ALL_FUNCTIONS} (strict: said of query strings)",
        check=_clean_uri,
    ),
    Rule(
        rule_id="querystring.string",
        sentence="`querystring` is a string",
        source=_EVENT,
        check=_is_text("querystring"),
    ),
    Rule(
        rule_id="querystring.characters",
        sentence="a changed query string must not hold a space, a control character or `#`",
        source=_ALL_FUNCTIONS,
        check=_clean_querystring,
    ),
    Rule(
        rule_id="uri.size",
        sentence="URI and query string together have fewer than 8,192 characters",
        source=_ALL_FUNCTIONS,
        check=_url_size,
    ),
    *header_rules("headers", lambda answer: answer.get("headers", {}), source=_EVENT),
    Rule(
        rule_id="headers.read-only",
        sentence="a read-only header must not be added, changed or deleted",
        source=_ALL_FUNCTIONS,
        check=_read_only,
    ),
    *BODY_RULES,
    *ORIGIN_RULES,
)
"""Every restriction on a request that a function lets go on."""
