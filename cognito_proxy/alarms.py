"""Alarms of a regional proxy, told by e-mail."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from cognito_proxy.regional_proxy import RegionalProxy

_PERIOD = Duration.minutes(5)


class ProxyAlarms(Construct):
    """One topic and three alarms: API 5XX, errors of the function, throttled runs of the function."""

    topic: sns.Topic
    alarms: tuple[cloudwatch.Alarm, ...]

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        proxy: RegionalProxy,
        email: str | None = None,
        threshold: int = 5,
    ) -> None:
        """Make the topic and the alarms.

        Args:
            scope: The parent.
            construct_id: Id within `scope`.
            proxy: What is watched.
            email: Who is told; the address must be confirmed once. Default: - subscribe to `topic` yourself.
            threshold: An alarm rings at so many events in five minutes, from 1. Default: 5.

        Raises:
            ValueError: `threshold` is below 1.
        """
        super().__init__(scope, construct_id)
        if threshold < 1:
            raise ValueError(f"threshold must be at least 1, not {threshold}")
        self.topic = self._new_topic()
        if email is not None:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
        watched = {
            "ServerErrors": (proxy.stage.metric_server_error(period=_PERIOD, statistic="Sum"), "answered 5XX"),
            "FunctionErrors": (proxy.function.metric_errors(period=_PERIOD), "had errors in its function"),
            "FunctionThrottles": (proxy.function.metric_throttles(period=_PERIOD), "had no function to run"),
        }
        self.alarms = tuple(
            self._new_alarm(alarm_id, metric, f"The sign-in proxy {what}", threshold)
            for alarm_id, (metric, what) in watched.items()
        )

    def _new_alarm(
        self, alarm_id: str, metric: cloudwatch.IMetric, description: str, threshold: int
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            alarm_id,
            metric=metric,
            alarm_description=description,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            # Nobody signed in: that is no alarm.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm

    def _new_topic(self) -> sns.Topic:
        cloudwatch_service = iam.ServicePrincipal(
            "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
        )
        # A key of its own, because CloudWatch may not use the account's key `aws/sns`.
        key = kms.Key(self, "Key", enable_key_rotation=True, description="Messages of the sign-in proxy's alarms")
        key.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey*"], principals=[cloudwatch_service], resources=["*"]
            )
        )
        topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        # A topic with a policy of its own has lost the default one, which let CloudWatch publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(actions=["sns:Publish"], principals=[cloudwatch_service], resources=[topic.topic_arn])
        )
        return topic
