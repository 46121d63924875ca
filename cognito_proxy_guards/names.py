"""The closed sets of names: which operations there are, and what a guard sees only if it asks for it."""

from __future__ import annotations

from enum import StrEnum

TELLING_OPERATIONS = frozenset(
    {
        "ConfirmForgotPassword",
        "ConfirmSignUp",
        "ForgotPassword",
        "GetTokensFromRefreshToken",
        "GetUserAttributeVerificationCode",
        "InitiateAuth",
        "ResendConfirmationCode",
        "RespondToAuthChallenge",
        "SignUp",
        "UpdateUserAttributes",
    }
)
"""Operations that take `ClientMetadata`, and so have triggers that can be told something.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html"""

OPERATIONS = TELLING_OPERATIONS | {
    "AssociateSoftwareToken",
    "ChangePassword",
    "CompleteWebAuthnRegistration",
    "ConfirmDevice",
    "DeleteUser",
    "DeleteUserAttributes",
    "DeleteWebAuthnCredential",
    "ForgetDevice",
    "GetDevice",
    "GetUser",
    "GetUserAuthFactors",
    "GlobalSignOut",
    "ListDevices",
    "ListUserSessions",
    "ListWebAuthnCredentials",
    "RevokeToken",
    "RevokeUserSession",
    "SetUserMFAPreference",
    "SetUserSettings",
    "StartWebAuthnRegistration",
    "UpdateAuthEventFeedback",
    "UpdateDeviceStatus",
    "VerifySoftwareToken",
    "VerifyUserAttribute",
}
"""Every operation that a guard can meet: those that the proxy offers."""


class Sensitive(StrEnum):
    """What a guard sees only if `Guards(sees=…)` names it. Each is a risk: whoever has it can act as the user.

    The proxy's own secret and its hash are not in the list: a guard runs before they are added. Nor are values of
    SRP and of devices, and a passkey's answer: they mean something to Cognito alone.
    """

    PASSWORD = "password"  # noqa: S105 - a name
    """The password that the user has or will have: at sign-up, sign-in with a password, a reset and a change."""

    PREVIOUS_PASSWORD = "previous_password"  # noqa: S105 - a name
    """The password until now, at a change."""

    CODE = "code"
    """A code from a message or an authenticator app."""

    ANSWER = "answer"
    """The answer to a challenge of your own, or which challenge the user chose."""

    ACCESS_TOKEN = "access_token"  # noqa: S105 - a name
    """The access token that authorizes the call, not verified."""

    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a name
    """The refresh token, at a refresh, and the one that is revoked."""

    SESSION = "session"
    """The session that ties the steps of one sign-in together."""
