"""What API Gateway answers by itself looks as if Cognito had said it."""

import json
import re
from typing import Any

import pytest
from aws_cdk import aws_cognito as cognito
from aws_cdk.assertions import Template

from cognito_proxy import AppClient, RegionalProxy
from tests.constructs.synthesized import new_stack

RESPONSE = "AWS::ApiGateway::GatewayResponse"
EXPECTED = {
    "DEFAULT_4XX": (None, "InvalidParameterException"),
    "DEFAULT_5XX": (None, "InternalErrorException"),
    "THROTTLED": ("429", "TooManyRequestsException"),
    "QUOTA_EXCEEDED": ("429", "LimitExceededException"),
    "WAF_FILTERED": ("403", "ForbiddenException"),
    "MISSING_AUTHENTICATION_TOKEN": ("404", "UnknownOperationException"),
    "REQUEST_TOO_LARGE": ("413", "InvalidParameterException"),
    "BAD_REQUEST_BODY": ("400", "InvalidParameterException"),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "InvalidParameterException"),
    "INTEGRATION_TIMEOUT": ("504", "InternalErrorException"),
    "INTEGRATION_FAILURE": ("502", "InternalErrorException"),
}


def responses(template: Template) -> list[dict[str, Any]]:
    return [found["Properties"] for found in template.find_resources(RESPONSE).values()]


def test_each_type_has_its_status_and_error(least_proxy: Template) -> None:
    found = {
        response["ResponseType"]: (
            response.get("StatusCode"),
            json.loads(response["ResponseTemplates"]["application/json"])["__type"],
        )
        for response in responses(least_proxy)
    }
    assert found == EXPECTED


@pytest.mark.proves("errors-in-cognitos-shape")
def test_bodies_have_cognitos_shape_and_tell_nothing_of_the_request(least_proxy: Template) -> None:
    for response in responses(least_proxy):
        (body,) = response["ResponseTemplates"].values()
        assert set(json.loads(body)) == {"__type", "message"}
        assert "$" not in body
        assert re.fullmatch(r"[A-Z][A-Za-z]+", json.loads(body)["__type"])
        assert response["ResponseParameters"]["gatewayresponse.header.Content-Type"] == "'application/x-amz-json-1.1'"


def test_they_have_the_headers_of_all_answers(least_proxy: Template, full_proxy: Template) -> None:
    for template in (least_proxy, full_proxy):
        for response in responses(template):
            assert response["ResponseParameters"].items() >= {
                ("gatewayresponse.header.Cache-Control", "'no-store'"),
                ("gatewayresponse.header.X-Content-Type-Options", "'nosniff'"),
                ("gatewayresponse.header.Strict-Transport-Security", "'max-age=63072000'"),
            }


@pytest.mark.parametrize(
    ("origins", "allowed", "vary"),
    [
        ([], None, None),
        (["https://app.example.com"], "'https://app.example.com'", "'Origin'"),
        (["https://app.example.com", "capacitor://localhost"], "'*'", None),
        (["*"], "'*'", None),
    ],
)
def test_pages_can_read_them(origins: list[str], allowed: str | None, vary: str | None) -> None:
    stack = new_stack()
    client = AppClient(stack, "Client", user_pool=cognito.UserPool(stack, "Pool"))
    RegionalProxy(stack, "Proxy", app_clients=[client], allowed_origins=origins)
    for response in responses(Template.from_stack(stack)):
        headers = response["ResponseParameters"]
        assert headers.get("gatewayresponse.header.Access-Control-Allow-Origin") == allowed
        assert headers.get("gatewayresponse.header.Vary") == vary
        assert "gatewayresponse.header.Access-Control-Allow-Credentials" not in headers
        assert ("gatewayresponse.header.Access-Control-Expose-Headers" in headers) is (allowed is not None)
