"""How many requests the proxy takes."""

from dataclasses import dataclass

from cognito_proxy.common.checks import require_between


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """A token bucket over all callers together. What exceeds it is answered 429, without costing a function call.

    Cognito's own default quota is 120 sign-ins a second for an account and Region.

    Raises:
        PropertyError: a limit is out of its bounds.
    """

    rate_limit: float = 100
    """Requests a second, sustained; from 1 to 10,000. Default: 100."""

    burst_limit: int = 200
    """Requests at once, from 1 to 5,000. Default: 200."""

    def __post_init__(self) -> None:
        require_between("rate_limit", self.rate_limit, 1, 10_000, "requests a second")
        require_between("burst_limit", self.burst_limit, 1, 5_000, "requests")
