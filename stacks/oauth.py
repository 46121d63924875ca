"""The OAuth 2.0 endpoints of the user pool's domain, as the flags say."""

from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy import AppClient, OAuthEndpoints, SignInDomain
from stacks.flags import AppFlags


def oauth_endpoints(flags: AppFlags, client: AppClient) -> OAuthEndpoints | None:
    """What the flags ask for; None without `oauth_domain`. `client` stands in the pool's Region."""
    if flags.oauth_domain is None:
        return None
    host = flags.oauth_domain.host_name
    if host is None:
        host = f"{flags.oauth_domain.prefix}.auth.{Stack.of(client).region}.amazoncognito.com"
    return OAuthEndpoints(
        user_pool_domain=host, callback_urls=flags.oauth_callback_urls, logout_urls=flags.oauth_logout_urls
    )


def demo_domain(scope: Construct, flags: AppFlags, user_pool: cognito.IUserPool) -> None:
    """Make the domain of a demonstration's pool, with the classic pages: these need no branding of each app client."""
    if flags.demonstration and flags.oauth_domain is not None:
        SignInDomain(scope, "SignInDomain", user_pool=user_pool, prefix=flags.oauth_domain.prefix, managed_login=False)
