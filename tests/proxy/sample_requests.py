"""Requests and settings that the tests of the core share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from proxy.decide import decide
from proxy.messages import Decision, Forward, Request, Respond
from proxy.operations import TARGET_PREFIX
from proxy.settings import Settings

CLIENT_ID = "1example23456789"
OTHER_CLIENT_ID = "2example23456789"
SECRET = "dummy-client-secret-of-the-tests"
OTHER_SECRET = "dummy-client-secret-of-the-other-client"
REGION = "eu-west-1"
ORIGIN = "https://app.example.com"


def arn(client_id: str, region: str = REGION) -> str:
    """The ARN of an app client's secret."""
    return f"arn:aws:secretsmanager:{region}:111122223333:secret:{client_id}-AbCdEf"


SETTINGS = Settings(
    region=REGION,
    user_pool_id="eu-west-1_AbCdEf123",
    clients={CLIENT_ID: arn(CLIENT_ID), OTHER_CLIENT_ID: arn(OTHER_CLIENT_ID)},
    allowed_origins=frozenset({ORIGIN}),
)

SETTINGS_DOCUMENT: dict[str, Any] = {
    "region": REGION,
    "user_pool_id": "eu-west-1_AbCdEf123",
    "clients": {CLIENT_ID: {"secret_arn": arn(CLIENT_ID)}, OTHER_CLIENT_ID: {"secret_arn": arn(OTHER_CLIENT_ID)}},
    "allowed_origins": [ORIGIN],
}

SECRETS = {CLIENT_ID: SECRET, OTHER_CLIENT_ID: OTHER_SECRET}


def secret_document(client_id: str = CLIENT_ID, client_secret: str = SECRET) -> str:
    """A secret's value as it stands in Secrets Manager."""
    return json.dumps({"user_pool_id": "eu-west-1_AbCdEf123", "client_id": client_id, "client_secret": client_secret})


def request(
    operation: str | None,
    body: Any,
    *,
    method: str = "POST",
    headers: Mapping[str, Sequence[str]] | None = None,
) -> Request:
    """A call; `body` as bytes is sent as it is, anything else as JSON."""
    sent: dict[str, Sequence[str]] = {"content-type": ["application/x-amz-json-1.1"]}
    if operation is not None:
        sent["x-amz-target"] = [TARGET_PREFIX + operation]
    return Request(
        method=method,
        headers=sent | dict(headers or {}),
        body=body if isinstance(body, bytes) or body is None else json.dumps(body).encode(),
        client_ip="203.0.113.7",
    )


def decided(call: Request, settings: Settings = SETTINGS) -> Decision:
    """What becomes of a call while every secret is at hand."""
    return decide(call, settings, SECRETS)


def forwarded(call: Request, settings: Settings = SETTINGS) -> Forward:
    """The same, of a call that must pass."""
    decision = decided(call, settings)
    assert isinstance(decision, Forward), decision
    return decision


def refused(call: Request, settings: Settings = SETTINGS) -> tuple[int, str]:
    """Status and `__type` of a call that must not pass."""
    decision = decided(call, settings)
    assert isinstance(decision, Respond), decision
    document = json.loads(decision.body)
    assert set(document) == {"__type", "message"}
    assert document["message"]
    assert decision.headers["content-type"] == "application/x-amz-json-1.1"
    assert decision.outcome == document["__type"]
    return decision.status, document["__type"]


SIGN_UP = {"ClientId": CLIENT_ID, "Username": "jane", "Password": "dummy-Password-1"}
INITIATE_AUTH = {
    "ClientId": CLIENT_ID,
    "AuthFlow": "USER_SRP_AUTH",
    "AuthParameters": {"USERNAME": "jane", "SRP_A": "ab12"},
}
