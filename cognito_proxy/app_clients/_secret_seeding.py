"""The function that copies app clients' secrets into Secrets Manager; one serves all app clients of a stack."""

from typing import cast

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.assets import seeding_code
from cognito_proxy.common.python_function import python_function

_ID = "CognitoProxySecretSeeding"


def secret_seeding_function(scope: Construct, *, encryption_key: kms.IKey | None = None) -> lambda_.IFunction:
    """The stack's own seeding function, made when the first app client asks for it.

    CloudFormation calls it directly: the custom-resource framework of CDK would bring a second function, in Node.js.
    What it may do, each app client adds to its role.
    """
    stack = Stack.of(scope)
    existing = stack.node.try_find_child(_ID)
    if existing is not None:
        return cast("lambda_.IFunction", existing.node.find_child("Function"))
    return python_function(
        Construct(stack, _ID),
        code=seeding_code(),
        handler="seeding.handler.handler",
        description="Copies the secret of a new Cognito app client into Secrets Manager",
        # Half a minute for a new permission, three calls, the answer; the custom resource waits for three minutes.
        timeout=Duration.minutes(2),
        memory_size=256,
        encryption_key=encryption_key,
        log_retention=logs.RetentionDays.ONE_MONTH,
    )
