"""The function at the edge: what Lambda@Edge allows, and a role that may do what it does and nothing else.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
"""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.python_function import RUNTIME, acknowledge_runtime
from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.proxies._secret_grants import grant_secret


def edge_function(
    scope: Construct, *, app_clients: Sequence[AppClient], code: lambda_.Code, memory_size: int, timeout: Duration
) -> lambda_.Function:
    """Make `Function`, `Role` and `LogPolicy` in `scope`.

    The role may read the app clients' secrets, where their primaries and replicas are, and write the function's log.
    """
    role = iam.Role(
        scope,
        "Role",
        # AWS Lambda runs the function, and Lambda@Edge copies it to the edge.
        assumed_by=iam.CompositePrincipal(
            iam.ServicePrincipal("lambda.amazonaws.com"), iam.ServicePrincipal("edgelambda.amazonaws.com")
        ),
    )
    for client in app_clients:
        grant_secret(scope, role, client)
    function = lambda_.Function(
        scope,
        "Function",
        runtime=RUNTIME,
        # All that Lambda@Edge takes.
        architecture=lambda_.Architecture.X86_64,
        code=code,
        handler="proxy.edge.handler",
        description="Adds the proof of the app client's secret to calls of Cognito, at the edge",
        memory_size=memory_size,
        timeout=timeout,
        role=role,
        # A version that still has copies at the edge cannot be deleted, which takes AWS hours after the last use.
        current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
    )
    acknowledge_runtime(function)
    # The log group that CDK would make, under one of its feature flags: at the edge, logs go elsewhere.
    function.node.try_remove_child("LogGroup")
    _grant_log(scope, role, function)
    return function


def _grant_log(scope: Construct, role: iam.Role, function: lambda_.Function) -> None:
    """Let the function log wherever it runs.

    It runs in Regions near the viewers, and makes its log group there on its first run; the name begins with the
    Region that it comes from. So the Region cannot be told beforehand, but the name can.

    A log group has two ARNs. The one that ends in `:*` is for policies, "when specifying permissions for most API
    actions" (API reference of CloudWatch Logs, LogGroup, `arn`), CreateLogGroup among them: AWS authorizes it against
    `…:log-group:NAME:log-stream:`, as its refusals say (aws-solutions/instance-scheduler-on-aws#578,
    elastic/apm-aws-lambda#526). The other one is granted, too: the service authorization reference names it.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    """
    group = f"arn:{Aws.PARTITION}:logs:*:{Aws.ACCOUNT_ID}:log-group:/aws/lambda/{EDGE_REGION}.{function.function_name}"
    # A policy of its own: as part of the role's, which the function waits for, it would wait for the function.
    policy = iam.Policy(
        scope,
        "LogPolicy",
        statements=[
            iam.PolicyStatement(actions=["logs:CreateLogGroup"], resources=[group, f"{group}:*"]),
            iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[f"{group}:*"]),
        ],
    )
    policy.attach_to_role(role)
    reason = "The function runs, and logs, in Regions near the viewers; the log group is its own in each."
    logical_id = Stack.of(scope).get_logical_id(cast("lambda_.CfnFunction", function.node.default_child))
    shown = f"arn:<AWS::Partition>:logs:*:<AWS::AccountId>:log-group:/aws/lambda/{EDGE_REGION}.<{logical_id}>"
    acknowledge(policy, {f"IAM5[Resource::{resource}]": reason for resource in (shown, f"{shown}:*")})
