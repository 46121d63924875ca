"""Rules on `request.origin` (lambda-event-structure, "Request values - custom origin"; add-origin-custom-headers)."""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from local.simulators.cloudfront.names import (
    FORBIDDEN_CUSTOM_HEADERS,
    MAX_CUSTOM_HEADER_NAME,
    MAX_CUSTOM_HEADER_VALUE,
    MAX_CUSTOM_HEADERS,
    MAX_CUSTOM_HEADERS_TOTAL,
)
from local.simulators.cloudfront.rules import shapes
from local.simulators.cloudfront.rules.headers import header_rules
from local.simulators.cloudfront.rules.rule import Result, Rule
from local.simulators.common.http import listed
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS

_EVENT = "lambda-event-structure"
_CUSTOM_HEADERS = "add-origin-custom-headers, cloudfront-limits"
_MEMBERS = {
    "customHeaders",
    "domainName",
    "keepaliveTimeout",
    "path",
    "port",
    "protocol",
    "readTimeout",
    "sslProtocols",
}
_SSL_PROTOCOLS = {"TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3"}
_MAX_DOMAIN = 253
_MAX_PATH = 255
_KEEPALIVE_SECONDS = range(1, 61)
_READ_SECONDS = range(4, 61)
_WELL_KNOWN_PORTS = (80, 443)
_OTHER_PORTS = range(1024, 65536)


def custom(answer: dict[str, Any]) -> dict[str, Any]:
    """The custom origin of an answer; empty where another rule objects to its shape."""
    found = shapes.member(answer.get("origin"), "custom")
    return found if isinstance(found, dict) else {}


def custom_headers(answer: dict[str, Any]) -> Any:
    """The custom headers of an answer's origin; none where they are missing, which `origin.missing` tells."""
    return custom(answer).get("customHeaders", {})


def _one_custom(result: Result) -> Iterator[str]:
    origin = result.answer.get("origin")
    if not isinstance(origin, dict) or set(origin) != {"custom"} or not isinstance(origin["custom"], dict):
        members = ", ".join(sorted(origin)) if isinstance(origin, dict) else shapes.kind(origin)
        yield f"it has {members or 'none'}"


def _unknown(result: Result) -> Iterator[str]:
    yield from sorted(set(custom(result.answer)) - _MEMBERS)


def _missing(result: Result) -> Iterator[str]:
    if found := custom(result.answer):
        yield from sorted(_MEMBERS - set(found))


def _on(name: str, allowed: Callable[[Any], bool]) -> Callable[[Result], Iterator[str]]:
    """A check of one member of the custom origin, when it is there."""

    def check(result: Result) -> Iterator[str]:
        found = custom(result.answer)
        if name in found and not allowed(found[name]):
            yield f"it is {found[name]!r}"

    return check


def _domain_allowed(value: Any) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_DOMAIN or ":" in value:
        return False
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return True
    return False


def _path_allowed(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > _MAX_PATH or shapes.has_control_or_space(value):
        return False
    return not value or (value.startswith("/") and not value.endswith("/"))


def _within(bounds: range) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value in bounds


def _port_allowed(value: Any) -> bool:
    return type(value) is int and (value in _WELL_KNOWN_PORTS or value in _OTHER_PORTS)


def _ssl_allowed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(item in _SSL_PROTOCOLS for item in value)


def _in_both(result: Result) -> Iterator[str]:
    yield from sorted(shapes.present(custom_headers(result.answer)) & shapes.present(result.answer.get("headers")))


def _forbidden(result: Result) -> Iterator[str]:
    names = shapes.present(custom_headers(result.answer))
    yield from sorted(name for name in names if listed(name, FORBIDDEN_CUSTOM_HEADERS))


def _read_only(result: Result) -> Iterator[str]:
    names = shapes.present(custom_headers(result.answer))
    yield from sorted(name for name in names if listed(name, READ_ONLY_HEADERS))


def _pairs(result: Result) -> list[tuple[str, str]]:
    found = shapes.entries(custom_headers(result.answer))
    return [(name, shapes.text_or_empty(entry.get("value"))) for name, entry in found]


def _count(result: Result) -> Iterator[str]:
    if (count := len(_pairs(result))) > MAX_CUSTOM_HEADERS:
        yield f"{count}, at most {MAX_CUSTOM_HEADERS}"


def _name_size(result: Result) -> Iterator[str]:
    for name, _ in _pairs(result):
        if len(name) > MAX_CUSTOM_HEADER_NAME:
            yield f"{len(name)} characters, at most {MAX_CUSTOM_HEADER_NAME}"


def _value_size(result: Result) -> Iterator[str]:
    for name, value in _pairs(result):
        if len(value) > MAX_CUSTOM_HEADER_VALUE:
            yield f"{name} has {len(value)} characters, at most {MAX_CUSTOM_HEADER_VALUE}"


def _total_size(result: Result) -> Iterator[str]:
    if (total := sum(len(name) + len(value) for name, value in _pairs(result))) > MAX_CUSTOM_HEADERS_TOTAL:
        yield f"{total} characters, at most {MAX_CUSTOM_HEADERS_TOTAL}"


ORIGIN_RULES = (
    Rule(
        rule_id="origin.custom",
        sentence="`origin` has exactly one member, `custom` (an S3 origin is not simulated)",
        source=_EVENT,
        check=_one_custom,
    ),
    Rule(
        rule_id="origin.member",
        sentence="the custom origin has only documented members",
        source=f"{_EVENT} (strict)",
        check=_unknown,
    ),
    Rule(
        rule_id="origin.missing",
        sentence="the custom origin is returned whole",
        source=f"{_EVENT} (strict)",
        check=_missing,
    ),
    Rule(
        rule_id="origin.domain-name",
        sentence=f"`domainName` has 1 to {_MAX_DOMAIN} characters, no colon, and is no IPv4 address",
        source=_EVENT,
        check=_on("domainName", _domain_allowed),
    ),
    Rule(
        rule_id="origin.keepalive-timeout",
        sentence="`keepaliveTimeout` is a number from 1 to 60 (newer pages allow more)",
        source=_EVENT,
        check=_on("keepaliveTimeout", _within(_KEEPALIVE_SECONDS)),
    ),
    Rule(
        rule_id="origin.read-timeout",
        sentence="`readTimeout` is a number from 4 to 60 (newer pages allow more)",
        source=_EVENT,
        check=_on("readTimeout", _within(_READ_SECONDS)),
    ),
    Rule(
        rule_id="origin.path",
        sentence=f"`path` is empty or begins, but does not end, with a slash, and has at most {_MAX_PATH} characters",
        source=_EVENT,
        check=_on("path", _path_allowed),
    ),
    Rule(
        rule_id="origin.port",
        sentence="`port` is 80, 443 or a number from 1024 to 65535",
        source=_EVENT,
        check=_on("port", _port_allowed),
    ),
    Rule(
        rule_id="origin.protocol",
        sentence="`protocol` is http or https",
        source=_EVENT,
        check=_on("protocol", lambda value: value in ("http", "https")),
    ),
    Rule(
        rule_id="origin.ssl-protocols",
        sentence="`sslProtocols` is a list of TLSv1.2, TLSv1.1, TLSv1, SSLv3",
        source=_EVENT,
        check=_on("sslProtocols", _ssl_allowed),
    ),
    *header_rules("custom-headers", custom_headers, source=_EVENT),
    Rule(
        rule_id="custom-headers.in-both",
        sentence="a header must not stand in both `headers` and the origin's `customHeaders`",
        source=_EVENT,
        check=_in_both,
    ),
    Rule(
        rule_id="custom-headers.forbidden",
        sentence="CloudFront cannot add this header to origin requests",
        source="add-origin-custom-headers",
        check=_forbidden,
    ),
    Rule(
        rule_id="custom-headers.read-only",
        sentence="what is read-only in `headers` cannot be a custom header",
        source=_EVENT,
        check=_read_only,
    ),
    Rule(
        rule_id="custom-headers.count",
        sentence="there are at most 30 origin custom headers",
        source=_CUSTOM_HEADERS,
        check=_count,
    ),
    Rule(
        rule_id="custom-headers.name-size",
        sentence="the name of an origin custom header has at most 256 characters",
        source=_CUSTOM_HEADERS,
        check=_name_size,
    ),
    Rule(
        rule_id="custom-headers.value-size",
        sentence="the value of an origin custom header has at most 1,783 characters",
        source=_CUSTOM_HEADERS,
        check=_value_size,
    ),
    Rule(
        rule_id="custom-headers.total-size",
        sentence="all origin custom headers together have at most 10,240 characters",
        source=_CUSTOM_HEADERS,
        check=_total_size,
    ),
)
"""Every restriction on the origin of a returned request."""
