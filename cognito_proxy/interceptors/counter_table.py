"""The table of a proxy's shared counters."""

from collections.abc import Collection
from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.customer_key import TABLE_ACTIONS, through
from cognito_proxy.common.reach import Destination, Reach
from cognito_proxy.interceptors.made import Watched, counted

PARTITION_KEY = "key"
EXPIRY = "expires"
"""Both as in `lambda/proxy/counters.py`; a test compares them."""

LONGEST_TABLE_NAME = 255
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html"""

_TABLE = "CounterTable"


def counter_table(scope: Construct, *, encryption_key: kms.IKey | None = None) -> dynamodb.Table:
    """Make `CounterTable` in `scope`, or find the one that another interceptor has made there.

    Keys are keyed hashes; the values are counts and times. It goes when the proxy does: what is lost is how often
    somebody tried within the last window, and from where users have signed in before. Hence no backups, either.

    Args:
        scope: the proxy.
        encryption_key: a key of the user's. Default: DynamoDB's own.
    """
    made = scope.node.try_find_child(_TABLE)
    if made is not None:
        return cast("dynamodb.Table", made)
    table = dynamodb.Table(
        scope,
        _TABLE,
        partition_key=dynamodb.Attribute(name=PARTITION_KEY, type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        time_to_live_attribute=EXPIRY,
        encryption=None if encryption_key is None else dynamodb.TableEncryption.CUSTOMER_MANAGED,
        encryption_key=encryption_key,
        removal_policy=RemovalPolicy.DESTROY,
    )
    acknowledge(table, {"DDB3": "Counts of attempts that are over within a day, and marks that a sign-in makes again."})
    return table


def grant_counters(table: dynamodb.Table, function: lambda_.Function, actions: Collection[str]) -> None:
    """Let the function's role use the table's items.

    Args:
        table: from `counter_table`.
        function: the proxy's.
        actions: of `dynamodb:`, such as `UpdateItem`, which is all that counting needs.
    """
    function.add_to_role_policy(
        iam.PolicyStatement(actions=[f"dynamodb:{action}" for action in actions], resources=[table.table_arn])
    )
    if table.encryption_key is not None:
        function.add_to_role_policy(through("dynamodb", function, table.encryption_key, actions=TABLE_ACTIONS))


def reach_counters(table: dynamodb.Table, actions: Collection[str]) -> Reach:
    """What a private network must let through; `actions` as for `grant_counters`."""
    return Reach(
        destination=Destination.DYNAMODB,
        actions=tuple(f"dynamodb:{action}" for action in actions),
        resources=(table.table_arn,),
    )


def watch_counters(function: lambda_.IFunction) -> tuple[Watched, ...]:
    """An alarm where attempts could not be counted; one for all that count there."""
    metric = counted(function, "CounterFailures")
    return (Watched(alarm_id="CounterFailures", metric=metric, what="could not count attempts"),)
