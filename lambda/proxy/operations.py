"""What each Cognito operation needs: the whole policy of the proxy as one table.

Only operations without IAM authorization can come from a public client (`auth_type: none` in botocore's model). What
is not in this table is refused: administrator operations, operations in which the client acts for itself
(GetClientToken, GetDerivedToken), and everything unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

TARGET_PREFIX = "AWSCognitoIdentityProviderService."


class Proof(Enum):
    """Where the proof that the caller knows the app client's secret goes."""

    SECRET_HASH = auto()
    """`SecretHash`, of the body's `Username`."""
    AUTH_PARAMETERS = auto()
    """`AuthParameters.SECRET_HASH`, of `AuthParameters.USERNAME`; refresh flows become GetTokensFromRefreshToken."""
    CHALLENGE_RESPONSES = auto()
    """`ChallengeResponses.SECRET_HASH`, of that request's own `ChallengeResponses.USERNAME`."""
    CLIENT_SECRET = auto()
    """`ClientSecret`: the secret itself, since the request carries no username to hash."""
    NONE = auto()
    """Nothing: an access token or a session authorizes the call, and its body passes untouched."""


class Operation(NamedTuple):
    """One row of the table."""

    proof: Proof
    user_context: bool = False
    """Takes `UserContextData`, in which a client could claim an address."""


_HASHED = Operation(Proof.SECRET_HASH, user_context=True)
_PASSED = Operation(Proof.NONE)

OPERATIONS: Mapping[str, Operation] = {
    # Sign-up and recovery: anybody may call them, so they need the proof most.
    "SignUp": _HASHED,
    "ConfirmSignUp": _HASHED,
    "ResendConfirmationCode": _HASHED,
    "ForgotPassword": _HASHED,
    "ConfirmForgotPassword": _HASHED,
    # Sign-in.
    "InitiateAuth": Operation(Proof.AUTH_PARAMETERS, user_context=True),
    "RespondToAuthChallenge": Operation(Proof.CHALLENGE_RESPONSES, user_context=True),
    # A refresh token is at hand, but no username.
    "GetTokensFromRefreshToken": Operation(Proof.CLIENT_SECRET),
    "RevokeToken": Operation(Proof.CLIENT_SECRET),
    # Authorized by an access token, a session or a feedback token of the user's own.
    "AssociateSoftwareToken": _PASSED,
    "ChangePassword": _PASSED,
    "CompleteWebAuthnRegistration": _PASSED,
    "ConfirmDevice": _PASSED,
    "DeleteUser": _PASSED,
    "DeleteUserAttributes": _PASSED,
    "DeleteWebAuthnCredential": _PASSED,
    "ForgetDevice": _PASSED,
    "GetDevice": _PASSED,
    "GetUser": _PASSED,
    "GetUserAttributeVerificationCode": _PASSED,
    "GetUserAuthFactors": _PASSED,
    "GlobalSignOut": _PASSED,
    "ListDevices": _PASSED,
    "ListUserSessions": _PASSED,
    "ListWebAuthnCredentials": _PASSED,
    "RevokeUserSession": _PASSED,
    "SetUserMFAPreference": _PASSED,
    "SetUserSettings": _PASSED,
    "StartWebAuthnRegistration": _PASSED,
    "UpdateAuthEventFeedback": _PASSED,
    "UpdateDeviceStatus": _PASSED,
    "UpdateUserAttributes": _PASSED,
    "VerifySoftwareToken": _PASSED,
    "VerifyUserAttribute": _PASSED,
}

USERNAME_FLOWS = frozenset({"USER_SRP_AUTH", "USER_PASSWORD_AUTH", "USER_AUTH", "CUSTOM_AUTH"})
"""Values of InitiateAuth's `AuthFlow` that name a user; the hash is made of that name."""

REFRESH_FLOWS = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})
"""Values of `AuthFlow` that name none; the second is an alias of the first."""

REFUSED_CHALLENGES = frozenset({"ADMIN_NO_SRP_AUTH"})
"""Values of RespondToAuthChallenge's `ChallengeName` for administrators only; all others pass, new ones too."""

KNOWN_CHALLENGES = frozenset(
    {
        "CUSTOM_CHALLENGE",
        "DEVICE_PASSWORD_VERIFIER",
        "DEVICE_SRP_AUTH",
        "EMAIL_OTP",
        "MFA_SETUP",
        "NEW_PASSWORD_REQUIRED",
        "PASSWORD",
        "PASSWORD_SRP",
        "PASSWORD_VERIFIER",
        "SELECT_CHALLENGE",
        "SELECT_MFA_TYPE",
        "SMS_MFA",
        "SMS_OTP",
        "SOFTWARE_TOKEN_MFA",
        "WEB_AUTHN",
    }
)
"""Values of `ChallengeName` that the log may name. They decide nothing."""

KNOWN_FLOWS = USERNAME_FLOWS | REFRESH_FLOWS | KNOWN_CHALLENGES
"""What the log may say of the auth flow or challenge that a client named; all else is `unknown` there."""

ADMIN_OPERATIONS: Mapping[str, str] = {
    "InitiateAuth": "AdminInitiateAuth",
    "RespondToAuthChallenge": "AdminRespondToAuthChallenge",
}
"""With threat protection: what the sign-in operations become; a challenge of the one kind is answered by the same."""

ADMIN_FLOWS: Mapping[str, str] = {"USER_PASSWORD_AUTH": "ADMIN_USER_PASSWORD_AUTH"}
"""Values of `AuthFlow` that AdminInitiateAuth knows under another name; the others keep theirs."""
