"""Calls of the function: events as both kinds of API Gateway make them, and what comes of one."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sample_api.handler import handler

CLIENT = "4h7exampleexampleexample00"
OTHER_CLIENT = "5i8exampleexampleexample00"
JANE = "9f6a1c52-0000-4000-8000-00000000000a"
JOHN = "9f6a1c52-0000-4000-8000-00000000000b"
ORIGIN = "https://app.example.com"
SETTINGS: dict[str, Any] = {
    "table": "documents",
    "client_ids": [CLIENT],
    "token_uses": ["id", "access"],
    "allowed_origins": [ORIGIN],
}


def id_claims(subject: str = JANE, **changed: Any) -> dict[str, Any]:
    """Of an ID token, as a user pool authorizer passes them on; what is changed to None is left out."""
    claims = {
        "sub": subject,
        "token_use": "id",
        "aud": CLIENT,
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
        "cognito:username": "jane",
        "given_name": "Jane",
        "family_name": "Doe",
    } | changed
    return {name: value for name, value in claims.items() if value is not None}


def access_claims(subject: str = JANE, **changed: Any) -> dict[str, Any]:
    """Of an access token."""
    claims = {"sub": subject, "token_use": "access", "client_id": CLIENT, "username": "jane"} | changed
    return {name: value for name, value in claims.items() if value is not None}


def rest_event(
    method: str,
    path: str,
    *,
    claims: Mapping[str, Any] | None,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A REST API's proxy event: `{proxy+}` is what stands after the first slash."""
    greedy = path.removeprefix("/")
    return {
        "resource": "/{proxy+}" if greedy else "/",
        "path": path,
        "httpMethod": method,
        "headers": dict(headers or {}),
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "queryStringParameters": dict(query) if query else None,
        "pathParameters": {"proxy": greedy} if greedy else None,
        "requestContext": {
            "path": f"/prod{path}",
            "stage": "prod",
            "httpMethod": method,
            "requestId": "chosen-by-the-caller",
            "extendedRequestId": "own=",
            "authorizer": {"claims": dict(claims)} if claims is not None else None,
        },
        "body": body,
        "isBase64Encoded": False,
    }


def http_event(
    method: str,
    path: str,
    *,
    claims: Mapping[str, Any] | None,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """An HTTP API's event of format 2.0, of a route `{proxy+}` on the default stage."""
    greedy = path.removeprefix("/")
    context: dict[str, Any] = {
        "http": {"method": method, "path": path},
        "stage": "$default",
        "routeKey": "ANY /{proxy+}" if greedy else "ANY /",
        "requestId": "chosen-by-the-caller",
    }
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": dict(claims), "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": context["routeKey"],
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.lower(): value for name, value in (headers or {}).items()},
        "requestContext": context,
        "isBase64Encoded": body is not None,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    if greedy:
        event["pathParameters"] = {"proxy": greedy}
    if body is not None:
        event["body"] = b64encode(body.encode()).decode()
    return event


EVENTS = {"rest": rest_event, "http": http_event}
"""By the API's kind."""


@dataclass(frozen=True)
class Answered:
    """What the function answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def document(self) -> Any:
        """The body, read."""
        return json.loads(self.text)


def answered(event: dict[str, Any]) -> Answered:
    """Call the function."""
    response = handler(event, SimpleNamespace(aws_request_id="lambdas-own"))
    assert response["isBase64Encoded"] is False
    return Answered(response["statusCode"], response["headers"], response["body"])


def call(method: str, path: str, **of_event: Any) -> Answered:
    """Call it through a REST API, as Jane with an ID token unless `claims` says otherwise."""
    return answered(rest_event(method, path, **{"claims": id_claims()} | of_event))
