"""Rotation on demand, for the command line: plain functions over boto3.

They call Secrets Manager and the rotation function only, so whoever runs them needs no permission in Cognito and never
gets to see a secret: `secretsmanager:DescribeSecret`, `RotateSecret` and `UpdateSecretVersionStage` on the secret, and
`lambda:InvokeFunction` on its rotation function.
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

POLL_SECONDS = 2.0
MOST_SECONDS = 420.0
"""How long a rotation is waited for: the two steps that ask Cognito may take three minutes each in a flood of calls."""

IDLE_SECONDS = 600.0
"""A rotation under way that changed nothing for so long was given up: three steps of three minutes at the most."""

_TOO_EARLY = "waiting"
"""The rotation function's word for a replaced secret that proxies may still hold (`CleanUpOutcome` in its code)."""


class RotationRefused(Exception):
    """Why nothing was rotated, or not to the end, in one line without a secret."""

    def __init__(self, message: str, *, aws_error: BotoCoreError | ClientError | None = None) -> None:
        super().__init__(message)
        self.aws_error = aws_error
        """What AWS or boto3 said, for whoever may show it: nothing secret is sent by this module."""


class RotationUnfinished(RotationRefused):
    """A rotation was begun, and it is not known to have ended: the secret before it still works, even if it leaked."""


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """What a rotation on demand did."""

    version: str
    """The secret's version that is current now."""

    previous_ended: bool
    """Whether the secret that was replaced is deleted already; otherwise the clean-up does it after the overlap."""


@dataclass(frozen=True, kw_only=True)
class Rotator:
    """Rotates one secret now."""

    secrets_manager: Any
    """boto3's client `secretsmanager`."""

    functions: Any
    """boto3's client `lambda`."""

    secret_id: str
    """Name or ARN of the secret, in its primary Region."""

    def rotate(self, *, leaked: bool = False) -> Rotated:
        """Replace the secret and wait until the new one is current.

        Args:
            leaked: End the replaced secret at once, and before it one that an earlier rotation replaced. Proxies that
                hold a copy fail until they fetch the new one: regional ones with the first request, at the edge within
                `secret_ttl`. Default: it stays valid for the overlap, and no call fails.

        Raises:
            RotationRefused: no rotation is set up, one is under way, the last one is too fresh, or AWS refused or was
                not reached.
            RotationUnfinished: this one was begun, and then failed or was not waited for any longer.
        """
        try:
            return self._rotate(leaked=leaked)
        except (BotoCoreError, ClientError) as error:
            raise RotationRefused(_told(error), aws_error=error) from None

    def _rotate(self, *, leaked: bool) -> Rotated:
        described = self._described()
        arn, function = described["ARN"], described.get("RotationLambdaARN")
        if not function:
            raise RotationRefused(f"{self.secret_id} has no rotation: give its AppClient one, and deploy")
        self._give_up_a_stuck_rotation(described)
        clean_up = self._end_previous(function, arn, at_once=leaked)
        if clean_up["outcome"] == _TOO_EARLY:
            raise RotationRefused(_too_fresh(clean_up))
        version = str(uuid.uuid4())
        with _begun():
            self.secrets_manager.rotate_secret(SecretId=arn, ClientRequestToken=version, RotateImmediately=True)
            self._wait_until_current(version)
            # Where there was nothing to delete, the scheduled clean-up came first.
            previous_ended = leaked and self._end_previous(function, arn, at_once=True)["outcome"] != _TOO_EARLY
        return Rotated(version=version, previous_ended=previous_ended)

    def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = self.secrets_manager.describe_secret(SecretId=self.secret_id)
        return described

    def _give_up_a_stuck_rotation(self, described: Mapping[str, Any]) -> None:
        """Take the label from a version that never became current: with it there, no rotation can begin."""
        labels: Mapping[str, list[str]] = described.get("VersionIdsToStages", {})
        pending = next((version for version, found in labels.items() if "AWSPENDING" in found), None)
        if pending is None or "AWSCURRENT" in labels[pending]:
            return
        changed = described.get("LastChangedDate")
        if changed is not None and time.time() - changed.timestamp() < IDLE_SECONDS:
            raise RotationRefused("A rotation is under way; try again in ten minutes")
        self.secrets_manager.update_secret_version_stage(
            SecretId=described["ARN"], VersionStage="AWSPENDING", RemoveFromVersionId=pending
        )

    def _end_previous(self, function: str, arn: str, *, at_once: bool) -> dict[str, Any]:
        event = {"Step": "endPreviousNow" if at_once else "endPrevious", "SecretId": arn}
        answer = self.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        document: dict[str, Any] = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            # The function's own words hold no secret.
            raise RotationRefused(f"The rotation function failed: {document.get('errorMessage', 'no reason given')}")
        return document

    def _wait_until_current(self, version: str) -> None:
        deadline = time.monotonic() + MOST_SECONDS
        while "AWSCURRENT" not in self._described().get("VersionIdsToStages", {}).get(version, []):
            if time.monotonic() >= deadline:
                raise RotationRefused(
                    f"Version {version} is not current after {MOST_SECONDS:.0f} seconds; "
                    "the reason is in the rotation function's log, and the secret before it goes on working"
                )
            time.sleep(POLL_SECONDS)


@contextmanager
def _begun() -> Iterator[None]:
    """What fails in here fails after a rotation was begun, unless AWS refused to begin it."""
    try:
        yield
    except RotationRefused as error:
        raise RotationUnfinished(str(error)) from None
    except ClientError as error:
        if error.operation_name == "RotateSecret":
            raise
        raise RotationUnfinished(_told(error), aws_error=error) from None
    except BotoCoreError as error:
        raise RotationUnfinished(_told(error), aws_error=error) from None


def _told(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        # Its message may quote what was sent.
        code = error.response.get("Error", {}).get("Code", "an error without a code")
        return f"{error.operation_name}: {code}"
    return f"AWS was not reached: {type(error).__name__}"


def _too_fresh(clean_up: Mapping[str, Any]) -> str:
    until = clean_up.get("until")
    if until is None:
        return "A replica of the secret is behind, so the previous secret is still needed"
    moment = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"The last rotation is too fresh: proxies may use the previous secret until {moment} UTC"
