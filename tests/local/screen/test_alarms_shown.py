"""A local run with small limits: a flood rings the alarm on the screen, which goes back; quiet times ring none."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from aws_cdk import App
from aws_cdk import aws_cloudwatch as cloudwatch

import app as deployment_plan
from local import LocalRun
from local.command import _alarms, watched
from local.deployment.deploy import DeployedStack
from local.run import local_run
from local.screen.screen import Screen
from tests.local.plain_http import call

SIGN_UPS, BLOCKED = 10, 15
"""From one address in five minutes, beyond which the firewall blocks; blocked ones at which the alarm rings."""

pytestmark = pytest.mark.timeout(300)


@dataclass(kw_only=True)
class Watched:
    """A run, its screen, and the time that its alarms see."""

    run: LocalRun
    out: io.StringIO = field(default_factory=io.StringIO)
    ahead: float = 0.0

    def __post_init__(self) -> None:
        self.screen = Screen(file=self.out)

    def now(self) -> float:
        return time.time() + self.ahead

    def pass_minutes(self, minutes: int) -> None:
        """Let them pass one after another, each long enough for a look; then show what is to be shown."""
        for _ in range(minutes):
            self.ahead += 60
            time.sleep(0.15)
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            self.screen.show(seconds=0.1)

    def alarms(self) -> list[str]:
        """The lines on alarms so far, without the time that they begin with."""
        return [line[10:] for line in self.out.getvalue().splitlines() if line[10:].startswith("alarm ")]

    def sign_up(self, count: int) -> None:
        """As anybody: the firewall counts, whatever comes of it."""
        for _ in range(count):
            call(self.run.endpoint, "SignUp", {"ClientId": self.run.outputs.client_id})


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app as it is, but that few blocked requests ring."""
    folder = tmp_path_factory.mktemp("assembly")
    app = App(outdir=str(folder), context={"sign_up_rate_limit": str(SIGN_UPS)})
    deployment_plan.plan(app)
    (alarm,) = (
        construct
        for construct in app.node.find_all()
        if isinstance(construct, cloudwatch.CfnAlarm) and construct.metric_name == "BlockedRequests"
    )
    alarm.threshold = BLOCKED
    app.synth()
    return folder


@pytest.fixture(scope="module")
def seen(assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with local_run(work_dir=tmp_path_factory.mktemp("run"), assembly_dir=assembly) as run:
        found = Watched(run=run)
        with watched(found.screen, run, verbose=False, now=found.now, every=0.05):
            yield found
        assert [thread.name for thread in threading.enumerate() if thread.name == "looking"] == []


def test_an_alarm_that_is_not_modelled_is_named_and_the_run_goes_on() -> None:
    out = io.StringIO()
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"ComparisonOperator": "LessThanThreshold"}}
    stack = DeployedStack(
        name="Other", region="eu-west-1", template={"Resources": {"Low": alarm}}, outputs={}, physical_ids={}
    )
    assert _alarms(Screen(file=out), SimpleNamespace(stacks={"Other": stack})) == []  # type: ignore[arg-type]
    assert out.getvalue() == "Alarms: none are looked at here: Low: not modelled: LessThanThreshold\n"


def test_says_first_how_many_alarms_there_are_and_which_see_nothing(seen: Watched) -> None:
    first, blind = seen.out.getvalue().splitlines()[:2]
    assert (
        first
        == "Alarms: 18 are looked at each minute. A line tells when one changes; see docs/monitoring.md#the-alarms"
    )
    names = "FunctionErrors, FunctionThrottles, UserFederation50, UserFederation70, UserFederation90"
    assert blind == f"Alarms not seen here: {names}: one machine has none of what they look at"


def test_a_flood_rings_once_and_is_over_when_it_is_over_and_quiet_times_ring_none(seen: Watched) -> None:
    seen.sign_up(1)
    seen.pass_minutes(20)
    assert seen.alarms() == []
    for _ in range(2):
        seen.sign_up(SIGN_UPS + BLOCKED + 5)
        seen.pass_minutes(5)
    seen.pass_minutes(1)
    (line,) = seen.alarms()
    assert line.startswith("alarm BlockedRequests: OK -> ALARM. The firewall blocks many more requests than usual")
    assert line.endswith("rings when 2 of 3 reach 15). What to do: docs/monitoring.md#the-alarms")
    seen.pass_minutes(30)
    _, over = seen.alarms()
    assert over.startswith("alarm BlockedRequests: ALARM -> OK (in 5 minutes each: ")
