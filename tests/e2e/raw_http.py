"""HTTP requests that no SDK would send."""

import http.client
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET_PREFIX = "AWSCognitoIdentityProviderService."
_TIMEOUT_SECONDS = 30

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names; the values of a repeated header joined with `, `."""
    body: bytes

    def document(self) -> dict[str, Any]:
        """The body as a JSON object."""
        document = json.loads(self.body)
        assert isinstance(document, dict), self.body
        return document

    def tokens(self, name: str) -> set[str]:
        """The lower-case items of a header that holds a comma-separated list; empty where it is absent."""
        return {item.strip().lower() for item in self.headers.get(name, "").split(",") if item.strip()}


def target(operation: str) -> tuple[str, str]:
    """The header that names an operation."""
    return ("X-Amz-Target", TARGET_PREFIX + operation)


def send(
    endpoint: str, *, method: str = "POST", headers: Headers = (), body: bytes = b"", source_ip: str | None = None
) -> Answer:
    """Send one request exactly as given; only Host and Content-Length are added.

    `source_ip` is the address to come from. Default: - the operating system chooses.
    """
    url = urlsplit(endpoint)
    assert url.hostname, endpoint
    source = None if source_ip is None else (source_ip, 0)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=_TIMEOUT_SECONDS, source_address=source)
    with closing(connection):
        query = f"?{url.query}" if url.query else ""
        connection.putrequest(method, (url.path or "/") + query, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(status=response.status, headers=_joined(response.getheaders()), body=response.read())


def call(
    endpoint: str,
    operation: str,
    body: Mapping[str, Any] | bytes,
    *,
    headers: Headers = (),
    source_ip: str | None = None,
) -> Answer:
    """Call an operation with a document, or with bytes that may be none."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [("Content-Type", CONTENT_TYPE), target(operation), *headers]
    return send(endpoint, headers=headers, body=content, source_ip=source_ip)


def assert_cognito_error(answer: Answer, *, error_type: str | None = None) -> None:
    """A fault of the caller, told in Cognito's shape. Default of `error_type`: any."""
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"] == CONTENT_TYPE, answer
    document = answer.document()
    assert document.keys() == {"__type", "message"}, answer
    assert re.fullmatch(r"([A-Z][a-z]+)+", document["__type"]), answer
    assert isinstance(document["message"], str), answer
    assert document["message"], answer
    if error_type is not None:
        assert document["__type"] == error_type, answer


def _joined(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined
