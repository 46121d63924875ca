"""A user pool's app client whose secret is known to Secrets Manager, and to nobody else."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast

from aws_cdk import Annotations, CfnDeletionPolicy, Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IConstruct

from cognito_proxy.app_clients._client_secret import NO_KEYS, empty_secret, grant_read, seed_secret
from cognito_proxy.app_clients.auth_flows import AuthFlows
from cognito_proxy.app_clients.refresh_token_rotation import RefreshTokenRotation
from cognito_proxy.app_clients.secret_rotation import DEFAULT_OVERLAP, SecretRotation
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.common.checks import require_duration_between, require_no_shorter
from cognito_proxy.common.property_error import PropertyError

DEFAULT_SECRET_TTL = Duration.seconds(300)
"""How long the proxy's function keeps a fetched secret where its settings say nothing."""

# API reference, ClientIdType.
_CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)
_POOL_REGION = re.compile(r"([a-z0-9-]+)_[0-9A-Za-z]+")


_ROTATION = RefreshTokenRotation()


class AppClient(Construct):
    """An app client with a secret, on a new or an imported user pool in the stack's Region.

    Cognito makes the secret. A small function copies it to Secrets Manager, once, so it never stands in a template,
    parameter, output or log, and a later deployment does not overwrite a value that rotation put there.

    Apps are built with an app client's id, so losing it ends them. A change that makes CloudFormation replace the app
    client (another pool) leaves the old one in Cognito; what leaves the stack altogether goes, unless `removal_policy`
    keeps it. One that was kept, like any that exists, is served again with `AppClient.from_client_id`.
    """

    user_pool: cognito.IUserPool
    """Whose app client it is."""

    user_pool_client: cognito.IUserPoolClient
    """The app client in Cognito."""

    client_id: str
    """What apps are configured with."""

    secret: secretsmanager.ISecret
    """Its value is `{"user_pool_id": …, "client_id": …, "client_secret": …}`."""

    secret_replica_regions: tuple[str, ...]
    """Further Regions that read the secret nearby."""

    encryption_key: kms.IKey | None
    """The customer-managed key of the secret's primary; None for the account's own."""

    secret_replica_keys: Mapping[str, kms.IKey]
    """Those of its replicas, by Region."""

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
        secret_replica_keys: Mapping[str, kms.IKey] = NO_KEYS,
        function_encryption_key: kms.IKey | None = None,
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
            secret_replica_keys: Customer-managed keys of replicas, by Region, each in that Region. A key of another
                stack is there before the replica. Default: - each Region's `aws/secretsmanager`.
            function_encryption_key: Customer-managed key of the log groups and environments of the functions that seed
                and rotate the secret; CloudWatch Logs must be allowed to use it (docs/keys.md). The seeding function is
                the stack's own, and the first app client decides. Default: - AWS's own keys.
            secret_replica_regions: Further Regions that read the secret nearby, such as `us-east-1` for an edge
                proxy. Default: none.
            rotation: Time between two rotations of the secret, in whole days, from 1 to 1,000; users sign in all the
                while. On demand there is `cognito-proxy rotate`. Default: - the secret stays as it is.
            rotation_overlap: How long a replaced secret stays valid at least, in whole minutes, from 10 minutes to 12
                hours, and longer than the proxies' `secret_ttl`. Only with `rotation`. Default: 1 hour.
            removal_policy: What becomes of app client and secret when they leave the stack, for instance with it.
                `RETAIN_ON_UPDATE_OR_DELETE` suits an app client that released apps use. Default: destroyed.

        Raises:
            PropertyError: a duration is out of its bounds, the pool's id names no Region or another one than the
                stack's, a replica's Region is the stack's own or stands there twice, a key is for a Region without a
                replica, or there is an overlap without rotation.
        """
        super().__init__(scope, construct_id)
        _check_pool_region(self, user_pool)
        access = access_token_validity or Duration.hours(1)
        id_token = id_token_validity or Duration.hours(1)
        refresh = refresh_token_validity or Duration.days(30)
        _check_token_validity(access, id_token, refresh)
        flows = auth_flows or AuthFlows()
        self._auth_flows = flows
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
        _keep_when_replaced(client, removal_policy)
        self._keep_secret(
            user_pool,
            client,
            encryption_key=encryption_key,
            secret_replica_keys=secret_replica_keys,
            function_encryption_key=function_encryption_key,
            secret_replica_regions=secret_replica_regions,
            rotation=rotation,
            rotation_overlap=rotation_overlap,
            removal_policy=removal_policy,
        )

    @staticmethod
    def from_client_id(
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        client_id: str,
        encryption_key: kms.IKey | None = None,
        secret_replica_keys: Mapping[str, kms.IKey] = NO_KEYS,
        function_encryption_key: kms.IKey | None = None,
        secret_replica_regions: Sequence[str] = (),
        rotation: Duration | None = None,
        rotation_overlap: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> "AppClient":
        """Take over an app client that exists and has a secret, so that a proxy serves it like any other.

        Its secret is copied into Secrets Manager, and rotated on request. Nothing of the app client itself is changed,
        now or later, and it outlives the stack. So what a proxy needs of it you set yourself; `threat_protection` and
        `propagate_client_ip` warn and say what. An app client without a secret cannot be taken over, nor can Cognito
        give it one: the deployment fails and says so.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: The app client's pool, most likely from `UserPool.from_user_pool_id`.
            client_id: The app client's id, 1 to 128 letters, digits, `_` and `+`.
            encryption_key: As for a new one. Default: - the account's key `aws/secretsmanager`.
            secret_replica_keys: As for a new one. Default: - each Region's `aws/secretsmanager`.
            function_encryption_key: As for a new one. Default: - AWS's own keys.
            secret_replica_regions: As for a new one. Default: none.
            rotation: As for a new one. Whoever else holds the secret, such as a server of yours, is locked out by
                the first rotation once its overlap has passed. Default: - the secret stays as it is.
            rotation_overlap: As for a new one. Default: 1 hour.
            removal_policy: What becomes of the copy of the secret when it leaves the stack; once rotated, the value
                stands nowhere else. Default: kept.

        Raises:
            PropertyError: as for a new one, or `client_id` is not an app client's id.
        """
        return _ExistingAppClient(
            scope,
            construct_id,
            user_pool=user_pool,
            client_id=client_id,
            encryption_key=encryption_key,
            secret_replica_keys=secret_replica_keys,
            function_encryption_key=function_encryption_key,
            secret_replica_regions=secret_replica_regions,
            rotation=rotation,
            rotation_overlap=rotation_overlap,
            removal_policy=removal_policy,
        )

    def grant_read_secret(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` read the secret's value, and decrypt it where a key of your own encrypts it."""
        return grant_read(self, grantee, secret=self.secret, encryption_key=self.encryption_key)

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

    def is_served_by(self, proxy: IConstruct, *, seals: bool) -> None:
        """Warn of each proxy that gives out Cognito's own access tokens while another one seals; the proxy calls this.

        A refresh token is worth the same at all of them. A second proxy decides it, whichever comes first.
        """
        self._proxies.append((proxy, seals))
        if not any(sealing for _, sealing in self._proxies):
            return
        for each, sealing in self._proxies:
            if not sealing:
                # CDK keeps one of two that are the same.
                Annotations.of(each).add_warning_v2(
                    "@cognito-proxy:unsealedProxy",
                    f"sealed_tokens: another proxy of {self.node.path} seals access tokens and this one does not, so "
                    "whoever refreshes here gets Cognito's own and can call Cognito past both.",
                )

    def accept_code_grant(
        self, *, callback_urls: Sequence[str], logout_urls: Sequence[str], scopes: Sequence[str]
    ) -> None:
        """Set what the app client needs for a proxy that serves OAuth 2.0; the proxy calls this.

        Args:
            callback_urls: Where Cognito may send users with a code.
            logout_urls: Where it may send users who signed out.
            scopes: What the app may ask for.

        Raises:
            PropertyError: there is no address to come back to, without which Cognito takes no code grant.
        """
        if not callback_urls:
            raise PropertyError(f"callback_urls must hold at least one address for {self.node.path}, not none")
        client = cast("cognito.CfnUserPoolClient", self.user_pool_client.node.default_child)
        client.allowed_o_auth_flows_user_pool_client = True
        client.allowed_o_auth_flows = ["code"]
        client.allowed_o_auth_scopes = list(scopes)
        client.callback_ur_ls = list(callback_urls)
        client.logout_ur_ls = list(logout_urls) or None

    def check_secret_ttl(self, secret_ttl: Duration | None) -> None:
        """Refuse a proxy that keeps the secret for longer than a replaced one stays valid; the proxy calls this.

        Args:
            secret_ttl: How long the proxy keeps a fetched secret. None: the function's own default.

        Raises:
            PropertyError: `secret_ttl` is not shorter than `rotation_overlap`.
        """
        if self.secret_rotation is not None:
            self.secret_rotation.check_covers(secret_ttl or DEFAULT_SECRET_TTL)

    def _keep_secret(
        self,
        user_pool: cognito.IUserPool,
        client: cognito.IUserPoolClient,
        *,
        encryption_key: kms.IKey | None,
        secret_replica_keys: Mapping[str, kms.IKey],
        function_encryption_key: kms.IKey | None,
        secret_replica_regions: Sequence[str],
        rotation: Duration | None,
        rotation_overlap: Duration | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        """What a new and an existing app client have in common: the secret's place, its first value, its rotation."""
        if rotation is None and rotation_overlap is not None:
            raise PropertyError(
                f"rotation_overlap: {rotation_overlap.to_human_string()} needs rotation, the time between"
            )
        self._proxies: list[tuple[IConstruct, bool]] = []
        self.user_pool = user_pool
        self.user_pool_client = client
        self.client_id = client.user_pool_client_id
        self.secret_replica_regions = tuple(secret_replica_regions)
        self.encryption_key = encryption_key
        self.secret_replica_keys = MappingProxyType(dict(secret_replica_keys))
        secret = empty_secret(
            self,
            encryption_key=encryption_key,
            replica_regions=secret_replica_regions,
            replica_keys=secret_replica_keys,
            removal_policy=removal_policy,
        )
        self.secret = secret
        seeding = seed_secret(
            self,
            user_pool=user_pool,
            client_id=self.client_id,
            secret=secret,
            encryption_key=encryption_key,
            replica_keys=secret_replica_keys,
            function_encryption_key=function_encryption_key,
        )
        self.secret_rotation = None
        if rotation is None:
            acknowledge(secret, {"SMG4": "Rotation is a choice of whoever makes the app client: `rotation`."})
            return
        self.secret_rotation = SecretRotation(
            self,
            "Rotation",
            user_pool=user_pool,
            client_id=self.client_id,
            secret=secret,
            every=rotation,
            overlap=rotation_overlap or DEFAULT_OVERLAP,
            encryption_key=encryption_key,
            secret_replica_keys=secret_replica_keys,
            function_encryption_key=function_encryption_key,
            seeded=seeding,
        )


class _ExistingAppClient(AppClient):
    """An app client that is made elsewhere. A proxy cannot tell it from one that is made here."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        client_id: str,
        encryption_key: kms.IKey | None,
        secret_replica_keys: Mapping[str, kms.IKey],
        function_encryption_key: kms.IKey | None,
        secret_replica_regions: Sequence[str],
        rotation: Duration | None,
        rotation_overlap: Duration | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        # Not AppClient's own, which makes one.
        Construct.__init__(self, scope, construct_id)
        _check_pool_region(self, user_pool)
        if not Token.is_unresolved(client_id) and _CLIENT_ID.fullmatch(client_id) is None:
            raise PropertyError(f"client_id must be 1 to 128 letters, digits, _ or +, not {client_id!r}")
        self._keep_secret(
            user_pool,
            cognito.UserPoolClient.from_user_pool_client_id(self, "Resource", client_id),
            encryption_key=encryption_key,
            secret_replica_keys=secret_replica_keys,
            function_encryption_key=function_encryption_key,
            secret_replica_regions=secret_replica_regions,
            rotation=rotation,
            rotation_overlap=rotation_overlap,
            removal_policy=removal_policy,
        )

    def accept_client_context(self, *, administrator: bool, propagated: bool) -> None:
        """Say what the app client needs, since nothing of its settings is changed."""
        if administrator:
            self._warn(
                "existingAppClientFlows",
                "threat_protection: signing in with a password needs ALLOW_ADMIN_USER_PASSWORD_AUTH among its flows",
            )
        if propagated:
            self._warn(
                "existingAppClientContextData",
                "propagate_client_ip: Cognito takes the address only with EnablePropagateAdditionalUserContextData",
            )

    def accept_code_grant(
        self, *, callback_urls: Sequence[str], logout_urls: Sequence[str], scopes: Sequence[str]
    ) -> None:
        """Say what the app client needs, since nothing of its settings is changed."""
        del callback_urls, logout_urls
        self._warn(
            "existingAppClientCodeGrant",
            "oauth: the app client needs the authorization code grant, its callback URLs and scopes "
            f"({', '.join(scopes)}), and no client credentials grant beside it",
        )

    def _warn(self, warning_id: str, what: str) -> None:
        client = self.node.path if Token.is_unresolved(self.client_id) else self.client_id
        Annotations.of(self).add_warning_v2(
            f"@cognito-proxy:{warning_id}",
            f"{what}. The app client {client} is an existing one, of which nothing is changed here: see to it "
            "yourself. Mind that UpdateUserPoolClient resets every setting that it is not given.",
        )


def _keep_when_replaced(client: cognito.UserPoolClient, removal_policy: RemovalPolicy) -> None:
    """A replacement, such as for another pool, leaves the old app client in Cognito, whatever the policy is."""
    resource = cast("cognito.CfnUserPoolClient", client.node.default_child)
    resource.apply_removal_policy(removal_policy, apply_to_update_replace_policy=False)
    resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN


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
