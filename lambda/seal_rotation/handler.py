"""Rotates the keys of sealed tokens: what Secrets Manager calls, and whoever must replace a key that leaked.

Protocol: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
The new value is chosen once and kept by the version's id, and each step looks at the labels first: run again, it does
what it did. Nothing here logs, and errors name operations and codes only.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_calls.errors import CallFailed
from aws_calls.service import Service
from aws_calls.time_left import LambdaContext, TimeLeft
from rotation.errors import RotationError
from rotation.stored_text import PENDING, StoredText
from sealing.key_document import KeyDocument, KeyDocumentError

_RESERVE_SECONDS = 5.0

# From the choice of a key to its promotion. A step that failed is tried again after one minute and after two more,
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_STEPS_SECONDS = 15 * 60.0

# The function's timeout: how long the last step can take, once it has looked at the clock.
_STEP_SECONDS = 60.0

_GIVEN_UP = "this rotation is given up, and another can begin"


def handler(event: Mapping[str, Any], context: LambdaContext | None) -> None:
    """Perform one step: `{"Step": …, "SecretId": …, "ClientRequestToken": …}`.

    Besides Secrets Manager's four steps there is `startAfresh`, without a token: a new key alone, at once. Whatever was
    sealed before is then refused, as soon as the proxies have read the new key. A rotation under way is given up.

    Raises:
        RotationError: the step is not done; repeating it is safe.
    """
    try:
        _perform(event, context)
    except (RotationError, KeyDocumentError) as error:
        raise RotationError(str(error)) from None
    except CallFailed as failure:
        raise RotationError(str(failure)) from None
    except Exception as error:
        # Its message may quote what was sent.
        raise RotationError(f"Unexpected {type(error).__name__}") from None


def _perform(event: Mapping[str, Any], context: LambdaContext | None) -> None:
    step, arn = str(event.get("Step")), os.environ["SECRET_ARN"]
    if event.get("SecretId") != arn:
        raise RotationError("This function rotates another secret than the one that was named")
    if step not in _STEPS:
        raise RotationError(f"Step must be one of {', '.join(_STEPS)}")
    time_left = TimeLeft.of(context, reserve=_RESERVE_SECONDS)
    with Service("secretsmanager", region=os.environ["AWS_REGION"], time_left=time_left) as secrets_manager:
        _STEPS[step](StoredText(secrets_manager, arn), str(event.get("ClientRequestToken", "")))


def _create(secret: StoredText, token: str) -> None:
    """Stage a new key beside the one in force. A version that has a value keeps it.

    Two keys have room, so the one before them must not be needed any more.
    """
    versions = secret.look()
    if token == versions.current:
        return
    versions.require_pending(token)
    if secret.read_text(token) is not None:
        return
    now = time.time()
    current = _document(secret, versions.current)
    if current.previous is not None and now < current.ends_previous:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(current.ends_previous))
        raise RotationError(f"The last rotation is too fresh: tokens of the previous key are valid until {moment} UTC")
    # The lead is counted from the promotion, and the date cannot change any more once it is staged.
    secret.stage_text(token, current.successor(now=now, lead=_STEPS_SECONDS + _lead()).to_json())


def _set(secret: StoredText, token: str) -> None:
    """Nothing: no other service knows the key."""


def _test(secret: StoredText, token: str) -> None:
    """The staged text, or where none is staged the one in force, holds keys."""
    staged = secret.read_text(token)
    if staged is None:
        _document(secret, secret.look().current)
    else:
        KeyDocument.from_json(staged.text)


def _finish(secret: StoredText, token: str) -> None:
    """Let the proxies and the authorizers read it.

    A key that was staged for another one than the key in force would bring that other one back, which may have leaked.
    Its rotation is given up. So is one that comes too late: those who open tokens would meet a key that they have not
    read yet.
    """
    versions = secret.look()
    if token == versions.current:
        return
    versions.require_pending(token)
    staged = _document(secret, token)
    if versions.current is None:
        raise RotationError("No version is AWSCURRENT")
    if staged.previous != _document(secret, versions.current).key:
        secret.give_up(token)
        raise RotationError(f"The key in force is not the one that the new key takes the place of: {_GIVEN_UP}")
    if time.time() + _STEP_SECONDS > staged.since - _lead():
        secret.give_up(token)
        raise RotationError(f"It is too late for the new key, which was to be there sooner: {_GIVEN_UP}")
    secret.promote(token, instead_of=versions.current)


def _start_afresh(secret: StoredText, _token: str) -> None:
    secret.replace_text(KeyDocument.afresh().to_json())


def _lead() -> float:
    """How long a new key is there before anybody seals with it."""
    return float(os.environ["LEAD_SECONDS"])


def _document(secret: StoredText, version: str | None) -> KeyDocument:
    found = None if version is None else secret.read_text(version)
    if found is None:
        raise RotationError(f"Version {version} has no value: {PENDING} comes first")
    return KeyDocument.from_json(found.text)


_STEPS: Mapping[str, Callable[[StoredText, str], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
    "startAfresh": _start_afresh,
}
