"""What a proxy needs so that Cognito may learn of the true client: permissions, app client settings, and warnings."""

from collections.abc import Sequence

from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.app_clients.cross_region import seen_from

ADMIN_ACTIONS = ["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge"]
"""What the function signs with `threat_protection`."""


def prepare_client_context(
    scope: IConstruct,
    role: iam.IGrantable,
    *,
    app_clients: Sequence[AppClient],
    failover_regions: Sequence[str] = (),
    threat_protection: bool,
    propagate_client_ip: bool,
) -> None:
    """Let `role` make the calls, and the app clients take them, that the two settings bring; warn of what they cost."""
    if threat_protection:
        role.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(actions=ADMIN_ACTIONS, resources=pool_arns(scope, app_clients[0], failover_regions))
        )
        Annotations.of(scope).add_warning_v2(
            "@cognito-proxy:threatProtection",
            "threat_protection: the user pool needs the Plus feature plan and threat protection switched on, which is "
            "billed for each active user; and a web ACL on the user pool itself does not see these signed calls, so "
            "rate rules for sign-in belong in front of the proxy.",
        )
    if propagate_client_ip:
        Annotations.of(scope).add_warning_v2(
            "@cognito-proxy:propagateClientIp",
            "propagate_client_ip: Cognito uses the address only in a user pool on the Plus feature plan that has "
            "threat protection switched on.",
        )
    for client in app_clients:
        client.accept_client_context(administrator=threat_protection, propagated=propagate_client_ip)


def pool_arns(scope: IConstruct, client: AppClient, failover_regions: Sequence[str] = ()) -> list[str]:
    """Of the app client's pool and of its replicas, for the stack of `scope`.

    A replica has the pool's id and an ARN of its own Region: API reference, UserPoolReplicaType, `UserPoolArn`.
    """
    home, own = Stack.of(client).region, Stack.of(scope).region
    replicas = dict.fromkeys((*failover_regions, *((own,) if home in failover_regions else ())))
    return [
        Stack.of(scope).format_arn(
            service="cognito-idp",
            region=region,
            resource="userpool",
            resource_name=seen_from(scope, client).user_pool_id,
        )
        for region in (home, *(replica for replica in replicas if replica != home))
    ]
