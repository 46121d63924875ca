"""What became of a call."""

from __future__ import annotations

from typing import NamedTuple


class Outcome(NamedTuple):
    """What Cognito answered, without anything that the answer holds for the client."""

    status: int
    """HTTP status of Cognito's answer."""

    error: str = ""
    """The error's name, such as `NotAuthorizedException`; empty where Cognito accepted the call."""

    challenge: str = ""
    """Of a sign-in that goes on: the name of the next challenge. Empty where the user is signed in, and for all other
    operations."""

    @property
    def accepted(self) -> bool:
        """Whether Cognito did what it was asked."""
        return not self.error and self.status < 400
