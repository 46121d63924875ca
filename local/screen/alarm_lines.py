"""The states of the alarms on the screen: a line when one changes, with why and what to do."""

import re
import time
from collections.abc import Callable, Iterator, Sequence

from local.fronts.metrics import is_blind
from local.screen.screen import Aside
from local.simulators.cloudwatch.alarms import EXTRA_PERIODS, Alarm, Judgement, State, judge
from local.simulators.cloudwatch.metrics import MINUTE, MetricStore, Point

SETTLE_SECONDS = 15.0
"""After a minute ends, until its alarms are looked at: lines of functions come a little late."""

KEPT_SECONDS = 3600.0
"""Of samples. The longest look of the app's alarms goes back 25 minutes."""

PAGE = "docs/monitoring.md#the-alarms"

_HASH = re.compile(r"[0-9A-F]{8}$")
_PLACES = re.compile(r"^(Monitoring)?(Alarms|CognitoAlarms|Cognito)?(?=[A-Z])")

Tell = Callable[[str | Aside], None]


class AlarmLines:
    """Looks at all alarms once a minute, and tells which changed. For one thread.

    Raises ValueError when an alarm looks further back than samples are kept.
    """

    def __init__(
        self,
        alarms: Sequence[Alarm],
        store: MetricStore,
        tell: Tell,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._alarms = [alarm for alarm in alarms if not is_blind(alarm)]
        self._blind = [alarm for alarm in alarms if is_blind(alarm)]
        if any((alarm.periods + EXTRA_PERIODS) * alarm.period > KEPT_SECONDS for alarm in alarms):
            raise ValueError(f"an alarm looks further back than {KEPT_SECONDS:.0f} seconds")
        self._store = store
        self._tell = tell
        self._now = now
        self._states = {alarm.logical_id: State.OK for alarm in self._alarms}
        self._looked = now() // MINUTE * MINUTE

    def beginning(self) -> Iterator[tuple[str, str]]:
        """Label and text of what to say first; nothing where there are no alarms."""
        if self._alarms:
            yield "Alarms", f"{len(self._alarms)} are looked at each minute. A line tells when one changes; see {PAGE}"
        if self._blind:
            names = ", ".join(alarm_name(alarm.logical_id) for alarm in self._blind)
            yield "Alarms not seen here", f"{names}: one machine has none of what they look at"

    def look(self) -> None:
        """Judge once for each minute that has ended and settled; after a pause of the machine for the last one only."""
        end = (self._now() - SETTLE_SECONDS) // MINUTE * MINUTE
        if end <= self._looked:
            return
        self._looked = end
        for alarm in self._alarms:
            before = self._states[alarm.logical_id]
            judgement = judge(alarm, self._store, end=end, before=before)
            if judgement.state is not before:
                self._states[alarm.logical_id] = judgement.state
                text = f"{time.strftime('%H:%M:%S')}  {sentence(alarm, before, judgement)}"
                self._tell(text if judgement.state is State.ALARM else Aside(text, style="green"))


def alarm_name(logical_id: str) -> str:
    """As docs/monitoring.md has it: `BlockedRequests` of `MonitoringBlockedRequestsDEF0938A`."""
    return _PLACES.sub("", _HASH.sub("", logical_id))


def sentence(alarm: Alarm, before: State, judgement: Judgement) -> str:
    """What changed, why, and what to do."""
    name = alarm_name(alarm.logical_id)
    minutes = alarm.period // MINUTE
    values = ", ".join(_value(point) for point in judgement.points)
    threshold = _value(alarm.threshold)
    why, rule = f"in {minutes} minutes: {values}", f"rings at {threshold}"
    if alarm.periods > 1:
        why = f"in {minutes} minutes each: {values}"
        rule = f"rings when {alarm.to_alarm} of {alarm.periods} reach {threshold}"
    if judgement.state is State.OK:
        return f"alarm {name}: {before} -> {judgement.state} ({why}; {rule})"
    return f"alarm {name}: {before} -> {judgement.state}. {alarm.description} ({why}; {rule}). What to do: {PAGE}"


def _value(point: Point) -> str:
    """A number as people write it; a period without data is nothing that breaches."""
    if point is None:
        return "no data"
    return f"{point:,.0f}" if point == int(point) else f"{point:,.1f}"
