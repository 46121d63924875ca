"""A replica of a user pool in another Region."""

from typing import cast

from aws_cdk import Annotations, CustomResource, Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.assets import replica_code
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.python_function import python_function
from cognito_proxy.common.region_names import check_region_name


class ReplicaRegion(Construct):
    """A replica of a user pool in another Region, under the same id, so that users sign in while the first one is away.

    A replica signs users in, refreshes and revokes; it signs nobody up and changes nobody. Cognito makes one only of a
    pool on the Essentials or Plus feature plan that is encrypted with a multi-Region key, of which there is a replica
    key in the other Region, and that issues its tokens as the updated issuer (`issuer-cognito-idp.…`), which every
    Region's signature keys stand behind. Whatever checks tokens must know that issuer before it is switched. Replicas
    are charged for by AWS.

    A new replica is INACTIVE, and answers no user. Settings of its own are for you to make first: Lambda triggers,
    messages by e-mail and text, logs, its web ACL. Then make it `active`.

    CloudFormation replaces it for another `region`, which makes the new one before it deletes the old one. Cognito
    deletes only an INACTIVE one: with `active`, deleting this construct makes it INACTIVE first. Without, see to it
    yourself, or the deletion fails. Taking `active` away makes it INACTIVE, whatever its removal policy.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-multi-region.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolreplica.html
    """

    replica: cognito.CfnUserPoolReplica
    """The replica itself."""

    user_pool_arn: str
    """The replica's own ARN, for its web ACL and such."""

    region: str
    """Where it is."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        region: str,
        key: kms.IKey | None = None,
        active: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        """Make the replica, and what switches it, where it is `active` or stays when it leaves the stack.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: A pool of this app, which then gets `key` and the updated issuer; or an imported one, which has
                both already.
            region: Where to, such as `eu-central-1`.
            key: The pool's multi-Region key, in the pool's Region; for a pool of this app only. Its replica key in
                `region` must be there first: `replica.node.add_dependency(…)` on that stack. Default: - the pool
                has one.
            active: It takes users' requests. A small function sees to it at each change of this; one that begins
                without is left as you make it. Default: False.
            removal_policy: What becomes of it when it leaves the stack: `DESTROY`, or `RETAIN_ON_UPDATE_OR_DELETE`, and
                then it also stays ACTIVE. Default: destroyed.
            log_retention: Of the function's log group. Default: 1 month.
            encryption_key: Customer-managed key of the function's log group. Default: - AWS's own keys.

        Raises:
            PropertyError: `region` is none or the pool's own, or the pool cannot be replicated as it is.
        """
        super().__init__(scope, construct_id)
        check_region_name("region", region)
        home = Stack.of(self).region
        if region == home:
            raise PropertyError(f"region must be another one than the pool's own, {home}")
        _prepare_pool(self, user_pool, key)
        self.region = region
        self.user_pool_arn = Stack.of(self).format_arn(
            service="cognito-idp", region=region, resource="userpool", resource_name=user_pool.user_pool_id
        )
        self.replica = cognito.CfnUserPoolReplica(
            self, "Resource", region_name=region, user_pool_id=user_pool.user_pool_id
        )
        self.replica.apply_removal_policy(removal_policy)
        # CloudFormation deletes nothing that it retains, so there only an update can make the replica INACTIVE again.
        if active or removal_policy != RemovalPolicy.DESTROY:
            status = self._new_status(
                user_pool,
                "ACTIVE" if active else "INACTIVE",
                log_retention=log_retention,
                encryption_key=encryption_key,
            )
            status.apply_removal_policy(removal_policy)

    def _new_status(
        self,
        user_pool: cognito.IUserPool,
        wanted: str,
        *,
        log_retention: logs.RetentionDays,
        encryption_key: kms.IKey | None,
    ) -> CustomResource:
        place = Construct(self, "Activation")
        function = python_function(
            place,
            code=replica_code(),
            handler="replica.handler.handler",
            description="Makes a replica of a user pool active, and inactive before it is deleted",
            timeout=Duration.minutes(10),
            memory_size=256,
            log_retention=log_retention,
            encryption_key=encryption_key,
        )
        policy = iam.Policy(
            place,
            "Policy",
            statements=[
                iam.PolicyStatement(
                    # Which of the two pools these are authorized against is not documented, so both are named.
                    actions=["cognito-idp:ListUserPoolReplicas", "cognito-idp:UpdateUserPoolReplica"],
                    resources=[user_pool.user_pool_arn, self.user_pool_arn],
                )
            ],
        )
        policy.attach_to_role(cast("iam.IRole", function.role))
        status = CustomResource(
            place,
            "Resource",
            resource_type="Custom::CognitoProxyReplicaStatus",
            service_token=function.function_arn,
            service_timeout=Duration.minutes(12),
            properties={"UserPoolId": user_pool.user_pool_id, "RegionName": self.region, "Status": wanted},
        )
        # Made after the replica, and so deleted before it.
        status.node.add_dependency(policy, self.replica)
        return status


def _prepare_pool(scope: Construct, user_pool: cognito.IUserPool, key: kms.IKey | None) -> None:
    resource = user_pool.node.default_child
    if not isinstance(resource, cognito.CfnUserPool):
        if key is not None:
            raise PropertyError(
                "key: is for a user pool of this app; the pool is made elsewhere, and has its key there"
            )
        return
    if resource.user_pool_tier == "LITE":
        raise PropertyError("user_pool: on the Lite feature plan it cannot be replicated; ESSENTIALS or PLUS can")
    if key is None and resource.key_configuration is None:
        raise PropertyError("key: a user pool is replicated only if a multi-Region key of yours encrypts it")
    if key is not None:
        _check_multi_region(key)
        resource.key_configuration = cognito.CfnUserPool.KeyConfigurationProperty(
            key_type="CUSTOMER_MANAGED_KEY", kms_key_arn=key.key_arn
        )
    if resource.issuer_configuration is None:
        resource.issuer_configuration = cognito.CfnUserPool.IssuerConfigurationProperty(type="UPDATED")
        Annotations.of(scope).add_info_v2(
            "@cognito-proxy:replicaIssuer",
            "The user pool issues its tokens as the updated issuer, https://issuer-cognito-idp.…: whatever checks "
            "tokens must take it, and tokens of before until they expire.",
        )


def _check_multi_region(key: kms.IKey) -> None:
    resource = key.node.default_child
    if (
        isinstance(resource, kms.CfnKey)
        and not Token.is_unresolved(resource.multi_region)
        and not resource.multi_region
    ):
        raise PropertyError("key must be a multi-Region key: kms.Key(…, multi_region=True)")
