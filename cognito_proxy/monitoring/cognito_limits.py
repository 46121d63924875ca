"""How many calls a second Cognito takes, by category."""

from dataclasses import dataclass, fields

from cognito_proxy.common.checks import require_between

LEVELS = (50, 70, 90)
"""Percent of a limit at which an alarm rings, each with an alarm of its own."""


@dataclass(frozen=True, kw_only=True)
class CognitoLimits:
    """Calls a second that Cognito takes of all user pools of the account in the Region together, by category.

    The defaults are AWS's. If AWS has raised yours, say so here: alarms are percentages of these numbers. Which
    operation is in which category: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html

    Raises:
        PropertyError: a limit is not from 1 to 1,000,000.
    """

    user_authentication: int | None = 120
    """InitiateAuth, RespondToAuthChallenge, GetTokensFromRefreshToken and kin. None: no alarms. Default: 120."""

    user_creation: int | None = 50
    """SignUp, ConfirmSignUp and their administrator's kin. None: no alarms. Default: 50."""

    user_federation: int | None = 25
    """Sign-in at another identity provider, which is not through the proxy. None: no alarms. Default: 25."""

    user_account_recovery: int | None = 30
    """ForgotPassword, ConfirmForgotPassword, ChangePassword and kin. None: no alarms. Default: 30."""

    user_token: int | None = 120
    """RevokeToken. None: no alarms. Default: 120."""

    def __post_init__(self) -> None:
        for field in fields(self):
            limit = getattr(self, field.name)
            if limit is not None:
                require_between(field.name, limit, 1, 1_000_000, "calls a second")

    def by_category(self) -> dict[str, int]:
        """The limits that are watched, by Cognito's name for the category: `UserAuthentication`."""
        named = {_category(field.name): getattr(self, field.name) for field in fields(self)}
        return {category: limit for category, limit in named.items() if limit is not None}


def _category(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
