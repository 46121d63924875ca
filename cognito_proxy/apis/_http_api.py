"""The HTTP API: its routes and who may call them, how much it takes, and what it logs.

Limits of HTTP APIs: 50 audiences of an authorizer, 10 scopes of a route, 10 authorizers and 300 routes of an API, 30
seconds for an answer, 10 MB for a body (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html).
AWS WAF does not stand in front of an HTTP API
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html).
"""

import json
from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration, Names, Token
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.apis.api_route import ApiRoute
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.throttle import Throttle

MAX_AUDIENCES = 50

# As long as Chromium keeps a preflight's answer.
_MAX_AGE = Duration.hours(2)
_OPTIONS = apigatewayv2.HttpMethod.OPTIONS

# No address, user agent, path or query: they are personal data, or could be made to carry some. No requestId, either,
# which callers of a REST API can choose. The route is ours, and the authorizer's error one of its own sentences, such
# as "the token does not have a valid audience". The function's line has the same functionRequestId.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
_LOGGED = {
    "time": "$context.requestTimeEpoch",
    "extendedRequestId": "$context.extendedRequestId",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "responseLength": "$context.responseLength",
    "integrationLatency": "$context.integration.latency",
    "integrationStatus": "$context.integration.integrationStatus",
    "functionStatus": "$context.integration.status",
    "functionRequestId": "$context.integration.requestId",
    "errorResponseType": "$context.error.responseType",
    "authorizerError": "$context.authorizer.error",
}


def http_api(
    scope: Construct,
    *,
    function: lambda_.IFunction,
    authorizer: apigatewayv2.IHttpRouteAuthorizer,
    asks_for_scopes: bool,
    routes: Sequence[ApiRoute],
    allowed_origins: Sequence[str],
    has_domain: bool,
    ip_address_type: apigatewayv2.IpAddressType,
) -> apigatewayv2.HttpApi:
    """Make `Api` in `scope`: each route goes to the function, with a token that the authorizer let in.

    `asks_for_scopes`: API Gateway itself does, which it can with a JWT authorizer only.
    """
    api = apigatewayv2.HttpApi(
        scope,
        "Api",
        api_name=Names.unique_resource_name(scope, max_length=128, separator="-"),
        description="API that takes access tokens of a Cognito user pool",
        cors_preflight=_cors(allowed_origins),
        create_default_stage=False,
        disable_execute_api_endpoint=has_domain,
        ip_address_type=ip_address_type,
    )
    integration = integrations.HttpLambdaIntegration("Function", function)
    for route in routes:
        api.add_routes(
            path=route.path,
            methods=[route.method],
            integration=integration,
            authorizer=authorizer,
            authorization_scopes=list(route.scopes) if asks_for_scopes else None,
        )
    if allowed_origins:
        _let_preflights_in(api, routes, integration)
    return api


def http_stage(
    scope: Construct,
    *,
    api: apigatewayv2.HttpApi,
    throttle: Throttle,
    access_log_group: logs.ILogGroup,
) -> apigatewayv2.HttpStage:
    """Make `Stage` in `scope`, the default one, whose name is no part of the URL.

    Its log needs no role of the account's, as a REST API's does. Whoever deploys needs permissions for log delivery:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
    """
    stage = apigatewayv2.HttpStage(
        scope,
        "Stage",
        http_api=api,
        auto_deploy=True,
        throttle=apigatewayv2.ThrottleSettings(rate_limit=throttle.rate_limit, burst_limit=throttle.burst_limit),
    )
    cast(
        "apigatewayv2.CfnStage", stage.node.default_child
    ).access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
        destination_arn=access_log_group.log_group_arn, format=json.dumps(_LOGGED)
    )
    return stage


def http_domain_name(
    scope: Construct,
    domain: CustomDomain,
    *,
    api: apigatewayv2.HttpApi,
    stage: apigatewayv2.HttpStage,
    ip_address_type: apigatewayv2.IpAddressType,
) -> apigatewayv2.DomainName:
    """Make `DomainName` and `Mapping` in `scope`: the stage answers at the domain's root."""
    name = apigatewayv2.DomainName(
        scope,
        "DomainName",
        domain_name=domain.domain_name,
        certificate=domain.certificate,
        endpoint_type=apigatewayv2.EndpointType.REGIONAL,
        security_policy=apigatewayv2.SecurityPolicy.TLS_1_2,
        ip_address_type=ip_address_type,
    )
    # The stage's own `domain_mapping` would name the mapping after the path of the domain name in the app.
    apigatewayv2.ApiMapping(scope, "Mapping", api=api, domain_name=name, stage=stage)
    return name


def _cors(allowed_origins: Sequence[str]) -> apigatewayv2.CorsPreflightOptions | None:
    """None without origins, and where the function sets the headers.

    The documents show http and https only (API reference, Cors), and whether another scheme is taken
    (`capacitor://localhost`) is not known here. Without this, API Gateway lets the function's own headers through; its
    401 and 403 then have none, so a page cannot read those.
    """
    if not allowed_origins or any(_is_of_an_app(origin) for origin in allowed_origins):
        return None
    # Tokens travel in a header of their own, so pages need no credentials.
    return apigatewayv2.CorsPreflightOptions(
        allow_origins=list(allowed_origins),
        allow_methods=[apigatewayv2.CorsHttpMethod.GET, apigatewayv2.CorsHttpMethod.POST],
        allow_headers=["authorization", "content-type"],
        max_age=_MAX_AGE,
    )


def _let_preflights_in(
    api: apigatewayv2.HttpApi, routes: Sequence[ApiRoute], integration: integrations.HttpLambdaIntegration
) -> None:
    """A preflight carries no token, and an ANY route would ask it for one.

    Documented for `$default` (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html), and
    found for ANY, too (https://github.com/anomalyco/sst/issues/5493, https://arpadt.com/articles/cors-in-http-api).
    Whoever then answers, API Gateway or the function, names the same origins and methods. What else comes with OPTIONS
    reaches the function without claims.
    """
    given = {route.path for route in routes if route.method == _OPTIONS}
    paths = dict.fromkeys(route.path for route in routes if route.path not in given)
    open_routes = [
        route
        for path in paths
        for route in api.add_routes(
            path=path, methods=[_OPTIONS], integration=integration, authorizer=apigatewayv2.HttpNoneAuthorizer()
        )
    ]
    for route in open_routes:
        acknowledge(route, {"APIG4": "A preflight carries no token; without claims the function does nothing else."})


def _is_of_an_app(origin: str) -> bool:
    return not Token.is_unresolved(origin) and not origin.startswith(("http://", "https://"))
