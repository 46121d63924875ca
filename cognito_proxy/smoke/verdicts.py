"""What comes of a check, and what it may need."""

from enum import StrEnum


class Verdict(StrEnum):
    """What came of a check. Only `PASSED` is a proof."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKABLE = "not checkable here"
    """Whatever the truth is, it cannot be seen from here; never counts as passed."""
    SKIPPED = "skipped"
    """Not asked for, not promised by this deployment, or made pointless by a failure that is told already."""


class Need(StrEnum):
    """What must be there for a check to be run."""

    AWS = "aws"
    """The stack, and AWS credentials to look at it."""
    ORIGIN = "origin"
    """An allowed origin: the stack's, or the one of `--origin`."""
    USER = "user"
    """`--user`: a throw-away user may be made."""
    FLOOD = "flood"
    """`--flood`: the rate rules may be tried."""
    DENY_ME = "deny-me"
    """`--deny-me`: the caller's own address may be put onto the deny list."""
    THREAT_PROTECTION = "threat protection"
    """The deployment tells Cognito the client's address."""
    REGIONAL = "regional"
    """The variant with API Gateway."""
    EDGE = "edge"
    """The variant with CloudFront."""
    OWN_DOMAIN = "own domain"
    """A host name of one's own."""
    ROTATION = "rotation"
    """The deployment rotates its secrets."""
    POOL_SHIELD = "pool shield"
    """The deployment puts a web ACL onto the user pool."""
    REQUEST_LINES = "request lines"
    """Each call has a line in the function's log."""
    DASHBOARD = "dashboard"
    """The deployment makes a dashboard, and what goes with it."""
    ALARMS = "alarms"
    """The deployment makes alarms; without a dashboard it may be a rotation's alone."""
    ALARM_MAIL = "alarm mail"
    """Somebody is to be told of alarms by e-mail."""


class Failed(Exception):
    """The promise is not kept; the message is the evidence, in one line."""

    def __init__(self, evidence: str, *, advice: str | None = None) -> None:
        """`advice` is what to do. Default: - the check's own."""
        super().__init__(evidence)
        self.advice = advice


class NotCheckable(Exception):
    """Whether the promise is kept cannot be seen from here; the message says why."""
