"""The sample `http`: an HTTP API behind a JWT authorizer, and Cognito's own sign-in with OAuth 2.0 for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy import (
    ApiRoute,
    ApiScopes,
    CodeGrantClient,
    JwtAuthorizedApi,
    MachineClient,
    RefreshTokenRotation,
    SignInDomain,
)
from cognito_proxy.apis.api_route import GREEDY, SIGN_IN_SCOPE
from stacks.domain import own_domain
from stacks.flags import AppFlags
from stacks.protection import removal_policy
from stacks.proxy import ProxyStack
from stacks.samples.sample_stack import SampleStack

READ, WRITE = "documents.read", "documents.write"
_SCOPES = {READ: "Read one's documents", WRITE: "Keep documents"}

# Where nothing listens, the browser still shows the code in its address.
_LOCAL_CALLBACK = "http://localhost:8000/"


class HttpStack(SampleStack):
    """An API for access tokens: of users who signed in through the proxy, and of OAuth 2.0 app clients of its own."""

    api: JwtAuthorizedApi
    """What apps call."""

    sign_in: SignInDomain | None
    """Cognito's own pages; None with `sign_in_domain=none`."""

    _description = "HTTP API for users who signed in through the proxy, and OAuth 2.0 for it"

    @property
    def availability_zones(self) -> list[str]:
        """As CloudFormation knows them: CDK would ask AWS at synth where it knows account and Region."""
        return [Fn.select(place, Fn.get_azs()) for place in range(2)]

    def _make(self, flags: AppFlags, proxy_stack: ProxyStack) -> None:
        self.sign_in = _sign_in(self, flags, self.user_pool)
        oauth = None if self.sign_in is None else _OAuth.of(self, flags, self.user_pool)
        domain = own_domain(self, "Api", flags.api_domain, flags.api_certificate_arn, flags.hosted_zone_id)
        self.api = JwtAuthorizedApi(
            self,
            "Api",
            user_pool=self.user_pool,
            user_pool_clients=[*self.user_pool_clients, *(oauth.clients if oauth else ())],
            routes=oauth.routes if oauth else _routes(),
            sealed_tokens=proxy_stack.sealed_tokens,
            allowed_origins=flags.allowed_origins,
            domain=domain,
            nat_gateways=flags.nat_gateways or 0,
            removal_policy=removal_policy(flags),
        )
        self._tell("HttpApiUrl", self.api.url, "URL of the HTTP API, which takes access tokens")
        self._tell_of_target(flags, "ApiDomainTarget", self.api.alias_target, "the API's host name")
        if self.sign_in is not None and oauth is not None:
            self._tell("SignInUrl", self.sign_in.url, "Cognito's own sign-in pages and OAuth 2.0 server")
            self._tell_of_target(flags, "SignInDomainTarget", self.sign_in.alias_target, "the sign-in host name")
            self._tell("CodeGrantClientId", oauth.page.client_id, "App client for the code grant with PKCE")
            self._tell("CodeGrantCallbackUrl", oauth.callback_urls[0], "Where that sign-in comes back to")
            self._tell("MachineClientId", oauth.machine.client_id, "App client for client credentials")
            self._tell("MachineSecretArn", oauth.machine.secret.secret_arn, "Where its secret is kept")

    def _tell_of_target(self, flags: AppFlags, name: str, target: str | None, of: str) -> None:
        """Tell where a DNS record must point, unless it is made here."""
        if target is not None and flags.hosted_zone_id is None:
            self._tell(name, target, f"Point the DNS record of {of} here")


def _sign_in(scope: Construct, flags: AppFlags, user_pool: cognito.IUserPool) -> SignInDomain | None:
    wanted = flags.sign_in_domain
    if wanted is not None and not wanted.made:
        return None
    domain = own_domain(
        scope,
        "SignIn",
        None if wanted is None else wanted.host_name,
        flags.sign_in_certificate_arn,
        flags.hosted_zone_id,
    )
    return SignInDomain(
        scope, "SignIn", user_pool=user_pool, domain=domain, prefix=None if wanted is None else wanted.prefix
    )


@dataclass(frozen=True, kw_only=True)
class _OAuth:
    """What is there when users and programs get tokens by OAuth 2.0."""

    page: CodeGrantClient
    machine: MachineClient
    scopes: ApiScopes
    callback_urls: Sequence[str]

    @classmethod
    def of(cls, scope: Construct, flags: AppFlags, user_pool: cognito.IUserPool) -> "_OAuth":
        """Make the scopes, and an app client of each grant."""
        scopes = ApiScopes(scope, "Scopes", user_pool=user_pool, identifier="documents", scopes=_SCOPES)
        callback_urls = [f"{origin}/" for origin in flags.allowed_origins] or [_LOCAL_CALLBACK]
        page = CodeGrantClient(
            scope,
            "CodeGrantClient",
            user_pool=user_pool,
            callback_urls=callback_urls,
            logout_urls=callback_urls,
            api_scopes=scopes,
            scope_names=[READ, WRITE],
            implicit_grant=flags.implicit_grant,
            # Pools on the Lite plan refuse it, and nothing here knows this pool's plan.
            refresh_token_rotation=RefreshTokenRotation() if flags.demonstration else None,
            removal_policy=removal_policy(flags),
        )
        machine = MachineClient(
            scope,
            "MachineClient",
            user_pool=user_pool,
            api_scopes=scopes,
            scope_names=[READ, WRITE],
            removal_policy=removal_policy(flags),
        )
        return cls(page=page, machine=machine, scopes=scopes, callback_urls=callback_urls)

    @property
    def clients(self) -> tuple[cognito.IUserPoolClient, ...]:
        """Whose tokens the API takes."""
        return (self.page.user_pool_client, self.machine.user_pool_client)

    @property
    def routes(self) -> list[ApiRoute]:
        """With the scopes that such a token needs."""
        return _routes(read=(self.scopes.named(READ),), write=(self.scopes.named(WRITE),))


def _routes(*, read: tuple[str, ...] = (), write: tuple[str, ...] = ()) -> list[ApiRoute]:
    """To read takes one scope, and all else the other. Tokens that came through the proxy have a scope of their own."""
    return [
        ApiRoute(path="/", scopes=(SIGN_IN_SCOPE, *read, *write)),
        ApiRoute(path=f"/{GREEDY}", method=apigatewayv2.HttpMethod.GET, scopes=(SIGN_IN_SCOPE, *read)),
        ApiRoute(path=f"/{GREEDY}", scopes=(SIGN_IN_SCOPE, *write)),
    ]
