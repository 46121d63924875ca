"""How a guard says no."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_TYPE = "UserLambdaValidationException"
"""What Cognito calls a no of a trigger's:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html#API_SignUp_Errors"""

MAX_MESSAGE_CHARACTERS = 256
_TYPE = re.compile(r"[A-Z][A-Za-z]{0,54}Exception")


@dataclass(frozen=True, slots=True)
class Reject:
    """A refusal. The client gets it as status 400 in Cognito's own shape, so every SDK raises it as an error.

    Raises:
        ValueError: the message or the type is not as described.
    """

    message: str
    """For the user: 1 to 256 printable characters. Put nothing of the call into it that is not the user's own."""

    type: str = DEFAULT_TYPE
    """The error's name, for the app: letters only, a capital first, `Exception` last, at most 64. What a name of
    Cognito's means to SDKs it means here, too: `NotAuthorizedException` at a refresh signs the user out, and
    `TooManyRequestsException` is tried again. Default: `UserLambdaValidationException`, as from a pool's trigger."""

    def __post_init__(self) -> None:
        require_valid(self.message, self.type)


def require_valid(message: str, error_type: str) -> None:
    """See to it that a refusal is as described.

    Raises:
        ValueError: it is not.
    """
    if type(message) is not str or not 1 <= len(message) <= MAX_MESSAGE_CHARACTERS or not message.isprintable():
        raise ValueError(f"message must be 1 to {MAX_MESSAGE_CHARACTERS} printable characters")
    if type(error_type) is not str or _TYPE.fullmatch(error_type) is None:
        raise ValueError("type must be letters, a capital first, Exception last, at most 64")
