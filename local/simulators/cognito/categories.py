"""Which of Cognito's quotas a call uses up, and what Cognito counts of it for CloudWatch.

https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
"""

from collections.abc import Mapping

from local.simulators.common.journal import Call

_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "UserAuthentication": (
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "GetTokensFromRefreshToken",
        "InitiateAuth",
        "RespondToAuthChallenge",
    ),
    "UserCreation": ("AdminConfirmSignUp", "AdminCreateUser", "ConfirmSignUp", "SignUp"),
    "UserAccountRecovery": ("AdminResetUserPassword", "ChangePassword", "ConfirmForgotPassword", "ForgotPassword"),
    "UserToken": ("RevokeToken",),
}
CATEGORIES: Mapping[str, str] = {
    operation: category for category, operations in _OPERATIONS.items() for operation in operations
}
"""Category by operation, of those that the project watches. Federation is not by an operation of the API."""

THROTTLED = "TooManyRequestsException"

_REFRESHES = frozenset({"REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"})


def activity_of(call: Call) -> str | None:
    """What Cognito counts a call as: SignIn, SignUp or TokenRefresh. None: as neither."""
    body = call.body if isinstance(call.body, dict) else {}
    if call.operation == "SignUp":
        return "SignUp"
    if call.operation == "GetTokensFromRefreshToken" or body.get("AuthFlow") in _REFRESHES:
        return "TokenRefresh"
    return "SignIn" if CATEGORIES.get(call.operation) == "UserAuthentication" else None


def succeeded(call: Call) -> bool:
    """Of a sign-in: whether a token was issued, as the guide has it. A challenge is no success."""
    if call.status != 200:
        return False
    answer = call.answer if isinstance(call.answer, dict) else {}
    return activity_of(call) == "SignUp" or "AuthenticationResult" in answer
