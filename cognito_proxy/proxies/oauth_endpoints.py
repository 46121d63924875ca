"""The OAuth 2.0 endpoints of a user pool domain, served by a proxy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from aws_cdk import Annotations, Token
from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.reach import Destination, Reach
from cognito_proxy.common.redirect_urls import MAX_URL, check_redirect_urls
from cognito_proxy.firewall.rates import DEFAULT_OAUTH_RATE, RateLimit
from cognito_proxy.interceptors.made import Made
from cognito_proxy.proxies.throttle import Throttle

PATHS: dict[str, tuple[str, ...]] = {
    "/oauth2/token": ("POST",),
    "/oauth2/revoke": ("POST",),
    "/oauth2/userInfo": ("GET", "POST"),
    "/oauth2/authorize": ("GET",),
    "/login": ("GET",),
    "/signup": ("GET",),
    "/forgotPassword": ("GET",),
    "/passkeys/add": ("GET",),
    "/logout": ("GET",),
    "/.well-known/openid-configuration": ("GET",),
    "/.well-known/jwks.json": ("GET",),
}
"""What is served, by path, with its methods besides OPTIONS: those of `lambda/proxy/oauth/routes.py`; a test compares
them."""

THROTTLED_PATHS = ("/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo", "/.well-known/jwks.json")
"""Those of them that reach Cognito, and not only through the user's browser."""

_HOST_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LONGEST_HOST_NAME = 253


@dataclass(frozen=True, kw_only=True)
class OAuthEndpoints:
    """A user pool domain whose OAuth 2.0 endpoints the proxy serves, too, with the app client's secret.

        RegionalProxy(
            self,
            "Proxy",
            app_clients=[client],
            oauth=OAuthEndpoints(
                user_pool_domain=domain.domain_name, callback_urls=["https://app.example.com/signed-in"]
            ),
        )

    Apps use the code grant with PKCE as public clients. The proxy takes their codes and refresh tokens, and adds the
    secret. Browsers are sent on to the user pool domain, where users sign in; docs/oauth.md says what that means.
    New app clients get the code grant; of existing ones nothing is changed.

    Raises:
        PropertyError: the domain is no host name, or an address or a scope is none.
    """

    user_pool_domain: str
    """Host name of the pool's domain, such as `my-app.auth.eu-west-1.amazoncognito.com`; of a `SignInDomain` its
    `domain_name`."""

    callback_urls: Sequence[str] = ()
    """Where apps come back to with a code, up to 100; new app clients need at least one. The proxy lets no other pass;
    Cognito compares, too. Default: none are known here, and Cognito alone compares."""

    logout_urls: Sequence[str] = ()
    """Where users who signed out are sent, up to 100, likewise. Default: none are known here."""

    scopes: Sequence[str] = ("openid", "email", "profile")
    """What new app clients may ask for. `aws.cognito.signin.user.admin` lets them call Cognito's API with these
    access tokens, also past the proxy. Default: `openid`, `email` and `profile`."""

    rate: RateLimit = field(default_factory=lambda: DEFAULT_OAUTH_RATE)
    """Of one address, for all paths below `/oauth2/`, in a web ACL of the proxy's own; another has its `oauth_rate`.
    Default: 300 in 300 seconds."""

    throttle: Throttle = field(default_factory=lambda: Throttle(rate_limit=50, burst_limit=100))
    """Of a `RegionalProxy`: for each method that reaches Cognito, of all callers together. Default: 50 a second, 100
    at once."""

    def __post_init__(self) -> None:
        if not Token.is_unresolved(self.user_pool_domain) and not _HOST_NAME.fullmatch(self.user_pool_domain):
            raise PropertyError(
                f"user_pool_domain must be a host name in lower case, without scheme and path, not "
                f"{self.user_pool_domain!r}"
            )
        check_redirect_urls("callback_urls", self.callback_urls)
        check_redirect_urls("logout_urls", self.logout_urls)
        if isinstance(self.scopes, str) or not self.scopes:
            raise PropertyError("scopes must hold at least one name, such as openid")

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> Made:  # noqa: ARG002 - the protocol's
        """Nothing of its own: the part of the settings, and the way to the domain."""
        Annotations.of(scope).add_warning_v2(
            "@cognito-proxy:oauthPages",
            "oauth: users sign in on the pages of the user pool domain itself, which this proxy and its web ACL do not "
            "stand in front of. Put a web ACL on the user pool, too; see docs/oauth.md.",
        )
        return Made(
            settings={"oauth": self._part(self.user_pool_domain, self.callback_urls, self.logout_urls)},
            longest={
                "oauth": self._part(
                    _longest(self.user_pool_domain, _LONGEST_HOST_NAME),
                    [_longest(url, MAX_URL) for url in self.callback_urls],
                    [_longest(url, MAX_URL) for url in self.logout_urls],
                )
            },
            # Cognito's VPC endpoint has no user pool domains:
            # https://docs.aws.amazon.com/cognito/latest/developerguide/vpc-interface-endpoints.html
            reaches=(Reach(destination=Destination.INTERNET),),
        )

    @staticmethod
    def warn_of_unseen(scope: Construct, **around: object) -> None:
        """Name what is on and stands around API calls only; the proxy, which knows, calls this with its properties."""
        names = ", ".join(name for name, given in around.items() if given is not None)
        if names:
            Annotations.of(scope).add_warning_v2(
                "@cognito-proxy:oauthUnseen",
                "oauth: what users do there is not on this proxy's way: /signup, /forgotPassword and /login lead to "
                f"pages of the user pool domain, and what is done on them is not seen by {names}. Triggers of the user "
                "pool see both; see docs/oauth.md.",
            )

    def allow(self, app_clients: Sequence[AppClient]) -> None:
        """Give the app clients the code grant; the proxy calls this.

        Raises:
            PropertyError: there is no address for one that is made here.
        """
        for client in app_clients:
            client.accept_code_grant(callback_urls=self.callback_urls, logout_urls=self.logout_urls, scopes=self.scopes)

    @staticmethod
    def _part(domain: str, callback_urls: Sequence[str], logout_urls: Sequence[str]) -> dict[str, object]:
        optional = {"callback_urls": list(callback_urls), "logout_urls": list(logout_urls)}
        return {"domain": domain} | {key: value for key, value in optional.items() if value}


def _longest(text: str, most: int) -> str:
    return "x" * most if Token.is_unresolved(text) else text
