"""Alarms of a proxy, told by e-mail."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from cognito_proxy.proxies.alarm_topic import alarm_topic
from cognito_proxy.proxies.edge_proxy import EdgeProxy
from cognito_proxy.proxies.regional_proxy import RegionalProxy

_PERIOD = Duration.minutes(5)


class ProxyAlarms(Construct):
    """One topic and its alarms, in the proxy's own stack or Region.

    Of a regional proxy three: API 5XX, errors of the function, throttled runs of the function. Of an edge proxy one:
    CloudFront's rate of 5xx, which counts what its function fails at, too. CloudFront tells its metrics in us-east-1;
    those of the function alone are spread over the Regions that it runs in.
    """

    topic: sns.Topic
    alarms: tuple[cloudwatch.Alarm, ...]

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        proxy: RegionalProxy | EdgeProxy,
        email: str | None = None,
        threshold: int = 5,
        error_rate_threshold: float = 5,
    ) -> None:
        """Make the topic and the alarms.

        Args:
            scope: The parent.
            construct_id: Id within `scope`.
            proxy: What is watched.
            email: Who is told; the address must be confirmed once. Default: - subscribe to `topic` yourself.
            threshold: Of a regional proxy: an alarm rings at so many events in five minutes, from 1. Default: 5.
            error_rate_threshold: Of an edge proxy: the alarm rings at so many percent of requests in five minutes,
                above 0, up to 100. Default: 5 percent.

        Raises:
            ValueError: a threshold is out of its bounds.
        """
        super().__init__(scope, construct_id)
        if threshold < 1:
            raise ValueError(f"threshold must be at least 1, not {threshold}")
        if not 0 < error_rate_threshold <= 100:
            raise ValueError(f"error_rate_threshold must be above 0, up to 100 percent, not {error_rate_threshold}")
        self.topic = alarm_topic(self, email=email)
        watched = (
            _of_regional(proxy, threshold)
            if isinstance(proxy, RegionalProxy)
            else _of_edge(proxy, error_rate_threshold)
        )
        self.alarms = tuple(self._new_alarm(alarm_id, what) for alarm_id, what in watched.items())

    def _new_alarm(self, alarm_id: str, watched: "_Watched") -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            alarm_id,
            metric=watched.metric,
            alarm_description=f"The sign-in proxy {watched.what}",
            threshold=watched.threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            # Nobody signed in: that is no alarm.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm


@dataclass(frozen=True, kw_only=True)
class _Watched:
    metric: cloudwatch.IMetric
    what: str
    threshold: float


def _of_regional(proxy: RegionalProxy, threshold: int) -> dict[str, _Watched]:
    metrics = {
        "ServerErrors": (proxy.stage.metric_server_error(period=_PERIOD, statistic="Sum"), "answered 5XX"),
        "FunctionErrors": (proxy.function.metric_errors(period=_PERIOD), "had errors in its function"),
        "FunctionThrottles": (proxy.function.metric_throttles(period=_PERIOD), "had no function to run"),
    }
    return {name: _Watched(metric=metric, what=what, threshold=threshold) for name, (metric, what) in metrics.items()}


def _of_edge(proxy: EdgeProxy, error_rate_threshold: float) -> dict[str, _Watched]:
    # The distribution's own metric in CDK lacks the second dimension, and so would match nothing:
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
    metric = cloudwatch.Metric(
        namespace="AWS/CloudFront",
        metric_name="5xxErrorRate",
        dimensions_map={"DistributionId": proxy.distribution.distribution_id, "Region": "Global"},
        statistic="Average",
        period=_PERIOD,
    )
    return {"ServerErrorRate": _Watched(metric=metric, what="answered 5xx", threshold=error_rate_threshold)}
