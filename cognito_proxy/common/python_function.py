"""A Lambda function in Python, with a log group and a role of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.customer_key import allow_logs

RUNTIME = lambda_.Runtime.PYTHON_3_13
"""Of every function, also at the edge: the newest version on which the functions' own tests were run (`make matrix`).

AWS Lambda and Lambda@Edge take newer ones. Change it here, and only after the tests have passed on the new one.
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a VPC a function runs."""

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    security_group: ec2.ISecurityGroup


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
    place: Place | None = None,
    encryption_key: kms.IKey | None = None,
    tracing: bool = False,
) -> lambda_.Function:
    """Make `Function`, `Role` and `LogGroup` in `scope`.

    The role may write to that log group and do nothing else. The managed policy AWSLambdaBasicExecutionRole would
    let it write to every log group of the account. In a VPC (`place`) the role also has what Lambda needs to connect
    the function, and `NoInterfaces` keeps the function's own code from using that. `encryption_key` encrypts the log
    group and the environment. With `tracing`, Lambda sends a trace of each sampled call to X-Ray.
    """
    allow_logs(scope, encryption_key)
    log_group = logs.LogGroup(
        scope,
        "LogGroup",
        retention=log_retention,
        removal_policy=RemovalPolicy.DESTROY,
        encryption_key=encryption_key,
    )
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
        tracing=lambda_.Tracing.ACTIVE if tracing else None,
        vpc=None if place is None else place.vpc,
        vpc_subnets=None if place is None else place.subnets,
        security_groups=None if place is None else [place.security_group],
    )
    acknowledge_runtime(function)
    if encryption_key is not None and environment:
        _encrypt_environment(function, encryption_key)
    if tracing:
        acknowledge(role, {"IAM5[Resource::*]": "X-Ray's two actions of a sender take no resource."})
    if place is not None:
        _connect(scope, function)
    return function


def _encrypt_environment(function: lambda_.Function, key: kms.IKey) -> None:
    """Not CDK's own property, which would let the role encrypt, too.

    Lambda decrypts for the role; both CDK and AWS SAM give the role this (aws/serverless-application-model, KmsKeyArn).
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """
    cast("lambda_.CfnFunction", function.node.default_child).kms_key_arn = key.key_arn
    function.add_to_role_policy(iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn]))


# Lambda uses the function's role for them, and needs them while it connects the function, not while that runs. AWS's
# own recipe denies them to the function's code:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
_INTERFACE_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


def _connect(scope: Construct, function: lambda_.Function) -> None:
    role = cast("iam.Role", function.role)
    role.add_to_policy(iam.PolicyStatement(actions=list(_INTERFACE_ACTIONS), resources=["*"]))
    acknowledge(
        role, {"IAM5[Resource::*]": "Lambda's service connects the function with these; its own code is denied them."}
    )
    # Apart from the role's own policy, which the function waits for: this one names the function.
    iam.Policy(
        scope,
        "NoInterfaces",
        roles=[role],
        statements=[
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                actions=[*_INTERFACE_ACTIONS, "ec2:DetachNetworkInterface"],
                resources=["*"],
                conditions={"ArnEquals": {"lambda:SourceFunctionArn": function.function_arn}},
            )
        ],
    )
