"""The origin-request event that CloudFront hands to a function (lambda-event-structure).

Open in the documents, and read strictly here: the event of a method without a body (GET, HEAD, OPTIONS) has no `body`
member, so a handler has to do without.
"""

import base64
from typing import NotRequired, TypedDict

from local.simulators.cloudfront.names import BODY_METHODS, MAX_EXPOSED_BODY
from local.simulators.cloudfront.origin import Origin
from local.simulators.common.http import Headers, HttpRequest


class HeaderEntry(TypedDict):
    """One occurrence of a header."""

    key: str
    """The name as it was written."""
    value: str


HeaderEntries = dict[str, list[HeaderEntry]]
"""Headers by lower-case name."""


class Body(TypedDict):
    """The request's body, always base64 on its way to the function."""

    action: str
    data: str
    encoding: str
    inputTruncated: bool


class CustomOrigin(TypedDict):
    """The origin that the request would go to."""

    customHeaders: HeaderEntries
    domainName: str
    keepaliveTimeout: int
    path: str
    port: int
    protocol: str
    readTimeout: int
    sslProtocols: list[str]


class OriginMember(TypedDict):
    """A custom origin; S3 origins are not simulated."""

    custom: CustomOrigin


class Request(TypedDict):
    """The request that a function may change."""

    clientIp: str
    headers: HeaderEntries
    method: str
    origin: OriginMember
    querystring: str
    uri: str
    body: NotRequired[Body]


class Config(TypedDict):
    """About the distribution."""

    distributionDomainName: str
    distributionId: str
    eventType: str
    requestId: str


class CloudFrontRecord(TypedDict):
    """What happened."""

    config: Config
    request: Request


class Record(TypedDict):
    """The one record of an event."""

    cf: CloudFrontRecord


class Event(TypedDict):
    """An origin-request event."""

    Records: list[Record]


def header_entries(headers: Headers) -> HeaderEntries:
    """Headers in the form of an event."""
    entries: HeaderEntries = {}
    for name, value in headers:
        entries.setdefault(name.lower(), []).append({"key": name, "value": value})
    return entries


def build_event(
    viewer: HttpRequest,
    *,
    headers: Headers,
    querystring: str,
    origin: Origin,
    include_body: bool,
    distribution: tuple[str, str],
    request_id: str,
) -> Event:
    """The event of a request. `distribution` is its id and domain name."""
    distribution_id, domain_name = distribution
    request: Request = {
        "clientIp": viewer.client_ip,
        "headers": header_entries(headers),
        "method": viewer.method,
        "origin": {"custom": _custom_origin(origin)},
        "querystring": querystring,
        "uri": viewer.path,
    }
    if include_body and viewer.method in BODY_METHODS:
        request["body"] = _body(viewer.body)
    config: Config = {
        "distributionDomainName": domain_name,
        "distributionId": distribution_id,
        "eventType": "origin-request",
        "requestId": request_id,
    }
    return {"Records": [{"cf": {"config": config, "request": request}}]}


def _custom_origin(origin: Origin) -> CustomOrigin:
    return {
        "customHeaders": header_entries(origin.custom_headers),
        "domainName": origin.domain_name,
        "keepaliveTimeout": origin.keepalive_timeout,
        "path": origin.path,
        "port": origin.port,
        "protocol": origin.protocol,
        "readTimeout": origin.read_timeout,
        "sslProtocols": list(origin.ssl_protocols),
    }


def _body(body: bytes) -> Body:
    return {
        "action": "read-only",
        "data": base64.b64encode(body[:MAX_EXPOSED_BODY]).decode(),
        "encoding": "base64",
        "inputTruncated": len(body) > MAX_EXPOSED_BODY,
    }
