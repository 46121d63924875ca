"""An app client for the client credentials grant: a program that calls an API without a user."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cognito_proxy.apis.api_scopes import ApiScopes
from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.property_error import PropertyError


class MachineClient(Construct):
    """An app client with a secret that gets access tokens for scopes of an API, and nothing else.

    "To create an app client that generates client credentials grants, you must add client_credentials as the only
    allowed OAuth flow" (API reference, AllowedOAuthFlows): so it stands beside a `CodeGrantClient`. It needs a user
    pool domain (`SignInDomain`), since its tokens come from `/oauth2/token`. Cognito charges for each token; keep one
    until it expires. Never name it among a proxy's app clients: the proxy would prove its secret for anybody.

    The secret is copied to Secrets Manager, once, and stands in no template, as that of an `AppClient`.
    """

    user_pool_client: cognito.UserPoolClient
    """The app client in Cognito."""

    client_id: str
    """What the program is configured with, and what an API names as audience. It is also the token's subject."""

    secret: secretsmanager.ISecret
    """Its value is `{"user_pool_id": …, "client_id": …, "client_secret": …}`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        api_scopes: ApiScopes,
        scope_names: Sequence[str],
        access_token_validity: Duration | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        """Make the app client and the place of its secret.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: Whose app client it is.
            api_scopes: The API that the program calls.
            scope_names: What it may do there, such as `documents.read`; at least one, since a token of this grant
                holds scopes of resource servers only.
            access_token_validity: From 5 minutes to 1 day. Default: 1 hour.
            encryption_key: Customer-managed key of the secret. Default: - the account's key `aws/secretsmanager`.
            removal_policy: What becomes of app client and secret when they are replaced or leave the stack. Default:
                destroyed.

        Raises:
            PropertyError: there is no scope, one is unknown, or the validity is out of its bounds.
        """
        super().__init__(scope, construct_id)
        if not scope_names:
            raise PropertyError("scope_names must hold at least one scope, not none")
        validity = access_token_validity or Duration.hours(1)
        require_duration_between("access_token_validity", validity, Duration.minutes(5), Duration.days(1))
        self.user_pool_client = cognito.UserPoolClient(
            self,
            "Resource",
            user_pool=user_pool,
            generate_secret=True,
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(client_credentials=True),
                scopes=[cognito.OAuthScope.custom(api_scopes.named(name)) for name in scope_names],
            ),
            access_token_validity=validity,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
        )
        # No user signs in with it. None at all would be taken for "SRP, custom and refresh" (API reference,
        # ExplicitAuthFlows), and CDK has no property for just this one.
        resource = cast("cognito.CfnUserPoolClient", self.user_pool_client.node.default_child)
        resource.explicit_auth_flows = ["ALLOW_REFRESH_TOKEN_AUTH"]
        resource.apply_removal_policy(removal_policy)
        self.user_pool_client.node.add_dependency(api_scopes)
        self.client_id = self.user_pool_client.user_pool_client_id
        self._kept = AppClient.from_client_id(
            self,
            "Kept",
            user_pool=user_pool,
            client_id=self.client_id,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
        self.secret = self._kept.secret

    def grant_read_secret(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee`, the program's role, read the secret's value, and decrypt it."""
        return self._kept.grant_read_secret(grantee)
