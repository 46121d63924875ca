"""What becomes of a call when something that stands around it fails."""

from enum import StrEnum


class FailurePolicy(StrEnum):
    """What becomes of a call when the code that is to judge it fails or takes too long."""

    OPEN = "open"
    """It goes on, and the failure is counted: users can sign in whatever happens to the guard."""

    CLOSED = "closed"
    """It is refused with 503, which says to try later: nobody gets past a guard that is down."""
