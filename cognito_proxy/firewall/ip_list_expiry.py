"""Notes and expiry for the lists that people edit by hand."""

from pathlib import Path

from aws_cdk import Duration, IgnoreMode, RemovalPolicy, Stack, Tags
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.customer_key import TABLE_ACTIONS, through
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import python_function
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.list_edits.table_layout import PARTITION_KEY, SORT_KEY, TABLE_TAG

_CODE = "list_edits"
_TIMEOUT = Duration.minutes(2)


class IpListExpiry(Construct):
    """A table for what `cognito-proxy ip` keeps about addresses, and a function that takes off what has expired.

    The command finds the table by a tag of the web ACL. Like the IP sets themselves, the table outlives its stack, so
    that a renamed construct does not take the notes with it. But without the function nothing expires any more.

    Whoever may write to the table decides what is on the lists: the function carries it out.
    """

    table: dynamodb.Table
    """An entry for each address; `list_edits` says what it holds."""

    function: lambda_.Function
    """What takes off expired addresses, and finishes what a command left behind."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        web_acl: ProxyWebAcl,
        interval: Duration | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        """Make the table, the function and its schedule.

        Args:
            scope: The parent, in the web ACL's stack.
            construct_id: Id within `scope`.
            web_acl: Whose by-hand lists these are.
            interval: How often the function looks, and so how much later than asked for an address comes off the
                list; whole minutes from 1 to 60. Default: 5 minutes.
            log_retention: How long its log is kept; it holds numbers, no addresses. Default: one month.
            encryption_key: Customer-managed key of the table and of the function's log and environment. Who runs
                `cognito-proxy ip` must be allowed to use it through DynamoDB. Default: - DynamoDB's and CloudWatch's
                own.

        Raises:
            PropertyError: `interval` is out of its bounds, or the web ACL is in another stack.
        """
        super().__init__(scope, construct_id)
        every = interval or Duration.minutes(5)
        require_duration_between("interval", every, Duration.minutes(1), Duration.minutes(60))
        if not every.is_unresolved() and every.to_milliseconds() % 60_000:
            raise PropertyError(f"interval must be whole minutes, not {every.to_human_string()}")
        if Stack.of(self) is not Stack.of(web_acl):
            raise PropertyError(
                f"web_acl must be in the same stack, {Stack.of(self).stack_name}, not in {Stack.of(web_acl).stack_name}"
            )
        self.table = self._new_table(encryption_key)
        Tags.of(web_acl.web_acl).add(TABLE_TAG, self.table.table_name)
        self.function = self._new_function(web_acl, log_retention, encryption_key)
        events.Rule(
            self,
            "Schedule",
            schedule=events.Schedule.rate(every),
            description="Takes expired addresses off the sign-in proxy's lists",
            targets=[targets.LambdaFunction(self.function)],
        )

    def metric_errors(self) -> cloudwatch.Metric:
        """Runs in which a list could not be updated; sum in five minutes. The next run tries again."""
        return self.function.metric_errors(period=Duration.minutes(5))

    def _new_table(self, encryption_key: kms.IKey | None) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name=PARTITION_KEY, type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name=SORT_KEY, type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            # No time to live: DynamoDB would delete the entry and leave the address on the list.
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption_key=encryption_key,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )

    def _new_function(
        self, web_acl: ProxyWebAcl, log_retention: logs.RetentionDays, encryption_key: kms.IKey | None
    ) -> lambda_.Function:
        by_hand = [ip_set.attr_arn for each in (web_acl.allow_list, web_acl.deny_list) for ip_set in (each.v4, each.v6)]
        function = python_function(
            self,
            code=_code(),
            handler=f"{_CODE}.handler.handler",
            description="Takes expired addresses off the sign-in proxy's lists",
            timeout=_TIMEOUT,
            memory_size=256,
            log_retention=log_retention,
            encryption_key=encryption_key,
            environment={"TABLE_NAME": self.table.table_name, "IP_SET_ARNS": ",".join(by_hand)},
        )
        for actions, resources in (
            (["wafv2:GetIPSet", "wafv2:UpdateIPSet"], by_hand),
            (["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"], [self.table.table_arn]),
        ):
            function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources))
        if encryption_key is not None:
            function.add_to_role_policy(through("dynamodb", self, encryption_key, actions=TABLE_ACTIONS))
        return function


def _code() -> lambda_.Code:
    """The folder that the command line imports, too, and nothing beside it."""
    return lambda_.Code.from_asset(
        str(Path(__file__).resolve().parents[1]),
        exclude=["/*", f"!/{_CODE}", "__pycache__", "*.pyc"],
        ignore_mode=IgnoreMode.GIT,
    )
