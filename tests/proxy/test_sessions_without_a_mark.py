"""SRP's challenge has no session. Of two function instances one asks the primary again while the other keeps away."""

from __future__ import annotations

import json

import pytest

from proxy import regional
from tests.proxy.fake_service import answer, error
from tests.proxy.sample_requests import CLIENT_ID
from tests.proxy.two_regions import FAULT, TwoRegions, clock, regions, through_api_gateway

__all__ = ["clock", "regions"]

BEGIN = {"ClientId": CLIENT_ID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "jane", "SRP_A": "1"}}
ANSWER = {"USERNAME": "jane", "PASSWORD_CLAIM_SECRET_BLOCK": "x", "PASSWORD_CLAIM_SIGNATURE": "x", "TIMESTAMP": "x"}
POSED = {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {"SECRET_BLOCK": "x", "USER_ID_FOR_SRP": "jane"}}


def test_the_answer_to_the_primarys_challenge_goes_there_from_an_instance_that_keeps_away(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One instance has seen the primary fail three times; the other begins when it is well.
    regions.primary.default = FAULT
    for _ in range(3):
        through_api_gateway("InitiateAuth", BEGIN)
    kept_away = regional._cached
    monkeypatch.setattr(regional, "_cached", None)
    regions.primary.default = answer(POSED)
    regions.replica.default = error("NotAuthorizedException", "Invalid session for the user.")
    status, challenge = through_api_gateway("InitiateAuth", BEGIN)
    assert (status, challenge["ChallengeName"]) == (200, "PASSWORD_VERIFIER")
    other = regional._cached
    monkeypatch.setattr(regional, "_cached", kept_away)
    before = len(regions.replica.received)
    reply = {"ClientId": CLIENT_ID, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": ANSWER}
    status, _ = through_api_gateway("RespondToAuthChallenge", reply | {"Session": challenge["Session"]})
    assert status == 200
    assert len(regions.replica.received) == before
    assert "Session" not in json.dumps(regions.primary.received[-1].document)
    assert other is not None
    other[1].close()
