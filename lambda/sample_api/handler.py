"""The function's entry point: an event in, an answer out, one line in the log."""

from __future__ import annotations

import json
import time
from functools import cache
from os import environ
from typing import Any, TypedDict

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sample_api.cors import cors_headers
from sample_api.events import Event, request_id_of, request_of
from sample_api.messages import Answer, Refused, Request
from sample_api.routes import ROUTES, answer, error_body, route_of
from sample_api.settings import Settings, parse_settings

SETTINGS = "API_SETTINGS"
"""The environment variable."""

ANSWER_HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=63072000",
}
"""Of every answer; the library has the same in `cognito_proxy.common.answer_headers`, and a test compares them."""


class ProxyResponse(TypedDict):
    """What both kinds of API take."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


def handler(event: Event, context: object = None) -> ProxyResponse:
    """Answer a call. Whatever happens, the answer is JSON, and a fault of ours tells nothing of itself."""
    started = time.monotonic()
    request: Request | None = None
    settings: Settings | None = None
    request_id = fault = ""
    try:
        request_id = request_id_of(event, context)
        settings = _settings(environ.get(SETTINGS, ""))
        request = request_of(event, sealed=settings.sealed)
        given = answer(request, settings, _dynamodb)
    except Refused as refused:
        headers = {"allow": refused.allow} if refused.allow else {}
        given = Answer(status=refused.status, body=error_body(refused.message), headers=headers)
    except Exception as error:
        fault = _named(error)
        given = Answer(status=500, body=error_body("The API has an internal error."))
    cors = cors_headers(request.origin, settings) if request and settings else {}
    _log(request_id, request, given.status, time.monotonic() - started, fault)
    return {
        "statusCode": given.status,
        "headers": {**ANSWER_HEADERS, **cors, **given.headers},
        "body": given.body,
        "isBase64Encoded": False,
    }


@cache
def _settings(text: str) -> Settings:
    return parse_settings(text)


@cache
def _dynamodb() -> Any:
    """Lives as long as the execution environment. API Gateway waits 29 seconds, so no call may wait for long."""
    return boto3.client(
        "dynamodb",
        config=Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}),
    )


def _named(error: Exception) -> str:
    """An error without its message, which may quote what was sent."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error']['Code']}"
    return f"{'botocore: ' if isinstance(error, BotoCoreError) else ''}{type(error).__name__}"


def _log(request_id: str, request: Request | None, status: int, seconds: float, fault: str) -> None:
    """One line: how a call went, and nothing of who made it, with which token, name or document."""
    route = route_of(request.path)[0] if request else ""
    line: dict[str, object] = {
        "request": request_id,
        # Words of this module's own, never a caller's.
        "method": request.method if request and request.method in _METHODS else "",
        "route": route if route in ROUTES else "",
        "status": status,
        "ms": round(seconds * 1000),
    }
    if fault:
        line["fault"] = fault
    print(json.dumps(line))


_METHODS = frozenset({"OPTIONS", *(method for methods in ROUTES.values() for method in methods)})
