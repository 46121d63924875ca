"""API Gateway (REST, proxy integration) events in, proxy responses out. No rule lives here.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import contextlib
from binascii import a2b_base64
from os import environ
from typing import TYPE_CHECKING, Any, TypedDict

from proxy.deadline import LambdaContext, deadline_of
from proxy.decide import READ_HEADERS
from proxy.log import RequestLog, start
from proxy.messages import Request, Respond
from proxy.service import Service, failure
from proxy.settings import Settings, SettingsError, parse_settings
from proxy.warm import warm_up

if TYPE_CHECKING:
    from proxy.health import Health


class ProxyResponse(TypedDict):
    """API Gateway's proxy response."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


def handler(event: dict[str, Any], context: LambdaContext | None = None) -> ProxyResponse:
    """The function's entry point. Whatever happens, the answer has Cognito's shape."""
    if isinstance(event, dict) and event.get("resource") == "/health":  # the resource; a caller chooses the path
        return _health(context)
    call = start()
    request: Request | None = None
    service: Service | None = None
    settings: Settings | None = None
    try:
        call.request_id = request_id_of(event, context)
        service = _service()
        settings = service.settings
        request = request_of(event)
        if settings.oauth is not None:
            request = with_route(request, event)
        call.address = request.client_ip
        answer = service.answer(request, call, deadline=deadline_of(context))
    except Exception as error:
        answer = failure(error, request, settings, call)
    call.answer = answer
    _log.write(call, service)
    response = response_of(answer)
    if _cached is not None:  # whatever this call was: Lambda waits for what works after each answer
        _cached[1].release(str(getattr(context, "aws_request_id", "")))
    return response


def _health(context: LambdaContext | None) -> ProxyResponse:
    """The answer to a health checker. It has no line in the log and counts in no metric: it is nobody's call."""
    global _checked  # noqa: PLW0603 - as `_cached`
    from proxy.health import UNWELL, Health  # noqa: PLC0415 - what is off costs no cold start anything

    verdict = UNWELL
    with contextlib.suppress(Exception):
        service = _service()
        if _checked is None or _checked[0] is not service:
            _checked = (service, Health(service))
        verdict = _checked[1].verdict(deadline=deadline_of(context))
        service.release(str(getattr(context, "aws_request_id", "")))  # as after every answer
    headers = {"content-type": "application/json", **ANSWER_HEADERS}
    return {"statusCode": verdict.status, "headers": headers, "body": verdict.body, "isBase64Encoded": False}


_checked: tuple[Service, Health] | None = None

_log = RequestLog("regional")


def request_id_of(event: dict[str, Any], context: LambdaContext | None) -> str:
    """API Gateway's extended request id (the answer's `x-amz-apigw-id`, and in the access log), else Lambda's own.

    Never `requestId`, which a caller can choose ("Clients can override the value in the x-amzn-RequestId header"): no
    text of a caller's gets into the log. Of the extended one the documentation says that a caller cannot.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    extended = (event.get("requestContext") or {}).get("extendedRequestId")
    return str(extended or getattr(context, "aws_request_id", ""))


_cached: tuple[str, Service] | None = None


def _service() -> Service:
    global _cached  # noqa: PLW0603 - lives as long as the execution environment: connections and secrets with it
    text = environ.get("PROXY_SETTINGS", "")
    if _cached is None or _cached[0] != text:
        if not text:
            raise SettingsError("settings: the environment variable PROXY_SETTINGS is missing")
        _cached = (text, Service(parse_settings(text)))
    return _cached[1]


def request_of(event: dict[str, Any]) -> Request:
    """The call that an event describes.

    Raises:
        Exception: any, where the event is not as API Gateway makes them; what is returned is as its types say.
    """
    context = event.get("requestContext") or {}
    headers = _headers(event)
    return Request(
        method=str(event.get("httpMethod", "")).upper(),
        headers=headers,
        body=_body(event),
        client_ip=str((context.get("identity") or {}).get("sourceIp", "")),
        host=str(context.get("domainName") or headers.get("host", [""])[-1]),
        path=str(context.get("path") or event.get("path") or "/"),
    )


def with_route(request: Request, event: dict[str, Any]) -> Request:
    """The same call, with what the OAuth 2.0 endpoints want to know of it besides.

    `resource` is the API's own name of the path, out of the closed list of its resources. API Gateway has decoded the
    query, which is written anew here.
    """
    from proxy.oauth.forms import write_pairs  # noqa: PLC0415 - only where the settings have `oauth`

    route = str(event.get("resource") or "/")
    return request._replace(
        route=route,
        query=write_pairs(event.get("multiValueQueryStringParameters")),
        base=f"https://{request.host}{_base_path(event.get('requestContext') or {}, request, route)}",
        headers={**request.headers, "authorization": _named(event, "authorization")},
    )


def _base_path(context: dict[str, Any], request: Request, route: str) -> str:
    """What stands before `route` in the API's URLs, however the caller spelt the path, a slash at its end included.

    By the API's own name it is the stage. By a domain's it is the base path of the mapping, which no field of the event
    names; so it is the segments that are left when those of the route are taken off the end.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """
    if context.get("stage") and request.host.startswith(f"{context.get('apiId')}.execute-api."):
        return f"/{context['stage']}"
    segments = [segment for segment in request.path.split("/") if segment]
    of_route = sum(1 for segment in route.split("/") if segment)
    return "".join(f"/{segment}" for segment in segments[: max(0, len(segments) - of_route)])


def _named(event: dict[str, Any], wanted: str) -> list[str]:
    multiple = event.get("multiValueHeaders") or {}
    found = [value for name, values in multiple.items() if name.lower() == wanted for value in values]
    single = event.get("headers") or {}
    return found or [value for name, value in single.items() if name.lower() == wanted]


_READ_HEADERS = READ_HEADERS | {"host"}


def _headers(event: dict[str, Any]) -> dict[str, list[str]]:
    """Every value of every header that is read: two that differ in case only are one header sent twice."""
    multiple: dict[str, list[str]] = {}
    for sent, values in (event.get("multiValueHeaders") or {}).items():
        name = sent.lower()
        if name in _READ_HEADERS:
            multiple.setdefault(name, []).extend(values)
    single: dict[str, list[str]] = {}
    for sent, value in (event.get("headers") or {}).items():
        name = sent.lower()
        if name in _READ_HEADERS and name not in multiple:
            single.setdefault(name, []).append(value)
    headers = single | multiple
    for values in headers.values():
        "".join(values)  # a TypeError for a value that is no text
    return headers


def _body(event: dict[str, Any]) -> bytes | None:
    body = event.get("body") or ""
    try:
        return a2b_base64(body, strict_mode=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:
        return None


ANSWER_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=63072000",
}
"""What every answer says besides its own headers; at the edge CloudFront's response headers policy does it. The library
has the same values in `cognito_proxy.common.answer_headers`, and a test compares them."""


def response_of(answer: Respond) -> ProxyResponse:
    """An answer in API Gateway's form."""
    return {
        "statusCode": answer.status,
        "headers": {**ANSWER_HEADERS, **answer.headers},
        "body": answer.body.decode("utf-8", "replace"),
        "isBase64Encoded": False,
    }


def prepare() -> None:
    """In Lambda's INIT phase: make the service, since what works after the answer can register with Lambda only now.

    Nothing escapes: what is wrong with the settings is said to each call.
    """
    if "AWS_LAMBDA_RUNTIME_API" in environ:
        with contextlib.suppress(Exception):
            _service()


prepare()
warm_up(_service)
