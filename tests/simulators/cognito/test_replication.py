"""What one Region of a replicated pool takes, behind the strict front and without an emulator."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from local.simulators.cognito.replication import RegionOfPool
from local.simulators.cognito.shapes import cognito_operations
from local.simulators.cognito.strict_cognito import StrictCognito
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.journal import TARGET_PREFIX, Journal

CHALLENGE = {"ChallengeName": "EMAIL_OTP", "Session": "session-of-this-region"}
SRP = {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {"SECRET_BLOCK": "block-of-this-region"}}


class Region:
    """One front, and what stands behind it."""

    def __init__(self, *, secondary: bool, active: bool = True) -> None:
        self.region = RegionOfPool(secondary=secondary, active=active)
        self.answer: Any = {}
        self._front = StrictCognito(
            operations=cognito_operations(), journal=Journal(), send=self._send, region_of_pool=self.region
        )

    async def _send(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=200, headers=(), body=json.dumps(self.answer).encode())

    def call(self, operation: str, body: Any) -> str:
        """The error's type, or nothing."""
        request = HttpRequest(
            method="POST",
            path="/",
            headers=(("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", TARGET_PREFIX + operation)),
            body=json.dumps(body).encode(),
            client_ip="127.0.0.1",
        )
        response = asyncio.run(self._front.handle(request))
        return str(json.loads(response.body).get("__type", ""))


def initiate(region: Region, answer: Any) -> str:
    region.answer = answer
    body = {"ClientId": "1example", "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": "jane"}}
    return region.call("InitiateAuth", body)


def respond(region: Region, **members: Any) -> str:
    region.answer = {}
    return region.call("RespondToAuthChallenge", {"ClientId": "1example", "ChallengeName": "EMAIL_OTP"} | members)


@pytest.mark.parametrize("operation", ["SignUp", "ForgotPassword", "ChangePassword", "UpdateUserAttributes"])
def test_only_the_primary_changes_users(operation: str) -> None:
    assert Region(secondary=True).call(operation, {}) == "OperationNotEnabledException"
    assert Region(secondary=False).call(operation, {}) != "OperationNotEnabledException"


@pytest.mark.parametrize("secondary", [True, False])
def test_both_sign_users_in(secondary: bool) -> None:
    region = Region(secondary=secondary)
    assert initiate(region, CHALLENGE) == ""
    assert respond(region, Session=CHALLENGE["Session"]) == ""
    assert initiate(region, SRP) == ""
    assert respond(region, ChallengeResponses={"PASSWORD_CLAIM_SECRET_BLOCK": "block-of-this-region"}) == ""


@pytest.mark.parametrize("secondary", [True, False])
def test_neither_takes_a_session_of_the_other(secondary: bool) -> None:
    region = Region(secondary=secondary)
    assert respond(region, Session="session-of-another-region") == "NotAuthorizedException"
    responses = {"PASSWORD_CLAIM_SECRET_BLOCK": "block-of-another-region"}
    assert respond(region, ChallengeResponses=responses) == "NotAuthorizedException"


def test_a_secondary_that_is_not_active_signs_nobody_in() -> None:
    region = Region(secondary=True, active=False)
    assert initiate(region, CHALLENGE) == "OperationNotEnabledException"
    region.region.active = True
    assert initiate(region, CHALLENGE) == ""


def test_a_secondary_takes_no_code_of_an_authenticator_app() -> None:
    for secondary, refused in ((True, "OperationNotEnabledException"), (False, "")):
        region = Region(secondary=secondary)
        initiate(region, CHALLENGE)
        answered = respond(region, ChallengeName="SOFTWARE_TOKEN_MFA", Session=CHALLENGE["Session"])
        assert answered == refused


def test_without_replication_nothing_is_refused() -> None:
    region = Region(secondary=False)
    region._front._region_of_pool = None
    assert respond(region, Session="any") == ""
