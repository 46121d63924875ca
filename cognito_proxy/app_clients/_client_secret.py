"""Where an app client's secret is kept, what puts it there, and who may read it; for new and existing clients."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cognito_proxy.app_clients._secret_seeding import secret_seeding_function
from cognito_proxy.app_clients.key_arn import key_arn_for
from cognito_proxy.common.key_condition import through_secrets_manager
from cognito_proxy.common.property_error import PropertyError

NO_KEYS: Mapping[str, kms.IKey] = MappingProxyType({})
"""Replicas without keys of the user's."""


def empty_secret(
    scope: Construct,
    *,
    encryption_key: kms.IKey | None,
    replica_regions: Sequence[str],
    replica_keys: Mapping[str, kms.IKey],
    removal_policy: RemovalPolicy,
) -> secretsmanager.Secret:
    """Make `Secret` in `scope`, without a value.

    Raises:
        PropertyError: a replica's Region is the stack's own or stands there twice, or a key is for none of them.
    """
    _check_replica_regions(scope, replica_regions)
    _check_replica_keys(replica_regions, replica_keys)
    secret = secretsmanager.Secret(
        scope,
        "Secret",
        description="Client secret of a Cognito app client; read by the sign-in proxy",
        encryption_key=encryption_key,
        removal_policy=removal_policy,
        replica_regions=[secretsmanager.ReplicaRegion(region=region) for region in replica_regions],
    )
    # It starts empty. CloudFormation would put a new generated value whenever its recipe changes.
    resource = cast("secretsmanager.CfnSecret", secret.node.default_child)
    resource.add_property_deletion_override("GenerateSecretString")
    if replica_keys:
        # CDK's own property wants a physical name of a key in another Region.
        resource.replica_regions = [
            secretsmanager.CfnSecret.ReplicaRegionProperty(
                region=region,
                kms_key_id=None if region not in replica_keys else key_arn_for(scope, replica_keys[region]),
            )
            for region in replica_regions
        ]
    return secret


def seed_secret(
    scope: Construct,
    *,
    user_pool: cognito.IUserPool,
    client_id: str,
    secret: secretsmanager.Secret,
    encryption_key: kms.IKey | None,
    replica_keys: Mapping[str, kms.IKey],
    function_encryption_key: kms.IKey | None,
) -> CustomResource:
    """Make `SeedingPolicy` and `Seeding` in `scope`: the stack's seeding function copies the app client's secret."""
    function = secret_seeding_function(scope, encryption_key=function_encryption_key)
    # A policy for each app client, so that seeding waits for its own permissions and for nobody else's.
    policy = iam.Policy(
        scope,
        "SeedingPolicy",
        statements=[
            iam.PolicyStatement(actions=["cognito-idp:DescribeUserPoolClient"], resources=[user_pool.user_pool_arn]),
            iam.PolicyStatement(
                actions=["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                resources=[secret.secret_arn],
            ),
        ],
    )
    policy.attach_to_role(cast("iam.IRole", function.role))
    if encryption_key is not None:
        policy.add_statements(
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[encryption_key.key_arn],
                conditions=through_secrets_manager(Stack.of(scope).region),
            )
        )
    policy.add_statements(*writing_replicas(scope, replica_keys))
    seeding = CustomResource(
        scope,
        "Seeding",
        resource_type="Custom::CognitoProxyClientSecret",
        service_token=function.function_arn,
        service_timeout=Duration.minutes(3),
        properties={"UserPoolId": user_pool.user_pool_id, "ClientId": client_id, "SecretArn": secret.secret_arn},
    )
    seeding.node.add_dependency(policy)
    return seeding


def grant_read(
    scope: Construct, grantee: iam.IGrantable, *, secret: secretsmanager.ISecret, encryption_key: kms.IKey | None
) -> iam.Grant:
    """Let `grantee` read the value of a secret of the stack of `scope`, and decrypt it."""
    grant = iam.Grant.add_to_principal(
        grantee=grantee, actions=["secretsmanager:GetSecretValue"], resource_arns=[secret.secret_arn]
    )
    if encryption_key is None:
        return grant
    return grant.combine(
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt"],
            resource_arns=[encryption_key.key_arn],
            conditions=through_secrets_manager(Stack.of(scope).region),
        )
    )


def writing_replicas(scope: Construct, keys: Mapping[str, kms.IKey]) -> list[iam.PolicyStatement]:
    """Statements for who puts a value that Secrets Manager then copies to replicas with keys of the user's.

    Documented for who makes a replica (API reference, ReplicateSecretToRegions). Whether a changed value needs it, too,
    is not documented; without it a rotation could leave the edge with a secret that is gone.
    """
    return [
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            resources=[key_arn_for(scope, key)],
            conditions=through_secrets_manager(region),
        )
        for region, key in keys.items()
    ]


def _check_replica_keys(regions: Sequence[str], keys: Mapping[str, kms.IKey]) -> None:
    unknown = [region for region in keys if region not in regions]
    if unknown:
        raise PropertyError(
            f"secret_replica_keys: there is no replica in {', '.join(unknown)}; "
            f"secret_replica_regions has {', '.join(regions) or 'none'}"
        )


def _check_replica_regions(scope: Construct, regions: Sequence[str]) -> None:
    if len(set(regions)) < len(regions):
        raise PropertyError(f"secret_replica_regions must not name a Region twice: {', '.join(regions)}")
    own = Stack.of(scope).region
    if own in regions:
        raise PropertyError(f"secret_replica_regions must not hold the stack's own Region, {own}")
