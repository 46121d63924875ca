"""CloudFront origin-request events in, the rewritten request or a generated response out. No rule lives here.

CloudFront itself carries what is returned on to Cognito, so that a warm call makes no network call of its own. Cognito
gets `POST /`, no query, the headers that the core decided on, and what CloudFront alone has a say in: nothing else of
what the viewer sent.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
"""

from __future__ import annotations

import re
import time
from base64 import b64decode
from binascii import a2b_base64
from http import HTTPStatus
from typing import Any

from proxy.awsjson import host_name
from proxy.deadline import LambdaContext, deadline_of
from proxy.decide import READ_HEADERS
from proxy.log import RequestLog, start
from proxy.messages import Forward, Onward, Request, Respond
from proxy.service import Service, failure
from proxy.settings import Settings, SettingsError, parse_settings, unite
from proxy.sigv4 import Credentials, Signable, sign

SETTINGS_HEADER = "x-proxy-settings"
"""The origin's custom header that carries the settings as base64 of the JSON document; Lambda@Edge has no environment
variables. What does not fit into one goes on in `x-proxy-settings-2`, `-3` and so on."""

PIN_HEADER = "x-proxy-cognito-region"
"""The origin's custom header with which an operator has another Region of the pool asked first, as `Pin` in
`proxy.cognito_regions` has it; `cognito-proxy failover` writes it. It moves nothing without `failover_regions`."""

_SETTINGS_NAME = re.compile(SETTINGS_HEADER + r"(-[0-9]+)?")

KEPT_HEADERS = frozenset(
    {
        "accept-encoding",
        "cdn-loop",
        "content-length",
        "host",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "transfer-encoding",
        "via",
    }
)
"""What stays of the event's headers: Host, which CloudFront sets to the origin's name, and those that are read-only in
origin-request events, where CloudFront answers 502 if one is added, changed or deleted. All others are a viewer's, or
hold what a viewer sent (X-Forwarded-For does), and go. X-Amz-Cf-* is not in the event; CloudFront adds it afterwards.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html"""

FORBIDDEN_RESPONSE_HEADERS = frozenset({"x-amzn-errortype", "x-amzn-requestid"})
"""The error's type stands in the body, too, and the call's id in the logs of Cognito's side only."""

CfRequest = dict[str, Any]


def handler(event: dict[str, Any], context: LambdaContext | None = None) -> CfRequest:
    """The function's entry point: the request to go on with, or a generated response in Cognito's shape.

    Nothing escapes as an exception, whatever the event holds: a viewer would get CloudFront's own error page for it.
    """
    call = start()
    request: Request | None = None
    service: Service | None = None
    settings: Settings | None = None
    answer: CfRequest
    try:
        cf = event["Records"][0]["cf"]
        call.request_id = _request_id(cf)
        request = request_of(cf)
        call.address = request.client_ip
        service = _service(_take_settings(cf["request"]))
        settings = service.settings
        if settings.server_name:
            request = request._replace(host=settings.server_name)
        if settings.oauth is not None:
            request = with_route(request, cf["request"])
        decision = service.answer_or_forward(request, call, deadline=deadline_of(context))
        if isinstance(decision, Forward):
            if decision.region:
                _turn_to(cf["request"], decision.region)
            answer = rewritten(cf, decision, region=decision.region or settings.region)
        elif isinstance(decision, Onward):
            answer = carried_on(cf, decision)
        else:
            call.answer = decision
            answer = response_of(decision)
    except Exception as error:
        call.answer = failure(error, request, settings, call)
        answer = response_of(call.answer)
    _log.write(call, service)
    return answer


_log = RequestLog("edge")


def _request_id(cf: dict[str, Any]) -> str:
    """CloudFront's own id of the request, which it makes and no caller chooses; empty where the event has none.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
    """
    request_id = cf.get("config", {}).get("requestId")
    return request_id if isinstance(request_id, str) else ""


_Carried = tuple[tuple[str, ...], str]
"""What the origin's custom headers say: the settings' documents in order, and the pin, if there is one."""

_cached: tuple[_Carried, Service] | None = None


def _service(carried: _Carried) -> Service:
    global _cached  # noqa: PLW0603 - lives as long as the execution environment, and the secrets with it
    if _cached is None or _cached[0] != carried:
        values, pin = carried
        if not values:
            raise SettingsError(f"settings: the origin has no custom header {SETTINGS_HEADER}")
        settings = unite([parse_settings(_decoded(value)) for value in values])
        _cached = (carried, Service(settings._replace(pin=pin) if pin else settings))
    return _cached[1]


def _decoded(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode()
    except ValueError:
        raise SettingsError(f"settings: the custom header {SETTINGS_HEADER} is not base64 of UTF-8") from None


def _take_settings(cf_request: CfRequest) -> _Carried:
    """The settings' values and the pin, taken out of the origin's custom headers.

    Never read from the viewer's headers. What a viewer sent under these names does not go on either: a name in both
    places would make CloudFront answer 502.
    """
    custom: dict[str, Any] = cf_request.get("origin", {}).get("custom", {}).get("customHeaders", {})
    if len(custom) == 1 and SETTINGS_HEADER in custom:  # as it mostly is
        return (custom.pop(SETTINGS_HEADER)[0]["value"],), ""
    pin = str(custom.pop(PIN_HEADER)[0]["value"]) if PIN_HEADER in custom else ""
    names = [name for name in custom if _SETTINGS_NAME.fullmatch(name)]
    names.sort(key=lambda name: (len(name), name))
    return tuple([custom.pop(name)[0]["value"] for name in names]), pin


def request_of(cf: dict[str, Any]) -> Request:
    """The call that an event describes."""
    cf_request: CfRequest = cf["request"]
    body: dict[str, Any] = cf_request.get("body") or {}
    return Request(
        # As it came: CloudFront sends on the method that it got, which the function cannot change.
        method=cf_request["method"],
        headers=_headers(cf_request["headers"]),
        body=_body(body),
        truncated=bool(body.get("inputTruncated")),
        client_ip=str(cf_request["clientIp"]),
        host=str(cf.get("config", {}).get("distributionDomainName", "")),
        path=str(cf_request["uri"]),
    )


def with_route(request: Request, cf_request: CfRequest) -> Request:
    """The same call, with what the OAuth 2.0 endpoints want to know of it besides."""
    sent = cf_request["headers"].get("authorization", ())
    return request._replace(
        route=request.path,
        query=str(cf_request.get("querystring", "")),
        base=f"https://{request.host}",
        headers={**request.headers, "authorization": [str(value["value"]) for value in sent]},
    )


def _headers(sent: dict[str, list[dict[str, str]]]) -> dict[str, list[str]]:
    headers = {}
    for name, values in sent.items():
        if name in READ_HEADERS:
            headers[name] = [str(values[0]["value"])] if len(values) == 1 else [str(value["value"]) for value in values]
    return headers


def _body(body: dict[str, Any]) -> bytes | None:
    if body.get("inputTruncated") or body.get("encoding", "base64") != "base64":
        return None
    try:
        return a2b_base64(body.get("data", ""), strict_mode=True)
    except ValueError:
        return None


def _turn_to(cf_request: CfRequest, region: str) -> None:
    """Have CloudFront carry the call to Cognito in another Region: the origin's name and Host say the same then.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-examples.html
    ("Content-based dynamic origin selection")
    """
    host = host_name("cognito-idp", region)
    if cf_request["origin"]["custom"]["domainName"] != host:
        cf_request["origin"]["custom"]["domainName"] = host
        cf_request["headers"]["host"] = [{"key": "Host", "value": host}]


def rewritten(cf: dict[str, Any], forward: Forward, *, region: str) -> CfRequest:
    """The request to go on with: `POST /`, no query, and of the event's headers only `KEPT_HEADERS`."""
    cf_request: CfRequest = cf["request"]
    own = _signed(cf, forward, region) if forward.signed else forward.headers
    sent = cf_request["headers"]
    headers = {name: sent[name] for name in KEPT_HEADERS if name in sent}
    for name, value in own.items():
        headers[name] = [{"key": name, "value": value}]
    cf_request["headers"] = headers
    cf_request["uri"] = "/"
    cf_request["querystring"] = ""
    if forward.rewritten:  # otherwise the body goes on as it came
        cf_request["body"] |= {"action": "replace", "encoding": "text", "data": forward.body.decode("ascii")}
    return cf_request


def carried_on(cf: dict[str, Any], onward: Onward) -> CfRequest:
    """The same for a call of an OAuth 2.0 endpoint: another path, and mostly another origin.

    The event's Host is the name of the origin that it came with, so it changes with the origin, as in AWS's example:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-examples.html#lambda-examples-content-based-routing-examples
    """
    cf_request: CfRequest = cf["request"]
    sent = cf_request["headers"]
    headers = {name: sent[name] for name in KEPT_HEADERS if name in sent}
    for name, value in onward.headers.items():
        headers[name] = [{"key": name, "value": value}]
    if onward.host:
        cf_request["origin"]["custom"]["domainName"] = onward.host
        headers["host"] = [{"key": "Host", "value": onward.host}]
    cf_request["headers"] = headers
    cf_request["uri"] = onward.path
    cf_request["querystring"] = ""
    # A call that goes on without a body (`POST /oauth2/userInfo`) leaves behind what a viewer put into it. A body that
    # was cut off never comes here: AWS documents no replacing of one, and it would go on whole.
    if onward.body is not None or cf_request["method"] == "POST":
        text = (onward.body or b"").decode("ascii")
        cf_request["body"] |= {"action": "replace", "encoding": "text", "data": text}
    return cf_request


def _signed(cf: dict[str, Any], forward: Forward, region: str) -> dict[str, str]:
    """The headers of a request that is signed in place, for CloudFront to send.

    AWS services want every `x-amz-*` header signed. The one that CloudFront will add by itself is signed without being
    there, with the value that it will have. The client's own ones stay behind: so no header that a viewer wrote is
    under the signature, and none can break it. What they tell of the client stands in the body's `ContextData`. Host is
    written anew, so that what is sent is what is signed, whatever the distribution forwards.
    """
    credentials = Credentials.from_environment()
    if credentials is None:
        raise SettingsError("the function has no credentials to sign with")
    headers = {name: forward.headers[name] for name in ("content-type", "x-amz-target")}
    headers["host"] = cf["request"]["origin"]["custom"]["domainName"]
    signature = sign(
        Signable(headers=headers | {"x-amz-cf-id": cf["config"]["requestId"]}, body=forward.body),
        credentials=credentials,
        region=region,
        service="cognito-idp",
        now=time.time(),
    )
    unsigned = {name: value for name, value in forward.headers.items() if not name.startswith("x-amz-")}
    return unsigned | headers | signature


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
