"""What all alarms of this room have in common."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct


def new_alarm(
    scope: Construct,
    construct_id: str,
    *,
    topic: sns.ITopic,
    metric: cloudwatch.IMetric,
    threshold: float,
    description: str,
    periods: int = 3,
    of_periods: int = 2,
    rare_samples_ignored: bool = False,
) -> cloudwatch.Alarm:
    """An alarm that rings when `of_periods` of the last `periods` reach `threshold`, and publishes to `topic`."""
    alarm = cloudwatch.Alarm(
        scope,
        construct_id,
        metric=metric,
        alarm_description=description,
        threshold=threshold,
        evaluation_periods=periods,
        datapoints_to_alarm=of_periods,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        # Nobody signed in: that is no alarm.
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        # A percentile of few calls says nothing.
        evaluate_low_sample_count_percentile="ignore" if rare_samples_ignored else None,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
    return alarm
