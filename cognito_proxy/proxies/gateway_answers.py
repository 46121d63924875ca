"""What API Gateway answers without asking the function, in words of our own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

from cognito_proxy.common.answer_headers import ANSWER_HEADERS
from cognito_proxy.common.origins import ANY_ORIGIN, fixed_origin


@dataclass(frozen=True, kw_only=True)
class GatewayAnswer:
    """One of them. https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""

    construct_id: str
    """Id within the API."""

    of: apigateway.ResponseType
    """When it is given."""

    status: int | None
    """None keeps API Gateway's own: the two defaults stand for many errors of different status."""

    body: Mapping[str, str]
    """The members of a JSON object."""


def add_gateway_answers(
    api: apigateway.RestApi,
    answers: Sequence[GatewayAnswer],
    *,
    content_type: str,
    allowed_origins: Sequence[str],
    exposed_headers: str | None = None,
) -> None:
    """Give `api` these answers, with the headers of all answers, and those that let pages read them.

    A header is fixed text or the value of a header of the request, and "the templates are not processed by the VTL
    engine": nothing here can look whether a page's origin is one of several. To repeat every origin would open as much
    as `*` does and look like a check, so `fixed_origin` decides.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.gatewayResponse.html
    """
    headers = {name: f"'{value}'" for name, value in {"Content-Type": content_type, **ANSWER_HEADERS}.items()}
    headers |= _cors_headers(allowed_origins, exposed_headers)
    for answer in answers:
        api.add_gateway_response(
            answer.construct_id,
            type=answer.of,
            status_code=None if answer.status is None else str(answer.status),
            response_headers=headers,
            # The template's key is what API Gateway falls back to; the header above says what it is.
            templates={"application/json": json.dumps(answer.body)},
        )


def _cors_headers(allowed_origins: Sequence[str], exposed_headers: str | None) -> dict[str, str]:
    """Without them a browser would show the app a network error instead of, say, a 429."""
    origin = fixed_origin(allowed_origins)
    if origin is None:
        return {}
    headers = {} if exposed_headers is None else {"Access-Control-Expose-Headers": f"'{exposed_headers}'"}
    headers["Access-Control-Allow-Origin"] = f"'{origin}'"
    return headers if origin == ANY_ORIGIN else headers | {"Vary": "'Origin'"}
