"""The rotation function: what Secrets Manager, the clean-up schedule and the command line call.

Protocol: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
Nothing here logs, and errors name operations and codes only, so no secret and no hash gets anywhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import boto3
from botocore.config import Config

from rotation.app_client import AppClient
from rotation.errors import RotationError
from rotation.rotation import Ended, Rotation
from rotation.stored_secret import StoredSecret

# A step makes up to eight calls within its minute; Secrets Manager repeats a step that fails.
_CONFIG = Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 2, "mode": "standard"})

_STEPS: Mapping[str, Callable[[Rotation, str], None]] = {
    "createSecret": Rotation.create_secret,
    "setSecret": Rotation.set_secret,
    "testSecret": Rotation.test_secret,
    "finishSecret": Rotation.finish_secret,
}
_ENDINGS: Mapping[str, Callable[[Rotation], Ended]] = {
    "endPrevious": lambda rotation: rotation.end_previous(at_once=False),
    "endPreviousNow": lambda rotation: rotation.end_previous(at_once=True),
}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any] | None:
    """Perform one step: `{"Step": …, "SecretId": …, "ClientRequestToken": …}`.

    Besides Secrets Manager's four steps there are `endPrevious`, which deletes the replaced secret once nobody needs it
    any more, and `endPreviousNow`, which does not wait. Both take no token and answer `{"outcome": …, "until": …}`.

    Raises:
        RotationError: the step is not done; repeating it is safe.
    """
    try:
        return _perform(event)
    except RotationError:
        raise
    except Exception as error:
        # Its message may quote what was sent.
        raise RotationError(f"Unexpected {type(error).__name__}") from None


def _perform(event: Mapping[str, Any]) -> dict[str, Any] | None:
    step = str(event.get("Step"))
    arn = os.environ["SECRET_ARN"]
    if event.get("SecretId") != arn:
        raise RotationError("This function rotates another secret than the one that was named")
    if step in _ENDINGS:
        return asdict(_ENDINGS[step](_rotation(arn)))
    if step not in _STEPS:
        raise RotationError(f"Step must be one of {', '.join([*_STEPS, *_ENDINGS])}")
    _STEPS[step](_rotation(arn), str(event["ClientRequestToken"]))
    return None


def _rotation(arn: str) -> Rotation:
    cognito = boto3.client("cognito-idp", config=_CONFIG)
    return Rotation(
        secret=StoredSecret(boto3.client("secretsmanager", config=_CONFIG), arn),
        client=AppClient(cognito, user_pool_id=os.environ["USER_POOL_ID"], client_id=os.environ["CLIENT_ID"]),
        overlap=float(os.environ["OVERLAP_SECONDS"]),
    )
