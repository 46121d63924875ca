"""What an interceptor adds to a proxy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cognito_proxy.common.reach import Reach

_PERIOD = Duration.minutes(5)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A metric that is worth an alarm."""

    alarm_id: str
    """Construct id of its alarm: a contract, as every construct id is."""

    metric: cloudwatch.IMetric
    """Over five minutes."""

    what: str
    """What the proxy did, for the alarm's description."""

    threshold: float | None = None
    """Events in five minutes at which it rings. Default: - as many as the others' alarms ring at."""


def counted(function: lambda_.IFunction, name: str) -> cloudwatch.Metric:
    """What the regional function counts under a name of `proxy.metrics.COUNTED`, over five minutes."""
    return cloudwatch.Metric(
        namespace="CognitoProxy",
        metric_name=name,
        dimensions_map={"variant": "regional", "function": function.function_name},
        statistic="Sum",
        period=_PERIOD,
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """What one interceptor needs of the proxy's function, and what it has made for itself."""

    settings: Mapping[str, Mapping[str, Any]]
    """Its parts of the settings document, by their keys. Values may be known at deploy time only."""

    longest: Mapping[str, Mapping[str, Any]] | None = None
    """The same with stand-ins, each as long as the value can get, to tell whether the document fits. Default: - the
    settings themselves, where nothing in them is known at deploy time only."""

    files: Mapping[str, Path] = field(default_factory=dict)
    """What is bundled beside `proxy/`: path within the function's asset to the file. Default: nothing."""

    grant: Callable[[lambda_.Function], None] = field(default=lambda _: None)
    """Gives the function's role what it needs. Default: nothing."""

    reaches: Sequence[Reach] = ()
    """What it calls, so that a private network has the endpoints for it. Default: nothing."""

    watched: Callable[[lambda_.IFunction], Sequence[Watched]] = field(default=lambda _: ())
    """What of it is worth an alarm, by the proxy's function. Default: nothing."""


class ProxyInterceptor(Protocol):
    """What a proxy takes for each of its interceptors."""

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> Made:
        """Make its resources in `scope`, encrypted with a key of the user's where one is given."""


def make_all(
    scope: Construct, interceptors: Iterable[ProxyInterceptor | None], *, encryption_key: kms.IKey | None = None
) -> tuple[Made, ...]:
    """Make those that there are, in their order."""
    return tuple(
        interceptor.make(scope, encryption_key=encryption_key)
        for interceptor in interceptors
        if interceptor is not None
    )
