"""Names and numbers that CloudFront's documentation gives; the rules and the simulator share them.

Documents, by page name of the CloudFront Developer Guide: edge-function-restrictions-all, lambda-event-structure,
add-origin-custom-headers, cloudfront-limits, understanding-response-headers-policies,
RequestAndResponseBehaviorCustomOrigin.
"""

MEGABYTE = 1_000_000
"""Bytes. "1 MB" in the documents is 10^6 or 2^20: the smaller one, so what passes here passes in both readings."""

MAX_EXPOSED_BODY = MEGABYTE
"""Bytes of a request body that an origin-request function sees (lambda-at-edge-function-restrictions)."""

MAX_TEXT_BODY = MEGABYTE
"""Bytes of a replaced body that is returned as text (cloudfront-limits)."""

MAX_BASE64_BODY = 1_330_000
"""Characters of a replaced body that is returned as base64: "1.33 MB" (cloudfront-limits), in the smaller reading."""

MAX_GENERATED_RESPONSE = MEGABYTE
"""Bytes of a generated response, headers and body together (lambda-generating-http-responses-in-requests)."""

MAX_URL = 8_192
"""Characters of URI and query string together must stay below this (edge-function-restrictions-all)."""

MAX_REQUEST_HEAD = 20_480
"""Bytes of a viewer's request without its body (RequestAndResponseBehaviorCustomOrigin; newer pages allow more)."""

MAX_CUSTOM_HEADERS = 30
MAX_CUSTOM_HEADER_NAME = 256
MAX_CUSTOM_HEADER_VALUE = 1_783
MAX_CUSTOM_HEADERS_TOTAL = 10_240
"""Origin custom headers: how many, and characters of a name, of a value, of all together (cloudfront-limits)."""

FUNCTION_TIMEOUT_SECONDS = 30
"""Longest run of an origin-request function (cloudfront-limits)."""

MAX_FUNCTION_PACKAGE = 50 * MEGABYTE
"""Bytes of the compressed package of an origin-request function (cloudfront-limits)."""

DISALLOWED_HEADERS = (
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amz-cf-*",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-edge-*",
    "x-forwarded-proto",
    "x-real-ip",
)
"""Not exposed to a function, and not to be added by one (edge-function-restrictions-all)."""

FORBIDDEN_CUSTOM_HEADERS = (
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "request-range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-amz-*",
    "x-edge-*",
    "x-real-ip",
)
"""CloudFront cannot add these to an origin request (add-origin-custom-headers; the longer of its versions)."""

# Half of it stands in DISALLOWED_HEADERS, too, on purpose. They are two lists of AWS's, each to be compared with its
# own document: this one with understanding-response-headers-policies, that one with edge-function-restrictions-all.
IRREMOVABLE_HEADERS = (
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amz-cf-*",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-edge-*",
    "x-forwarded-proto",
    "x-real-ip",
)
"""A response headers policy cannot remove these (understanding-response-headers-policies)."""

ALL_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""What CloudFront can accept at all (RequestAndResponseBehaviorCustomOrigin)."""

BODY_METHODS = frozenset({"DELETE", "PATCH", "POST", "PUT"})
"""Methods whose body a function with "include body" sees (lambda-include-body-access: "POST, PUT, DELETE, …")."""
