"""Which quota a call uses up, and what Cognito counts it as."""

from __future__ import annotations

from typing import Any

import pytest

from cognito_proxy.monitoring.cognito_limits import CognitoLimits
from local.simulators.cognito.categories import CATEGORIES, activity_of, succeeded
from local.simulators.cognito.shapes import cognito_operations
from local.simulators.common.journal import Call


def call(operation: str, *, status: int = 200, body: Any = None, answer: Any = None) -> Call:
    return Call(
        operation=operation,
        method="POST",
        status=status,
        error_type="",
        header_names=(),
        signed=False,
        source_ip="",
        forwarded_for="",
        body=body,
        answer=answer,
    )


def test_categories_are_those_that_are_watched_and_operations_those_that_there_are() -> None:
    assert {*CATEGORIES.values(), "UserFederation"} == set(CognitoLimits().by_category())
    assert CATEGORIES.keys() <= cognito_operations().keys()


@pytest.mark.parametrize(
    ("operation", "body", "activity"),
    [
        ("SignUp", {}, "SignUp"),
        ("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH"}, "SignIn"),
        ("AdminRespondToAuthChallenge", {}, "SignIn"),
        ("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN_AUTH"}, "TokenRefresh"),
        ("GetTokensFromRefreshToken", {}, "TokenRefresh"),
        ("ConfirmSignUp", {}, None),
        ("GetUser", None, None),
    ],
)
def test_what_a_call_is_counted_as(operation: str, body: Any, activity: str | None) -> None:
    assert activity_of(call(operation, body=body)) == activity


def test_a_sign_in_succeeded_when_a_token_was_issued() -> None:
    assert succeeded(call("RespondToAuthChallenge", answer={"AuthenticationResult": {}}))
    assert not succeeded(call("InitiateAuth", answer={"ChallengeName": "PASSWORD_VERIFIER"}))
    assert not succeeded(call("InitiateAuth", status=400, answer={"__type": "NotAuthorizedException"}))
    assert succeeded(call("SignUp", answer={"UserConfirmed": False}))
