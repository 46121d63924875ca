"""Provisioned concurrency: execution environments that have gone through INIT before anybody calls."""

from collections.abc import Sequence

from aws_cdk import aws_lambda as lambda_
from constructs import IConstruct

ALIAS_NAME = "live"
"""Of the alias that the API calls."""


def warm_alias(function: lambda_.Function, executions: int, *, after: Sequence[IConstruct]) -> lambda_.Alias:
    """Make `Alias`, which points at the current version of the function and keeps so many environments of it.

    Each change of the function makes a new version, and the alias moves to it. The version before goes once the
    deployment has succeeded, which is CDK's default: kept, it would make a deployment fail that comes back to it with
    nothing else changed, since Lambda then publishes no new one ("A version for this Lambda function exists").
    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html

    Args:
        function: whose role has all that it needs by now.
        executions: how many.
        after: what INIT asks for, such as the app clients and their secrets: environments are made as soon as the
            alias is, and fetch them then.
    """
    alias = lambda_.Alias(
        function,
        "Alias",
        alias_name=ALIAS_NAME,
        version=function.current_version,
        provisioned_concurrent_executions=executions,
    )
    alias.node.add_dependency(*after)
    return alias
