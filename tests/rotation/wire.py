"""Real boto3 clients whose requests are answered in this process."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.client import BaseClient
from botocore.config import Config

REGION = "eu-west-1"

Answer = Callable[[str, dict[str, Any], bool], dict[str, Any]]
"""(operation, request document, signed) → answer document; raises Fault."""


class Fault(Exception):
    """An error answer."""

    def __init__(self, error_type: str, message: str = "", *, status: int = 400) -> None:
        super().__init__(f"{error_type}: {message}")
        self.document = {"__type": error_type, "message": message}
        self.status = status


class _Raw(io.BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def client(service: str, answer: Callable[[], Answer]) -> BaseClient:
    """A client of `service`; `answer` is asked for at every call, so that each test can have another one."""
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
        return AWSResponse(request.url, status, HeadersDict({"Content-Type": "application/x-amz-json-1.1"}), raw)

    made.meta.events.register("before-send", send)
    return made
