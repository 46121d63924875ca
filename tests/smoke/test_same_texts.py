"""What this room knows by heart is what the deployed code has."""

from __future__ import annotations

import json

import pytest

from cognito_proxy.smoke import lists
from cognito_proxy.smoke.cognito_texts import (
    HASH_VERIFIES,
    IS_WRONG_HASH,
    SECRET_REFUSALS,
    tells_of_wrong_hash,
    tells_of_wrong_secret,
)
from proxy import secret_refusal
from rotation import probes
from tests.smoke.fakes import error


def test_the_words_are_those_that_rotation_waits_for():
    assert probes._HASH_VERIFIES == HASH_VERIFIES
    assert probes._HASH_REFUSED == IS_WRONG_HASH


def test_the_words_are_those_that_the_refetch_waits_for():
    assert secret_refusal._SECRET_REFUSALS == SECRET_REFUSALS


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("NotAuthorizedException", "Unable to verify secret hash for client x"),
        ("NotAuthorizedException", "Invalid client or secret"),
        ("UnauthorizedException", "Invalid client or secret"),
        ("NotAuthorizedException", "Invalid Refresh Token"),
        ("UserLambdaValidationException", "Unable to verify secret hash"),
    ],
)
def test_they_are_understood_alike(kind, message):
    answer = error(400, kind, message)
    body = json.dumps({"__type": kind, "message": message}).encode()
    assert tells_of_wrong_hash(answer) == secret_refusal.refuses_secret("ConfirmSignUp", 400, body)
    assert tells_of_wrong_secret(answer) == secret_refusal.refuses_secret("RevokeToken", 400, body)


def test_what_sets_for_editing_by_hand_are_known_by_is_what_the_command_line_goes_by():
    from cognito_proxy.cli.proxy_lists import BY_HAND

    assert lists.BY_HAND == BY_HAND
