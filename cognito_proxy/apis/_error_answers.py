"""What API Gateway answers by itself, in the shape of the function's own errors: `{"error": "…"}`."""

from aws_cdk import aws_apigateway as apigateway

from cognito_proxy.proxies.gateway_answers import GatewayAnswer

CONTENT_TYPE = "application/json"

_Type = apigateway.ResponseType

_SIGN_IN = "A valid token is needed. Sign in, and send it in the header Authorization."
_INTERNAL = "The API has an internal error."

# Construct id, what API Gateway calls it, status (None: its own), words.
_ANSWERS: tuple[tuple[str, apigateway.ResponseType, int | None, str], ...] = (
    ("Default4xxResponse", _Type.DEFAULT_4_XX, None, "The request is not valid."),
    ("Default5xxResponse", _Type.DEFAULT_5_XX, None, _INTERNAL),
    # No token, or one that the authorizer does not take: expired, tampered with, of another pool.
    ("UnauthorizedResponse", _Type.UNAUTHORIZED, 401, _SIGN_IN),
    ("AccessDeniedResponse", _Type.ACCESS_DENIED, 403, "The token does not allow this."),
    ("AuthorizerFailureResponse", _Type.AUTHORIZER_FAILURE, 500, _INTERNAL),
    ("AuthorizerConfigurationResponse", _Type.AUTHORIZER_CONFIGURATION_ERROR, 500, _INTERNAL),
    # What API Gateway calls a missing token is a path or a method that does not exist.
    ("UnknownRouteResponse", _Type.MISSING_AUTHENTICATION_TOKEN, 404, "There is nothing at this path."),
    ("ThrottledResponse", _Type.THROTTLED, 429, "Too many requests; try again later."),
    ("WafFilteredResponse", _Type.WAF_FILTERED, 403, "The request was blocked."),
    ("RequestTooLargeResponse", _Type.REQUEST_TOO_LARGE, 413, "The request is too large."),
    ("IntegrationTimeoutResponse", _Type.INTEGRATION_TIMEOUT, 504, "The API took too long."),
    ("IntegrationFailureResponse", _Type.INTEGRATION_FAILURE, 502, "The API failed."),
)

ERROR_ANSWERS = tuple(
    GatewayAnswer(construct_id=construct_id, of=of, status=status, body={"error": message})
    for construct_id, of, status, message in _ANSWERS
)
