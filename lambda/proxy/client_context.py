"""What Cognito is told of the client that calls: its true address, and never one that the client claims.

`UserContextData` on the public operations, `ContextData` on the administrator's.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-viewing-threat-protection-app.html
"""

from __future__ import annotations

from typing import Any

from proxy.errors import InvalidParameter
from proxy.messages import Request

CONTEXT_HEADERS = ("user-agent", "accept-language", "origin", "x-amz-user-agent")
"""Headers that help to tell devices apart. None of them carries a credential."""


def fingerprint(body: dict[str, Any]) -> dict[str, Any]:
    """Take the client's own context out of a body, and give what may be kept of it: the device fingerprint.

    Null is absent, as everywhere in AWS JSON: SDKs may write out members that were never set.

    Raises:
        InvalidParameter: it is not an object, or the fingerprint is not a text.
    """
    context = body.pop("UserContextData", None)
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise InvalidParameter("UserContextData must be an object.")
    encoded = context.get("EncodedData")
    if encoded is None:
        return {}
    if not isinstance(encoded, str):
        raise InvalidParameter("EncodedData must be a string.")
    return {"EncodedData": encoded}


def context_data(request: Request) -> dict[str, Any]:
    """The administrator operations' `ContextData` but for the fingerprint; all four members are required."""
    headers = ((name, request.header(name)) for name in CONTEXT_HEADERS)
    return {
        "IpAddress": request.client_ip,
        "ServerName": request.host,
        "ServerPath": request.path,
        "HttpHeaders": [{"headerName": name, "headerValue": value} for name, value in headers if value],
    }
