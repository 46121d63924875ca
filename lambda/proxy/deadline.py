"""The time that a call has, from Lambda's own clock."""

from __future__ import annotations

import time
from typing import Protocol

RESERVE_SECONDS = 0.5
"""Kept of the function's remaining time for the answer's own way back."""

_NO_CONTEXT_SECONDS = 25.0


class LambdaContext(Protocol):
    """The part of Lambda's context that is used."""

    def get_remaining_time_in_millis(self) -> int:
        """Until the function is stopped."""


def deadline_of(context: LambdaContext | None) -> float:
    """When the answer must be there, in seconds of `time.monotonic()`."""
    seconds = context.get_remaining_time_in_millis() / 1000 if context else _NO_CONTEXT_SECONDS
    return time.monotonic() + seconds - RESERVE_SECONDS
