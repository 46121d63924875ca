"""API Gateway's events as requests: REST (proxy event 1.0) and HTTP API (2.0). No rule lives here.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from sample_api.messages import Request

Event = Mapping[str, Any]


def request_of(event: Event, *, sealed: bool = False) -> Request:
    """The call that an event describes; with `sealed`, a Lambda authorizer has said who makes it.

    Raises:
        Exception: any, where the event is not as API Gateway makes them.
    """
    context = event["requestContext"]
    is_http = event.get("version") == "2.0"
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    authorizer = context.get("authorizer") or {}
    return Request(
        method=str(context["http"]["method"] if is_http else event["httpMethod"]).upper(),
        path=_path(event, is_http=is_http),
        body=_body(event),
        claims=_claims(authorizer, is_http=is_http, sealed=sealed),
        origin=str(headers.get("origin", "")),
        asked_headers=str(headers.get("access-control-request-headers", "")),
    )


def _claims(authorizer: Mapping[str, Any], *, is_http: bool, sealed: bool) -> Mapping[str, Any]:
    """Each API's own authorizer's, and nothing that another one could put there."""
    if sealed:
        return (authorizer.get("lambda") or {}) if is_http else authorizer
    return ((authorizer.get("jwt") or {}).get("claims") if is_http else authorizer.get("claims")) or {}


def request_id_of(event: Event, context: object) -> str:
    """API Gateway's extended id of the call, which an HTTP API's events lack; else Lambda's own.

    Never `requestId`, which a caller can choose ("Clients can override the value in the x-amzn-RequestId header").
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    extended = (event.get("requestContext") or {}).get("extendedRequestId")
    return str(extended or getattr(context, "aws_request_id", ""))


def _path(event: Event, *, is_http: bool) -> str:
    """What `{proxy+}` stands for; without it the root, or a route of the HTTP API's own."""
    greedy = (event.get("pathParameters") or {}).get("proxy")
    if greedy is not None:
        return str(greedy)
    if not is_http:
        return ""
    path, stage = str(event["rawPath"]), f"/{event['requestContext'].get('stage', '$default')}"
    # Of a stage that is not the default one its name stands before the path.
    if path == stage or path.startswith(f"{stage}/"):
        path = path[len(stage) :]
    return path.removeprefix("/")


def _body(event: Event) -> bytes | None:
    body = event.get("body") or ""
    try:
        return b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:
        return None
