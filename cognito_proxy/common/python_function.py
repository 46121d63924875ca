"""A Lambda function in Python, with a log group and a role of its own."""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge

RUNTIME = lambda_.Runtime.PYTHON_3_13
"""Of every function, also at the edge: the newest version on which the functions' own tests were run (`make matrix`).

AWS Lambda and Lambda@Edge take newer ones. Change it here, and only after the tests have passed on the new one.
"""


def acknowledge_runtime(function: lambda_.Function) -> None:
    """Say to cdk-nag why the runtime may not be the newest."""
    acknowledge(function, {"L1": "The newest runtime that the functions' own tests were run on, in one place for all."})


def python_function(
    scope: Construct,
    *,
    code: lambda_.Code,
    handler: str,
    description: str,
    timeout: Duration,
    memory_size: int,
    log_retention: logs.RetentionDays,
    environment: Mapping[str, str] | None = None,
    reserved_concurrent_executions: int | None = None,
) -> lambda_.Function:
    """Make `Function`, `Role` and `LogGroup` in `scope`.

    The role may write to that log group and do nothing else. The managed policy AWSLambdaBasicExecutionRole would
    let it write to every log group of the account.
    """
    log_group = logs.LogGroup(scope, "LogGroup", retention=log_retention, removal_policy=RemovalPolicy.DESTROY)
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group.grant_write(role)
    function = lambda_.Function(
        scope,
        "Function",
        runtime=RUNTIME,
        architecture=lambda_.Architecture.ARM_64,
        code=code,
        handler=handler,
        description=description,
        timeout=timeout,
        memory_size=memory_size,
        environment=environment,
        reserved_concurrent_executions=reserved_concurrent_executions,
        role=role,
        log_group=log_group,
    )
    acknowledge_runtime(function)
    return function
