"""Limits a user: attempts on a username in a window, whatever addresses they come from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aws_cdk import Annotations, Duration
from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy.common.checks import require_between, require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.interceptors.counter_table import (
    LONGEST_TABLE_NAME,
    counter_table,
    grant_counters,
    reach_counters,
    watch_counters,
)
from cognito_proxy.interceptors.failure_policy import FailurePolicy
from cognito_proxy.interceptors.made import Made

_ACTIONS = ("UpdateItem", "BatchWriteItem")
"""What counts an attempt, and what notes after a success from where it came."""

_SHORTEST_QUIET = Duration.minutes(18)
"""15 minutes of quiet after which Cognito's own lock starts from nothing, and three for which a session lives."""


class LimitedGroup(StrEnum):
    """Operations that share a counter for each username. docs/user-limits.md has the table."""

    SIGN_IN = "sign_in"
    """A sign-in begins (InitiateAuth, but for refreshes)."""
    ANSWERS = "answers"
    """A challenge is answered with what can be guessed: a code, or a password after all."""
    SIGN_UP = "sign_up"
    """SignUp, ConfirmSignUp, ResendConfirmationCode."""
    RECOVERY = "recovery"
    """ForgotPassword."""
    RESET = "reset"
    """ConfirmForgotPassword; counted for each network of the caller's on its own."""


@dataclass(frozen=True, kw_only=True)
class UserLimits:
    """So many attempts on a username in a window; the next are answered TooManyRequestsException with the time to wait.

    When they are used up, networks and devices from which the user has signed in before have as many of their own, so
    that whoever knows a name cannot keep its owner out: docs/decisions/0014-limits-a-user.md. What counts as an
    attempt, what it costs and what SDKs make of a refusal: docs/user-limits.md.

    For `RegionalProxy`. At the edge the function does not see Cognito's answers, and the table would be far away.

    Raises:
        PropertyError: a property is out of its bounds.
    """

    attempts: int = 10
    """On a username with each group of operations, until a window goes by without one; from 3 to 1,000. Cognito itself
    locks a user for 2^(n-5) seconds after n failures, so that more than 14 can still lock an owner out for as long as
    a window. Default: 10."""

    network_attempts: int = 100
    """From a /64 of IPv6 on any usernames with each group of operations, within a window; from `attempts` to 100,000.
    Addresses of IPv4 are counted by the firewall. Default: 100."""

    window: Duration = field(default_factory=lambda: Duration.minutes(20))
    """From 1 minute to 24 hours; of a username, after the last attempt that passed. Less than 18 minutes warns:
    Cognito's own lock may then never find the 15 minutes of quiet after which it starts from nothing. Default: 20
    minutes."""

    remembered: Duration = field(default_factory=lambda: Duration.days(30))
    """How long it is known from where a user has signed in, after the last time; from 1 to 400 days. Default: 30."""

    groups: Sequence[LimitedGroup] = tuple(LimitedGroup)
    """What is counted; at least one. Default: every group."""

    when_unavailable: FailurePolicy = FailurePolicy.OPEN
    """What becomes of attempts while DynamoDB is slow or down. Default: they pass."""

    def __post_init__(self) -> None:
        require_between("attempts", self.attempts, 3, 1_000, "attempts")
        require_between("network_attempts", self.network_attempts, self.attempts, 100_000, "attempts")
        require_duration_between("window", self.window, Duration.minutes(1), Duration.hours(24))
        require_duration_between("remembered", self.remembered, Duration.days(1), Duration.days(400))
        if not self.groups:
            raise PropertyError("groups must hold at least one LimitedGroup, not none")

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> Made:
        """Make the table of counters in `scope`, or use the one that is there."""
        if self.window.to_milliseconds() < _SHORTEST_QUIET.to_milliseconds():
            Annotations.of(scope).add_warning_v2(
                "cognito-proxy:shortUserLimitWindow",
                f"user_limits: a window of {self.window.to_human_string()} is less than the "
                f"{_SHORTEST_QUIET.to_human_string()} after which Cognito's own lock of a user is sure to end",
            )
        table = counter_table(scope, encryption_key=encryption_key)
        part: dict[str, Any] = {
            "attempts": self.attempts,
            "network_attempts": self.network_attempts,
            "window": self.window.to_seconds(),
            "remembered": self.remembered.to_seconds(),
        }
        if set(self.groups) != set(LimitedGroup):
            part["groups"] = [group.value for group in LimitedGroup if group in self.groups]
        if self.when_unavailable == FailurePolicy.CLOSED:
            part["closed"] = True
        return Made(
            settings={"user_limits": {"table": table.table_name, **part}},
            longest={"user_limits": {"table": "x" * LONGEST_TABLE_NAME, **part}},
            grant=lambda function: grant_counters(table, function, _ACTIONS),
            reaches=(reach_counters(table, _ACTIONS),),
            watched=watch_counters,
        )
