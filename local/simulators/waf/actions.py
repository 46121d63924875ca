"""What a rule does with a request that it matches."""

from collections.abc import Mapping
from enum import Enum

from local.simulators.common.http import DEFAULT_BLOCK, HttpResponse
from local.simulators.waf.errors import FirewallError
from local.simulators.waf.properties import Properties, looked_up, only_entry, understood

ALLOWED_STATUS = frozenset(
    {200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308}
    | {400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414, 415, 416, 421, 429}
    | {500, 501, 502, 503, 504, 505}
)
"""Status codes of custom responses (Developer Guide, "Supported status codes for custom response")."""

MAX_RESPONSE_HEADERS = 10

_CONTENT_TYPES: Mapping[str, str] = {
    "APPLICATION_JSON": "application/json",
    "TEXT_HTML": "text/html",
    "TEXT_PLAIN": "text/plain",
}


class Action(Enum):
    """Allow and block end the evaluation, count does not."""

    ALLOW = "allow"
    BLOCK = "block"
    COUNT = "count"


def read_action(action: Properties, bodies: Properties, *, where: str) -> tuple[Action, HttpResponse | None]:
    """A rule's or the default action, and the answer to a blocked request; DEFAULT_BLOCK without one of its own."""
    kind, settings = only_entry(action, where=where)
    match kind:
        case "Allow" | "Count":
            understood(settings, (), where=where)
            return Action[kind.upper()], None
        case "Block":
            understood(settings, {"CustomResponse"}, where=where)
            custom = settings.get("CustomResponse")
            return Action.BLOCK, _custom_response(custom, bodies, where=where) if custom else DEFAULT_BLOCK
    raise FirewallError(f"{where}: action {kind} is not modelled")


def _custom_response(custom: Properties, bodies: Properties, *, where: str) -> HttpResponse:
    understood(custom, {"CustomResponseBodyKey", "ResponseCode", "ResponseHeaders"}, where=where)
    status = int(custom["ResponseCode"])
    if status not in ALLOWED_STATUS:
        raise FirewallError(f"{where}: AWS WAF does not answer with status {status}")
    headers = tuple((str(entry["Name"]), str(entry["Value"])) for entry in custom.get("ResponseHeaders", ()))
    if len(headers) > MAX_RESPONSE_HEADERS or any(name.lower() == "content-type" for name, _ in headers):
        raise FirewallError(f"{where}: AWS WAF takes up to {MAX_RESPONSE_HEADERS} headers, none of them content-type")
    if "CustomResponseBodyKey" not in custom:
        return HttpResponse(status=status, headers=headers, body=b"")
    body = looked_up(custom["CustomResponseBodyKey"], bodies, where=where)
    content_type = looked_up(body["ContentType"], _CONTENT_TYPES, where=where)
    return HttpResponse(
        status=status, headers=(("Content-Type", content_type), *headers), body=str(body["Content"]).encode()
    )
