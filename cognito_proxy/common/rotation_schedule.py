"""How Secrets Manager comes to call a function that rotates a secret, and who learns that it failed."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IDependable

from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.property_error import PropertyError

_PERIOD = Duration.minutes(5)


def rotation_schedule(
    scope: Construct,
    *,
    secret: secretsmanager.ISecret,
    function: lambda_.IFunction,
    days: int,
    after: Sequence[IDependable],
) -> None:
    """Make `SecretsManagerPermission` and `Schedule` in `scope`, the latter when what is in `after` is there."""
    # Whether Secrets Manager names the secret as the source is not documented, so the condition is the account's
    # alone. That it is the right secret, the function sees to.
    permission = lambda_.CfnPermission(
        scope,
        "SecretsManagerPermission",
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        principal="secretsmanager.amazonaws.com",
        source_account=Stack.of(scope).account,
    )
    # CDK's own RotationSchedule would widen the role and leave the permission without a condition.
    schedule = secretsmanager.CfnRotationSchedule(
        scope,
        "Schedule",
        secret_id=secret.secret_arn,
        rotation_lambda_arn=function.function_arn,
        rotate_immediately_on_update=False,
        rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(automatically_after_days=days),
    )
    # Setting it up makes Secrets Manager call the function.
    schedule.node.add_dependency(permission, *after)


def rotation_alarm(
    scope: Construct, *, function: lambda_.IFunction, description: str, action: cloudwatch.IAlarmAction | None
) -> cloudwatch.Alarm:
    """Make `Alarm` in `scope`, which goes to ALARM when the function fails; without an action unless one is given."""
    alarm = cloudwatch.Alarm(
        scope,
        "Alarm",
        metric=function.metric_errors(period=_PERIOD),
        alarm_description=description,
        threshold=1,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    if action is not None:
        alarm.add_alarm_action(action)
    return alarm


def whole_days(name: str, every: Duration, *, least: int) -> int:
    """The days of a time between rotations.

    Raises:
        PropertyError: it is no whole number of days, or not from `least` to 1,000.
    """
    require_duration_between(name, every, Duration.days(least), Duration.days(1000))
    days = every.to_days(integral=False)
    if days != int(days):
        raise PropertyError(f"{name} must be whole days, not {every.to_human_string()}")
    return int(days)
