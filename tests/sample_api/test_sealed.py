"""Who calls, where a Lambda authorizer has opened a sealed access token."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sample_api.events import request_of
from sample_api.settings import parse_settings

CLAIMS = {"sub": "jane", "client_id": "c", "token_use": "access", "username": "jane"}
FORGED = {"sub": "bob", "client_id": "c", "token_use": "access"}


def rest(authorizer: dict[str, Any]) -> dict[str, Any]:
    return {"httpMethod": "GET", "requestContext": {"authorizer": authorizer}}


def http(authorizer: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": "/",
        "requestContext": {"http": {"method": "GET"}, "stage": "$default", "authorizer": authorizer},
    }


def test_the_lambda_authorizer_says_who_calls() -> None:
    of_rest = request_of(rest({**CLAIMS, "principalId": "jane", "integrationLatency": 7}), sealed=True)
    assert of_rest.claims.items() >= CLAIMS.items()
    assert request_of(http({"lambda": CLAIMS}), sealed=True).claims == CLAIMS


def test_and_nobody_else_does() -> None:
    """A claim of a token may be called `claims`: only the setting says which authorizer stands in front."""
    assert request_of(rest({"claims": FORGED, **CLAIMS}), sealed=True).claims["sub"] == "jane"
    assert request_of(http({"jwt": {"claims": FORGED}}), sealed=True).claims == {}
    assert request_of(rest({**FORGED})).claims == {}
    assert request_of(http({"lambda": FORGED})).claims == {}


@pytest.mark.parametrize(("given", "read"), [({}, False), ({"sealed": True}, True), ({"sealed": "yes"}, False)])
def test_only_the_settings_say_so(given: dict[str, Any], read: bool) -> None:
    document = {"table": "t", "client_ids": ["c"], "token_uses": ["access"], **given}
    assert parse_settings(json.dumps(document)).sealed is read
