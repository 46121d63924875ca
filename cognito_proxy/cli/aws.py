"""AWS as the command line reaches it: the caller's own session, or a local run's; and its errors in one line."""

import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NotConnected
from botocore.parsers import ResponseParserError

from cognito_proxy.cli.errors import CommandError, WrongUsage
from cognito_proxy.cli.local_run import LocalRun

AwsError = (BotoCoreError, ClientError, ResponseParserError)
"""Everything that boto3 raises for what AWS, the network or the caller's set-up do."""

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 5, "mode": "standard"})

_LOCAL_KEY = "test"
"""The access key id of a local run, and its secret."""

# A local run asks for nothing of the caller's: no profile, no files, no HTTP proxy. The names are botocore's.
_LOCAL_CONFIG = _CONFIG.merge(
    Config(retries={"total_max_attempts": 1}, proxies={}, use_fips_endpoint=False, use_dualstack_endpoint=False)
)
_NO_FILES: dict[str, Any] = {
    "profile": (None, [], None, None),
    "config_file": (None, [], os.devnull, None),
    "credentials_file": (None, [], os.devnull, None),
}

_SIGN_IN_AGAIN = "the AWS sign-in has expired; run: aws sso login"
_HINTS: tuple[tuple[type[Exception], str], ...] = (
    (NoCredentialsError, "no AWS credentials; set AWS_PROFILE, or run: aws configure"),
    (
        PartialCredentialsError,
        "AWS credentials are incomplete; set both the access key id and the secret access key",
    ),
    (NoRegionError, "no Region; give --region or set AWS_REGION"),
    (SSOError, _SIGN_IN_AGAIN),
    (TokenRetrievalError, _SIGN_IN_AGAIN),
    (CredentialRetrievalError, "the AWS credentials could not be fetched; look at the profile in ~/.aws/config"),
    (ResponseParserError, "what answered does not speak AWS's language; look at AWS_ENDPOINT_URL and the HTTP proxy"),
)

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN_KEYS = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"})
_WRONG_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed"})


class Aws:
    """The caller's session; a Region of None is the environment's or the profile's. Or a local run's."""

    def __init__(self, region: str | None = None, *, local: LocalRun | None = None) -> None:
        self._local = local
        if local is not None:
            core = botocore.session.Session(session_vars=_NO_FILES)
            self._session = boto3.session.Session(
                aws_access_key_id=_LOCAL_KEY,
                aws_secret_access_key=_LOCAL_KEY,
                region_name=local.region,
                botocore_session=core,
            )
        else:
            # boto3 itself knows AWS_DEFAULT_REGION only, and AWS's other SDKs know AWS_REGION.
            chosen = region or os.environ.get("AWS_REGION") or None
            try:
                self._session = boto3.session.Session(region_name=chosen)
            except ProfileNotFound as error:
                raise WrongUsage(str(error)) from None
        self.region: str | None = self._session.region_name

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A client of boto3. Default: in the session's Region.

        Raises:
            WrongUsage: the Region or AWS_ENDPOINT_URL is none.
        """
        where: dict[str, Any] = {"config": _CONFIG}
        if self._local is not None:
            where = {"config": _LOCAL_CONFIG, "endpoint_url": self._local.endpoint_url}
        try:
            return self._session.client(service, region_name=region, **where)  # type: ignore[call-overload]
        except InvalidRegionError:
            raise WrongUsage(f"--region: {region or self.region!r} is no Region of AWS; write eu-west-1") from None
        except ValueError as error:
            # botocore's own words for an endpoint that is no URL.
            raise WrongUsage(f"AWS_ENDPOINT_URL: {error}; write http://127.0.0.1:4566, or unset it") from None

    def caller(self, *, region: str) -> str:
        """Who runs the command, such as user/ann or assumed-role/Admin/ann."""
        arn: str = self.client("sts", region=region).get_caller_identity()["Arn"]
        return arn.rpartition(":")[2]


def as_command_error(error: Exception) -> CommandError:
    """One of `AwsError`, as one line with an exit code."""
    return WrongUsage(explained(error)) if isinstance(error, ParamValidationError) else CommandError(explained(error))


def explained(error: Exception) -> str:
    """What is missing, in one line. For one of `AwsError`."""
    if isinstance(error, ClientError):
        return _refusal(error)
    for kind, hint in _HINTS:
        if isinstance(error, kind):
            return hint
    if isinstance(error, NotConnected | HTTPClientError):
        return f"AWS was not reached: {str(error).rstrip('.')}; look at the network, the Region and AWS_ENDPOINT_URL"
    return str(error)


def _refusal(error: ClientError) -> str:
    answer = error.response.get("Error", {})
    code = answer.get("Code", "unknown")
    if code in _EXPIRED:
        return f"the AWS credentials have expired; sign in again ({code})"
    if code in _UNKNOWN_KEYS:
        return f"AWS does not know these credentials ({code})"
    if code in _WRONG_SIGNATURE:
        return f"AWS does not take the signature; look at the secret access key and at this machine's clock ({code})"
    return f"AWS refused {error.operation_name} ({code}): {answer.get('Message') or 'no reason given'}"
