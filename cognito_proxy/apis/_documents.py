"""What stands behind the APIs: a function that greets who signed in, and a table with small documents of his."""

import json
from collections.abc import Collection, Sequence

from aws_cdk import Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.assets import sample_api_code
from cognito_proxy.common.origins import ANY_ORIGIN, check_origins
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import Place, python_function
from cognito_proxy.proxies.settings_document import MAX_ENVIRONMENT_BYTES

PARTITION_KEY = "user"
SORT_KEY = "name"

TABLE_ACTIONS = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
"""What the function does with the table."""

_ENVIRONMENT_VARIABLE = "API_SETTINGS"

# The longest that deployment can put in for a token: API reference, ClientIdType; a table's name; an origin.
_LONGEST_CLIENT_ID, _LONGEST_TABLE_NAME, _LONGEST_ORIGIN = 128, 255, 280

# A call of DynamoDB's waits for six seconds at most, and API Gateway for 29.
_TIMEOUT = Duration.seconds(15)


def check_clients(clients: Sequence[cognito.IUserPoolClient]) -> None:
    """Refuse none, which would shut everybody out.

    Raises:
        PropertyError: there are none.
    """
    if not clients:
        raise PropertyError("user_pool_clients must be at least 1 app client, not 0")


def check_exact_origins(origins: Sequence[str]) -> None:
    """Refuse what is no origin, and every page at once: what an API answers is a user's own.

    Raises:
        PropertyError: one is no origin, or is `*`.
    """
    check_origins("allowed_origins", origins)
    if ANY_ORIGIN in origins:
        raise PropertyError(
            "allowed_origins: '*' is not for an API that answers with users' own data; name the origins"
        )


def documents_table(scope: Construct, *, removal_policy: RemovalPolicy) -> dynamodb.Table:
    """Make `Table` in `scope`."""
    return dynamodb.Table(
        scope,
        "Table",
        partition_key=dynamodb.Attribute(name=PARTITION_KEY, type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name=SORT_KEY, type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        removal_policy=removal_policy,
    )


def documents_function(
    scope: Construct,
    *,
    table: dynamodb.ITable,
    clients: Sequence[cognito.IUserPoolClient],
    token_uses: Collection[str],
    allowed_origins: Sequence[str],
    memory_size: int,
    log_retention: logs.RetentionDays,
    place: Place | None = None,
    sealed: bool = False,
) -> lambda_.Function:
    """Make `Function`, `Role` and `LogGroup` in `scope`. `token_uses`: `id`, `access` or both. `place`: in a VPC.
    `sealed`: who calls is told by a `SealedTokenAuthorizer`.

    The role may read and write items of the table, one at a time, and write to its log group; it may not list or scan.
    It serves all users, so it is the function that keeps them apart: docs/decisions/0012-users-kept-apart-by-key.md.
    A transaction needs the permissions of what is in it, and none of its own:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html

    Raises:
        PropertyError: app clients and origins are more than fit into the settings.
    """
    ids = [client.user_pool_client_id for client in clients]
    settings: dict[str, object] = {
        "table": table.table_name,
        "client_ids": ids,
        "token_uses": sorted(token_uses),
        "allowed_origins": list(allowed_origins),
    }
    if sealed:
        settings["sealed"] = True
    _check_size(ids, allowed_origins)
    function = python_function(
        scope,
        code=sample_api_code(),
        handler="sample_api.handler.handler",
        description="Greets who signed in, and keeps small documents of his",
        timeout=_TIMEOUT,
        memory_size=memory_size,
        log_retention=log_retention,
        environment={_ENVIRONMENT_VARIABLE: Stack.of(scope).to_json_string(settings)},
        place=place,
    )
    function.add_to_role_policy(iam.PolicyStatement(actions=list(TABLE_ACTIONS), resources=[table.table_arn]))
    return function


def _check_size(client_ids: Sequence[str], origins: Sequence[str]) -> None:
    longest = [
        "x" * _LONGEST_TABLE_NAME,
        *(_longest(client_id, _LONGEST_CLIENT_ID) for client_id in client_ids),
        *(_longest(origin, _LONGEST_ORIGIN) for origin in origins),
    ]
    # What else stands in the document is shorter than that.
    size = len(json.dumps(longest)) + 128
    if size > MAX_ENVIRONMENT_BYTES:
        raise PropertyError(
            f"user_pool_clients and allowed_origins must fit into {MAX_ENVIRONMENT_BYTES:,} bytes of settings; "
            f"{len(client_ids)} app clients and {len(origins)} origins can need {size:,}"
        )


def _longest(value: str, bound: int) -> str:
    return "x" * bound if Token.is_unresolved(value) else value
