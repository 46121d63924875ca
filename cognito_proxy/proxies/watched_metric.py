"""What of a proxy is worth an alarm; each kind of proxy names its own."""

from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

WATCHED_PERIOD = Duration.minutes(5)
"""Over which each watched metric is summed up or averaged."""


class Measure(StrEnum):
    """What a metric counts, and so which of the alarms' thresholds it is held against."""

    EVENTS = "events"
    PERCENT = "percent"


@dataclass(frozen=True, kw_only=True)
class WatchedMetric:
    """A metric that goes up when users suffer."""

    alarm_id: str
    """Construct id of its alarm: a contract, as every construct id is."""

    metric: cloudwatch.IMetric
    """Over `WATCHED_PERIOD`."""

    what: str
    """What the proxy did, for the alarm's description: `answered 5XX`."""

    measure: Measure
    """What it counts."""

    threshold: float | None = None
    """At which the alarm rings. Default: - the alarms' own for this measure."""
