"""The REST API as an OpenAPI document: `make openapi` writes docs/openapi/rest.json.

Paths and methods are the function's own, since API Gateway passes `ANY` on; who may call, from which header, and what
API Gateway answers by itself are read from the synthesized template. What `aws apigateway get-export` gives of a
deployed API has `ANY` in their place (`x-amazon-apigateway-any-method`), which generators of clients do not know.
"""

import json
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aws_cdk import App
from aws_cdk.assertions import Template

import app as deployment_plan
from sample_api.documents import MAX_DOCUMENTS
from sample_api.routes import ROUTES
from sample_api.strict_json import MAX_BODY_BYTES

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "openapi" / "rest.json"

_SCHEME = "userPool"
_HEADER = "method.request.header."
_IDENTITY = "COGNITO_USER_POOLS"

SUMMARIES: dict[tuple[str, str], tuple[str, dict[int, str]]] = {
    ("/", "GET"): ("Greet the user by given and family name", {200: "Greeting"}),
    ("/documents", "GET"): ("List the names of the user's documents", {200: "Names"}),
    ("/documents/{name}", "GET"): ("Read one of the user's documents", {200: "Document", 400: "Error", 404: "Error"}),
    ("/documents/{name}", "POST"): (
        f"Keep a document of at most {MAX_BODY_BYTES:,} bytes; at most {MAX_DOCUMENTS} are kept for a user",
        {200: "Kept", 201: "Kept", 400: "Error", 409: "Error", 413: "Error", 503: "Error"},
    ),
}
"""What each operation is for, and what the function answers besides what every operation may meet."""

_OF_EVERY_OPERATION = (401, 403, 429, 500, 502, 504)

_TEXT = {"type": "string"}
_SCHEMAS: dict[str, Any] = {
    "Greeting": {"type": "object", "required": ["message"], "properties": {"message": _TEXT}},
    "Names": {
        "type": "object",
        "required": ["documents"],
        "properties": {"documents": {"type": "array", "maxItems": MAX_DOCUMENTS, "items": _TEXT}},
    },
    "Kept": {"type": "object", "required": ["name"], "properties": {"name": _TEXT}},
    "Document": {"description": "Any JSON, as it was sent"},
    "Error": {"type": "object", "required": ["error"], "properties": {"error": _TEXT}},
}


def template() -> dict[str, Any]:
    """Of the sample `rest`, as it is synthesized."""
    made = App(context={"sample": "rest"})
    deployment_plan.plan(made)
    (stack,) = (stack for stack in made.synth().stacks if stack.stack_name.endswith("-Rest"))
    document: dict[str, Any] = stack.template
    return document


def document_of(template: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document of a template with one REST API."""
    found = Template.from_json(template)
    (stage,) = found.find_resources("AWS::ApiGateway::Stage").values()
    (authorizer,) = found.find_resources("AWS::ApiGateway::Authorizer").values()
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "REST API for users who signed in through the proxy",
            "version": "1",
            "description": "Made by `make openapi`; docs/apis.md says how to export a deployed API.",
        },
        "servers": [
            {
                "url": f"https://{{api}}.execute-api.{{region}}.amazonaws.com/{stage['Properties']['StageName']}",
                "description": "The output RestApiUrl",
                "variables": {"api": {"default": "API_ID"}, "region": {"default": "eu-west-1"}},
            }
        ],
        "security": [{_SCHEME: []}],
        "paths": _paths(_statuses(found)),
        "components": {
            "securitySchemes": {_SCHEME: _scheme(authorizer["Properties"])},
            "schemas": _SCHEMAS,
        },
    }


def _scheme(authorizer: dict[str, Any]) -> dict[str, Any]:
    assert authorizer["Type"] == _IDENTITY
    return {
        "type": "apiKey",
        "in": "header",
        "name": authorizer["IdentitySource"].removeprefix(_HEADER),
        "description": "An ID token of the user pool, from one of the proxy's app clients",
        "x-amazon-apigateway-authtype": _IDENTITY.lower(),
    }


def _statuses(found: Template) -> set[int]:
    """That API Gateway answers by itself."""
    responses = found.find_resources("AWS::ApiGateway::GatewayResponse").values()
    return {int(each["Properties"]["StatusCode"]) for each in responses if "StatusCode" in each["Properties"]}


def _paths(of_api_gateway: set[int]) -> dict[str, Any]:
    return {
        path: {
            **({"parameters": [_NAME]} if "{name}" in path else {}),
            **{method.lower(): _operation(path, method, of_api_gateway) for method in methods},
        }
        for path, methods in ROUTES.items()
    }


_NAME = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_.-]+$"},
}


def _operation(path: str, method: str, of_api_gateway: set[int]) -> dict[str, Any]:
    summary, answers = SUMMARIES[path, method]
    errors = dict.fromkeys(of_api_gateway & {*_OF_EVERY_OPERATION} | {500}, "Error")
    operation = {"summary": summary, "operationId": _operation_id(path, method)}
    if method == "POST":
        operation["requestBody"] = {"required": True, "content": _content("Document")}
    responses = {
        str(status): {"description": _phrase(status), "content": _content(schema)}
        for status, schema in sorted((errors | answers).items())
    }
    return operation | {"responses": responses}


def _phrase(status: int) -> str:
    """As RFC 9110 has it; Pythons before 3.13 know the older name of 413."""
    return "Content Too Large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else HTTPStatus(status).phrase


def _operation_id(path: str, method: str) -> str:
    what = {"/": "greeting", "/documents": "documents", "/documents/{name}": "document"}[path]
    return f"{method.lower()}{what.capitalize()}"


def _content(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def text() -> str:
    """The file's content."""
    return json.dumps(document_of(template()), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT}\n")
