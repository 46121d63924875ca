"""One AWS service, for the length of one invocation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from aws_calls.errors import CallFailed
from aws_calls.time_left import TimeLeft, pauses
from proxy.awsjson import AwsJsonClient, CallRefused, error_type
from proxy.connection import ConnectionFailed, Response
from proxy.errors import CONTENT_TYPE

PERMISSION_DELAYS_SECONDS = (1, 2, 4, 8, 16)
"""Waited out before a missing permission is believed: a role or policy that was made a moment ago takes seconds to hold
everywhere. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

_TARGETS: Mapping[str, str] = {
    "cognito-idp": "AWSCognitoIdentityProviderService",
    "secretsmanager": "secretsmanager",
}
_ATTEMPT_SECONDS = 5.0
_NOT_SENT = 0


class Service:
    """Cognito (`cognito-idp`) or Secrets Manager (`secretsmanager`) in a Region; a context manager."""

    def __init__(self, name: str, *, region: str, time_left: TimeLeft) -> None:
        self._target = _TARGETS[name]
        self._client = AwsJsonClient(name, region)
        self.time_left = time_left

    def __enter__(self) -> Service:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def call(self, operation: str, parameters: Mapping[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
        """Call with the function's role, and again while there is time and a reason to hope.

        A throttled call is tried until the time is up, a denied one for half a minute. One that may have been processed
        is sent again only if it is `repeatable`: if sending it twice does what sending it once does.

        Raises:
            CallFailed: the last try's failure.
        """
        permission, others = iter(PERMISSION_DELAYS_SECONDS), pauses()
        while True:
            try:
                return self.call_once(operation, parameters)
            except CallFailed as failure:
                delay = _delay_after(failure, permission, others, repeatable=repeatable)
                if delay is None or not self.time_left.wait(delay):
                    raise

    def call_once(self, operation: str, parameters: Mapping[str, Any], *, signed: bool = True) -> dict[str, Any]:
        """Call once, with the function's role or (`signed=False`) as anybody could.

        Raises:
            CallFailed
        """
        headers = {"content-type": CONTENT_TYPE, "x-amz-target": f"{self._target}.{operation}"}
        body = json.dumps(parameters).encode("ascii")
        # The texts of both errors are this project's own, and hold nothing that was to be sent.
        try:
            answer = self._client.send(headers, body, deadline=self.time_left.soon(_ATTEMPT_SECONDS), signed=signed)
        except ConnectionFailed as error:
            raise CallFailed(operation, str(error)) from None
        except CallRefused as error:
            raise CallFailed(operation, str(error), status=_NOT_SENT) from None
        return _result(operation, answer)


def _delay_after(
    failure: CallFailed, permission: Iterator[float], others: Iterator[float], *, repeatable: bool
) -> float | None:
    """How long to wait before the next try; None where there is none to make."""
    if failure.denied:
        return next(permission, None)
    if failure.throttled or (failure.unsettled and repeatable):
        return next(others)
    return None


def _result(operation: str, answer: Response) -> dict[str, Any]:
    try:
        document = json.loads(answer.body or b"{}")
    except (ValueError, RecursionError):
        document = None
    if answer.status == 200 and isinstance(document, dict):
        return document
    told: dict[str, Any] = document if isinstance(document, dict) else {}
    code = error_type(str(told.get("__type") or "")) or f"HTTP{answer.status}"
    text = told.get("message") or told.get("Message")
    raise CallFailed(operation, code, status=answer.status, text=text if isinstance(text, str) else "")
