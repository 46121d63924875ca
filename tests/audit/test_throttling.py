"""Cognito throttles those who ask about many app clients: the command's own client asks again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cognito_proxy.audit.reading import read
from cognito_proxy.cli.aws import Aws
from tests.audit.cloud import ARN, NOW, POOL, Cloud

THROTTLED = {"__type": "TooManyRequestsException", "message": "Too many requests"}


class Busy(BaseHTTPRequestHandler):
    """A Cognito with two app clients that refuses the first `refusals` questions about each."""

    refusals = 0
    asked: dict[str, int]

    def do_POST(self) -> None:
        """Answer one call."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status, answer = self._answer(self.headers["x-amz-target"].rpartition(".")[2], body)
        payload = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _answer(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == "DescribeUserPool":
            return 200, {"UserPool": {"Id": POOL, "Arn": ARN}}
        if operation == "ListUserPoolClients":
            return 200, {"UserPoolClients": [{"ClientId": name, "UserPoolId": POOL} for name in ("one", "two")]}
        client_id = body["ClientId"]
        self.asked[client_id] = self.asked.get(client_id, 0) + 1
        if self.asked[client_id] <= self.refusals:
            return 400, THROTTLED
        return 200, {"UserPoolClient": {"UserPoolId": POOL, "ClientId": client_id, "ClientSecret": "sentinel"}}


@pytest.fixture
def cognito(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Busy]]:
    """On loopback, as the environment tells AWS's SDKs."""
    handler = type("OneTest", (Busy,), {"asked": {}})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        # Waits between two tries are random and grow; here they need not.
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
        yield handler
        server.shutdown()
        thread.join()


def clients(service: str) -> Any:
    return Aws("eu-west-1").client(service) if service == "cognito-idp" else Cloud()(service)


def test_asks_again(cognito: type[Busy]) -> None:
    cognito.refusals = 3
    found = read(clients, POOL, of_the_proxy=(), now=NOW)
    assert [client.client_id for client in found.clients] == ["one", "two"]
    assert cognito.asked == {"one": 4, "two": 4}


@pytest.mark.proves("audit-asks-five-times")
def test_gives_up_after_five_times(cognito: type[Busy]) -> None:
    cognito.refusals = 99
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        read(clients, POOL, of_the_proxy=(), now=NOW)
    assert cognito.asked == {"one": 5}
