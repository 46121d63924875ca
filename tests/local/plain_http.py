"""HTTP without an SDK, so that a test says exactly what it sends."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

AWS_JSON = "application/x-amz-json-1.1"


class Answer:
    """Status, headers (names in lower case) and body."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def post(url: str, body: bytes = b"{}", headers: Mapping[str, str] | None = None, method: str = "POST") -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request(method, parts.path or "/", body, dict(headers or {}))
        return Answer(connection.getresponse())
    finally:
        connection.close()


def call(url: str, operation: str, document: object, headers: Mapping[str, str] | None = None) -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    target = f"AWSCognitoIdentityProviderService.{operation}"
    return post(url, body, {"X-Amz-Target": target, "Content-Type": AWS_JSON, **(headers or {})})
