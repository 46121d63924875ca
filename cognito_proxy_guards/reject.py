"""How a guard says no."""

from __future__ import annotations

import re

DEFAULT_TYPE = "UserLambdaValidationException"
"""What Cognito calls a no of a trigger's:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html#API_SignUp_Errors"""

MAX_MESSAGE_CHARACTERS = 256
_TYPE = re.compile(r"[A-Z][A-Za-z]{0,54}Exception")


class Reject:
    """A refusal. The client gets it as status 400 in Cognito's own shape, so every SDK raises it as an error.

    Raises:
        ValueError: the message or the type is not as described.
    """

    __slots__ = ("message", "type")

    message: str
    """For the user: 1 to 256 printable characters. Put nothing of the call into it that is not the user's own."""

    type: str
    """The error's name, for the app: letters only, a capital first, `Exception` last, at most 64. What a name of
    Cognito's means to SDKs it means here, too: `NotAuthorizedException` at a refresh signs the user out, and
    `TooManyRequestsException` is tried again. Default: `UserLambdaValidationException`, as from a pool's trigger."""

    def __init__(self, message: str, type: str = DEFAULT_TYPE) -> None:  # noqa: A002 - the word of the answer
        """With the words and the name that the client gets."""
        require_valid(message, type)
        self.message = message
        self.type = type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reject) and (self.message, self.type) == (other.message, other.type)

    def __hash__(self) -> int:
        return hash((self.message, self.type))

    def __repr__(self) -> str:
        return f"Reject({self.message!r}, type={self.type!r})"


def require_valid(message: str, error_type: str) -> None:
    """See to it that a refusal is as described.

    Raises:
        ValueError: it is not.
    """
    if not _is_text(message) or not 1 <= len(message) <= MAX_MESSAGE_CHARACTERS or not message.isprintable():
        raise ValueError(f"message must be 1 to {MAX_MESSAGE_CHARACTERS} printable characters")
    if not _is_text(error_type) or _TYPE.fullmatch(error_type) is None:
        raise ValueError("type must be letters, a capital first, Exception last, at most 64")


def _is_text(value: object) -> bool:
    return type(value) is str
