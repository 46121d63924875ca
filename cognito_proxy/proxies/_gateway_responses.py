"""What API Gateway answers by itself, in the shape of Cognito's own errors, so that SDKs show it as they show those."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway

from cognito_proxy.proxies.gateway_answers import GatewayAnswer, add_gateway_answers

_CONTENT_TYPE = "application/x-amz-json-1.1"
_EXPOSED_HEADERS = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"

_INVALID = "InvalidParameterException"
_INTERNAL = "InternalErrorException"

_Type = apigateway.ResponseType

# Construct id, what API Gateway calls it, status, Cognito's error, message; as in `GatewayAnswer`.
_ANSWERS: tuple[tuple[str, apigateway.ResponseType, int | None, str, str], ...] = (
    ("Default4xxResponse", _Type.DEFAULT_4_XX, None, _INVALID, "The request is not valid."),
    ("Default5xxResponse", _Type.DEFAULT_5_XX, None, _INTERNAL, "The proxy has an internal error."),
    ("ThrottledResponse", _Type.THROTTLED, 429, "TooManyRequestsException", "Too many requests; try again later."),
    ("QuotaExceededResponse", _Type.QUOTA_EXCEEDED, 429, "LimitExceededException", "The quota of requests is used up."),
    ("WafFilteredResponse", _Type.WAF_FILTERED, 403, "ForbiddenException", "The request was blocked."),
    # What API Gateway calls a missing token is a path or a method that does not exist.
    (
        "UnknownRouteResponse",
        _Type.MISSING_AUTHENTICATION_TOKEN,
        404,
        "UnknownOperationException",
        "Only POST to the root path is served.",
    ),
    ("RequestTooLargeResponse", _Type.REQUEST_TOO_LARGE, 413, _INVALID, "The request is too large."),
    ("BadRequestBodyResponse", _Type.BAD_REQUEST_BODY, 400, _INVALID, "The request body is not valid."),
    (
        "UnsupportedMediaTypeResponse",
        _Type.UNSUPPORTED_MEDIA_TYPE,
        415,
        _INVALID,
        f"The content type must be {_CONTENT_TYPE}.",
    ),
    ("IntegrationTimeoutResponse", _Type.INTEGRATION_TIMEOUT, 504, _INTERNAL, "The proxy took too long."),
    ("IntegrationFailureResponse", _Type.INTEGRATION_FAILURE, 502, _INTERNAL, "The proxy failed."),
)


def add_gateway_responses(api: apigateway.RestApi, allowed_origins: Sequence[str]) -> None:
    """Shape every answer that API Gateway gives without asking the function."""
    add_gateway_answers(
        api,
        [
            GatewayAnswer(construct_id=construct_id, of=of, status=status, body={"__type": error, "message": message})
            for construct_id, of, status, error, message in _ANSWERS
        ],
        content_type=_CONTENT_TYPE,
        allowed_origins=allowed_origins,
        exposed_headers=_EXPOSED_HEADERS,
    )
