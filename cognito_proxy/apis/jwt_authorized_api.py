"""An HTTP API behind a JWT authorizer, with its function in private subnets."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import RemovalPolicy, Stack, Token
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from cognito_proxy.apis._documents import (
    TABLE_ACTIONS,
    check_clients,
    check_exact_origins,
    documents_function,
    documents_table,
)
from cognito_proxy.apis._http_api import MAX_AUDIENCES, http_api, http_domain_name, http_stage
from cognito_proxy.apis._isolated_network import isolated_network
from cognito_proxy.apis.api_route import GREEDY, ApiRoute
from cognito_proxy.apis.sealed_token_authorizer import SealedTokenAuthorizer
from cognito_proxy.common.certificates import require_certificate_in
from cognito_proxy.common.checks import require_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.interceptors.sealed_tokens import SealedTokens
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.throttle import Throttle

_ROUTES = (ApiRoute(path="/"), ApiRoute(path=f"/{GREEDY}"))


class JwtAuthorizedApi(Construct):
    """An HTTP API with a JWT authorizer, and a function behind it that reaches DynamoDB and nothing else.

    The function is that of `CognitoAuthorizedApi`: it greets, and keeps small documents of each user. It takes access
    tokens, which have no names, so it greets by the username. Who checks what:

    - The authorizer: the RSA signature by the pool's keys, which it may keep for two hours; `iss`, `exp`, `nbf`, `iat`;
      the audience; and that the token holds one of the route's scopes. The audience is `aud`, and "API Gateway
      validates client_id only if aud is not present": Cognito's ID tokens have `aud`, its access tokens `client_id`
      alone. (One that was asked for with `resource=`, RFC 8707, has `aud`, too, and is refused here.)
    - It does not look at `token_use`: "there is no standard mechanism to differentiate JWT access tokens from other
      types of JWTs". Since each route asks for a scope, and ID tokens have none, they are refused.
    - The function: `token_use` is `access`, and `client_id` one of `user_pool_clients`.

    A token that was revoked, or whose user was deleted, is taken until it expires: nobody asks Cognito.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
    """

    api: apigatewayv2.HttpApi
    """What apps call."""

    stage: apigatewayv2.HttpStage
    """Its only one, `$default`."""

    url: str
    """Of the stage or of `domain`, with a slash at the end."""

    authorizer: apigatewayv2.IHttpRouteAuthorizer
    """Of every route but OPTIONS; with `sealed_tokens` the Lambda authorizer."""

    function: lambda_.Function
    """What answers."""

    table: dynamodb.Table
    """The documents: partition key `user` (the claim `sub`), sort key `name`."""

    vpc: ec2.Vpc
    """The function's, with nothing else in it."""

    log_group: logs.ILogGroup
    """The function's."""

    access_log_group: logs.ILogGroup
    """API Gateway's: how each request went, and nothing about who sent it."""

    alias_target: str | None
    """With a `domain`: the host name that its DNS records point at."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_pool: cognito.IUserPool,
        user_pool_clients: Sequence[cognito.IUserPoolClient],
        routes: Sequence[ApiRoute] = _ROUTES,
        issuer: str | None = None,
        sealed_tokens: SealedTokens | None = None,
        allowed_origins: Sequence[str] = (),
        throttle: Throttle | None = None,
        domain: CustomDomain | None = None,
        ipv6: bool = False,
        nat_gateways: int = 0,
        dynamodb_prefix_list: ec2.IPrefixList | None = None,
        memory_size: int = 512,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        """Make the network, the function, the table, the API and its stage.

        Args:
            scope: The parent; its stack is in the user pool's Region.
            construct_id: Id within `scope`.
            user_pool: Whose tokens are taken. Its keys and its issuer are found at `issuer`.
            user_pool_clients: App clients of that pool whose tokens are taken, from 1 to 50; a `CodeGrantClient` and
                a `MachineClient` have theirs as `user_pool_client`, as an `AppClient` has. Their ids are the
                authorizer's audience.
            routes: Paths and methods, each with scopes. Default: ANY on the root and on everything below it, for users
                who signed in through the proxy.
            issuer: What the pool's tokens have as `iss`: for a pool with the updated issuer, as every pool with a
                `ReplicaRegion` is, `https://issuer-cognito-idp.REGION.amazonaws.com/POOL` (API reference of
                Cognito, IssuerConfigurationType). Not with `sealed_tokens`. Default: -
                `https://cognito-idp.REGION.amazonaws.com/POOL`.
            sealed_tokens: Those of the proxy: the API takes sealed access tokens then, with the routes' scopes, and no
                others. Default: - it takes Cognito's own.
            allowed_origins: Exact origins of pages that may call, such as `https://app.example.com`; `*` is refused.
                With one of another scheme (`capacitor://localhost`) the function alone sets the headers, and pages
                cannot read API Gateway's own 401 and 403. Native apps need none. Default: none.
            throttle: Requests that the stage takes. Default: 100 a second, 200 at once.
            domain: A host name of your own, with a certificate in the stack's Region; for TLS 1.2, and API Gateway's
                own name is then switched off. Default: - API Gateway's own name.
            ipv6: Answer on IPv6, too. Nothing here counts by address, so no rate is weakened. Default: False.
            nat_gateways: Gateways through which the function reaches the internet, one an Availability Zone, from 0
                to 2. Each costs about $33 a month and $0.045 a GB, and its public address $3.65 a month. The function
                itself needs none. Default: 0, and the subnets have no way out.
            dynamodb_prefix_list: DynamoDB's in the stack's Region, for the security group. Default: - a small function
                looks it up when the stack is made.
            memory_size: Of the function, from 256 to 10,240 MB; more memory is also more CPU. Default: 512.
            log_retention: Of all log groups; they go when the API does. Default: 1 month.
            removal_policy: What becomes of the table when it leaves the stack. Default: it stays in the account.

        Raises:
            PropertyError: a property is out of its bounds, two routes are the same, an origin is none, the certificate
                is elsewhere, or app clients and origins are more than fit into the function's settings (4 KB).
        """
        super().__init__(scope, construct_id)
        check_clients(user_pool_clients)
        require_between("user_pool_clients", len(user_pool_clients), 1, MAX_AUDIENCES, "app clients")
        check_exact_origins(allowed_origins)
        _check_routes(routes)
        _check_issuer(issuer, sealed=sealed_tokens is not None)
        require_between("memory_size", memory_size, 256, 10_240, "MB")
        if domain is not None:
            require_certificate_in(self, "domain", domain.certificate, Stack.of(self).region)
        network = isolated_network(
            self, nat_gateways=nat_gateways, dynamodb_prefix_list=dynamodb_prefix_list, log_retention=log_retention
        )
        self.vpc = network.vpc
        self.table = documents_table(self, removal_policy=removal_policy)
        self.function = documents_function(
            self,
            table=self.table,
            clients=user_pool_clients,
            token_uses=["access"],
            allowed_origins=allowed_origins,
            memory_size=memory_size,
            log_retention=log_retention,
            place=network.place,
            sealed=sealed_tokens is not None,
        )
        role = cast("iam.IRole", self.function.role)
        network.admit(role, actions=TABLE_ACTIONS, resources=[self.table.table_arn])
        self.log_group = self.function.log_group
        self.access_log_group = logs.LogGroup(
            self, "AccessLogGroup", retention=log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        self.authorizer = (
            _of_user_pool(issuer or f"https://{user_pool.user_pool_provider_name}", user_pool_clients)
            if sealed_tokens is None
            else SealedTokenAuthorizer(
                self,
                "SealedTokenAuthorizer",
                sealed_tokens=sealed_tokens,
                user_pool=user_pool,
                user_pool_clients=user_pool_clients,
                route_scopes={_key(route): route.scopes for route in routes},
                log_retention=log_retention,
            ).http
        )
        ip_address_type = apigatewayv2.IpAddressType.DUAL_STACK if ipv6 else apigatewayv2.IpAddressType.IPV4
        self.api = http_api(
            self,
            function=self.function,
            authorizer=self.authorizer,
            asks_for_scopes=sealed_tokens is None,
            routes=routes,
            allowed_origins=allowed_origins,
            has_domain=domain is not None,
            ip_address_type=ip_address_type,
        )
        self.stage = http_stage(
            self, api=self.api, throttle=throttle or Throttle(), access_log_group=self.access_log_group
        )
        self.url, self.alias_target = self.stage.url, None
        if domain is not None:
            self._name(domain, ip_address_type)

    def _name(self, domain: CustomDomain, ip_address_type: apigatewayv2.IpAddressType) -> None:
        domain_name = http_domain_name(self, domain, api=self.api, stage=self.stage, ip_address_type=ip_address_type)
        self.url = f"https://{domain.domain_name}/"
        self.alias_target = domain_name.regional_domain_name
        if domain.hosted_zone is None:
            return
        target = route53.RecordTarget.from_alias(
            targets.ApiGatewayv2DomainProperties(domain_name.regional_domain_name, domain_name.regional_hosted_zone_id)
        )
        # The dot at the end makes it fully qualified, whatever the zone's name is.
        name = f"{domain.domain_name}."
        route53.ARecord(self, "AliasRecord", zone=domain.hosted_zone, record_name=name, target=target)
        if ip_address_type == apigatewayv2.IpAddressType.DUAL_STACK:
            route53.AaaaRecord(self, "AliasRecordIpv6", zone=domain.hosted_zone, record_name=name, target=target)


def _of_user_pool(issuer: str, clients: Sequence[cognito.IUserPoolClient]) -> authorizers.HttpJwtAuthorizer:
    return authorizers.HttpJwtAuthorizer(
        "Authorizer",
        issuer,
        jwt_audience=[client.user_pool_client_id for client in clients],
        identity_source=["$request.header.Authorization"],
    )


def _key(route: ApiRoute) -> str:
    """What API Gateway calls it."""
    return f"{route.method.value} {route.path}"


def _check_issuer(issuer: str | None, *, sealed: bool) -> None:
    if issuer is None:
        return
    if sealed:
        raise PropertyError("issuer: not with sealed_tokens, which the proxy seals itself")
    if not Token.is_unresolved(issuer) and (not issuer.startswith("https://") or issuer.endswith("/")):
        raise PropertyError(f"issuer must begin with https:// and have no slash at the end, not {issuer!r}")


def _check_routes(routes: Sequence[ApiRoute]) -> None:
    if not routes:
        raise PropertyError("routes must hold at least one route, not none")
    keys = [_key(route) for route in routes]
    for key in keys:
        if keys.count(key) > 1:
            raise PropertyError(f"routes must differ: {key} stands there twice")
