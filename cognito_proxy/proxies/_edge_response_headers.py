"""The headers of what the edge answers. Cognito's answers do not come back through the function, so CloudFront does it.

What the function answers itself gets them here, too: it sets none of them, and each overrides what stands there.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
"""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from cognito_proxy.common.answer_headers import ANSWER_HEADERS, HSTS_DAYS
from cognito_proxy.common.origins import ANY_ORIGIN

CORS_MAX_AGE = Duration.hours(2)
"""How long a browser may reuse a preflight; Chromium takes no more."""

REQUEST_HEADERS = (
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "aws-waf-token",
    "cache-control",
    "content-type",
    "x-amz-target",
    "x-amz-user-agent",
)
"""What pages may send: what the SDKs of today ask for. A wildcard would do for new browsers only."""

EXPOSED_HEADERS = ("x-amzn-RequestId", "x-amzn-ErrorType", "x-amzn-ErrorMessage", "Date")
"""What pages may read; as Cognito has it."""

# Cognito allows every origin. The policy has nothing to put in its place for an origin that is not allowed, so the
# headers go first; those of the policy are added after that.
_CORS_HEADERS = (
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
)


def edge_response_headers(
    scope: Construct, *, allowed_origins: Sequence[str], additional_request_headers: Sequence[str]
) -> cloudfront.ResponseHeadersPolicy:
    """Make `ResponseHeaders` in `scope`."""
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "ResponseHeaders",
        comment="Sign-in proxy: exact origins, nothing cached, nothing framed",
        cors_behavior=_cors(allowed_origins, (*REQUEST_HEADERS, *additional_request_headers), methods=["POST"])
        if allowed_origins
        else None,
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=_custom(allowed_origins)),
        remove_headers=list(_CORS_HEADERS),
        security_headers_behavior=_security(),
    )


def edge_oauth_headers(
    scope: Construct, *, allowed_origins: Sequence[str], additional_request_headers: Sequence[str]
) -> dict[str, cloudfront.ResponseHeadersPolicy]:
    """Make `OAuthResponseHeaders` and `DiscoveryResponseHeaders` in `scope`; by the pattern of paths that each is for.

    The cookies that the user pool domain sets are its pages', and none of this host's. What discovery and keys say of
    being kept stands.
    """
    asked = ("authorization", *REQUEST_HEADERS, *additional_request_headers)
    cors = _cors(allowed_origins, asked, methods=["GET", "POST"]) if allowed_origins else None
    custom = _custom(allowed_origins)
    return {
        pattern: cloudfront.ResponseHeadersPolicy(
            scope,
            construct_id,
            comment=comment,
            cors_behavior=cors,
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=headers),
            remove_headers=[*_CORS_HEADERS, "Set-Cookie"],
            security_headers_behavior=_security(),
        )
        for pattern, construct_id, comment, headers in (
            ("/oauth2/*", "OAuthResponseHeaders", "Sign-in proxy, OAuth 2.0: nothing cached", custom),
            (
                "/.well-known/*",
                "DiscoveryResponseHeaders",
                "Sign-in proxy, OpenID Connect discovery",
                [
                    *custom[1:],
                    cloudfront.ResponseCustomHeader(header="Cache-Control", value="no-store", override=False),
                ],
            ),
        )
    }


def _cors(
    origins: Sequence[str], request_headers: Sequence[str], *, methods: Sequence[str]
) -> cloudfront.ResponseHeadersCorsBehavior:
    return cloudfront.ResponseHeadersCorsBehavior(
        access_control_allow_credentials=False,
        access_control_allow_headers=list(request_headers),
        access_control_allow_methods=list(methods),
        access_control_allow_origins=list(origins),
        access_control_expose_headers=list(EXPOSED_HEADERS),
        access_control_max_age=CORS_MAX_AGE,
        origin_override=True,
    )


def _custom(origins: Sequence[str]) -> list[cloudfront.ResponseCustomHeader]:
    headers = {"Cache-Control": ANSWER_HEADERS["Cache-Control"]}
    if origins and ANY_ORIGIN not in origins:
        headers["Vary"] = "Origin"
    return [cloudfront.ResponseCustomHeader(header=name, value=value, override=True) for name, value in headers.items()]


def _security() -> cloudfront.ResponseSecurityHeadersBehavior:
    """What suits an API: answers are JSON for programs and never a page, so a browser that shows one may do nothing.

    X-XSS-Protection is left out: browsers have dropped it.
    """
    return cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy="default-src 'none'; frame-ancestors 'none'", override=True
        ),
        content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
        frame_options=cloudfront.ResponseHeadersFrameOptions(
            frame_option=cloudfront.HeadersFrameOption.DENY, override=True
        ),
        referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
        ),
        strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=Duration.days(HSTS_DAYS), include_subdomains=False, override=True
        ),
    )
