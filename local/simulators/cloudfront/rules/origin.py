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
from local.simulators.cloudfront.rules.headers import header_rules, none_of
from local.simulators.cloudfront.rules.members import all_of, only
from local.simulators.cloudfront.rules.rule import Check, Result, Rule
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


def _on(name: str, allowed: Callable[[Any], bool]) -> Check:
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
        "origin.custom",
        "`origin` has exactly one member, `custom` (an S3 origin is not simulated)",
        _EVENT,
        _one_custom,
    ),
    Rule(
        "origin.member", "the custom origin has only documented members", f"{_EVENT} (strict)", only(_MEMBERS, custom)
    ),
    Rule("origin.missing", "the custom origin is returned whole", f"{_EVENT} (strict)", all_of(_MEMBERS, custom)),
    Rule(
        "origin.domain-name",
        f"`domainName` has 1 to {_MAX_DOMAIN} characters, no colon, and is no IPv4 address",
        _EVENT,
        _on("domainName", _domain_allowed),
    ),
    Rule(
        "origin.keepalive-timeout",
        "`keepaliveTimeout` is a number from 1 to 60 (newer pages allow more)",
        _EVENT,
        _on("keepaliveTimeout", _within(_KEEPALIVE_SECONDS)),
    ),
    Rule(
        "origin.read-timeout",
        "`readTimeout` is a number from 4 to 60 (newer pages allow more)",
        _EVENT,
        _on("readTimeout", _within(_READ_SECONDS)),
    ),
    Rule(
        "origin.path",
        f"`path` is empty or begins, but does not end, with a slash, and has at most {_MAX_PATH} characters",
        _EVENT,
        _on("path", _path_allowed),
    ),
    Rule("origin.port", "`port` is 80, 443 or a number from 1024 to 65535", _EVENT, _on("port", _port_allowed)),
    Rule(
        "origin.protocol",
        "`protocol` is http or https",
        _EVENT,
        _on("protocol", lambda value: value in ("http", "https")),
    ),
    Rule(
        "origin.ssl-protocols",
        "`sslProtocols` is a list of TLSv1.2, TLSv1.1, TLSv1, SSLv3",
        _EVENT,
        _on("sslProtocols", _ssl_allowed),
    ),
    *header_rules("custom-headers", custom_headers, source=_EVENT),
    Rule(
        "custom-headers.in-both",
        "a header must not stand in both `headers` and the origin's `customHeaders`",
        _EVENT,
        _in_both,
    ),
    Rule(
        "custom-headers.forbidden",
        "CloudFront cannot add this header to origin requests",
        "add-origin-custom-headers",
        none_of(FORBIDDEN_CUSTOM_HEADERS, custom_headers),
    ),
    Rule(
        "custom-headers.read-only",
        "what is read-only in `headers` cannot be a custom header",
        _EVENT,
        none_of(READ_ONLY_HEADERS, custom_headers),
    ),
    Rule("custom-headers.count", "there are at most 30 origin custom headers", _CUSTOM_HEADERS, _count),
    Rule(
        "custom-headers.name-size",
        "the name of an origin custom header has at most 256 characters",
        _CUSTOM_HEADERS,
        _name_size,
    ),
    Rule(
        "custom-headers.value-size",
        "the value of an origin custom header has at most 1,783 characters",
        _CUSTOM_HEADERS,
        _value_size,
    ),
    Rule(
        "custom-headers.total-size",
        "all origin custom headers together have at most 10,240 characters",
        _CUSTOM_HEADERS,
        _total_size,
    ),
)
"""Every restriction on the origin of a returned request."""
