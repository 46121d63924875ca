"""The REST API: what it takes, how much of it, and what it logs."""

from typing import cast

from aws_cdk import Names
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.firewall.health_checkers import HEALTH_PATH
from cognito_proxy.proxies.custom_domain import CustomDomain
from cognito_proxy.proxies.oauth_endpoints import PATHS, THROTTLED_PATHS, OAuthEndpoints
from cognito_proxy.proxies.rest_stage import acknowledge_account_role, rest_stage
from cognito_proxy.proxies.throttle import Throttle

_HEALTH_THROTTLE = Throttle(rate_limit=1_000, burst_limit=2_000)
"""Of health checks, which then take nothing of what callers have. About sixteen checkers ask, each every 10 or 30
seconds. Whoever knows the API's id can point health checks here, too; if those reached the throttle, the real ones got
429, and DNS moved. An account has 200 of them: 320 requests a second at most, each of which costs little.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
"""


def rest_api(
    scope: Construct,
    *,
    function: lambda_.IFunction,
    throttle: Throttle,
    domain: CustomDomain | None,
    stage_name: str,
    access_log_group: logs.ILogGroup,
    cloud_watch_role: bool,
    ipv6: bool,
    tracing: bool = False,
    oauth: OAuthEndpoints | None = None,
) -> apigateway.RestApi:
    """Make `Api` in `scope`: POST and OPTIONS of the root go to the function, and with `oauth` each path of its own;
    with failover GET of `/health`, too.

    No resource is greedy: what is not in the list is answered by API Gateway.
    """
    failover = domain is not None and domain.failover is not None
    api = apigateway.RestApi(
        scope,
        "Api",
        # Metrics are kept by this name, so two proxies of an account must not share it.
        rest_api_name=Names.unique_resource_name(scope, max_length=128, separator="-"),
        description="Sign-in proxy in front of Amazon Cognito",
        endpoint_configuration=apigateway.EndpointConfiguration(
            types=[apigateway.EndpointType.REGIONAL],
            # IPv4 is AWS's default, but the rates by address rely on it; the web ACL blocks IPv6 then, too.
            ip_address_type=apigateway.IpAddressType.DUAL_STACK if ipv6 else apigateway.IpAddressType.IPV4,
        ),
        # The function gets the very bytes that the app sent.
        binary_media_types=["*/*"],
        cloud_watch_role=cloud_watch_role,
        # Route 53's health checkers ask there: the name of one's own leads to whichever Region answers.
        disable_execute_api_endpoint=domain is not None and not failover,
        domain_name=None if domain is None else _domain_options(domain),
        deploy_options=rest_stage(
            stage_name=stage_name,
            throttle=throttle,
            access_log_group=access_log_group,
            tracing=tracing,
            of_methods=({f"{HEALTH_PATH}/GET": _HEALTH_THROTTLE} if failover else {})
            | ({} if oauth is None else _throttles(oauth)),
        ),
    )
    # An output of CDK's own; a construct leaves outputs to the stack.
    api.node.try_remove_child("Endpoint")
    # A statement for each of so many methods would fill the function's policy, which holds 20 KB:
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    integration = apigateway.LambdaIntegration(
        function,
        proxy=True,
        # Without a permission for each method the console cannot test one anyway, and the CDK warns of the property.
        allow_test_invoke=False if oauth is None else None,
        scope_permission_to_method=oauth is None,
    )
    for method in ("POST", "OPTIONS"):
        api.root.add_method(method, integration)
    if failover:
        api.root.add_resource(HEALTH_PATH.removeprefix("/")).add_method("GET", integration)
    if oauth is not None:
        for path, methods in PATHS.items():
            resource = api.root.resource_for_path(path)
            for method in (*methods, "OPTIONS"):
                resource.add_method(method, integration)
    if domain is not None:
        # API Gateway made the domain name because `domain` was given.
        own_domain = cast("apigateway.DomainName", api.domain_name)
        # The same as for the API itself; CDK has no property for it.
        cast("apigateway.CfnDomainName", own_domain.node.default_child).add_property_override(
            "EndpointConfiguration.IpAddressType", "dualstack" if ipv6 else "ipv4"
        )
    _acknowledge(api)
    return api


def _throttles(oauth: OAuthEndpoints) -> dict[str, Throttle]:
    return {f"{path}/{method}": oauth.throttle for path in THROTTLED_PATHS for method in PATHS[path]}


def _acknowledge(api: apigateway.RestApi) -> None:
    acknowledge(
        api,
        {
            "APIG2": "The function reads and checks every request itself and answers in Cognito's shape.",
            "APIG4": "People who sign in are not authenticated yet; Cognito authorizes each operation.",
            "COG4": "People who sign in are not authenticated yet; Cognito authorizes each operation.",
            "APIG6": "Execution logs would hold request bodies, that is passwords; the access log is on.",
        },
    )
    acknowledge_account_role(api)


def _domain_options(domain: CustomDomain) -> apigateway.DomainNameOptions:
    return apigateway.DomainNameOptions(
        domain_name=domain.domain_name,
        certificate=domain.certificate,
        endpoint_type=apigateway.EndpointType.REGIONAL,
        security_policy=apigateway.SecurityPolicy.TLS_1_2,
    )
