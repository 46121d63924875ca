"""A morning under attack, played on one clock against the default firewall, with all that CloudWatch would count of it.

The scenarios are those of `make attack`, one after another, with quiet times between; ordinary users call all along.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.attack.cast import Cast, enrol
from local.attack.clock import SimulatedClock
from local.attack.firewall import SwitchedFirewall, default_web_acl, guarded
from local.attack.ordinary import Deed, deeds_of_ordinary_users
from local.attack.play import Tally, attack_call, pass_time, through_proxy
from local.attack.scenarios import SCENARIOS, SECONDS, Scenario
from local.attack.wire import Wire, session
from local.deployment.deploy import DeployedStack
from local.errors import LocalRunError, as_local_run_error
from local.fronts.metrics import RunMetrics
from local.function_groups import function_groups
from local.run import LocalRun, local_run
from local.simulators.cloudwatch.metrics import MetricStore

_AT_HOME = "192.0.2.40"
_LATEST = 480.0
"""Seconds of the machine's after which playing ends with an error."""

_NAMED = {scenario.name: scenario for scenario in SCENARIOS}


@dataclass(frozen=True, kw_only=True)
class Leg:
    """Five minutes of a day."""

    scenario: Scenario | None = None
    """None: ordinary users only."""
    scale: float = 1.0
    """Calls of the attack, as a multiple of what the scenario says."""
    groups: int = 1
    """How many times the ordinary users of a scenario there are."""


def leg(name: str = "", *, scale: float = 1.0) -> Leg:
    """Five minutes of a scenario, by its name. Default: of ordinary users only."""
    return Leg(scenario=_NAMED[name] if name else None, scale=scale)


QUIET, BUSY = Leg(), Leg(groups=4)
BUSY_MORNING: tuple[Leg, ...] = (BUSY,) * 6
"""Half an hour of many ordinary users, and nobody else."""

MORNING: tuple[Leg, ...] = (
    *(QUIET,) * 3,
    *(leg("sign-up-flood"),) * 2,
    QUIET,
    *(leg("slow"),) * 2,
    QUIET,
    *(leg("spray"),) * 2,
    QUIET,
    # Large enough for the alarm of blocked requests; it is still under way at the end.
    *(leg("credential-stuffing", scale=5),) * 3,
)
"""An hour and a quarter. No leg is longer than what the default rates look at."""


@dataclass(frozen=True, kw_only=True)
class RecordedDay:
    """What was counted, and of what."""

    metrics: MetricStore
    """Its time is the day's: it begins at 0."""
    stacks: Sequence[DeployedStack]
    seconds: int
    """How long the day was, in its own time."""
    marks: tuple[tuple[int, str], ...]
    """When which scenario began, in seconds, and its title; an empty one begins a quiet time."""


def record_day(
    legs: Sequence[Leg],
    *,
    work_dir: Path,
    say: Callable[[str], None],
    assembly_dir: Path | None = None,
    rotation_days: int = 30,
) -> RecordedDay:
    """Play it against the regional variant, and count.

    `assembly_dir` is what to deploy. Default: - the app, with a rotation every `rotation_days`, which does not come
    due. Raises LocalRunError with a reason in one line, and Stopped after a signal.
    """
    firewall, cast = SwitchedFirewall(), Cast()
    with local_run(
        context={"rotation_days": str(rotation_days)},
        work_dir=work_dir,
        guard=firewall.guard,
        assembly_dir=assembly_dir,
        callers_say_their_address=True,
        say=say,
    ) as run:
        cognito, pool_id = run.client("cognito-idp"), run.outputs.user_pool_id
        most = max((round(each.scenario.calls * each.scale) for each in legs if each.scenario), default=0)
        enrol(cognito, pool_id, cast, victims=most)
        clock, store = SimulatedClock(), MetricStore()
        template = guarded(stack.template for stack in run.stacks.values())
        with as_local_run_error():
            metrics = run.counted(store, now=clock)
            firewall.use(default_web_acl(template, clock))
        say(f"playing {len(legs) * SECONDS / 60:.0f} minutes")
        asyncio.run(_play(run, cast, legs, clock))
        _take_lines(run, metrics, clock)
        return RecordedDay(
            metrics=store,
            stacks=tuple(run.stacks.values()),
            seconds=round(len(legs) * SECONDS),
            marks=tuple(_marks(legs)),
        )


async def _play(run: LocalRun, cast: Cast, legs: Sequence[Leg], clock: SimulatedClock) -> None:
    until = time.monotonic() + _LATEST
    async with session() as connections:
        wire = Wire(connections, through_proxy(run.outputs))
        for number, each in enumerate(legs):
            began = number * SECONDS
            deeds = [(began + at, deed) for at, deed in _deeds(cast, wire, each, tag=f"leg{number}")]
            if not await pass_time(clock, began, began + SECONDS, deeds, until):
                raise LocalRunError(f"the time was up after {clock.now / 60:.0f} played minutes: is the machine busy?")


def _deeds(cast: Cast, wire: Wire, played: Leg, *, tag: str) -> Iterator[Deed]:
    scenario = played.scenario
    neighbour = scenario.neighbour if scenario else _AT_HOME
    for group in range(played.groups):
        yield from deeds_of_ordinary_users(wire, cast, neighbour=neighbour, tag=f"{tag}-{group}")[1]
    if scenario is not None:
        tally = Tally(clock=SimulatedClock())
        for move in scenario.moves(cast, scale=played.scale, tag=tag):
            yield move.at, attack_call(wire, move, tally)


def _take_lines(run: LocalRun, metrics: RunMetrics, clock: SimulatedClock) -> None:
    """What the functions wrote, at the moment of the day at which they wrote it."""
    for line in run.log_groups.of_functions(function_groups(run), since_ms=0):
        metrics.of_line(line.message, at=clock.seconds_at(line.at_ms))


def _marks(legs: Sequence[Leg]) -> Iterator[tuple[int, str]]:
    before = None
    for number, each in enumerate(legs):
        title = each.scenario.title if each.scenario else ""
        if title != before:
            yield round(number * SECONDS), title
        before = title
