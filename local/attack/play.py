"""Plays scenarios against a local run, in each setting, and counts what reached Cognito."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from local import stopping
from local.attack.cast import Cast, is_attacked
from local.attack.clock import SimulatedClock
from local.attack.firewall import SwitchedFirewall, Template, default_web_acl
from local.attack.ordinary import Deed, Person, deeds_of_ordinary_users
from local.attack.phone_rules import PhoneRulesSwitch
from local.attack.results import Outcome, Played, Setting
from local.attack.scenario_logs import ScenarioLogs
from local.attack.scenarios import SECONDS, Move, Scenario
from local.attack.suggestions import Operator
from local.attack.wire import Target, Wire, session
from local.function_groups import function_groups
from local.outputs import Outputs
from local.run import LocalRun
from local.simulators.common.journal import Call

HALF = SECONDS / 2
"""When suggested blocks come into force."""

_STEP = 5.0
"""Seconds of a scenario that pass at once; the calls in it are made together."""
_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What scenarios are played on."""

    run: LocalRun
    firewall: SwitchedFirewall
    """The one that the run was started with."""
    web_acls: Mapping[bool, Template]
    """The template with the default web ACL, without IPv6 and with it."""
    phone_rules: PhoneRulesSwitch
    logs: ScenarioLogs
    """What the run's Logs Insights is asked about."""
    operator: Operator
    public_client_id: str
    cast: Cast
    scale: float
    """Calls of an attack, as a multiple of what its scenario says."""

    def target(self, setting: Setting) -> Target:
        """Whom everybody calls in a setting."""
        outputs = self.run.outputs
        if setting is Setting.DIRECT:
            return Target(
                url=outputs.upstream, client_id=self.public_client_id, pool_id=outputs.user_pool_id, is_proxy=False
            )
        return through_proxy(outputs)


def through_proxy(outputs: Outputs) -> Target:
    """Whom callers of the proxy call."""
    return Target(url=outputs.endpoint, client_id=outputs.client_id, pool_id=outputs.user_pool_id, is_proxy=True)


@dataclass(kw_only=True)
class Tally:
    """Counts while a scenario is played. The journal's observer runs in the servers' thread, and only appends."""

    clock: SimulatedClock
    reached: list[float] = field(default_factory=list)
    gained: int = 0

    def at_cognito(self, call: Call) -> None:
        if is_attacked(_username(call)):
            self.reached.append(self.clock.now)


def play(stage: Stage, scenarios: Sequence[Scenario], *, until: float, say: Callable[[str], None]) -> list[Played]:
    """Play each scenario in each setting.

    `until` is when to end, in seconds of `time.monotonic`: what there was no time for is missing. Raises Stopped after
    a signal.
    """
    played: list[Played] = []
    for scenario in scenarios:
        outcomes: dict[Setting, Outcome] = {}
        for setting in scenario.settings:
            outcome = asyncio.run(_leg(stage, scenario, setting, until))
            if outcome is None:
                break
            say(f"{scenario.title}, {setting.caption}: {outcome.reached} of {outcome.sent} reached Cognito")
            outcomes[setting] = outcome
        played.append(
            Played(
                name=scenario.name,
                title=scenario.title,
                what=scenario.what,
                gain=scenario.gain,
                outcomes=outcomes,
                settings=scenario.settings,
                price=scenario.price,
            )
        )
    return played


async def _leg(stage: Stage, scenario: Scenario, setting: Setting, until: float) -> Outcome | None:
    """One scenario in one setting; None when the time was up."""
    tally, began_ms = Tally(clock=SimulatedClock()), int(time.time() * 1000)
    stage.logs.begin(tally.clock)
    stage.firewall.use(default_web_acl(stage.web_acls[scenario.ipv6], tally.clock) if _guarded(setting) else None)
    stage.phone_rules.use(setting is Setting.PHONE_RULES)
    stage.run.journal.observe(tally.at_cognito)
    tag = f"{scenario.name}-{setting}"
    moves = scenario.moves(stage.cast, scale=stage.scale, tag=tag)
    async with session() as connections:
        wire = Wire(connections, stage.target(setting))
        people, deeds = deeds_of_ordinary_users(wire, stage.cast, neighbour=scenario.neighbour, tag=tag)
        deeds += [(move.at, attack_call(wire, move, tally)) for move in moves]
        if not await pass_time(tally.clock, 0.0, HALF, deeds, until):
            return None
        blocked: tuple[str, ...] = ()
        by_default: tuple[str, ...] = ()
        if setting is Setting.BLOCKS:
            tally.clock.now = HALF
            by_default = stage.operator.would_block(tally.clock.moment)
            blocked = stage.operator.block(tally.clock.moment)
        complete = await pass_time(tally.clock, HALF, SECONDS, deeds, until)
        stage.operator.unblock(blocked)
    if not complete:
        return None
    uncounted = _uncounted(stage.run, began_ms) if setting is Setting.PHONE_RULES else 0
    return _outcome(setting, moves, tally, people, blocked=blocked, by_default=by_default, uncounted=uncounted)


async def pass_time(clock: SimulatedClock, since: float, end: float, deeds: Sequence[Deed], until: float) -> bool:
    """Let a scenario's time pass, and everybody do what they do in it; False: `until` came before `end`."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def take(deed: Callable[[], Awaitable[None]]) -> None:
        async with gate:
            await deed()

    while since < end:
        stopping.checkpoint()
        if time.monotonic() > until:
            return False
        clock.now = since
        await asyncio.gather(*(take(deed) for at, deed in deeds if since <= at < since + _STEP))
        since += _STEP
    return True


def attack_call(wire: Wire, move: Move, tally: Tally) -> Callable[[], Awaitable[None]]:
    """What an attacker does at one moment; what it gains is counted."""

    async def deed() -> None:
        answer = await wire.call(move.operation, move.document, address=move.address)
        tally.gained += answer.status == 200

    return deed


def _outcome(
    setting: Setting,
    moves: Sequence[Move],
    tally: Tally,
    people: Sequence[Person],
    *,
    blocked: tuple[str, ...],
    by_default: tuple[str, ...],
    uncounted: int,
) -> Outcome:
    return Outcome(
        setting=setting,
        sent=len(moves),
        reached=len(tally.reached),
        sent_later=sum(move.at >= HALF for move in moves),
        reached_later=sum(at >= HALF for at in tally.reached),
        gained=tally.gained,
        users=len(people),
        hurt=sum(person.refused > 0 for person in people),
        refused=sum(person.refused for person in people),
        uncounted=uncounted,
        blocked=blocked,
        blocked_by_default=by_default,
    )


def _uncounted(run: LocalRun, since_ms: int) -> int:
    lines = run.log_groups.of_functions(function_groups(run), since_ms=since_ms)
    return sum('"CounterFailures"' in line.message for line in lines)


def _guarded(setting: Setting) -> bool:
    return setting in (Setting.FIREWALL, Setting.BLOCKS, Setting.PHONE_RULES)


def _username(call: Call) -> str:
    """Of a redacted request: usernames are among what a journal keeps."""
    body = call.body if isinstance(call.body, dict) else {}
    parameters = body.get("AuthParameters")
    found = body.get("Username") or (parameters.get("USERNAME") if isinstance(parameters, dict) else "")
    return str(found or "")
