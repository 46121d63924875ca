"""What the app has to do with the replica of the pool."""

from enum import StrEnum


class PoolReplica(StrEnum):
    """What becomes of it."""

    EXISTING = "existing"
    """It is made elsewhere, and nothing of it is changed."""

    INACTIVE = "inactive"
    """It is made; you look at it and make it active."""

    ACTIVE = "active"
    """It is made, and answers users."""
