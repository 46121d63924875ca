"""How a function may read a secret that is not its own stack's matter."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager

from cognito_proxy.common.key_condition import through_secrets_manager


def read_in_role(secret: secretsmanager.ISecret, function: lambda_.Function) -> None:
    """Let a function read a secret, in its role's policy alone.

    A key's own would name the role, and the key may be of a stack that comes first.
    """
    function.add_to_role_policy(
        iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn])
    )
    if secret.encryption_key is not None:
        # The secret is read in its own Region, which need not be the function's.
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[secret.encryption_key.key_arn],
                conditions=through_secrets_manager(secret.env.region),
            )
        )
