"""What a replica of a user pool can do, as one table beside `proxy.operations`; and what of that may be asked twice.

Cognito's developer guide, 'Multi-Region replication for user pools', lists by name what a secondary user pool in status
ACTIVE answers ('Additional operations for ACTIVE secondary Regions'); everything else that a public client may call
changes the user directory, and is the primary's alone: a secondary answers OperationNotEnabledException.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-multi-region.html

ListUserSessions and RevokeUserSession are newer than that list, and so count as what a replica cannot do.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

NOT_ENABLED = "OperationNotEnabledException"
"""What a replica says of an operation that it does not do, or does not do while it is INACTIVE. ("…not available in the
current region or for the current user pool configuration": botocore's model.)"""


class Kind(Enum):
    """What tends to fail together: the breaker of a Region is one for each of them."""

    SIGN_IN = auto()
    TOKENS = auto()
    READS = auto()
    CHANGES = auto()
    """What only the primary does."""


class Row(NamedTuple):
    """An operation that a replica answers, too."""

    kind: Kind
    repeatable: bool
    """Whether another Region may be asked although the first may have done it: see `ON_A_REPLICA`."""


_BEGUN = Row(Kind.SIGN_IN, repeatable=True)
_ANSWERED = Row(Kind.SIGN_IN, repeatable=False)
_TOKENS = Row(Kind.TOKENS, repeatable=True)
_READ = Row(Kind.READS, repeatable=True)

ON_A_REPLICA: Mapping[str, Row] = {
    # A sign-in that was begun and whose answer is lost leaves nothing behind but a challenge that nobody answers, or
    # tokens that nobody has. At worst a second message with a code goes out, and a wrong password counts once in each
    # Region ("Each replica maintains its own count of failed authentication attempts").
    "InitiateAuth": _BEGUN,
    "AdminInitiateAuth": _BEGUN,
    # The answer to a challenge belongs to the session of the Region that posed it, which may have used the code or the
    # session up: another Region cannot help, and would count a wrong attempt.
    "RespondToAuthChallenge": _ANSWERED,
    "AdminRespondToAuthChallenge": _ANSWERED,
    # Where refresh tokens rotate and the answer with the new one is lost, the old one works for its grace period or is
    # of no more use to anybody: asking again cannot make that worse, and the app would ask again by itself.
    # https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
    "GetTokensFromRefreshToken": _TOKENS,
    # Revoked twice is revoked.
    "RevokeToken": _TOKENS,
    "GlobalSignOut": _TOKENS,
    # The same feedback again changes nothing.
    "UpdateAuthEventFeedback": _TOKENS,
    "GetDevice": _READ,
    "GetUser": _READ,
    "GetUserAuthFactors": _READ,
    "ListDevices": _READ,
    "ListWebAuthnCredentials": _READ,
}
"""By the name that Cognito is called with. What is not here only the primary does, and it is never asked twice."""

CHALLENGING = frozenset({"InitiateAuth", "AdminInitiateAuth", "RespondToAuthChallenge", "AdminRespondToAuthChallenge"})
"""Operations whose answer may pose a challenge, which belongs to the Region that posed it."""
