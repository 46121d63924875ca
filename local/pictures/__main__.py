"""`make pictures`: play a morning under attack, and draw the dashboard over it into docs/images/."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import stopping
from local.attack.day import MORNING, RecordedDay, record_day
from local.errors import LocalRunError
from local.fronts.metrics import alarms_of, deployed_text, is_blind
from local.paths import ROOT, WORK_DIR, nearby
from local.pictures.dashboard import draw
from local.simulators.cloudwatch.alarms import State, judge
from local.simulators.cloudwatch.metrics import MINUTE
from local.stopping import Stopped

_TARGET = ROOT / "docs" / "images" / "dashboard.png"


def main() -> int:
    """Draw it. Gives the exit code: 1 when the morning could not be played, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m local.pictures", description="Draw the documents' dashboard.")
    parser.add_argument("--png", type=Path, default=_TARGET, help=f"where to (default: {nearby(_TARGET)})")
    parser.add_argument("--work-dir", type=Path, default=WORK_DIR / "pictures", help="folder of the run")
    options = parser.parse_args()
    stopping.heed_signals()
    try:
        day = record_day(MORNING, work_dir=options.work_dir, say=print)
    except Stopped:
        return 130
    except LocalRunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    draw(dashboard_of(day), day, states_of(day), options.png)
    print(f"drawn: {nearby(options.png.resolve())}")
    return 0


def dashboard_of(day: RecordedDay) -> dict[str, Any]:
    """The body of the deployed dashboard."""
    (body,) = _dashboards(day)
    return body


def states_of(day: RecordedDay) -> dict[str, State | None]:
    """The state of each alarm at the end of the day, looked at minute by minute; None: it sees nothing here."""
    found: dict[str, State | None] = {}
    for alarm in alarms_of(day.stacks):
        state = State.OK
        for end in range(MINUTE, day.seconds + 1, MINUTE):
            state = judge(alarm, day.metrics, end=end, before=state).state
        found[alarm.logical_id] = None if is_blind(alarm) else state
    return found


def _dashboards(day: RecordedDay) -> Iterator[dict[str, Any]]:
    for stack in day.stacks:
        for resource in stack.template["Resources"].values():
            if resource["Type"] == "AWS::CloudWatch::Dashboard":
                yield json.loads(deployed_text(stack)(resource["Properties"]["DashboardBody"]))


if __name__ == "__main__":
    sys.exit(main())
