"""What becomes of a call when something that stands around it fails."""

from enum import StrEnum


class FailurePolicy(StrEnum):
    """What becomes of a call when what is to judge it fails or takes too long: a guard, a table, a provider."""

    OPEN = "open"
    """It goes on, and the failure is counted: users can sign in whatever happens there."""

    CLOSED = "closed"
    """It is answered 5xx, which says to try later: nobody gets past a guard that is down."""
