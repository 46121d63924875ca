"""A signed AWS JSON call as it comes over the wire: who calls what, where; and how a service answers it."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from local.simulators.common.http import HttpRequest, HttpResponse, document_of

_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/[0-9]{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/"
)


Forward = Callable[[], Awaitable[HttpResponse]]
"""Sends the call at hand on to the emulator."""


class Refused(Exception):
    """An error of an AWS service. Its message repeats no value that is secret."""

    def __init__(self, code: str, message: str = "refused") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class AwsCall:
    """One call. What it claims is not verified here."""

    access_key: str
    region: str
    service: str
    """As in the signature's scope: wafv2, secretsmanager."""
    operation: str
    """The last part of X-Amz-Target; empty without one (a protocol other than AWS JSON)."""
    document: Any = field(repr=False)
    """The body; None when it is no JSON."""


def call_of(request: HttpRequest) -> AwsCall | None:
    """What a request calls; None when it is not signed."""
    credential = _CREDENTIAL.match(request.header("authorization") or "")
    if credential is None:
        return None
    target = request.header("x-amz-target") or ""
    return AwsCall(
        access_key=credential["key"],
        region=credential["region"],
        service=credential["service"],
        operation=target.rpartition(".")[2],
        document=document_of(request.body) if target else None,
    )


def json_answer(document: Any) -> HttpResponse:
    """A success of AWS JSON 1.1."""
    return _response(200, document)


def json_error(refused: Refused) -> HttpResponse:
    """A refusal of AWS JSON 1.1."""
    return _response(400, {"__type": refused.code, "message": refused.message})


def _response(status: int, document: Any) -> HttpResponse:
    headers = (("Content-Type", "application/x-amz-json-1.1"),)
    return HttpResponse(status=status, headers=headers, body=json.dumps(document).encode())
