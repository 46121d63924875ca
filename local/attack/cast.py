"""Who takes part: ordinary users, and those whose names and passwords attackers have."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ROBOT = "robot-"
"""Names that a flood signs up begin so."""
VICTIM = "victim-"
"""Names that attackers try begin so. Ordinary users are never tried: so names tell whose a call is."""

SPRAYED = f"{VICTIM}ceo"
"""The user whom a spray is after. No attacker has the right password."""

LEAKED_EVERY = 40
"""Of the leaked passwords one in so many is still right."""

ORDINARY = ("ada", "grace", "edsger", "barbara", "neighbour")
"""The last one shares an attacker's address or network: a carrier's or a dormitory's."""
HOMES = ("192.0.2.10", "192.0.2.20", "192.0.2.100", "192.0.2.100")
"""Where the others are; two sit in one office."""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Names and passwords of one run. A password holds `mark`, so that a leak would be found."""

    mark: str = field(default_factory=lambda: secrets.token_hex(12), repr=False)

    def password(self, name: str) -> str:
        """A user's right password; in a list of leaked ones it stands, too."""
        return f"{name}-{self.mark}-aA1!"

    def guess(self, name: str, number: int) -> str:
        """A wrong one."""
        return f"{name}-{number}-{self.mark}-wrong-aA1!"


def victim(number: int) -> str:
    """The name of the user with this number in a list of leaked passwords."""
    return f"{VICTIM}{number:05}"


def is_leaked(number: int) -> bool:
    """Whether the leaked password of this user is still right, so that the user is there."""
    return number % LEAKED_EVERY == 0


def is_attacked(name: str) -> bool:
    """Whether a call with this name comes from an attacker."""
    return name.startswith((ROBOT, VICTIM))


def enrol(cognito: Any, pool_id: str, cast: Cast, *, victims: int) -> None:
    """Put the users into the pool who are there from the start. `victims`: length of the list of leaked passwords."""
    for name in _enrolled(victims):
        email = {"Name": "email", "Value": f"{name}@example.com"}
        cognito.admin_create_user(UserPoolId=pool_id, Username=name, UserAttributes=[email], MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=cast.password(name), Permanent=True)


def public_client(cognito: Any, pool_id: str) -> str:
    """Make an app client without a secret, as an app without the proxy has. Gives its id."""
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="without-a-secret", GenerateSecret=False, ExplicitAuthFlows=flows
    )
    return str(made["UserPoolClient"]["ClientId"])


def _enrolled(victims: int) -> Iterator[str]:
    yield from ORDINARY
    yield SPRAYED
    yield from (victim(number) for number in range(victims) if is_leaked(number))
