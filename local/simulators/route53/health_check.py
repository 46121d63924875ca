"""Whether an endpoint is healthy, by what each checker saw of it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.common.errors import SimulatorError

HEALTHY_PERCENT = 18
"""More than so many percent of the checkers must say so. ("This value might change in a future release.")"""

CONNECT_SECONDS = 4.0
"""A checker must have its TCP connection in so many seconds …"""

ANSWER_SECONDS = 2.0
"""… and a status of 2xx or 3xx in so many after it."""


@dataclass(frozen=True, kw_only=True)
class HealthCheckConfig:
    """What a template asks for."""

    path: str
    interval_seconds: float
    failure_threshold: int

    @classmethod
    def read(cls, template: Mapping[str, Any]) -> "HealthCheckConfig":
        """The one of a template. Raises SimulatorError when there is not exactly one, or it is not modelled."""
        found = [
            resource["Properties"]["HealthCheckConfig"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::Route53::HealthCheck"
        ]
        if len(found) != 1:
            raise SimulatorError(f"{len(found)} health checks in a template, and exactly one was expected")
        (config,) = found
        if config["Type"] != "HTTPS" or config.get("Inverted"):
            raise SimulatorError("only health checks of type HTTPS that are not inverted are modelled")
        return cls(
            path=config["ResourcePath"],
            interval_seconds=config["RequestInterval"],
            failure_threshold=config["FailureThreshold"],
        )


class HealthCheck:
    """One health check with so many checkers, each of which has a state of its own. May be told from several threads.

    A new one counts as healthy "until there's enough data".
    """

    def __init__(self, config: HealthCheckConfig, *, checkers: int) -> None:
        self._threshold = config.failure_threshold
        self._lock = threading.Lock()
        self._states = [True] * checkers
        self._against = [0] * checkers

    def note(self, checker: int, *, passed: bool) -> None:
        """What a checker saw: as many in a row as the threshold says turn its state, either way."""
        with self._lock:
            self._against[checker] = 0 if passed is self._states[checker] else self._against[checker] + 1
            if self._against[checker] >= self._threshold:
                self._states[checker] = passed
                self._against[checker] = 0

    @property
    def healthy(self) -> bool:
        """What Route 53 makes of all of them."""
        with self._lock:
            return 100 * sum(self._states) > HEALTHY_PERCENT * len(self._states)
