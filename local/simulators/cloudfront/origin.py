"""The origin of a distribution, as its template describes it."""

from collections.abc import Iterator
from dataclasses import dataclass

from local.simulators.cloudfront.errors import EdgeSimulatorError
from local.simulators.cloudfront.names import (
    DISALLOWED_HEADERS,
    FORBIDDEN_CUSTOM_HEADERS,
    MAX_CUSTOM_HEADER_NAME,
    MAX_CUSTOM_HEADER_VALUE,
    MAX_CUSTOM_HEADERS,
    MAX_CUSTOM_HEADERS_TOTAL,
)
from local.simulators.cloudfront.template import Properties, one_of, required, truth, understood
from local.simulators.common.http import Headers, listed
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS

_ORIGIN = (
    "ConnectionAttempts",
    "ConnectionTimeout",
    "CustomOriginConfig",
    "DomainName",
    "Id",
    "OriginCustomHeaders",
    "OriginPath",
    "OriginShield",
    "ResponseCompletionTimeout",
)
_CUSTOM = (
    "HTTPPort",
    "HTTPSPort",
    "OriginKeepaliveTimeout",
    "OriginProtocolPolicy",
    "OriginReadTimeout",
    "OriginSSLProtocols",
)
_PROTOCOLS = {"https-only": ("https", "HTTPSPort", 443), "http-only": ("http", "HTTPPort", 80)}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A custom origin: where requests go on to, and what CloudFront adds to them."""

    origin_id: str
    domain_name: str
    path: str
    """Put before the request's path; empty or `/…` without a slash at its end."""
    protocol: str
    """`http` or `https`."""
    port: int
    ssl_protocols: tuple[str, ...]
    keepalive_timeout: int
    """Seconds that an idle connection is kept. CloudFormation's default: 5."""
    read_timeout: int
    """Seconds to wait for the response and between its packets. CloudFormation's default: 30."""
    connection_attempts: int
    """Default: 3."""
    connection_timeout: int
    """Seconds for one attempt. Default: 10."""
    response_completion_timeout: int | None
    """Seconds for the whole response. Default: - none."""
    custom_headers: tuple[tuple[str, str], ...]
    """Added to every request, over a viewer's header of the same name."""


def read_origin(properties: Properties) -> Origin:
    """The origin of resolved properties. Raises EdgeSimulatorError for what CloudFront refuses or nobody here knows."""
    where = f"origin {properties.get('Id', '?')}"
    understood(properties, _ORIGIN, where=where)
    if truth(properties.get("OriginShield", {}).get("Enabled", False)):
        one_of("OriginShield", (), where=where)
    custom = required(properties, "CustomOriginConfig", where=where)
    understood(custom, _CUSTOM, where=where)
    policy = one_of(custom.get("OriginProtocolPolicy"), _PROTOCOLS, where=f"{where}: OriginProtocolPolicy")
    protocol, port_name, default_port = _PROTOCOLS[policy]
    headers = tuple((item["HeaderName"], item["HeaderValue"]) for item in properties.get("OriginCustomHeaders", ()))
    for problem in custom_header_problems(headers):
        raise EdgeSimulatorError(f"{where}: OriginCustomHeaders: {problem}")
    completion = properties.get("ResponseCompletionTimeout")
    return Origin(
        origin_id=required(properties, "Id", where=where),
        domain_name=required(properties, "DomainName", where=where),
        path=properties.get("OriginPath", ""),
        protocol=protocol,
        port=int(custom.get(port_name, default_port)),
        ssl_protocols=tuple(custom.get("OriginSSLProtocols", ("TLSv1", "SSLv3"))),
        keepalive_timeout=int(custom.get("OriginKeepaliveTimeout", 5)),
        read_timeout=int(custom.get("OriginReadTimeout", 30)),
        connection_attempts=int(properties.get("ConnectionAttempts", 3)),
        connection_timeout=int(properties.get("ConnectionTimeout", 10)),
        response_completion_timeout=None if completion is None else int(completion),
        custom_headers=headers,
    )


def custom_header_problems(headers: Headers) -> Iterator[str]:
    """What CloudFront has against origin custom headers (add-origin-custom-headers, cloudfront-limits)."""
    if len(headers) > MAX_CUSTOM_HEADERS:
        yield f"{len(headers)} headers, at most {MAX_CUSTOM_HEADERS} are allowed"
    total = sum(len(name) + len(value) for name, value in headers)
    if total > MAX_CUSTOM_HEADERS_TOTAL:
        yield f"{total} characters in all names and values, at most {MAX_CUSTOM_HEADERS_TOTAL} are allowed"
    for name, value in headers:
        if len(name) > MAX_CUSTOM_HEADER_NAME:
            yield f"a name of {len(name)} characters, at most {MAX_CUSTOM_HEADER_NAME} are allowed"
        if len(value) > MAX_CUSTOM_HEADER_VALUE:
            yield f"{name} has a value of {len(value)} characters, at most {MAX_CUSTOM_HEADER_VALUE} are allowed"
        if any(listed(name, table) for table in (FORBIDDEN_CUSTOM_HEADERS, DISALLOWED_HEADERS, READ_ONLY_HEADERS)):
            yield f"{name} cannot be an origin custom header"
