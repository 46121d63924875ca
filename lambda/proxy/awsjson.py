"""The signed AWS JSON call: all services that the proxy needs speak it, so one small module serves them.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import json
import time
from os import environ
from typing import Any, NamedTuple

from proxy.connection import Endpoint, Response
from proxy.errors import CONTENT_TYPE
from proxy.sigv4 import Credentials, Signable, sign

_JSON_1_0 = "application/x-amz-json-1.0"


class _Protocol(NamedTuple):
    """How a service is called. A test holds all of it against botocore's models."""

    endpoint_variable: str
    """That names another endpoint than AWS's: https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html"""
    content_type: str


_PROTOCOLS = {
    "cognito-idp": _Protocol("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", CONTENT_TYPE),
    "dynamodb": _Protocol("AWS_ENDPOINT_URL_DYNAMODB", _JSON_1_0),
    "events": _Protocol("AWS_ENDPOINT_URL_EVENTBRIDGE", CONTENT_TYPE),
    "secretsmanager": _Protocol("AWS_ENDPOINT_URL_SECRETS_MANAGER", CONTENT_TYPE),
    "sqs": _Protocol("AWS_ENDPOINT_URL_SQS", _JSON_1_0),
}

_SIGNED_HEADERS = ("content-type", "x-amz-")
"""Besides Host: what AWS wants signed. The others may change on their way."""


class CallRefused(Exception):
    """The service answered with an error. The message is the error's type, never its text."""

    def __init__(self, error_type: str, document: dict[str, Any] | None = None) -> None:
        """`document`: the error as the service gave it. Default: it gave none."""
        super().__init__(error_type)
        self.document = document or {}


def endpoint_url(service: str, region: str) -> str:
    """Where a service answers in a Region; AWS_ENDPOINT_URL and its form for one service are honoured.

    So is a form of our own for one service in one Region, for a machine that plays several Regions: the variable for
    the service with the Region after it (`AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER_EU_WEST_1`).
    """
    variable = _PROTOCOLS[service].endpoint_variable
    of_region = f"{variable}_{region.upper().replace('-', '_')}"
    configured = environ.get(of_region) or environ.get(variable) or environ.get("AWS_ENDPOINT_URL")
    return configured or f"https://{host_name(service, region)}"


def host_name(service: str, region: str) -> str:
    """AWS's own name of a service's endpoint in a Region."""
    return f"{service}.{region}.{'amazonaws.com.cn' if region.startswith('cn-') else 'amazonaws.com'}"


class AwsJsonClient:
    """One service in one Region."""

    def __init__(self, service: str, region: str) -> None:
        self._service = service
        self._region = region
        self._content_type = _PROTOCOLS[service].content_type
        self._endpoint = Endpoint(endpoint_url(service, region))

    def send(
        self,
        headers: dict[str, str],
        body: bytes,
        *,
        deadline: float,
        signed: bool = False,
        connect_by: float | None = None,
    ) -> Response:
        """Send a call as it is, or signed with the function's role; `connect_by` as in `Endpoint.post`.

        Raises:
            ConnectionFailed: see `Endpoint.post`.
            CallRefused: it was to be signed and there are no credentials.
        """
        if signed:
            credentials = Credentials.from_environment()
            if credentials is None:
                raise CallRefused("NoCredentials")
            to_sign = {name: value for name, value in headers.items() if name.startswith(_SIGNED_HEADERS)}
            signable = Signable(headers={**to_sign, "host": self._endpoint.host_header}, body=body)
            headers = headers | sign(
                signable, credentials=credentials, region=self._region, service=self._service, now=time.time()
            )
        return self._endpoint.post(headers, body, deadline=deadline, connect_by=connect_by)

    def call(self, target: str, parameters: dict[str, Any], *, deadline: float) -> dict[str, Any]:
        """Call an operation with the function's role and return its result. `target` has the service's prefix.

        Raises:
            ConnectionFailed, CallRefused
        """
        headers = {"content-type": self._content_type, "x-amz-target": target}
        response = self.send(headers, json.dumps(parameters).encode("ascii"), deadline=deadline, signed=True)
        try:
            document = json.loads(response.body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise CallRefused(f"HTTP{response.status}")
        if response.status != 200:
            raise CallRefused(error_type(str(document.get("__type") or "")) or f"HTTP{response.status}", document)
        return document

    def open(self, *, deadline: float) -> None:
        """Have a connection at hand; see `Endpoint.open`."""
        self._endpoint.open(deadline=deadline)

    def open_meanwhile(self, *, deadline: float) -> None:
        """Begin to open one for the call with this deadline; see `Endpoint.open_meanwhile`."""
        self._endpoint.open_meanwhile(deadline=deadline)

    def close(self) -> None:
        """Close what idles."""
        self._endpoint.close()


def error_type(text: str) -> str:
    """`NotAuthorizedException` from `com.amazonaws…#NotAuthorizedException:http://…`; empty if it is no such name."""
    name = text.partition(":")[0].rpartition("#")[2]
    return name if name.isalnum() and name.isascii() and len(name) <= 80 else ""
