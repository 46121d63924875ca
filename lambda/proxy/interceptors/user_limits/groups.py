"""What counts as an attempt on a username, and with what it is counted: one table, like that of the operations.

What is not here never counts: refreshes and whatever an access token authorizes name no user, and the later steps of a
sign-in go on with what its first step has counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from proxy.reading import Reading


class Group(Enum):
    """Operations that share a counter. The value is the group's name in settings, and in counters' names."""

    SIGN_IN = "sign_in"
    """A sign-in begins. Its username decides whose it is, and Cognito takes each session that it gives once."""
    ANSWERS = "answers"
    """A challenge is answered with something that can be guessed: a code, or a password after all."""
    SIGN_UP = "sign_up"
    """Signing up, confirming it, and having the code sent again."""
    RECOVERY = "recovery"
    """Having a code sent to reset the password."""
    RESET = "reset"
    """Resetting the password with the code. Counted a network each: see `OF_A_NETWORK`."""


OF_A_NETWORK = frozenset({Group.RESET})
"""Groups that count a username's attempts of each network on their own. Who resets the password with a code proves to
be the owner; if strangers could use that up, they could shut him out. Guessing is bounded by Cognito itself: "between 5
and 20 attempts" in an hour.
https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-recover-a-user-account.html"""

_GROUPS: Mapping[str, Group] = {
    "InitiateAuth": Group.SIGN_IN,
    "RespondToAuthChallenge": Group.ANSWERS,
    "SignUp": Group.SIGN_UP,
    "ConfirmSignUp": Group.SIGN_UP,
    "ResendConfirmationCode": Group.SIGN_UP,
    "ForgotPassword": Group.RECOVERY,
    "ConfirmForgotPassword": Group.RESET,
}

CONTINUING_CHALLENGES = frozenset(
    {
        "DEVICE_PASSWORD_VERIFIER",
        "DEVICE_SRP_AUTH",
        "MFA_SETUP",
        "NEW_PASSWORD_REQUIRED",
        "PASSWORD_SRP",
        "PASSWORD_VERIFIER",
        "SELECT_MFA_TYPE",
        "WEB_AUTHN",
    }
)
"""Challenges whose answer is no guess of its own: SRP's second step, which InitiateAuth has counted, and what comes
after the password was right. All others count, new ones too."""


def group_of(reading: Reading) -> Group | None:
    """With what a call counts; None if it does not."""
    group = _GROUPS.get(reading.operation)
    if group is None or reading.username is None:  # a refresh
        return None
    if group is Group.ANSWERS and reading.body.get("ChallengeName") in CONTINUING_CHALLENGES:
        return None
    return group
