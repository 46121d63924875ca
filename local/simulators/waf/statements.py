"""AWS WAF's statements as functions of a request."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.common.http import HttpRequest
from local.simulators.waf.components import read_component, read_transformation
from local.simulators.waf.errors import FirewallError
from local.simulators.waf.ip_set import IpSet
from local.simulators.waf.properties import Properties, looked_up, only_entry, understood
from local.simulators.waf.rates import MIN_LIMIT, WINDOWS, Clock, SlidingWindow
from local.simulators.waf.senders import read_sender

Matcher = Callable[[HttpRequest], bool]


@dataclass(frozen=True, kw_only=True)
class Context:
    """What statements refer to."""

    ip_sets: Mapping[str, IpSet]
    """By logical id."""
    references: Mapping[str, str]
    """Values of `Ref`s by logical id, for search strings."""
    body_limit: int
    """Bytes of a body that AWS WAF gets to see."""
    clock: Clock


def read_statement(statement: Properties, context: Context, *, where: str) -> Matcher:
    """A statement of any kind that is modelled.

    Raises:
        FirewallError: it is of another kind, or holds something that is not modelled.
    """
    kind, properties = only_entry(statement, where=where)
    reader: Callable[[Properties, Context, str], Matcher] = looked_up(kind, _READERS, where=where)
    return reader(properties, context, f"{where}/{kind}")


def _ip_set(properties: Properties, context: Context, where: str) -> Matcher:
    match understood(properties, {"Arn"}, where=where)["Arn"]:
        case {"Fn::GetAtt": [str(logical_id), "Arn"]} if logical_id in context.ip_sets:
            ip_set = context.ip_sets[logical_id]
            return lambda request: request.client_ip in ip_set
        case other:
            raise FirewallError(f"{where}: {other} is no IP set of this template")


_CONSTRAINTS: Mapping[str, Callable[[bytes, bytes], bool]] = {
    "EXACTLY": lambda value, search: value == search,
    "STARTS_WITH": lambda value, search: value.startswith(search),
    "ENDS_WITH": lambda value, search: value.endswith(search),
    "CONTAINS": lambda value, search: search in value,
    "CONTAINS_WORD": lambda value, search: (
        re.search(rb"(?<![A-Za-z0-9_])" + re.escape(search) + rb"(?![A-Za-z0-9_])", value) is not None
    ),
}


def _byte_match(properties: Properties, context: Context, where: str) -> Matcher:
    known = {"FieldToMatch", "PositionalConstraint", "SearchString", "TextTransformations"}
    understood(properties, known, where=where)
    compare = looked_up(properties["PositionalConstraint"], _CONSTRAINTS, where=where)
    search = _text(properties["SearchString"], context, where=where).encode()
    return _any_value(properties, context, where, lambda value: bool(compare(value, search)))


_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "EQ": lambda size, bound: size == bound,
    "NE": lambda size, bound: size != bound,
    "LE": lambda size, bound: size <= bound,
    "LT": lambda size, bound: size < bound,
    "GE": lambda size, bound: size >= bound,
    "GT": lambda size, bound: size > bound,
}


def _size_constraint(properties: Properties, context: Context, where: str) -> Matcher:
    understood(properties, {"ComparisonOperator", "FieldToMatch", "Size", "TextTransformations"}, where=where)
    compare = looked_up(properties["ComparisonOperator"], _COMPARISONS, where=where)
    bound = int(properties["Size"])
    return _any_value(properties, context, where, lambda value: bool(compare(len(value), bound)))


def _any_value(properties: Properties, context: Context, where: str, test: Callable[[bytes], bool]) -> Matcher:
    """Whether any value of the field, transformed, passes the test. A missing component passes none."""
    component = read_component(properties["FieldToMatch"], body_limit=context.body_limit, where=where)
    transform = read_transformation(properties["TextTransformations"], where=where)

    def matches(request: HttpRequest) -> bool:
        inspected = component(request)
        if inspected.decided is not None:
            return inspected.decided
        return any(test(transform(value)) for value in inspected.values)

    return matches


def _and(properties: Properties, context: Context, where: str) -> Matcher:
    matchers = _several(properties, context, where)
    return lambda request: all(matches(request) for matches in matchers)


def _or(properties: Properties, context: Context, where: str) -> Matcher:
    matchers = _several(properties, context, where)
    return lambda request: any(matches(request) for matches in matchers)


def _several(properties: Properties, context: Context, where: str) -> list[Matcher]:
    statements = understood(properties, {"Statements"}, where=where)["Statements"]
    if len(statements) < 2:
        raise FirewallError(f"{where}: {len(statements)} statement; AWS WAF wants at least two")
    return [_nested(statement, context, where) for statement in statements]


def _not(properties: Properties, context: Context, where: str) -> Matcher:
    matches = _nested(understood(properties, {"Statement"}, where=where)["Statement"], context, where)
    return lambda request: not matches(request)


def _nested(statement: Properties, context: Context, where: str) -> Matcher:
    if "RateBasedStatement" in statement:
        raise FirewallError(f"{where}: a RateBasedStatement stands at the top of a rule or nowhere")
    return read_statement(statement, context, where=where)


def _rate_based(properties: Properties, context: Context, where: str) -> Matcher:
    known = {"AggregateKeyType", "CustomKeys", "EvaluationWindowSec", "Limit", "ScopeDownStatement"}
    understood(properties, known, where=where)
    sender = read_sender(properties, where=where)
    limit, seconds = int(properties["Limit"]), int(properties.get("EvaluationWindowSec", 300))
    if limit < MIN_LIMIT or seconds not in WINDOWS:
        raise FirewallError(
            f"{where}: {limit} requests in {seconds} seconds; AWS WAF takes {MIN_LIMIT} or more in {WINDOWS}"
        )
    window = SlidingWindow(limit=limit, seconds=seconds, clock=context.clock)
    scope_down = properties.get("ScopeDownStatement")
    in_scope = _nested(scope_down, context, where) if scope_down else None

    def matches(request: HttpRequest) -> bool:
        if in_scope is not None and not in_scope(request):
            return False
        counted_as = sender(request)
        return counted_as is not None and window.exceeded(counted_as)

    return matches


def _text(value: Any, context: Context, *, where: str) -> str:
    match value:
        case str():
            return value
        case {"Ref": str(logical_id)} if logical_id in context.references:
            return context.references[logical_id]
    raise FirewallError(f"{where}: {value} has no value here; give it in references")


_READERS: Mapping[str, Callable[[Properties, Context, str], Matcher]] = {
    "AndStatement": _and,
    "ByteMatchStatement": _byte_match,
    "IPSetReferenceStatement": _ip_set,
    "NotStatement": _not,
    "OrStatement": _or,
    "RateBasedStatement": _rate_based,
    "SizeConstraintStatement": _size_constraint,
}
