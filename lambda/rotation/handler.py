"""The rotation function: what Secrets Manager, the clean-up schedule and the command line call.

Protocol: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
Nothing here logs, and errors name operations and codes only, so no secret and no hash gets anywhere else.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aws_calls.errors import CallFailed
from aws_calls.service import Service
from aws_calls.time_left import LambdaContext, TimeLeft
from rotation.client_secrets import ClientSecrets
from rotation.errors import RotationError
from rotation.rotation import CleanUp, Rotation
from rotation.stored_secret import StoredSecret

_RESERVE_SECONDS = 5.0

# The command line waits for the answer, for a minute by default, and the clean-up's next run does the same again.
_CLEAN_UP_SECONDS = 45.0

_STEPS: Mapping[str, Callable[[Rotation, str], None]] = {
    "createSecret": Rotation.create_secret,
    "setSecret": Rotation.set_secret,
    "testSecret": Rotation.test_secret,
    "finishSecret": Rotation.finish_secret,
}
_CLEAN_UPS: Mapping[str, Callable[[Rotation], CleanUp]] = {
    "endPrevious": lambda rotation: rotation.end_previous(at_once=False),
    "endPreviousNow": lambda rotation: rotation.end_previous(at_once=True),
}


def handler(event: Mapping[str, Any], context: LambdaContext | None) -> dict[str, Any] | None:
    """Perform one step: `{"Step": …, "SecretId": …, "ClientRequestToken": …}`.

    Besides Secrets Manager's four steps there are `endPrevious`, which deletes the replaced secret once nobody needs it
    any more, and `endPreviousNow`, which does not wait. Both take no token and answer `{"outcome": …, "until": …}`.

    Raises:
        RotationError: the step is not done; repeating it is safe.
    """
    try:
        return _perform(event, context)
    except RotationError:
        raise
    except CallFailed as failure:
        raise RotationError(str(failure)) from None
    except Exception as error:
        # Its message may quote what was sent.
        raise RotationError(f"Unexpected {type(error).__name__}") from None


def _perform(event: Mapping[str, Any], context: LambdaContext | None) -> dict[str, Any] | None:
    step = str(event.get("Step"))
    arn = os.environ["SECRET_ARN"]
    if event.get("SecretId") != arn:
        raise RotationError("This function rotates another secret than the one that was named")
    if step in _CLEAN_UPS:
        time_left = TimeLeft.of(context, reserve=_RESERVE_SECONDS, at_most=_CLEAN_UP_SECONDS)
        with _rotation(arn, time_left) as rotation:
            clean_up = _CLEAN_UPS[step](rotation)
            return {"outcome": clean_up.outcome.value, "until": clean_up.not_before}
    if step not in _STEPS:
        raise RotationError(f"Step must be one of {', '.join([*_STEPS, *_CLEAN_UPS])}")
    with _rotation(arn, TimeLeft.of(context, reserve=_RESERVE_SECONDS)) as rotation:
        _STEPS[step](rotation, str(event["ClientRequestToken"]))
    return None


@contextmanager
def _rotation(arn: str, time_left: TimeLeft) -> Iterator[Rotation]:
    region = os.environ["AWS_REGION"]
    with (
        Service("cognito-idp", region=region, time_left=time_left) as cognito,
        Service("secretsmanager", region=region, time_left=time_left) as secrets_manager,
    ):
        yield Rotation(
            secret=StoredSecret(secrets_manager, arn),
            client_secrets=ClientSecrets(
                cognito, user_pool_id=os.environ["USER_POOL_ID"], client_id=os.environ["CLIENT_ID"]
            ),
            overlap=float(os.environ["OVERLAP_SECONDS"]),
        )
