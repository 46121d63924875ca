"""Alarms of a proxy, told by e-mail."""

from aws_cdk import Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.proxies.alarm_topic import alarm_topic
from cognito_proxy.proxies.sign_in_proxy import SignInProxy
from cognito_proxy.proxies.watched_metric import Measure, WatchedMetric


class ProxyAlarms(Construct):
    """One topic and its alarms, in the proxy's own stack or Region.

    Of a regional proxy three: API 5XX, errors of the function, throttled runs of the function. Each option that may
    fail at its own work adds its own, as docs/monitoring.md lists them. Of an edge proxy one: CloudFront's rate of 5xx,
    which counts what its function fails at, too. CloudFront tells its metrics in us-east-1; those of the function alone
    are spread over the Regions that it runs in.
    """

    topic: sns.Topic
    """Subscribe to it who else is to be told."""

    alarms: tuple[cloudwatch.Alarm, ...]
    """Each publishes to `topic`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        proxy: SignInProxy,
        email: str | None = None,
        threshold: int = 5,
        error_rate_threshold: float = 5,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        """Make the topic and the alarms.

        Args:
            scope: The parent.
            construct_id: Id within `scope`.
            proxy: What is watched, a `RegionalProxy` or an `EdgeProxy`.
            email: Who is told; the address must be confirmed once. Default: - subscribe to `topic` yourself.
            threshold: Of a regional proxy: one of the three rings at so many events in five minutes, from 1.
                Default: 5.
            error_rate_threshold: Of an edge proxy: the alarm rings at so many percent of requests in five minutes,
                above 0, up to 100. Default: 5 percent.
            encryption_key: Customer-managed key of the topic. Default: - a new one, for the topic alone.

        Raises:
            PropertyError: a threshold is out of its bounds.
        """
        super().__init__(scope, construct_id)
        if not Token.is_unresolved(threshold) and threshold < 1:
            raise PropertyError(f"threshold must be at least 1, not {threshold}")
        if not Token.is_unresolved(error_rate_threshold) and not 0 < error_rate_threshold <= 100:
            raise PropertyError(f"error_rate_threshold must be above 0, up to 100 percent, not {error_rate_threshold}")
        self.topic = alarm_topic(self, email=email, encryption_key=encryption_key)
        thresholds = {Measure.EVENTS: threshold, Measure.PERCENT: error_rate_threshold}
        self.alarms = tuple(
            self._new_alarm(watched, watched.threshold or thresholds[watched.measure])
            for watched in proxy.watched_metrics()
        )

    def _new_alarm(self, watched: WatchedMetric, threshold: float) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            watched.alarm_id,
            metric=watched.metric,
            alarm_description=f"The sign-in proxy {watched.what}",
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            # Nobody signed in: that is no alarm.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm
