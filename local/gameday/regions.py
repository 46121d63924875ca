"""What the day is played on: both Regions, their switches, and the name that leads to one of them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.gameday.switch import Switch
from local.simulators.route53.failover import TTL_SECONDS, FailoverName


@dataclass(frozen=True, kw_only=True)
class Regions:
    """Two Regions that are up."""

    first: str
    """The pool's own."""
    second: str
    cognito: Mapping[str, Switch]
    front: Mapping[str, Switch]
    """Before API Gateway."""
    answered: Mapping[str, Counter[str]]
    """Calls that each Region's Cognito has answered, by operation; a refusal for want of a Region is one, too."""
    name: FailoverName
    faster: float
    """How much faster than in AWS health checks and resolvers are here."""
    sign_up: Callable[[], object]
    """Somebody new signs up through the proxy."""

    @property
    def ttl_seconds(self) -> float:
        """How long a resolver keeps an answer here."""
        return TTL_SECONDS / self.faster

    def sign_ins(self, region: str) -> int:
        """Calls of sign-ins that a Region's Cognito has answered so far."""
        return self.answered[region]["InitiateAuth"] + self.answered[region]["RespondToAuthChallenge"]
