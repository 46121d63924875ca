"""What becomes of a refresh token that was used."""

from dataclasses import dataclass, field

from aws_cdk import Duration

from cognito_proxy.common.checks import require_duration_between


@dataclass(frozen=True, kw_only=True)
class RefreshTokenRotation:
    """Each refresh gives a new refresh token and ends the old one, so a stolen one is soon worthless.

    RFC 9700, section 2.2.2, asks for it (or for sender-constrained tokens) from public clients, and behind the proxy
    apps are just that: the proxy proves the app client's secret for whoever calls it.

    Raises:
        PropertyError: the grace period is out of its bounds.
    """

    grace_period: Duration = field(default_factory=lambda: Duration.seconds(60))
    """How long the old token still works, for retries and for several tabs; from 0 to 60 seconds. Default: 60."""

    def __post_init__(self) -> None:
        require_duration_between("grace_period", self.grace_period, Duration.seconds(0), Duration.seconds(60))
