"""AWS as the command line reaches it: the caller's own session, and its errors in one line."""

from __future__ import annotations

import os
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from cognito_proxy.cli.errors import WrongUsage

_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 5, "mode": "standard"})

_HINTS: Final[dict[type[Exception], str]] = {
    NoCredentialsError: "no AWS credentials; set AWS_PROFILE, or run: aws configure",
    PartialCredentialsError: "AWS credentials are incomplete; set both the access key id and the secret access key",
    NoRegionError: "no Region; give --region or set AWS_REGION",
}

_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN_KEYS: Final = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"})


class Aws:
    """The caller's session; a Region of None is the environment's or the profile's."""

    def __init__(self, region: str | None = None) -> None:
        # boto3 itself knows AWS_DEFAULT_REGION only, and AWS's other SDKs know AWS_REGION.
        chosen = region or os.environ.get("AWS_REGION") or None
        try:
            self._session = boto3.session.Session(region_name=chosen)
        except ProfileNotFound as error:
            raise WrongUsage(str(error)) from None
        self.region: str | None = self._session.region_name

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A client of boto3. Default: in the session's Region."""
        return self._session.client(service, region_name=region, config=_CONFIG)  # type: ignore[call-overload]

    def caller(self, *, region: str) -> str:
        """Who runs the command, such as user/ann or assumed-role/Admin/ann."""
        arn: str = self.client("sts", region=region).get_caller_identity()["Arn"]
        return arn.rpartition(":")[2]


def explained(error: BotoCoreError | ClientError) -> str:
    """What is missing, in one line."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, EndpointConnectionError):
        return f"AWS was not reached: {error}"
    return _HINTS.get(type(error), str(error))


def _refusal(error: ClientError) -> str:
    answer = error.response.get("Error", {})
    code = answer.get("Code", "unknown")
    if code in _EXPIRED:
        return f"the AWS credentials have expired; sign in again ({code})"
    if code in _UNKNOWN_KEYS:
        return f"AWS does not know these credentials ({code})"
    return f"AWS refused {error.operation_name} ({code}): {answer.get('Message') or 'no reason given'}"
