"""Calls of the OAuth 2.0 endpoints, as API Gateway and CloudFront hand them to the function."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from proxy import edge
from proxy.regional import handler
from tests.proxy.edge_events import edge_event
from tests.proxy.regional_calls import Context
from tests.proxy.regional_calls import event as api_event
from tests.proxy.sample_requests import CLIENT_ID, ORIGIN
from tests.proxy.sample_requests import SETTINGS_DOCUMENT as PLAIN_SETTINGS

DOMAIN = "example.auth.eu-west-1.amazoncognito.com"
CALLBACK = "https://app.example.com/signed-in"
SETTINGS_DOCUMENT: dict[str, Any] = {**PLAIN_SETTINGS, "oauth": {"domain": DOMAIN}}
TOKENS = {"access_token": "dummy-access", "id_token": "dummy-id", "token_type": "Bearer", "expires_in": 3600}

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of RFC 7636, appendix B."""

CODE_GRANT = {
    "grant_type": "authorization_code",
    "client_id": CLIENT_ID,
    "code": "sentinel-code",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
}
REFRESH = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": "sentinel-refresh"}
REVOKE = {"client_id": CLIENT_ID, "token": "sentinel-refresh"}
AUTHORIZE = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": CALLBACK,
    "scope": "openid email",
    "state": "a+b/c= d",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}

FORM = "application/x-www-form-urlencoded"
Fields = Mapping[str, str] | list[tuple[str, str]] | str


class Answer(NamedTuple):
    """What the client gets of the regional function."""

    status: int
    headers: dict[str, str]
    document: Any


def text_of(fields: Fields) -> str:
    return fields if isinstance(fields, str) else urlencode(fields)


def call(
    path: str,
    form: Fields = "",
    *,
    query: Fields = "",
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """A call of the regional function; with a form it is a POST."""
    event = api_event(None, text_of(form).encode(), method=method or ("POST" if form else "GET"))
    sent = {"Content-Type": FORM, "Origin": ORIGIN, **(headers or {})}
    event |= {
        "resource": path,
        "path": path,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "multiValueQueryStringParameters": _decoded(text_of(query)),
    }
    event["requestContext"] |= {"path": f"/prod{path}", "domainName": "abc123.execute-api.eu-west-1.amazonaws.com"}
    response = handler(event, Context())
    json.dumps(response)
    body = response["body"]
    return Answer(response["statusCode"], response["headers"], json.loads(body) if body else None)


def _decoded(query: str) -> dict[str, list[str]] | None:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found or None


def edge_call(
    path: str,
    form: Fields = "",
    *,
    query: Fields = "",
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] = SETTINGS_DOCUMENT,
) -> dict[str, Any]:
    """What the edge function returns: a request to go on with, or a generated response."""
    sent = {"Content-Type": FORM, "Origin": ORIGIN, "Cookie": "sentinel=1", **(headers or {})}
    event = edge_event("", text_of(form).encode(), headers=sent, settings=settings)
    request = event["Records"][0]["cf"]["request"]
    del request["headers"]["x-amz-target"]
    request |= {"uri": path, "querystring": text_of(query), "method": method or ("POST" if form else "GET")}
    return edge.handler(event)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


def without(fields: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in fields.items() if key != name}
