"""CloudFront origin-request events in, the rewritten request or a generated response out. No rule lives here.

CloudFront itself carries what is returned on to Cognito, so that a warm call makes no network call of its own.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
"""

from __future__ import annotations

import re
import time
from base64 import b64decode
from http import HTTPStatus
from typing import Any

from proxy.context import LambdaContext, deadline_of
from proxy.decide import operation_of
from proxy.log import write_call
from proxy.messages import Forward, Request, Respond
from proxy.service import Service, failure
from proxy.settings import GENERATED, Settings, SettingsError, parse_settings, unite
from proxy.sigv4 import Credentials, Signable, sign

SETTINGS_HEADER = "x-proxy-settings"
"""The origin's custom header that carries the settings as base64 of the JSON document; Lambda@Edge has no environment
variables. What does not fit into one goes on in `x-proxy-settings-2`, `-3` and so on."""

_SETTINGS_NAME = re.compile(SETTINGS_HEADER + r"(-[0-9]+)?")

CREDENTIAL_HEADERS = (
    "authorization",
    "cookie",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
)
"""A viewer's own credentials: none of Cognito's public operations takes any, so they stop here."""

FORBIDDEN_RESPONSE_HEADERS = frozenset({"x-amzn-errortype", "x-amzn-requestid"})
"""The error's type stands in the body, too, and the call's id in the logs of Cognito's side only."""

CfRequest = dict[str, Any]


def handler(event: dict[str, Any], context: LambdaContext | None = None) -> CfRequest:
    """The function's entry point: the request to go on with, or a generated response in Cognito's shape."""
    cf = event["Records"][0]["cf"]
    request_id = str(cf.get("config", {}).get("requestId", ""))
    request: Request | None = None
    settings: Settings | None = None
    try:
        request = request_of(cf)
        service = _service(_take_settings(cf["request"]))
        settings = service.settings
        request = request._replace(host=settings.server_name or request.host)
        deadline = deadline_of(context)
        decision = service.decide(request, deadline=deadline)
        if isinstance(decision, Forward) and decision.signed and settings.edge_admin_calls == GENERATED:
            decision = service.carry(decision, request, deadline=deadline)
        if isinstance(decision, Forward):
            answer, outcome = rewritten(cf, decision, region=settings.region), "forwarded"
        else:
            answer, outcome = response_of(decision), decision.outcome
    except Exception as error:
        refusal = failure(error, request, settings, request_id=request_id)
        answer, outcome = response_of(refusal), refusal.outcome
    write_call(operation=operation_of(request) if request else None, outcome=outcome, request_id=request_id)
    return answer


_cached: tuple[tuple[str, ...], Service] | None = None


def _service(values: tuple[str, ...]) -> Service:
    global _cached  # noqa: PLW0603 - lives as long as the execution environment, and the secrets with it
    if _cached is None or _cached[0] != values:
        if not values:
            raise SettingsError(f"settings: the origin has no custom header {SETTINGS_HEADER}")
        _cached = (values, Service(unite([parse_settings(_decoded(value)) for value in values])))
    return _cached[1]


def _decoded(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode()
    except ValueError:
        raise SettingsError(f"settings: the custom header {SETTINGS_HEADER} is not base64 of UTF-8") from None


def _take_settings(cf_request: CfRequest) -> tuple[str, ...]:
    """The settings' values in order, taken out of the request.

    Read from the origin's custom headers only, never from the viewer's; whatever a viewer sent under these names goes
    as well, since a name in both places makes CloudFront answer 502.
    """
    headers: dict[str, Any] = cf_request["headers"]
    for name in _settings_names(headers):
        del headers[name]
    custom: dict[str, Any] = cf_request.get("origin", {}).get("custom", {}).get("customHeaders", {})
    names = sorted(_settings_names(custom), key=lambda name: (len(name), name))
    return tuple(str(custom.pop(name)[0]["value"]) for name in names)


def _settings_names(headers: dict[str, Any]) -> list[str]:
    # The event's header names are in lower case.
    return [name for name in headers if name.startswith(SETTINGS_HEADER) and _SETTINGS_NAME.fullmatch(name)]


def request_of(cf: dict[str, Any]) -> Request:
    """The call that an event describes."""
    cf_request: CfRequest = cf["request"]
    body: dict[str, Any] = cf_request.get("body") or {}
    return Request(
        method=str(cf_request["method"]).upper(),
        headers={name: [value["value"] for value in values] for name, values in cf_request["headers"].items()},
        body=_body(body),
        truncated=bool(body.get("inputTruncated")),
        client_ip=str(cf_request["clientIp"]),
        host=str(cf.get("config", {}).get("distributionDomainName", "")),
        path=str(cf_request["uri"]),
    )


def _body(body: dict[str, Any]) -> bytes | None:
    if body.get("inputTruncated") or body.get("encoding", "base64") != "base64":
        return None
    try:
        return b64decode(body.get("data", ""), validate=True)
    except ValueError:
        return None


def rewritten(cf: dict[str, Any], forward: Forward, *, region: str) -> CfRequest:
    """The request to go on with: its target and its body, and no credentials of the viewer's.

    Host, Content-Length and whatever else is CloudFront's own affair stays as it is.
    """
    cf_request: CfRequest = cf["request"]
    headers = cf_request["headers"]
    for name in CREDENTIAL_HEADERS:
        headers.pop(name, None)
    _set_header(headers, "x-amz-target", forward.headers["x-amz-target"])
    if forward.client_id is not None:  # otherwise the body goes on as it came
        cf_request["body"] |= {"action": "replace", "encoding": "text", "data": forward.body.decode("ascii")}
    if forward.signed:
        _sign(cf, forward, region)
    return cf_request


def _sign(cf: dict[str, Any], forward: Forward, region: str) -> None:
    """Sign the request in place, for CloudFront to send.

    AWS services want every `x-amz-*` header signed: those that are not needed go, and the one that CloudFront will
    add by itself is signed without being there, with the value that it will have.
    """
    credentials = Credentials.from_environment()
    if credentials is None:
        raise SettingsError("the function has no credentials to sign with")
    cf_request: CfRequest = cf["request"]
    headers = cf_request["headers"]
    for name in [name for name in headers if name.startswith("x-amz-") and name not in _KEPT_WHEN_SIGNED]:
        del headers[name]
    signed = {
        "content-type": forward.headers["content-type"],
        "host": cf_request["origin"]["custom"]["domainName"],
        "x-amz-cf-id": cf["config"]["requestId"],
        "x-amz-target": forward.headers["x-amz-target"],
    }
    added = sign(
        Signable(headers=signed, body=forward.body),
        credentials=credentials,
        region=region,
        service="cognito-idp",
        now=time.time(),
    )
    _set_header(headers, "content-type", forward.headers["content-type"])
    for name, value in added.items():
        _set_header(headers, name, value)


_KEPT_WHEN_SIGNED = frozenset({"x-amz-target", "x-amz-cf-id"})


def _set_header(headers: dict[str, Any], name: str, value: str) -> None:
    headers[name] = [{"key": name, "value": value}]


def response_of(answer: Respond) -> dict[str, Any]:
    """An answer as a generated response, without the headers that are forbidden here."""
    return {
        "status": str(answer.status),
        "statusDescription": HTTPStatus(answer.status).phrase,
        "headers": {
            name: [{"key": name, "value": value}]
            for name, value in answer.headers.items()
            if name not in FORBIDDEN_RESPONSE_HEADERS
        },
        "body": answer.body.decode("utf-8"),
        "bodyEncoding": "text",
    }
