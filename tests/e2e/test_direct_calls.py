"""The calls that work through the proxy, made straight to Cognito: each fails for want of the proof."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.deployment import Deployment
from tests.e2e.setups import PLAIN, on
from tests.e2e.story import Person, steps_of

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

pytestmark = on(PLAIN)

UP_TO_SIGNED_IN = ("sign_up", "confirm", "sign_in_with_password")
REFRESH_TOKEN = "<refresh token>"
PASSWORD = "<password>"
USERNAME = "<username>"
"""Placeholders in the calls below."""


@pytest.fixture(scope="module")
def signed_in(deployment: Deployment) -> tuple[Person, str]:
    """Somebody who signed in through the proxy, and the refresh token."""
    person = Person()
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        story = Boto3Story(
            client=cognito, user_pool_id=deployment.user_pool_id, client_id=deployment.client_id, person=person
        )
        steps = tuple(step for step in steps_of("boto3") if step.name in UP_TO_SIGNED_IN)
        for report in story.tell(steps):
            assert report["ok"], report
        return person, story.refresh_token


@pytest.fixture(scope="module")
def upstream(deployment: Deployment) -> "Iterator[CognitoIdentityProviderClient]":
    with cognito_client(deployment.upstream, deployment.region) as cognito:
        yield cognito


_USER = {"Username": USERNAME}
_SRP = {"USERNAME": USERNAME, "SRP_A": "abc"}
_VERIFIER = {
    "USERNAME": USERNAME,
    "PASSWORD_CLAIM_SECRET_BLOCK": "eA==",
    "PASSWORD_CLAIM_SIGNATURE": "eA==",
    "TIMESTAMP": "Thu Jan 1 00:00:00 UTC 2026",
}

CALLS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "SignUp": ("sign_up", {"Username": "new-one@example.com", "Password": PASSWORD}),
    "ConfirmSignUp": ("confirm_sign_up", {**_USER, "ConfirmationCode": "123456"}),
    "ResendConfirmationCode": ("resend_confirmation_code", _USER),
    "ForgotPassword": ("forgot_password", _USER),
    "ConfirmForgotPassword": (
        "confirm_forgot_password",
        {**_USER, "ConfirmationCode": "654321", "Password": PASSWORD},
    ),
    "USER_SRP_AUTH": ("initiate_auth", {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": _SRP}),
    "USER_PASSWORD_AUTH": (
        "initiate_auth",
        {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": USERNAME, "PASSWORD": PASSWORD}},
    ),
    "USER_AUTH": ("initiate_auth", {"AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": USERNAME}}),
    "CUSTOM_AUTH": ("initiate_auth", {"AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": USERNAME}}),
    "REFRESH_TOKEN_AUTH": (
        "initiate_auth",
        {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": REFRESH_TOKEN}},
    ),
    "RespondToAuthChallenge": (
        "respond_to_auth_challenge",
        {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": _VERIFIER},
    ),
    "GetTokensFromRefreshToken": ("get_tokens_from_refresh_token", {"RefreshToken": REFRESH_TOKEN}),
    "RevokeToken": ("revoke_token", {"Token": REFRESH_TOKEN}),
}


@pytest.mark.proves("direct-calls-refused", "threat-direct-call", "ids-go-together", oracle="Cognito of the emulator")
@pytest.mark.parametrize(("method", "members"), CALLS.values(), ids=CALLS.keys())
def test_fails_for_want_of_the_proof(
    deployment: Deployment,
    upstream: "CognitoIdentityProviderClient",
    signed_in: tuple[Person, str],
    method: str,
    members: dict[str, Any],
) -> None:
    person, refresh_token = signed_in
    values = {USERNAME: person.username, PASSWORD: person.passwords.initial, REFRESH_TOKEN: refresh_token}
    arguments = {"ClientId": deployment.client_id, **_filled(members, values)}
    with pytest.raises(ClientError) as raised:
        getattr(upstream, method)(**arguments)
    error = raised.value.response["Error"]
    assert error["Code"] == "NotAuthorizedException"
    assert error["Message"] == _complaint(method).format(client_id=deployment.client_id)


def _complaint(method: str) -> str:
    """What Cognito says: a hash is missed, or the secret itself, which it calls by the same name."""
    if method in ("get_tokens_from_refresh_token", "revoke_token"):
        return "Unable to verify secret hash for client {client_id}"
    return "Client {client_id} is configured with secret but SECRET_HASH was not received"


def test_refresh_token_survives_the_refused_calls(deployment: Deployment, signed_in: tuple[Person, str]) -> None:
    _, refresh_token = signed_in
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        answer = cognito.get_tokens_from_refresh_token(ClientId=deployment.client_id, RefreshToken=refresh_token)
    assert answer["AuthenticationResult"]["AccessToken"]


def _filled(members: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The members with the placeholders replaced."""
    return {
        name: _filled(value, values) if isinstance(value, dict) else values.get(value, value)
        for name, value in members.items()
    }
