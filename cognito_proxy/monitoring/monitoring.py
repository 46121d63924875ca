"""A dashboard of a proxy and the alarms that go with it."""

from collections.abc import Iterator, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from cognito_proxy.app_clients.cross_region import in_region_of
from cognito_proxy.common.checks import require_between, require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.monitoring import _metrics as metrics
from cognito_proxy.monitoring._alarm import new_alarm
from cognito_proxy.monitoring._view import view_of
from cognito_proxy.monitoring._widgets import rows
from cognito_proxy.monitoring.cognito_alarms import CognitoAlarms
from cognito_proxy.monitoring.cognito_limits import CognitoLimits
from cognito_proxy.monitoring.edge_regions import EDGE_CACHE_REGIONS
from cognito_proxy.proxies.alarms import ProxyAlarms
from cognito_proxy.proxies.regional_proxy import RegionalProxy
from cognito_proxy.proxies.sign_in_proxy import SignInProxy

_DEFAULT_LIMITS = CognitoLimits()
_DEFAULT_LATENCY = Duration.seconds(3)

LEAST_CALLS = 20
"""In five minutes, below which a share of failed calls rings no alarm: one of three is no trend."""


class Monitoring(Construct):
    """One dashboard, one topic, and alarms: those of `ProxyAlarms`, of the function's own metrics, and of Cognito.

        Monitoring(self, "Monitoring", proxy=proxy, email="ops@example.com")

    What a regional proxy has beyond an edge proxy: alarms of the share of failed calls, of latency, of calls that
    Cognito throttled and, with a ceiling for messages, of calls that it refused. At the edge the function's metrics are
    spread over Regions and an alarm looks at one, so they are on the dashboard only; CloudFront's rate of 5xx rings
    there.

    With a user pool in another Region, make `CognitoAlarms` in the pool's stack: an alarm looks at its own Region.
    docs/monitoring.md says what each alarm means, and what all this costs.
    """

    dashboard: cloudwatch.Dashboard
    """Named by CloudFormation."""

    topic: sns.ITopic
    """Subscribe to it who else is to be told."""

    alarms: tuple[cloudwatch.Alarm, ...]
    """All that publish to `topic`, but those of rotations, which are the app clients' own."""

    cognito_alarms: CognitoAlarms | None
    """Of quotas and rotations. None with a user pool in another Region."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        proxy: SignInProxy,
        email: str | None = None,
        proxy_alarms: ProxyAlarms | None = None,
        limits: CognitoLimits = _DEFAULT_LIMITS,
        failed_percent: float = 5,
        latency: Duration = _DEFAULT_LATENCY,
        throttled_calls: int = 10,
        blocked_requests: int = 1_000,
        edge_regions: Sequence[str] = EDGE_CACHE_REGIONS,
    ) -> None:
        """Make the dashboard and the alarms.

        Args:
            scope: The parent, in the proxy's Region.
            construct_id: Id within `scope`.
            proxy: What is watched, a `RegionalProxy` or an `EdgeProxy`.
            email: Who is told; the address must be confirmed once. Default: - subscribe to `topic` yourself.
            proxy_alarms: Of this proxy, if there are some already: they keep their ids, and their topic tells of
                everything. Default: - they are made here.
            limits: Cognito's quotas of the account. Default: AWS's defaults.
            failed_percent: Of a regional proxy: share of calls that the proxy failed at, above 0, up to 100. Fewer than
                20 calls in five minutes ring no alarm. Default: 5 percent.
            latency: Of a regional proxy: what nine in ten calls must stay under, from 0.1 to 30 seconds.
                Default: 3 seconds.
            throttled_calls: Of a regional proxy: calls in five minutes that Cognito throttled, from 1. Default: 10.
            blocked_requests: In five minutes, by the web ACL, from 1. Default: 1,000.
            edge_regions: Of an edge proxy: the Regions whose metrics the dashboard has. Default: those of CloudFront's
                regional edge caches.

        Raises:
            PropertyError: a property is out of its bounds, or `email` is given beside `proxy_alarms`.
        """
        super().__init__(scope, construct_id)
        if proxy_alarms is not None and email is not None:
            raise PropertyError("email: given beside proxy_alarms, whose topic tells of everything; give it to those")
        require_between("failed_percent", failed_percent, 0.01, 100, "percent")
        require_duration_between("latency", latency, Duration.millis(100), Duration.seconds(30))
        require_between("throttled_calls", throttled_calls, 1, 1_000_000_000)
        require_between("blocked_requests", blocked_requests, 1, 1_000_000_000)
        base = proxy_alarms or ProxyAlarms(self, "Alarms", proxy=proxy, email=email)
        self.topic = base.topic
        self.cognito_alarms = None
        own: list[cloudwatch.Alarm] = []
        if isinstance(proxy, RegionalProxy):
            own += self._of_calls(
                proxy, failed_percent=failed_percent, latency=latency, throttled_calls=throttled_calls
            )
            if proxy.phone_rules is not None and proxy.phone_rules.has_ceilings:
                own.append(self._of_messages(proxy))
        if proxy.web_acl is not None and in_region_of(self, proxy.web_acl):
            dimensions = dict(proxy.web_acl.metric_dimensions)
            own.append(self._of_blocks(dimensions, blocked_requests))
        if in_region_of(self, proxy.app_clients[0]):
            self.cognito_alarms = CognitoAlarms(
                self, "Cognito", topic=self.topic, app_clients=proxy.app_clients, limits=limits
            )
            own += self.cognito_alarms.alarms
        self.alarms = (*base.alarms, *own)
        view = view_of(self, proxy, edge_regions=edge_regions, limits=limits)
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            default_interval=Duration.hours(12),
            widgets=[list(row) for row in rows(view, self.alarms)],
        )

    def _of_calls(
        self, proxy: RegionalProxy, *, failed_percent: float, latency: Duration, throttled_calls: int
    ) -> Iterator[cloudwatch.Alarm]:
        function = proxy.function.function_name
        errors, requests, throttles = (
            metrics.of_proxy(name, variant="regional", function=function)
            for name in ("Errors", "Requests", "Throttles")
        )
        yield new_alarm(
            self,
            "FailedCalls",
            topic=self.topic,
            metric=cloudwatch.MathExpression(
                expression=f"IF(requests >= {LEAST_CALLS}, 100 * errors / requests, 0)",
                using_metrics={"errors": errors, "requests": requests},
                label="Failed calls, percent",
                period=metrics.PERIOD,
            ),
            threshold=failed_percent,
            description="The sign-in proxy failed at a share of its calls; lines with the outcome failed say why",
        )
        yield new_alarm(
            self,
            "Latency",
            topic=self.topic,
            metric=metrics.of_proxy("Latency", variant="regional", function=function, statistic="p90"),
            threshold=latency.to_milliseconds(),
            description="One in ten calls of the sign-in proxy took longer than users should wait",
            of_periods=3,
            rare_samples_ignored=True,
        )
        yield new_alarm(
            self,
            "ThrottledCalls",
            topic=self.topic,
            metric=throttles,
            threshold=throttled_calls,
            description="Cognito throttled calls of the sign-in proxy",
        )

    def _of_messages(self, proxy: RegionalProxy) -> cloudwatch.Alarm:
        """At once: while it bites, users who have done nothing wait for their codes, too."""
        return new_alarm(
            self,
            "MessageCeiling",
            topic=self.topic,
            metric=metrics.refusals("messages", variant="regional", function=proxy.function.function_name),
            threshold=1,
            description="A ceiling of the sign-in proxy's for messages is reached: message fraud, or it is too low",
            periods=1,
            of_periods=1,
        )

    def _of_blocks(self, dimensions: dict[str, str], threshold: int) -> cloudwatch.Alarm:
        return new_alarm(
            self,
            "BlockedRequests",
            topic=self.topic,
            metric=metrics.of_web_acl("BlockedRequests", dimensions, rule="ALL"),
            threshold=threshold,
            description="The firewall blocks many more requests than usual: a flood, or users of a large network",
        )
