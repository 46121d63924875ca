"""Who may read app clients' secrets, wherever their primaries and replicas are."""

from aws_cdk import Arn, ArnComponents, ArnFormat, Fn, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.app_clients.cross_region import seen_from
from cognito_proxy.app_clients.key_arn import key_arn_for
from cognito_proxy.common.key_condition import through_secrets_manager


def secret_arns(scope: Construct, client: AppClient) -> list[str]:
    """The ARNs of the primary and of all replicas, for the stack of `scope`."""
    primary = seen_from(scope, client).secret_arn
    return [primary, *(_in_region(scope, primary, region) for region in client.secret_replica_regions)]


def grant_secret(scope: Construct, role: iam.Role, client: AppClient) -> None:
    """Let `role` of the stack of `scope` read the primary and all replicas."""
    role.add_to_policy(
        iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=secret_arns(scope, client))
    )
    keys = dict(client.secret_replica_keys)
    if client.encryption_key is not None:
        keys[Stack.of(client).region] = client.encryption_key
    for region, key in keys.items():
        # Without a key of one's own it is the Region's `aws/secretsmanager`, which needs no grant.
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[key_arn_for(scope, key)],
                conditions=through_secrets_manager(region),
            )
        )


def _in_region(scope: Construct, secret_arn: str, region: str) -> str:
    """The ARN of a replica: the primary's name and suffix, in another Region."""
    # Fn::Split is not documented to take Fn::GetStackOutput, which the ARN may be; Fn::Sub stands between them.
    parts = Fn.split(":", Fn.sub("${Arn}", {"Arn": secret_arn}))
    return Arn.format(
        ArnComponents(
            service="secretsmanager",
            region=region,
            resource="secret",
            resource_name=Fn.select(6, parts),
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        ),
        Stack.of(scope),
    )
