"""One host name in two Regions: who answers, and how Route 53 finds out who can."""

from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import Duration

from cognito_proxy.common.checks import require_between
from cognito_proxy.common.property_error import PropertyError


class FailoverRole(StrEnum):
    """Which of the two proxies of a host name it is."""

    PRIMARY = "primary"
    """Answers as long as it is well, and again as soon as it is; and when neither is."""

    SECONDARY = "secondary"
    """Answers while the primary one is not well."""


@dataclass(frozen=True, kw_only=True)
class DnsFailover:
    """A `RegionalProxy` shares its host name with another one in another Region, and Route 53 sends users to one.

    The proxy gets a health check of Route 53's, which asks it for `/health` on API Gateway's own name, and a failover
    alias record. An endpoint is unwell after `failure_threshold` checks in a row that failed, and well again after as
    many that succeeded. So users move at most once in that time, however often the Region comes and goes. Resolvers
    keep an answer for as long as they do: by Route 53's word for 60 seconds.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html

    Raises:
        PropertyError: a property is out of its bounds.
    """

    role: FailoverRole
    """Which of the two it is: one must be `PRIMARY`, the other `SECONDARY`."""

    check_interval: Duration | None = None
    """Of each of Route 53's checkers, 10 or 30 seconds; they are about sixteen. It cannot be changed later: another one
    makes a new health check. Default: 30 seconds."""

    failure_threshold: int = 3
    """Checks in a row that turn the state, from 1 to 10. Default: 3, so about 90 seconds."""

    def __post_init__(self) -> None:
        if self.role not in tuple(FailoverRole):
            raise PropertyError(f"role must be one of {', '.join(FailoverRole)}, not {self.role!r}")
        # API reference, HealthCheckConfig, RequestInterval and FailureThreshold.
        interval = self.check_interval
        if interval is not None and not interval.is_unresolved() and interval.to_seconds() not in (10, 30):
            raise PropertyError(f"check_interval must be 10 or 30 seconds, not {interval.to_human_string()}")
        require_between("failure_threshold", self.failure_threshold, 1, 10)
