"""CloudFront origin-request events in, the rewritten request or a generated response out. No rule lives here.

CloudFront itself carries what is returned on to Cognito, so that a warm call makes no network call of its own.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
"""

from __future__ import annotations

import re
from base64 import b64decode
from http import HTTPStatus
from typing import Any

from proxy.context import LambdaContext, deadline_of
from proxy.decide import operation_of
from proxy.log import write_call
from proxy.messages import Forward, Request, Respond
from proxy.service import Rules, failure
from proxy.settings import Settings, SettingsError, parse_settings, unite

SETTINGS_HEADER = "x-proxy-settings"
"""The origin's custom header that carries the settings as base64 of the JSON document; Lambda@Edge has no environment
variables. What does not fit into one goes on in `x-proxy-settings-2`, `-3` and so on."""

_SETTINGS_NAME = re.compile(SETTINGS_HEADER + r"(-[0-9]+)?", re.IGNORECASE)

CREDENTIAL_HEADERS = (
    "authorization",
    "cookie",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
)
"""A viewer's own credentials: none of Cognito's public operations takes any, so they stop here."""

CfRequest = dict[str, Any]


def handler(event: dict[str, Any], context: LambdaContext | None = None) -> CfRequest:
    """The function's entry point: the request to go on with, or a generated response in Cognito's shape."""
    cf = event["Records"][0]["cf"]
    request_id = str(cf.get("config", {}).get("requestId", ""))
    request: Request | None = None
    settings: Settings | None = None
    try:
        request = request_of(cf["request"])
        rules = _rules(_take_settings(cf["request"]))
        settings = rules.settings
        decision = rules.decide(request, deadline=deadline_of(context))
        answer = rewritten(cf["request"], decision) if isinstance(decision, Forward) else response_of(decision)
        outcome = "forwarded" if isinstance(decision, Forward) else decision.outcome
    except Exception as error:
        refusal = failure(error, request, settings, request_id=request_id)
        answer, outcome = response_of(refusal), refusal.outcome
    write_call(operation=operation_of(request) if request else None, outcome=outcome, request_id=request_id)
    return answer


_cached: tuple[tuple[str, ...], Rules] | None = None


def _rules(values: tuple[str, ...]) -> Rules:
    global _cached  # noqa: PLW0603 - lives as long as the execution environment, and the secrets with it
    if _cached is None or _cached[0] != values:
        if not values:
            raise SettingsError(f"settings: the origin has no custom header {SETTINGS_HEADER}")
        _cached = (values, Rules.of(unite([parse_settings(_decoded(value)) for value in values])))
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
    for name in [name for name in headers if _SETTINGS_NAME.fullmatch(name)]:
        del headers[name]
    custom: dict[str, Any] = cf_request.get("origin", {}).get("custom", {}).get("customHeaders", {})
    names = sorted((name for name in custom if _SETTINGS_NAME.fullmatch(name)), key=lambda name: (len(name), name))
    return tuple(str(custom.pop(name)[0]["value"]) for name in names)


def request_of(cf_request: CfRequest) -> Request:
    """The call that an event describes."""
    return Request(
        method=str(cf_request["method"]).upper(),
        headers={name.lower(): [value["value"] for value in values] for name, values in cf_request["headers"].items()},
        body=_body(cf_request.get("body") or {}),
        client_ip=str(cf_request["clientIp"]),
        path=str(cf_request["uri"]),
    )


def _body(body: dict[str, Any]) -> bytes | None:
    if body.get("inputTruncated") or body.get("encoding", "base64") != "base64":
        return None
    try:
        return b64decode(body.get("data", ""), validate=True)
    except ValueError:
        return None


def rewritten(cf_request: CfRequest, forward: Forward) -> CfRequest:
    """The request to go on with: its target and its body, and no credentials of the viewer's.

    Host, Content-Length and whatever else is CloudFront's own affair stays as it is.
    """
    headers = cf_request["headers"]
    for name in CREDENTIAL_HEADERS:
        headers.pop(name, None)
    headers["x-amz-target"] = [{"key": "X-Amz-Target", "value": forward.headers["x-amz-target"]}]
    if forward.client_id is not None:  # otherwise the body goes on as it came
        cf_request["body"] |= {"action": "replace", "encoding": "text", "data": forward.body.decode("ascii")}
    return cf_request


def response_of(answer: Respond) -> dict[str, Any]:
    """An answer as a generated response. The error's type stands in the body only: its header is forbidden here."""
    return {
        "status": str(answer.status),
        "statusDescription": HTTPStatus(answer.status).phrase,
        "headers": {
            name: [{"key": name, "value": value}]
            for name, value in answer.headers.items()
            if name != "x-amzn-errortype"
        },
        "body": answer.body.decode("utf-8"),
        "bodyEncoding": "text",
    }
