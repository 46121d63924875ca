"""How often one address may call: the general rate and the rates of the operations that cost.

Costly means: it sends messages that somebody pays for, lets a password or a code be guessed, or draws on a quota of
Cognito that all users share (UserCreation, UserAccountRecovery, UserAuthentication).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from aws_cdk import Token

WINDOWS: Final = (60, 120, 300, 600)
"""Evaluation windows of AWS WAF's rate-based rules, in seconds."""

MIN_LIMIT: Final = 10
MAX_LIMIT: Final = 2_000_000_000

SIGN_UP_OPERATIONS: Final = ("SignUp", "ConfirmSignUp")
RECOVERY_OPERATIONS: Final = (
    "ForgotPassword",
    "ConfirmForgotPassword",
    "ResendConfirmationCode",
    "GetUserAttributeVerificationCode",
    # A changed e-mail address or phone number is sent a code.
    "UpdateUserAttributes",
)
SIGN_IN_OPERATIONS: Final = ("InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken")


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """At most `limit` requests from one address within `window_seconds`; what is more gets TooManyRequestsException.

    Raises:
        ValueError: `limit` or the window is outside AWS WAF's bounds.
    """

    limit: int
    """Requests; 10 to 2,000,000,000."""

    window_seconds: int = 300
    """How far back AWS WAF looks, in seconds: 60, 120, 300 or 600. Default: 300, as in the articles."""

    def __post_init__(self) -> None:
        if not Token.is_unresolved(self.limit) and not MIN_LIMIT <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit: {self.limit}; AWS WAF takes {MIN_LIMIT} to {MAX_LIMIT} requests in a window")
        if not Token.is_unresolved(self.window_seconds) and self.window_seconds not in WINDOWS:
            allowed = ", ".join(map(str, WINDOWS))
            raise ValueError(f"window_seconds: {self.window_seconds}; AWS WAF takes {allowed} seconds")


@dataclass(frozen=True, kw_only=True)
class OperationRates:
    """Rates of their own for groups of operations; None leaves a group to the general rate alone.

    The defaults leave room for an office behind one address and none for a flood.
    """

    sign_up: RateLimit | None = field(default_factory=lambda: RateLimit(limit=50))
    """SignUp and ConfirmSignUp. Default: 50 in 300 seconds."""

    recovery: RateLimit | None = field(default_factory=lambda: RateLimit(limit=50))
    """Password recovery and everything that sends a code: ForgotPassword, ConfirmForgotPassword,
    ResendConfirmationCode, GetUserAttributeVerificationCode, UpdateUserAttributes. Default: 50 in 300 seconds."""

    sign_in: RateLimit | None = field(default_factory=lambda: RateLimit(limit=300))
    """InitiateAuth, RespondToAuthChallenge, GetTokensFromRefreshToken; an SRP sign-in is two to four of these.
    Default: 300 in 300 seconds."""


DEFAULT_RATE_LIMIT: Final = RateLimit(limit=1000)
"""The general rate when none is given: 1,000 requests in 300 seconds."""
