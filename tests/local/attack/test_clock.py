"""What was written while minutes passed in seconds has its place in the scenario."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.attack.clock import SimulatedClock
from local.attack.scenario_logs import ScenarioLogs
from local.attack.scenarios import SECONDS
from local.deployment.emulator import Emulator
from local.fronts.logs import LogFile, RunLogs

# 2026-11-21 12:00:41.250 UTC
REAL = datetime(2026, 11, 21, 12, 0, 41, 250_000, tzinfo=UTC).timestamp()
BEGINNING = datetime(2026, 11, 21, 11, 50, tzinfo=UTC)
"""Of a scenario that is played then: ten minutes before the minute."""
REGION, GROUP = "eu-west-1", "aws-waf-logs-x"


@dataclass
class Real:
    """The machine's clock."""

    now: float = REAL

    def __call__(self) -> float:
        return self.now


def stepped(*steps: tuple[float, float]) -> SimulatedClock:
    """A clock that was told, after so many real seconds, that the scenario is so far."""
    real = Real()
    clock = SimulatedClock(real=real)
    for after, seconds in steps:
        real.now = REAL + after
        clock.now = seconds
    return clock


def seconds_of(clock: SimulatedClock, after: float) -> float:
    """Where in the scenario something is that was written after so many real seconds."""
    return clock.moment_ms(int((REAL + after) * 1000)) / 1000 - BEGINNING.timestamp()


def test_begins_at_nought() -> None:
    clock = SimulatedClock()
    assert (clock(), clock.now) == (0.0, 0.0)


def test_a_moment_is_a_whole_minute_and_the_scenarios_seconds() -> None:
    assert stepped((1.0, 150.0)).moment == BEGINNING.replace(minute=52, second=30)


def test_nothing_of_a_scenario_is_in_the_future() -> None:
    assert stepped((0.0, SECONDS)).moment.timestamp() < REAL


@pytest.mark.parametrize(("after", "seconds"), [(0.0, 0), (0.9, 0), (1.0, 5), (1.4, 5), (1.5, 10), (60.0, 10)])
def test_what_is_written_in_a_step_has_the_time_of_that_step(after: float, seconds: float) -> None:
    assert seconds_of(stepped((0.0, 0.0), (1.0, 5.0), (1.5, 10.0)), after) == seconds


def test_logs_have_the_scenarios_time_and_nothing_from_before_it(tmp_path: Path) -> None:
    file = tmp_path / "waf.log"
    file.write_text("".join(f'{{"timestamp": {int((REAL + after) * 1000)}}}\n' for after in (-2, -0.001, 0, 1.2, 1.6)))
    source = LogFile(region=REGION, group=GROUP, file=file, moment=lambda line: int(line["timestamp"]))
    logs = ScenarioLogs()
    assert logs.lines(REGION, GROUP) is None
    found = logs.of(RunLogs(Emulator(work_dir=tmp_path, region=REGION), [source]))
    logs.begin(stepped((0.0, 0.0), (1.0, 5.0), (1.5, 290.0)))
    lines = found.lines(REGION, GROUP)
    assert lines is not None
    assert [line.at_ms / 1000 - BEGINNING.timestamp() for line in lines] == [0, 5, 290]
    assert found.own_groups(REGION) == [GROUP]
