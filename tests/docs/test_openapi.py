"""docs/openapi/rest.json: OpenAPI's own schema takes it, and it says what the template and the function say."""

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from sample_api.documents import _NAME
from sample_api.routes import ROUTES, route_of
from tests import openapi


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return openapi.template()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
    return read


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method.upper()): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


@pytest.mark.proves("openapi-document")
def test_it_is_what_the_command_writes(template: dict[str, Any], document: dict[str, Any]) -> None:
    assert openapi.document_of(template) == document, "run `make openapi`"


@pytest.mark.proves("openapi-document")
def test_openapi_s_published_schema_takes_it(document: dict[str, Any]) -> None:
    validate(document)


def test_the_schema_refuses_what_is_no_openapi_document(document: dict[str, Any]) -> None:
    with pytest.raises(OpenAPIValidationError):
        validate(document | {"paths": {"/documents/{name}": {"get": {"responses": {}}}}})


def test_every_operation_is_one_of_the_function_s_and_is_reached_with_a_token_only(
    template: dict[str, Any], document: dict[str, Any]
) -> None:
    assert set(operations(document)) == {(path, method) for path, methods in ROUTES.items() for method in methods}
    resources = template["Resources"].values()
    any_method = [
        each["Properties"]
        for each in resources
        if each["Type"] == "AWS::ApiGateway::Method" and each["Properties"]["HttpMethod"] == "ANY"
    ]
    assert {method["AuthorizationType"] for method in any_method} == {"COGNITO_USER_POOLS"}
    parts = [each["Properties"]["PathPart"] for each in resources if each["Type"] == "AWS::ApiGateway::Resource"]
    assert parts == ["{proxy+}"]
    assert document["security"] == [{"userPool": []}]
    assert not [operation for operation in operations(document).values() if "security" in operation]
    scheme = document["components"]["securitySchemes"]["userPool"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")


def test_names_are_those_that_the_function_takes(document: dict[str, Any]) -> None:
    (name,) = document["paths"]["/documents/{name}"]["parameters"]
    schema = name["schema"]
    for text in ("a", "A-z_0.9", "n" * 64, "n" * 65, "", "a b", "é", "a/b"):
        taken = re.search(schema["pattern"], text) and schema["minLength"] <= len(text) <= schema["maxLength"]
        assert bool(taken) is bool(_NAME.fullmatch(text))
        if taken:
            assert route_of(f"documents/{text}") == ("/documents/{name}", text)


def test_errors_are_those_of_the_template_s_gateway_responses(
    template: dict[str, Any], document: dict[str, Any]
) -> None:
    own = {
        each["Properties"]["StatusCode"]: json.loads(each["Properties"]["ResponseTemplates"]["application/json"])
        for each in template["Resources"].values()
        if each["Type"] == "AWS::ApiGateway::GatewayResponse" and "StatusCode" in each["Properties"]
    }
    required = document["components"]["schemas"]["Error"]["required"]
    for operation in operations(document).values():
        errors = {status for status, told in operation["responses"].items() if "Error" in json.dumps(told)}
        assert errors >= {"401", "403", "429", "500", "502", "504"}
    for status in ("401", "403", "429", "502", "504"):
        assert list(own[status]) == required
