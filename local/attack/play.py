"""Plays scenarios against a local run, in each setting, and counts what reached Cognito."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from local import stopping
from local.attack.cast import Cast, is_attacked
from local.attack.clock import SimulatedClock
from local.attack.firewall import DefaultFirewall, SwitchedFirewall, Template
from local.attack.ordinary import Deed, Person, deeds_of_ordinary_users
from local.attack.results import Outcome, Played, Setting
from local.attack.scenarios import SECONDS, Move, Scenario
from local.attack.suggestions import Seen, suggested_blocks
from local.attack.wire import Target, Wire, session
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
        return Target(url=outputs.endpoint, client_id=outputs.client_id, pool_id=outputs.user_pool_id, is_proxy=True)


@dataclass(kw_only=True)
class _Tally:
    """Counts while a scenario is played. The journals' observers run in the servers' thread, and only append."""

    clock: SimulatedClock
    reached: list[float] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    gained: int = 0

    def at_cognito(self, call: Call) -> None:
        if is_attacked(_username(call)):
            self.reached.append(self.clock.now)

    def at_proxy(self, call: Call) -> None:
        if call.turned_away is None:
            self.seen.append(
                Seen(
                    at=self.clock.now,
                    address=call.source_ip,
                    operation=call.operation,
                    username=_username(call),
                    is_error=call.status >= 400,
                )
            )


def play(stage: Stage, scenarios: Sequence[Scenario], *, until: float, say: Callable[[str], None]) -> list[Played]:
    """Play each scenario in each setting.

    `until` is when to end, in seconds of `time.monotonic`: what there was no time for is missing. Raises Stopped after
    a signal.
    """
    played: list[Played] = []
    for scenario in scenarios:
        outcomes: dict[Setting, Outcome] = {}
        for setting in Setting:
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
            )
        )
    return played


async def _leg(stage: Stage, scenario: Scenario, setting: Setting, until: float) -> Outcome | None:
    """One scenario in one setting; None when the time was up."""
    tally = _Tally(clock=SimulatedClock())
    firewall = DefaultFirewall(stage.web_acls[scenario.ipv6], tally.clock) if _guarded(setting) else None
    stage.firewall.use(firewall.hook if firewall else None)
    stage.run.journal.observe(tally.at_cognito)
    stage.run.viewer_journal.observe(tally.at_proxy)
    tag = f"{scenario.name}-{setting}"
    moves = scenario.moves(stage.cast, scale=stage.scale, tag=tag)
    async with session() as connections:
        wire = Wire(connections, stage.target(setting))
        people, deeds = deeds_of_ordinary_users(wire, stage.cast, neighbour=scenario.neighbour, tag=tag)
        deeds += [(move.at, _attack(wire, move, tally)) for move in moves]
        if not await _pass(tally.clock, 0.0, HALF, deeds, until):
            return None
        blocked: tuple[str, ...] = ()
        if firewall is not None and setting is Setting.BLOCKS:
            blocked = suggested_blocks(tally.seen)
            firewall.block(blocked)
        if not await _pass(tally.clock, HALF, SECONDS, deeds, until):
            return None
    return _outcome(setting, moves, tally, people, blocked)


async def _pass(clock: SimulatedClock, since: float, end: float, deeds: Sequence[Deed], until: float) -> bool:
    """Let a scenario's time pass, and everybody do what they do in it. Whether there was time for all of it."""
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


def _attack(wire: Wire, move: Move, tally: _Tally) -> Callable[[], Awaitable[None]]:
    async def deed() -> None:
        answer = await wire.call(move.operation, move.document, address=move.address)
        tally.gained += answer.status == 200

    return deed


def _outcome(
    setting: Setting, moves: Sequence[Move], tally: _Tally, people: Sequence[Person], blocked: tuple[str, ...]
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
        blocked=blocked,
    )


def _guarded(setting: Setting) -> bool:
    return setting in (Setting.FIREWALL, Setting.BLOCKS)


def _username(call: Call) -> str:
    """Of a redacted request: usernames are among what a journal keeps."""
    body = call.body if isinstance(call.body, dict) else {}
    parameters = body.get("AuthParameters")
    found = body.get("Username") or (parameters.get("USERNAME") if isinstance(parameters, dict) else "")
    return str(found or "")
