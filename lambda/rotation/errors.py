"""Why a rotation cannot go on."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError


class RotationError(Exception):
    """One line for whoever reads the log. It holds no secret and no hash."""


def failed(error: ClientError | BotoCoreError) -> RotationError:
    """A refused or lost call, told by operation and code: its own message may quote what was sent."""
    if isinstance(error, ClientError):
        return RotationError(f"{error.operation_name}: {code_of(error)}")
    return RotationError(f"AWS was not reached: {type(error).__name__}")


def code_of(error: ClientError) -> str:
    """The error's code, such as `ResourceNotFoundException`."""
    return str(error.response.get("Error", {}).get("Code", "an error without a code"))
