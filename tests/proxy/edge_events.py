"""CloudFront origin-request events, as documented."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from proxy.operations import TARGET_PREFIX
from tests.proxy.sample_requests import SETTINGS_DOCUMENT

ORIGIN_HOST = "cognito-idp.eu-west-1.amazonaws.com"
REQUEST_ID = "EXAMPLE4b0zjLQ2_request-id=="


def edge_event(
    operation: str,
    body: Any,
    *,
    headers: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    client_ip: str = "203.0.113.7",
) -> dict[str, Any]:
    """The event of a call; `body` as bytes is sent as it is, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    document = json.dumps(SETTINGS_DOCUMENT if settings is None else settings)
    sent = {
        "Host": ORIGIN_HOST,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": TARGET_PREFIX + operation,
        "User-Agent": "Test/1.0",
        "X-Forwarded-For": client_ip,
        "Via": "2.0 example.cloudfront.net (CloudFront)",
        **(headers or {}),
    }
    request = {
        "clientIp": client_ip,
        "method": "POST",
        "uri": "/",
        "querystring": "",
        "headers": {name.lower(): [{"key": name, "value": value}] for name, value in sent.items()},
        "body": {
            "inputTruncated": False,
            "action": "read-only",
            "encoding": "base64",
            "data": b64encode(data).decode(),
        },
        "origin": {
            "custom": {
                "customHeaders": {
                    "x-proxy-settings": [
                        {"key": "x-proxy-settings", "value": b64encode(document.encode()).decode()},
                    ]
                },
                "domainName": ORIGIN_HOST,
                "keepaliveTimeout": 30,
                "path": "",
                "port": 443,
                "protocol": "https",
                "readTimeout": 20,
                "sslProtocols": ["TLSv1.2"],
            }
        },
    }
    config = {
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": "origin-request",
        "requestId": REQUEST_ID,
    }
    return {"Records": [{"cf": {"config": config, "request": request}}]}
