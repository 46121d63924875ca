"""An app client for the authorization code grant: a page or an app that sends its users to Cognito's sign-in pages."""

from collections.abc import Sequence

from aws_cdk import Annotations, Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy.apis.api_scopes import ApiScopes
from cognito_proxy.app_clients.refresh_token_rotation import RefreshTokenRotation
from cognito_proxy.common.checks import require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.redirect_urls import check_redirect_urls

_ROTATION = RefreshTokenRotation()
_OPENID = ("openid", "profile", "email")


class CodeGrantClient(Construct):
    """A public app client, without a secret, whose apps are to use PKCE.

    Cognito checks PKCE where an app uses it, and cannot be told to ask for it: CreateUserPoolClient has no such
    setting. An app that sends no `code_challenge` gets tokens for its code alone. So see to it in the app; the method
    is S256 (https://docs.aws.amazon.com/cognito/latest/developerguide/using-pkce-in-authorization-code.html).

    It has no flow for signing in by Cognito's API. Sign-up and password recovery by the API need no flow, so whoever
    has this app client's id calls these past the proxy. It warns of that, and `cognito-proxy audit` lists it.

    The code grant and client credentials exclude each other in one app client; `MachineClient` is for the latter.
    """

    user_pool_client: cognito.UserPoolClient
    """The app client in Cognito."""

    client_id: str
    """What apps are configured with, and what an API names as audience."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        callback_urls: Sequence[str],
        logout_urls: Sequence[str] = (),
        api_scopes: ApiScopes | None = None,
        scope_names: Sequence[str] = (),
        implicit_grant: bool = False,
        managed_login: bool = True,
        access_token_validity: Duration | None = None,
        refresh_token_rotation: RefreshTokenRotation | None = _ROTATION,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        """Make the app client, and its branding style.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: Whose users sign in. It needs a domain (`SignInDomain`).
            callback_urls: Where Cognito may send users with a code, 1 to 100; absolute, without a fragment, with https,
                a scheme of the app's own, or http on localhost. Cognito compares them as they are.
            logout_urls: Where it may send users who signed out, likewise, up to 100. Default: none.
            api_scopes: The API whose scopes the app may ask for. Default: none.
            scope_names: Which of them, such as `documents.read`. Default: none.
            implicit_grant: Allow the implicit grant, too, which warns: tokens then stand in the address of a page,
                where histories and logs keep them, and an injected token cannot be told from a right one. RFC 9700,
                section 2.1.2, says that clients should not use it. Default: False.
            managed_login: Make the branding style without which managed login shows no page for this app client. It
                needs the Essentials or Plus plan. Default: True.
                https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
            access_token_validity: From 5 minutes to 1 day. Default: 1 hour.
            refresh_token_rotation: How refresh tokens rotate, which RFC 9700, section 2.2.2, asks of public clients;
                `None` turns it off, for a pool on the Lite plan. Default: on, 60 seconds of grace.
            removal_policy: What becomes of the app client when it is replaced or leaves the stack. Default: destroyed.

        Raises:
            PropertyError: an address cannot work, there are none or too many, a scope is unknown, or the validity is
                out of its bounds.
        """
        super().__init__(scope, construct_id)
        if not callback_urls:
            raise PropertyError("callback_urls must hold at least one address, not none")
        check_redirect_urls("callback_urls", callback_urls)
        check_redirect_urls("logout_urls", logout_urls)
        validity = access_token_validity or Duration.hours(1)
        require_duration_between("access_token_validity", validity, Duration.minutes(5), Duration.days(1))
        names = _scopes(api_scopes, scope_names)
        rotates = refresh_token_rotation is not None
        self.user_pool_client = cognito.UserPoolClient(
            self,
            "Resource",
            user_pool=user_pool,
            generate_secret=False,
            # None at all would be taken for "SRP, custom and refresh" (API reference, ExplicitAuthFlows). With rotation
            # Cognito does not take ALLOW_REFRESH_TOKEN_AUTH; the administrator's flow needs AWS credentials.
            auth_flows=cognito.AuthFlow(admin_user_password=rotates),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True, implicit_code_grant=implicit_grant),
                scopes=[cognito.OAuthScope.custom(name) for name in (*_OPENID, *names)],
                callback_urls=list(callback_urls),
                logout_urls=list(logout_urls) or None,
            ),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            access_token_validity=validity,
            id_token_validity=validity,
            refresh_token_validity=Duration.days(30),
            refresh_token_rotation_grace_period=refresh_token_rotation.grace_period if refresh_token_rotation else None,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
        )
        self.user_pool_client.apply_removal_policy(removal_policy)
        if api_scopes is not None:
            self.user_pool_client.node.add_dependency(api_scopes)
        self.client_id = self.user_pool_client.user_pool_client_id
        if managed_login:
            cognito.CfnManagedLoginBranding(
                self,
                "Branding",
                user_pool_id=user_pool.user_pool_id,
                client_id=self.client_id,
                use_cognito_provided_values=True,
            )
        self._warn(implicit_grant=implicit_grant)

    def _warn(self, *, implicit_grant: bool) -> None:
        Annotations.of(self).add_warning_v2(
            "@cognito-proxy:publicAppClient",
            "This app client has no secret: whoever has its id can sign users up and have recovery codes sent past the "
            "proxy, and no setting of the app client ends that. Put a web ACL on the user pool itself.",
        )
        if implicit_grant:
            Annotations.of(self).add_warning_v2(
                "@cognito-proxy:implicitGrant",
                "implicit_grant: tokens stand in the address of the page that Cognito leads back to, where histories "
                "and logs keep them, and a page cannot tell an injected token from its own (RFC 9700, section 2.1.2). "
                "Use the code grant with PKCE.",
            )


def _scopes(api_scopes: ApiScopes | None, names: Sequence[str]) -> tuple[str, ...]:
    if api_scopes is None:
        if names:
            raise PropertyError(f"scope_names must be left out without api_scopes, not {', '.join(names)}")
        return ()
    return tuple(api_scopes.named(name) for name in names)
