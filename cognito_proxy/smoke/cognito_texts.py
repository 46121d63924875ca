"""Cognito's words for a missing, a wrong and a right proof of the secret, as the code waits for them.

They are those of `lambda/rotation/probes.py` and `lambda/proxy/secret_refusal.py`, which this package cannot import
where it is installed; a test compares them.
"""

from cognito_proxy.smoke.http import Answer

IS_NO_HASH = "SECRET_HASH was not received"
"""Part of the message where there is a secret and no hash."""

IS_WRONG_HASH = "Unable to verify secret hash"
"""How the message begins where the hash is wrong."""

HASH_VERIFIES = frozenset({"CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"})
"""What ConfirmSignUp is refused with for a right hash and a user that does not exist."""

SECRET_REFUSALS = (
    ("NotAuthorizedException", IS_WRONG_HASH),
    ("NotAuthorizedException", "Invalid client or secret"),
    ("UnauthorizedException", "Invalid client or secret"),
)
"""Type, and how the message begins, where `ClientSecret` is wrong."""


def tells_of_right_hash(answer: Answer) -> bool:
    """Whether the answer to such a ConfirmSignUp says that the hash verified, or that none was needed."""
    return answer.status < 400 or answer.error in HASH_VERIFIES


def tells_of_wrong_hash(answer: Answer) -> bool:
    """Whether the answer says that the hash was wrong."""
    return answer.error == "NotAuthorizedException" and answer.message.startswith(IS_WRONG_HASH)


def tells_of_wrong_secret(answer: Answer) -> bool:
    """Whether the answer to an operation with `ClientSecret` says that it was wrong."""
    return any(answer.error == kind and answer.message.startswith(words) for kind, words in SECRET_REFUSALS)
