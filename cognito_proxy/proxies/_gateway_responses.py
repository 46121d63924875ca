"""What API Gateway answers by itself, in the shape of Cognito's own errors, so that SDKs show it as they show those."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

from cognito_proxy.common.answer_headers import ANSWER_HEADERS
from cognito_proxy.common.origins import ANY_ORIGIN, fixed_origin

_CONTENT_TYPE = "application/x-amz-json-1.1"
_EXPOSED_HEADERS = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"


@dataclass(frozen=True, kw_only=True)
class _Answer:
    construct_id: str
    response_type: apigateway.ResponseType
    status: int | None
    """None keeps API Gateway's own: the two defaults stand for many errors of different status."""
    error: str
    message: str


# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_ANSWERS = (
    _Answer(
        construct_id="Default4xxResponse",
        response_type=apigateway.ResponseType.DEFAULT_4_XX,
        status=None,
        error="InvalidParameterException",
        message="The request is not valid.",
    ),
    _Answer(
        construct_id="Default5xxResponse",
        response_type=apigateway.ResponseType.DEFAULT_5_XX,
        status=None,
        error="InternalErrorException",
        message="The proxy has an internal error.",
    ),
    _Answer(
        construct_id="ThrottledResponse",
        response_type=apigateway.ResponseType.THROTTLED,
        status=429,
        error="TooManyRequestsException",
        message="Too many requests; try again later.",
    ),
    _Answer(
        construct_id="QuotaExceededResponse",
        response_type=apigateway.ResponseType.QUOTA_EXCEEDED,
        status=429,
        error="LimitExceededException",
        message="The quota of requests is used up.",
    ),
    _Answer(
        construct_id="WafFilteredResponse",
        response_type=apigateway.ResponseType.WAF_FILTERED,
        status=403,
        error="ForbiddenException",
        message="The request was blocked.",
    ),
    # What API Gateway calls a missing token is a path or a method that does not exist.
    _Answer(
        construct_id="UnknownRouteResponse",
        response_type=apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
        status=404,
        error="UnknownOperationException",
        message="Only POST to the root path is served.",
    ),
    _Answer(
        construct_id="RequestTooLargeResponse",
        response_type=apigateway.ResponseType.REQUEST_TOO_LARGE,
        status=413,
        error="InvalidParameterException",
        message="The request is too large.",
    ),
    _Answer(
        construct_id="BadRequestBodyResponse",
        response_type=apigateway.ResponseType.BAD_REQUEST_BODY,
        status=400,
        error="InvalidParameterException",
        message="The request body is not valid.",
    ),
    _Answer(
        construct_id="UnsupportedMediaTypeResponse",
        response_type=apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE,
        status=415,
        error="InvalidParameterException",
        message=f"The content type must be {_CONTENT_TYPE}.",
    ),
    _Answer(
        construct_id="IntegrationTimeoutResponse",
        response_type=apigateway.ResponseType.INTEGRATION_TIMEOUT,
        status=504,
        error="InternalErrorException",
        message="The proxy took too long.",
    ),
    _Answer(
        construct_id="IntegrationFailureResponse",
        response_type=apigateway.ResponseType.INTEGRATION_FAILURE,
        status=502,
        error="InternalErrorException",
        message="The proxy failed.",
    ),
)


def add_gateway_responses(api: apigateway.RestApi, allowed_origins: Sequence[str]) -> None:
    """Shape every answer that API Gateway gives without asking the function."""
    headers = {name: f"'{value}'" for name, value in {"Content-Type": _CONTENT_TYPE, **ANSWER_HEADERS}.items()}
    headers |= _cors_headers(allowed_origins)
    for answer in _ANSWERS:
        api.add_gateway_response(
            answer.construct_id,
            type=answer.response_type,
            status_code=None if answer.status is None else str(answer.status),
            response_headers=headers,
            # The template's key is what API Gateway falls back to; the header above says what it is.
            templates={"application/json": json.dumps({"__type": answer.error, "message": answer.message})},
        )


def _cors_headers(allowed_origins: Sequence[str]) -> dict[str, str]:
    """Without them a browser would show the app a network error instead of, say, a 429."""
    origin = fixed_origin(allowed_origins)
    if origin is None:
        return {}
    headers = {
        "Access-Control-Expose-Headers": f"'{_EXPOSED_HEADERS}'",
        "Access-Control-Allow-Origin": f"'{origin}'",
    }
    return headers if origin == ANY_ORIGIN else headers | {"Vary": "'Origin'"}
