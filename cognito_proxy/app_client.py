"""A user pool's app client whose secret is known to Secrets Manager, and to nobody else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cognito_proxy._acknowledge import acknowledge
from cognito_proxy._checks import PropertyError, require_duration_between, require_no_shorter
from cognito_proxy._key_condition import through_secrets_manager
from cognito_proxy._secret_seeding import secret_seeding_function
from cognito_proxy.secret_rotation import DEFAULT_OVERLAP, SecretRotation

DEFAULT_SECRET_TTL = Duration.seconds(300)
"""How long the proxy's function keeps a fetched secret where its settings say nothing."""

_POOL_REGION = re.compile(r"([a-z0-9-]+)_[0-9A-Za-z]+")


@dataclass(frozen=True, kw_only=True)
class AuthFlows:
    """How users may sign in. The administrator's flows are not among them: apps never need those."""

    user_srp: bool = True
    """USER_SRP_AUTH: the password never leaves the device. Default: True."""

    user_password: bool = False
    """USER_PASSWORD_AUTH: the password travels to the proxy and to Cognito, inside TLS. Default: False."""

    user: bool = False
    """USER_AUTH: choice-based sign-in (passkeys, one-time passwords). Needs the Essentials plan. Default: False."""

    custom: bool = False
    """CUSTOM_AUTH: the challenges of the pool's Lambda triggers. Default: False."""

    def __post_init__(self) -> None:
        if not any((self.user_srp, self.user_password, self.user, self.custom)):
            raise PropertyError("auth_flows must allow at least one of user_srp, user_password, user, custom, not none")


@dataclass(frozen=True, kw_only=True)
class RefreshTokenRotation:
    """Each refresh gives a new refresh token and ends the old one, so a stolen one is soon worthless.

    RFC 9700, section 2.2.2, asks for it (or for sender-constrained tokens) from public clients, and behind the proxy
    apps are just that: the proxy proves the app client's secret for whoever calls it.
    """

    grace_period: Duration = field(default_factory=lambda: Duration.seconds(60))
    """How long the old token still works, for retries and for several tabs; from 0 to 60 seconds. Default: 60."""

    def __post_init__(self) -> None:
        require_duration_between("grace_period", self.grace_period, Duration.seconds(0), Duration.seconds(60))


_ROTATION = RefreshTokenRotation()


class AppClient(Construct):
    """An app client with a secret, on a new or an imported user pool in the stack's Region.

    Cognito makes the secret. A small function copies it to Secrets Manager, once, so it never stands in a template,
    parameter, output or log, and a later deployment does not overwrite a value that rotation put there.
    """

    user_pool: cognito.IUserPool
    user_pool_client: cognito.IUserPoolClient
    client_id: str
    secret: secretsmanager.ISecret
    """Its value is `{"user_pool_id": …, "client_id": …, "client_secret": …}`."""
    secret_replica_regions: tuple[str, ...]
    encryption_key: kms.IKey | None
    """The customer-managed key of the secret's primary; None for the account's own."""
    secret_rotation: SecretRotation | None
    """What rotates the secret; its alarm takes an action of yours. None without `rotation`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        auth_flows: AuthFlows | None = None,
        access_token_validity: Duration | None = None,
        id_token_validity: Duration | None = None,
        refresh_token_validity: Duration | None = None,
        refresh_token_rotation: RefreshTokenRotation | None = _ROTATION,
        prevent_user_existence_errors: bool = True,
        enable_token_revocation: bool = True,
        encryption_key: kms.IKey | None = None,
        secret_replica_regions: Sequence[str] = (),
        rotation: Duration | None = None,
        rotation_overlap: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        """Make the app client, its secret and what copies the one into the other.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: A new pool, or one from `UserPool.from_user_pool_id`.
            auth_flows: How users may sign in. Default: SRP alone.
            access_token_validity: From 5 minutes to 1 day. Default: 1 hour.
            id_token_validity: From 5 minutes to 1 day. Default: 1 hour.
            refresh_token_validity: From 1 hour to 10 years, and no shorter than the other two. Default: 30 days.
            refresh_token_rotation: How refresh tokens rotate; `None` turns it off. It is on by default because every
                app that refreshes through the proxy can have it: the proxy turns REFRESH_TOKEN_AUTH, which a client
                with rotation refuses, into GetTokensFromRefreshToken, which works with and without. Turn it off for
                a pool on the Lite plan, which has no rotation (Cognito then refuses to make the app client), and for
                apps whose SDK does not keep the refresh token that a refresh brings. Default: on, 60 seconds of grace.
            prevent_user_existence_errors: Wrong user names are answered as wrong passwords are. Default: True.
            enable_token_revocation: Refresh tokens can be revoked. Default: True.
            encryption_key: Customer-managed key of the secret; its policy lets the account's IAM policies decide, as
                CDK's keys do. Default: - the account's key `aws/secretsmanager`.
            secret_replica_regions: Further Regions that read the secret nearby, such as `us-east-1` for an edge
                proxy. Replicas are encrypted with their Region's `aws/secretsmanager`. Default: none.
            rotation: Time between two rotations of the secret, in whole days, from 1 to 1,000; users sign in all the
                while. On demand there is `cognito-proxy rotate`. Default: - the secret stays as it is.
            rotation_overlap: How long a replaced secret stays valid at least, in whole minutes, from 10 minutes to 12
                hours, and longer than the proxies' `secret_ttl`. Only with `rotation`. Default: 1 hour.
            removal_policy: What becomes of app client and secret when they leave the stack. Default: destroyed.

        Raises:
            ValueError: a duration is out of its bounds, the pool's id names no Region or another one than the
                stack's, a replica's Region is the stack's own or stands there twice, or there is an overlap without
                rotation.
        """
        super().__init__(scope, construct_id)
        _check_pool_region(self, user_pool)
        access = access_token_validity or Duration.hours(1)
        id_token = id_token_validity or Duration.hours(1)
        refresh = refresh_token_validity or Duration.days(30)
        _check_token_validity(access, id_token, refresh)
        _check_replica_regions(self, secret_replica_regions)
        if rotation is None and rotation_overlap is not None:
            raise PropertyError(
                f"rotation_overlap: {rotation_overlap.to_human_string()} needs rotation, the time between"
            )

        flows = auth_flows or AuthFlows()
        self._auth_flows = flows
        self.user_pool = user_pool
        self.secret_replica_regions = tuple(secret_replica_regions)
        self.encryption_key = encryption_key
        client = cognito.UserPoolClient(
            self,
            "Resource",
            user_pool=user_pool,
            generate_secret=True,
            auth_flows=cognito.AuthFlow(
                user_srp=flows.user_srp,
                user_password=flows.user_password,
                user=flows.user,
                custom=flows.custom,
            ),
            # Sign-in pages of Cognito's own are not this client's business; CDK would enable them with example.com.
            disable_o_auth=True,
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            access_token_validity=access,
            id_token_validity=id_token,
            refresh_token_validity=refresh,
            # With a grace period CDK leaves ALLOW_REFRESH_TOKEN_AUTH out: Cognito does not take both.
            refresh_token_rotation_grace_period=refresh_token_rotation.grace_period if refresh_token_rotation else None,
            prevent_user_existence_errors=prevent_user_existence_errors,
            enable_token_revocation=enable_token_revocation,
        )
        client.apply_removal_policy(removal_policy)
        self.user_pool_client = client
        self.client_id = client.user_pool_client_id
        self.secret = self._new_secret(removal_policy)
        seeding = self._seed_secret()
        self.secret_rotation = None
        if rotation is None:
            acknowledge(self.secret, {"SMG4": "Rotation is a choice of whoever makes the app client: `rotation`."})
        else:
            self.secret_rotation = SecretRotation(
                self,
                "Rotation",
                user_pool=user_pool,
                client_id=self.client_id,
                secret=self.secret,
                every=rotation,
                overlap=rotation_overlap or DEFAULT_OVERLAP,
                encryption_key=encryption_key,
                seeded=seeding,
            )

    def grant_read_secret(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the secret's value, and decrypt it where a key of your own encrypts it."""
        grant = iam.Grant.add_to_principal(
            grantee=grantee, actions=["secretsmanager:GetSecretValue"], resource_arns=[self.secret.secret_arn]
        )
        if self.encryption_key is None:
            return grant
        return grant.combine(
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=["kms:Decrypt"],
                resource_arns=[self.encryption_key.key_arn],
                conditions=through_secrets_manager(Stack.of(self).region),
            )
        )

    def accept_client_context(self, *, administrator: bool, propagated: bool) -> None:
        """Set what the app client needs for a proxy that tells Cognito of the true client; the proxy calls this.

        Args:
            administrator: Sign-in comes as administrator calls. Password sign-in, where it was asked for, then has
                another name: ADMIN_USER_PASSWORD_AUTH.
            propagated: `UserContextData.IpAddress` is accepted on the public operations.
        """
        client = cast("cognito.CfnUserPoolClient", self.user_pool_client.node.default_child)
        if administrator and self._auth_flows.user_password:
            flows = client.explicit_auth_flows or []
            client.explicit_auth_flows = sorted({*flows, "ALLOW_ADMIN_USER_PASSWORD_AUTH"})
        if propagated:
            client.enable_propagate_additional_user_context_data = True

    def check_secret_ttl(self, secret_ttl: Duration | None) -> None:
        """Refuse a proxy that keeps the secret for longer than a replaced one stays valid; the proxy calls this.

        Args:
            secret_ttl: How long the proxy keeps a fetched secret. None: the function's own default.

        Raises:
            ValueError: `secret_ttl` is not shorter than `rotation_overlap`.
        """
        if self.secret_rotation is not None:
            self.secret_rotation.check_covers(secret_ttl or DEFAULT_SECRET_TTL)

    def _new_secret(self, removal_policy: RemovalPolicy) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Client secret of a Cognito app client; read by the sign-in proxy",
            encryption_key=self.encryption_key,
            removal_policy=removal_policy,
            replica_regions=[secretsmanager.ReplicaRegion(region=region) for region in self.secret_replica_regions],
        )
        # It starts empty. CloudFormation would put a new generated value whenever its recipe changes.
        cast("secretsmanager.CfnSecret", secret.node.default_child).add_property_deletion_override(
            "GenerateSecretString"
        )
        return secret

    def _seed_secret(self) -> CustomResource:
        function = secret_seeding_function(self)
        # A policy for each app client, so that seeding waits for its own permissions and for nobody else's.
        policy = iam.Policy(
            self,
            "SeedingPolicy",
            statements=[
                iam.PolicyStatement(
                    actions=["cognito-idp:DescribeUserPoolClient"], resources=[self.user_pool.user_pool_arn]
                ),
                iam.PolicyStatement(
                    actions=["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                    resources=[self.secret.secret_arn],
                ),
            ],
        )
        role = cast("iam.IRole", function.role)
        policy.attach_to_role(role)
        if self.encryption_key is not None:
            policy.add_statements(
                iam.PolicyStatement(
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=[self.encryption_key.key_arn],
                    conditions=through_secrets_manager(Stack.of(self).region),
                )
            )
        seeding = CustomResource(
            self,
            "Seeding",
            resource_type="Custom::CognitoProxyClientSecret",
            service_token=function.function_arn,
            service_timeout=Duration.minutes(3),
            properties={
                "UserPoolId": self.user_pool.user_pool_id,
                "ClientId": self.client_id,
                "SecretArn": self.secret.secret_arn,
            },
        )
        seeding.node.add_dependency(policy)
        return seeding


def _check_pool_region(scope: Construct, user_pool: cognito.IUserPool) -> None:
    pool_id = user_pool.user_pool_id
    if Token.is_unresolved(pool_id):
        return
    match = _POOL_REGION.fullmatch(pool_id)
    if match is None:
        raise PropertyError(f"user_pool must have an id that begins with its Region, as eu-west-1_AbC, not {pool_id!r}")
    stack_region = Stack.of(scope).region
    if not Token.is_unresolved(stack_region) and match[1] != stack_region:
        raise PropertyError(f"user_pool must be in the stack's Region {stack_region}, not {pool_id} in {match[1]}")


def _check_token_validity(access: Duration, id_token: Duration, refresh: Duration) -> None:
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
    require_duration_between("refresh_token_validity", refresh, Duration.hours(1), Duration.days(3650))
    for name, value in {"access_token_validity": access, "id_token_validity": id_token}.items():
        require_duration_between(name, value, Duration.minutes(5), Duration.days(1))
        require_no_shorter("refresh_token_validity", refresh, name, value)


def _check_replica_regions(scope: Construct, regions: Sequence[str]) -> None:
    if len(set(regions)) < len(regions):
        raise PropertyError(f"secret_replica_regions must not name a Region twice: {', '.join(regions)}")
    own = Stack.of(scope).region
    if own in regions:
        raise PropertyError(f"secret_replica_regions must not hold the stack's own Region, {own}")
