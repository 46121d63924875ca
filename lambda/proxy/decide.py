"""The rules: what becomes of one call. No I/O, no clock, no environment; the adapters bring what it needs.

First a call is read and checked (`proxy.reading`), then the proof is added (`prove`): between the two is the place of
whatever else has a say in it, and a call whose secret turns out to be old is proved again without being read again.
"""

from __future__ import annotations

from typing import Protocol

from proxy.body import write_body
from proxy.call import Call
from proxy.client_context import CONTEXT_HEADERS
from proxy.cors import cors_headers, preflight
from proxy.errors import CONTENT_TYPE, WAIT_HEADER, ProxyError, error_body
from proxy.messages import Decision, Forward, NeedSecret, Request, Respond
from proxy.operations import ADMIN_OPERATIONS, TARGET_PREFIX
from proxy.reading import Reading, read
from proxy.secret_hash import secret_hash
from proxy.settings import Settings

FORWARDED_HEADERS = ("user-agent", "x-amz-user-agent", "amz-sdk-invocation-id", "amz-sdk-request")
"""What Cognito gets of the client's headers, besides the target and the content type that the proxy writes itself.
All else stays here: Host, Content-Length and the like belong to each connection, X-Forwarded-* and Authorization
could be forged, and cookies are none of Cognito's business."""


READ_HEADERS = frozenset(
    {
        "access-control-request-headers",
        "content-encoding",
        "content-type",
        "origin",
        "x-amz-target",
        *FORWARDED_HEADERS,
        *CONTEXT_HEADERS,
    }
)
"""All headers of the client's that are ever looked at. Adapters may leave out the others, which saves time."""


class Secrets(Protocol):
    """What is known of the app clients' secrets at this moment."""

    def get(self, client_id: str, /) -> str | None:
        """The secret, or None where it must be fetched first."""


def decide(request: Request, settings: Settings, secrets: Secrets, call: Call | None = None) -> Decision:
    """What becomes of a call: forwarded with the proof added, answered here, or kept until a secret is at hand.

    What is read of the body on the way there, as far as that goes, is noted in `call`. Default: it is not.
    """
    reading = read_or_refuse(request, settings, call or Call(time=0.0, started=0.0))
    return reading if isinstance(reading, Respond) else prove(reading, settings, secrets)


def read_or_refuse(request: Request, settings: Settings, call: Call) -> Reading | Respond:
    """A call that may be proved, or what its client gets instead."""
    try:
        return preflight(request, settings) if request.method == "OPTIONS" else read(request, settings, call)
    except ProxyError as error:
        return refuse(error, request, settings)


def prove(reading: Reading, settings: Settings, secrets: Secrets) -> Decision:
    """The call with the proof added, if it needs one; as often as wanted."""
    try:
        return _proved(reading, secrets)
    except ProxyError as error:  # written anew, a body can be too long, or what nobody can read
        return refuse(error, reading.request, settings)


def _proved(reading: Reading, secrets: Secrets) -> Forward | NeedSecret:
    slot, client_id = reading.slot, reading.client_id
    if slot is None or client_id is None:
        return Forward(
            operation=reading.operation,
            headers=_headers(reading.operation, reading.request),
            body=write_body(reading.body) if reading.is_changed else reading.request.body or b"",
            rewritten=reading.is_changed,
        )
    client_secret = secrets.get(client_id)
    if client_secret is None:
        return NeedSecret(client_id=client_id)
    slot.place[slot.key] = (
        client_secret
        if slot.username is None
        else secret_hash(username=slot.username, client_id=client_id, client_secret=client_secret)
    )
    return Forward(
        operation=slot.operation,
        headers=_headers(slot.operation, reading.request),
        body=write_body(slot.body),
        rewritten=True,
        client_id=client_id,
        signed=slot.operation in ADMIN_OPERATIONS.values(),
    )


def refuse(error: ProxyError, request: Request | None, settings: Settings | None) -> Respond:
    """An error as Cognito would give it, readable by the page that asked."""
    origin = request.header("origin") if request else None
    headers = cors_headers(origin, settings) if settings else {}
    headers["content-type"] = CONTENT_TYPE
    headers["x-amzn-errortype"] = error.type
    if error.wait_seconds:
        headers[WAIT_HEADER] = str(error.wait_seconds)
    return Respond(
        status=error.status,
        headers=headers,
        body=error_body(error.type, error.message),
        outcome=error.type,
        reason=error.reason,
    )


def _headers(operation: str, request: Request) -> dict[str, str]:
    headers = {"content-type": CONTENT_TYPE, "x-amz-target": TARGET_PREFIX + operation}
    for name in FORWARDED_HEADERS:
        values = request.headers.get(name)
        if values and (value := values[-1]) and value.isascii() and value.isprintable():
            headers[name] = value
    return headers
