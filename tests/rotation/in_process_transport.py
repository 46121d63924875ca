"""What the functions and the command line send, answered in this process and held against botocore's models."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.client import BaseClient
from botocore.config import Config

from proxy.connection import ConnectionFailed, Response
from tests.rotation.botocore_models import assert_is_a_request, assert_is_an_answer, service_model

REGION = "eu-west-1"
CONTENT_TYPE = "application/x-amz-json-1.1"

Answer = Callable[[str, dict[str, Any], bool], dict[str, Any]]
"""(operation, request document, signed) → answer document; raises Fault or Lost."""


class Fault(Exception):
    """An error answer."""

    def __init__(self, error_type: str, message: str = "", *, status: int = 400) -> None:
        super().__init__(f"{error_type}: {message}")
        self.document = {"__type": error_type, "message": message}
        self.status = status


class Lost(Exception):
    """The connection breaks, and no answer comes."""


class InProcessTransport:
    """Stands for the proxy's `AwsJsonClient` below the functions' calls."""

    def __init__(self, service: str, region: str, answer: Answer) -> None:
        assert region == REGION
        self._service = service
        self._answer = answer

    def send(self, headers: dict[str, str], body: bytes, *, deadline: float, signed: bool = False) -> Response:
        target, _, operation = headers["x-amz-target"].partition(".")
        assert target == service_model(self._service).metadata["targetPrefix"]
        assert headers["content-type"] == CONTENT_TYPE
        document = json.loads(body)
        assert_is_a_request(self._service, operation, document, signed=signed)
        try:
            answered, status = self._answer(operation, document, signed), 200
        except Lost:
            raise ConnectionFailed("the connection broke (ConnectionResetError)") from None
        except Fault as fault:
            answered, status = fault.document, fault.status
        else:
            assert_is_an_answer(self._service, operation, answered)
        return Response(status, {"content-type": CONTENT_TYPE}, json.dumps(answered).encode())

    def close(self) -> None:
        """There is nothing to close."""


class _Raw(io.BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def client(service: str, answer: Callable[[], Answer]) -> BaseClient:
    """A real boto3 client; `answer` is asked for at every call, so that each test can have another one."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    made: BaseClient = boto3.client(service, region_name=REGION, config=config, **keys)  # type: ignore[call-overload]

    def send(request: Any, **_: object) -> Any:
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        body = request.body or b"{}"
        try:
            document = answer()(operation, json.loads(body), "Authorization" in request.headers)
            status = 200
        except Fault as fault:
            document, status = fault.document, fault.status
        raw = _Raw(json.dumps(document).encode())
        return AWSResponse(request.url, status, HeadersDict({"Content-Type": CONTENT_TYPE}), raw)

    made.meta.events.register("before-send", send)
    return made
