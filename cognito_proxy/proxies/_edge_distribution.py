"""The distribution: how CloudFront takes calls, and how it carries them to Cognito."""

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.common.acknowledge import acknowledge
from cognito_proxy.proxies.custom_domain import CustomDomain

# An idle connection to Cognito is kept for as long as CloudFront does without a raised quota: it saves a handshake.
_KEEPALIVE = Duration.seconds(60)
# Cognito waits for the pool's Lambda triggers, several of up to five seconds each, before it answers.
_READ_TIMEOUT = Duration.seconds(30)
# Three attempts of three seconds, not of ten: a client should get an error before it gives up by itself.
_CONNECTION_TIMEOUT = Duration.seconds(3)
_CONNECTION_ATTEMPTS = 3


def edge_distribution(
    scope: Construct,
    *,
    app_client: AppClient,
    settings_headers: Mapping[str, str],
    function_version: lambda_.IVersion,
    response_headers: cloudfront.ResponseHeadersPolicy,
    oauth_headers: Mapping[str, cloudfront.ResponseHeadersPolicy],
    price_class: cloudfront.PriceClass,
    ipv6: bool,
    web_acl_arn: str | None,
    log_bucket: s3.IBucket,
    domain: CustomDomain | None,
) -> cloudfront.Distribution:
    """Make `Distribution` in `scope`: calls go through the function to Cognito in the Region of `app_client`.

    `oauth_headers` are the policies of what the paths of OAuth 2.0 answer, by pattern. The function serves a closed
    list of paths, and chooses their origin itself.
    """
    origin = _cognito(scope, app_client, settings_headers)

    def behaviour(headers: cloudfront.ResponseHeadersPolicy) -> cloudfront.BehaviorOptions:
        return _behaviour(origin, headers, function_version)

    distribution = cloudfront.Distribution(
        scope,
        "Distribution",
        comment="Sign-in proxy in front of Amazon Cognito",
        default_behavior=behaviour(response_headers),
        additional_behaviors={path: behaviour(headers) for path, headers in oauth_headers.items()} or None,
        http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        minimum_protocol_version=None if domain is None else cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        price_class=price_class,
        # Off, it takes the AAAA record away and no more: CloudFront then answers IPv6 queries with no address (API
        # reference, DistributionConfig, IsIPV6Enabled). Its addresses serve many distributions, so who connects to
        # one of another distribution's and asks for this host may be served. The web ACL therefore blocks, too.
        enable_ipv6=ipv6,
        web_acl_id=web_acl_arn,
        # Standard logging (legacy) has a fixed set of fields, `cs-uri-query` among them: with OAuth 2.0 that holds ID
        # tokens and e-mail addresses (docs/oauth.md). Only standard logging (v2) lets one choose:
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
        log_bucket=log_bucket,
        certificate=None if domain is None else domain.certificate,
        domain_names=None if domain is None else [domain.domain_name],
    )
    rules = {"CFR1": "Users sign in from wherever they are."}
    if domain is None:
        rules["CFR4"] = "CloudFront's own certificate leaves no choice of TLS versions; a domain of your own does."
    acknowledge(distribution, rules)
    return distribution


def _behaviour(
    origin: cloudfront.IOrigin, headers: cloudfront.ResponseHeadersPolicy, function_version: lambda_.IVersion
) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origin,
        # Whoever sends a password in the clear gets an error. A redirect would hide the leak, and no SDK
        # follows one with a POST.
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        # The only set of CloudFront's that has POST. The function refuses all but POST and OPTIONS.
        allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        # Cognito refuses a foreign Host.
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        response_headers_policy=headers,
        # Answers with tokens beside anything that a caller chose are not compressed (BREACH).
        compress=False,
        edge_lambdas=[
            cloudfront.EdgeLambda(
                event_type=cloudfront.LambdaEdgeEventType.ORIGIN_REQUEST,
                function_version=function_version,
                include_body=True,
            )
        ],
    )


def _cognito(scope: Construct, client: AppClient, headers: Mapping[str, str]) -> origins.HttpOrigin:
    return origins.HttpOrigin(
        f"cognito-idp.{Stack.of(client).region}.{Stack.of(scope).url_suffix}",
        protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
        custom_headers=headers,
        keepalive_timeout=_KEEPALIVE,
        read_timeout=_READ_TIMEOUT,
        connection_timeout=_CONNECTION_TIMEOUT,
        connection_attempts=_CONNECTION_ATTEMPTS,
    )
