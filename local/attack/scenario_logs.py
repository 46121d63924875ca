"""A run's logs as they would be had a scenario taken its own time."""

from collections.abc import Sequence

from local.attack.clock import SimulatedClock
from local.fronts.logs import RunLogs
from local.simulators.logs_insights.stand_in import LogLine


class ScenarioLogs:
    """Where the stand-in for Logs Insights finds lines while attacks are played.

    Five minutes of a scenario pass in seconds, and the next one begins at once. So a line has its scenario's time, and
    lines from before it began, which would be hours ago, are not there.
    """

    def __init__(self) -> None:
        self._logs: RunLogs | None = None
        self._clock = SimulatedClock()

    def of(self, logs: RunLogs) -> "ScenarioLogs":
        """Give it the run's logs, as `local_run` asks for it."""
        self._logs = logs
        return self

    def begin(self, clock: SimulatedClock) -> None:
        """Another scenario begins, with this clock."""
        self._clock = clock

    def own_groups(self, region: str) -> Sequence[str]:
        """Log groups that the emulator does not have."""
        return self._logs.own_groups(region) if self._logs else ()

    def lines(self, region: str, group: str) -> Sequence[LogLine] | None:
        """What is in a log group since the scenario began; None: there is no such group."""
        clock = self._clock
        found = self._logs.lines(region, group, since_ms=clock.began_ms) if self._logs else None
        if found is None:
            return None
        return [LogLine(at_ms=clock.moment_ms(line.at_ms), message=line.message) for line in found]
