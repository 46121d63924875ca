"""One run of attacks on one machine: bring the proxy up, put users into the pool, play, and report."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from local.attack.bypass import CALLS, try_to_bypass
from local.attack.cast import Cast, enrol, public_client
from local.attack.clock import SimulatedClock
from local.attack.firewall import SwitchedFirewall, Template, default_web_acl, guarded
from local.attack.phone_rules import PhoneRulesSwitch
from local.attack.play import Stage, play
from local.attack.results import Report, Setting
from local.attack.scenario_logs import ScenarioLogs
from local.attack.scenarios import Scenario
from local.attack.suggestions import Operator
from local.deployment.assembly import Assembly
from local.deployment.synth import synthesize
from local.errors import as_local_run_error
from local.run import DEFAULT_REGION, LocalRun, local_run
from local.simulators.common.root_client import ACCOUNT_ID

USUAL_SECONDS = 60
"""`ATTACK_SECONDS` at which each scenario makes the calls that it says: scale 1."""

CONTEXT = {"log_plain": "true"}
"""Flags of the app beside the variant: blocks need addresses, and by default the functions log keyed hashes."""

PHONE_RULES = {"phone_countries": "+1,+44,-1876", "message_limit": "60"}
"""The same, where a scenario is played with phone rules: six messages for each range of numbers, 60 for all."""

_LATEST = 5.0
"""After so many times the seconds that were asked for, playing ends, whatever is left."""


def attack(
    *,
    variant: str,
    scenarios: Sequence[Scenario],
    seconds: int,
    work_dir: Path,
    cast: Cast,
    command: str,
    say: Callable[[str], None],
    meet: Callable[[LocalRun], None] = lambda _: None,
) -> Report:
    """Play the scenarios against a run of the variant.

    The number of calls grows with `seconds`; how long they take depends on the machine, and after five times
    `seconds` no more are made. `meet` gets the run before it ends.
    Raises LocalRunError with a reason in one line, and Stopped after a signal.
    """
    firewall, logs, scale = SwitchedFirewall(), ScenarioLogs(), seconds / USUAL_SECONDS
    ipv6 = any(scenario.ipv6 for scenario in scenarios)
    with_rules = any(Setting.PHONE_RULES in scenario.settings for scenario in scenarios)
    with local_run(
        variant=variant,
        context=CONTEXT | (PHONE_RULES if with_rules else {}),
        work_dir=work_dir,
        guard=firewall.guard,
        asked_logs=logs.of,
        callers_say_their_address=True,
        say=say,
    ) as run:
        cognito, pool_id = run.client("cognito-idp"), run.outputs.user_pool_id
        say("putting users into the pool")
        enrol(cognito, pool_id, cast, victims=round(scale * max(scenario.calls for scenario in scenarios)))
        with as_local_run_error():
            web_acls = _web_acls(run, variant, work_dir, ipv6=ipv6)
            not_evaluated = default_web_acl(web_acls[False], SimulatedClock()).not_evaluated
        stage = Stage(
            run=run,
            firewall=firewall,
            web_acls=web_acls,
            phone_rules=PhoneRulesSwitch(run),
            logs=logs,
            operator=Operator(run.outputs, run.outputs_file),
            public_client_id=public_client(cognito, pool_id),
            cast=cast,
            scale=scale,
        )
        started = time.monotonic()
        passed = try_to_bypass(stage)
        played = play(stage, scenarios, until=started + _LATEST * seconds, say=say)
        meet(run)
        return Report(
            variant=variant,
            command=command,
            date=datetime.now(UTC).date().isoformat(),
            seconds=round(time.monotonic() - started, 1),
            bypass_sent=CALLS,
            bypass_passed=passed,
            played=tuple(played),
            not_evaluated=not_evaluated,
        )


def _web_acls(run: LocalRun, variant: str, work_dir: Path, *, ipv6: bool) -> Mapping[bool, Template]:
    """The default web ACL as deployed, and that of a proxy with IPv6, which is synthesized for it."""
    found = {False: guarded(stack.template for stack in run.stacks.values())}
    if ipv6:
        out_dir = synthesize(
            context={"variant": variant, "ipv6": "true"},
            out_dir=work_dir / "cdk.out" / f"{variant}-ipv6",
            account=ACCOUNT_ID,
            region=DEFAULT_REGION,
        )
        found[True] = guarded(stack.template() for stack in Assembly(out_dir).stacks)
    return found
