"""The protocol cases in tests/vectors/decide, against the core, and against what botocore and pycognito say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pycognito import AWSSRP

from proxy.operations import OPERATIONS, REFRESH_FLOWS, TARGET_PREFIX, USERNAME_FLOWS, Proof
from proxy.secret_hash import secret_hash
from tests.proxy.cognito_model import service_model
from tests.proxy.sample_requests import CLIENT_ID, SECRET, forwarded, refused, request
from tests.proxy.test_operations_drift import CHALLENGES, NEWER_THAN_THE_PINNED_MODEL

DOCUMENTS = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parents[1] / "vectors/decide").glob("*.json"))
}
CASES = [
    pytest.param(case, id=f"{name}: {case['name']}")
    for name, document in DOCUMENTS.items()
    for case in document["cases"]
]


def test_the_vectors_are_of_the_client_that_the_tests_configure():
    for document in DOCUMENTS.values():
        assert (document["client_id"], document["client_secret"]) == (CLIENT_ID, SECRET)


@pytest.mark.parametrize("case", CASES)
def test_decides_as_the_vectors_say(case):
    call = request(case["operation"], case["body"])
    if "refused" in case:
        assert refused(call) == (case["refused"]["status"], case["refused"]["type"])
        return
    forward, expected = forwarded(call), case["forwarded"]
    assert forward.operation == expected["operation"]
    assert forward.headers["x-amz-target"] == TARGET_PREFIX + expected["operation"]
    document = json.loads(forward.body)
    assert document == expected["body"]
    assert_well_formed(forward.operation, document)
    assert_proved(forward.operation, document)
    if OPERATIONS[case["operation"]].proof is Proof.NONE:
        assert forward.body == call.body


def assert_well_formed(operation: str, document: dict[str, Any]) -> None:
    """By the model's input shape, as an SDK would check it before sending."""
    if operation in NEWER_THAN_THE_PINNED_MODEL:
        return
    report = ParamValidator().validate(document, service_model().operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


def assert_proved(operation: str, document: dict[str, Any]) -> None:
    """By pycognito's own computation of the hash."""
    match OPERATIONS[operation].proof:
        case Proof.SECRET_HASH:
            assert document["SecretHash"] == AWSSRP.get_secret_hash(document["Username"], CLIENT_ID, SECRET)
        case Proof.AUTH_PARAMETERS:
            assert_map_proved(document["AuthParameters"])
        case Proof.CHALLENGE_RESPONSES:
            assert_map_proved(document["ChallengeResponses"])
        case Proof.CLIENT_SECRET:
            assert document["ClientSecret"] == SECRET
        case Proof.NONE:
            assert SECRET not in json.dumps(document)


def assert_map_proved(place: dict[str, str]) -> None:
    assert place["SECRET_HASH"] == AWSSRP.get_secret_hash(place["USERNAME"], CLIENT_ID, SECRET)


def test_every_row_of_the_table_has_a_vector_that_passes():
    passing = {
        case["operation"] for document in DOCUMENTS.values() for case in document["cases"] if "forwarded" in case
    }
    assert passing == set(OPERATIONS)


def test_every_flow_and_challenge_has_a_vector_that_passes():
    flows = {case["body"]["AuthFlow"] for case in DOCUMENTS["initiate_auth"]["cases"] if "forwarded" in case}
    flows |= {
        case["body"]["AuthFlow"]
        for case in DOCUMENTS["refresh_and_revoke"]["cases"]
        if "forwarded" in case and case["operation"] == "InitiateAuth"
    }
    assert flows == USERNAME_FLOWS | REFRESH_FLOWS
    challenges = {case["body"]["ChallengeName"] for case in DOCUMENTS["challenges"]["cases"] if "forwarded" in case}
    assert challenges == CHALLENGES | {"BRAND_NEW"}


encodable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
awkward = st.sampled_from(["É", "é", "e\u0301", "ß", "İ", "👩‍🚀", "  ", "a b", "A\u00a0b", "\ufeff", "\u200b", "\x00"])
usernames = encodable | st.lists(awkward | encodable, min_size=1, max_size=5).map("".join)


@examples(max_examples=300, deadline=None)
@given(
    username=usernames, secret=st.text("abcDEF123+_", min_size=24, max_size=64), client=st.text("abc123", min_size=1)
)
def test_hashes_any_username_as_pycognito_does(username, secret, client):
    ours = secret_hash(username=username, client_id=client, client_secret=secret)
    assert ours == AWSSRP.get_secret_hash(username, client, secret)


@examples(max_examples=200, deadline=None)
@given(username=usernames)
def test_a_username_reaches_cognito_as_it_came(username):
    body = {"ClientId": CLIENT_ID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": username, "SRP_A": "a"}}
    parameters = json.loads(forwarded(request("InitiateAuth", body)).body)["AuthParameters"]
    assert parameters["USERNAME"] == username
    assert_map_proved(parameters)
