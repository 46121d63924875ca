"""Calls of the regional function as API Gateway makes them, and what the services behind it answer."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from typing import Any

from proxy.operations import TARGET_PREFIX
from proxy.regional import handler
from tests.proxy.fake_service import Behaviour, Exchange, answer
from tests.proxy.request_lines import Line, brief, lines_of
from tests.proxy.sample_requests import CLIENT_ID, ORIGIN, OTHER_CLIENT_ID, arn, secret_document

REQUEST_ID = "JKJaXmPLvHcESHA="


class Context:
    def __init__(self, seconds: float = 10.0) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._end - time.monotonic()) * 1000)


def give_secret(exchange: Exchange) -> bool:
    client_id = CLIENT_ID if exchange.request.document["SecretId"] == arn(CLIENT_ID) else OTHER_CLIENT_ID
    return answer({"SecretString": secret_document(client_id)})(exchange)


def rotated(secret: str) -> Behaviour:
    return answer({"SecretString": secret_document(CLIENT_ID, secret)})


def event(
    operation: str | None,
    body: Any = None,
    *,
    method: str = "POST",
    headers: dict[str, list[str]] | None = None,
    as_base64: bool = True,
) -> dict[str, Any]:
    """What API Gateway hands over."""
    data = (
        body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
    )
    sent = {"Content-Type": ["application/x-amz-json-1.1"], "Origin": [ORIGIN]} | (headers or {})
    if operation is not None:
        sent["X-Amz-Target"] = [TARGET_PREFIX + operation]
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in sent.items()},
        "multiValueHeaders": sent,
        "queryStringParameters": None,
        "requestContext": {
            "extendedRequestId": REQUEST_ID,
            "requestId": "sentinel-that-a-caller-chose",
            "path": "/prod/",
            "identity": {"sourceIp": "203.0.113.7"},
        },
        "body": b64encode(data).decode() if as_base64 else data.decode(),
        "isBase64Encoded": as_base64,
    }


def call(
    operation: str | None, body: Any = None, *, seconds: float = 10.0, **more: Any
) -> tuple[int, Any, dict[str, str]]:
    """Status, document and headers of the answer."""
    return read(handler(event(operation, body, **more), Context(seconds)))


def read(response: Any) -> tuple[int, Any, dict[str, str]]:
    assert set(response) == {"statusCode", "headers", "body", "isBase64Encoded"}
    assert response["isBase64Encoded"] is False
    json.dumps(response)
    assert response["headers"].items() >= {
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("strict-transport-security", "max-age=63072000"),
    }
    return response["statusCode"], json.loads(response["body"]) if response["body"] else None, response["headers"]


def assert_error(result: tuple[int, Any, dict[str, str]], status: int, error_type: str) -> None:
    """In Cognito's shape, and readable by the page."""
    got, document, headers = result
    assert (got, document["__type"]) == (status, error_type)
    assert set(document) == {"__type", "message"}
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["x-amzn-errortype"] == error_type


def lines(capsys) -> list[Line]:
    captured = capsys.readouterr()
    assert captured.err == ""
    return lines_of(captured.out)


def briefly(capsys) -> list[Line]:
    return [brief(line) for line in lines(capsys)]
