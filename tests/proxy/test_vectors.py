"""The protocol cases in tests/vectors/decide, against the core, and against what botocore and pycognito say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pycognito import AWSSRP

from proxy.operations import OPERATIONS, REFRESH_FLOWS, TARGET_PREFIX, USERNAME_FLOWS, Proof
from proxy.secret_hash import secret_hash
from tests.decide_vectors import NAMES, cases, read
from tests.proxy.cognito_model import service_model
from tests.proxy.sample_requests import CLIENT_ID, SECRET, forwarded, refused, request
from tests.proxy.test_operations_drift import CHALLENGES, NEWER_THAN_THE_PINNED_MODEL

DOCUMENTS = {name: read(name) for name in NAMES}
CASES = {name: list(cases(document)) for name, document in DOCUMENTS.items()}
"""By the file that they stand in."""


def test_the_vectors_are_of_the_client_that_the_tests_configure():
    for document in DOCUMENTS.values():
        assert (document["client_id"], document["client_secret"]) == (CLIENT_ID, SECRET)


@pytest.mark.parametrize("name", NAMES)
def test_no_two_vectors_of_a_file_have_one_name(name):
    names = [case.name for case in CASES[name]]
    assert names
    assert len(set(names)) == len(names)


@pytest.mark.proves(
    "proof-of-sign-up",
    "proof-of-recovery",
    "tokens-passed-through",
    "threat-ambiguous-body",
    "proof-added",
    "refresh-carried-over",
    oracle="botocore",
)
@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{name}: {case.name}") for name, found in CASES.items() for case in found]
)
def test_decides_as_the_vectors_say(case):
    call = request(case.operation, case.body, method=case.method, headers=case.headers)
    if case.refused:
        assert refused(call) == case.refused
        return
    forward, expected = forwarded(call), case.forwarded
    assert forward.operation == expected["operation"]
    assert forward.headers["x-amz-target"] == TARGET_PREFIX + expected["operation"]
    assert forward.headers["content-type"] == "application/x-amz-json-1.1"
    document = json.loads(forward.body)
    assert document == expected["body"]
    assert_well_formed(forward.operation, document)
    assert_proved(forward.operation, document)
    if OPERATIONS[case.operation].proof is Proof.NONE:
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
    assert {case.operation for found in CASES.values() for case in found if case.forwarded} == set(OPERATIONS)


def test_every_flow_and_challenge_has_a_vector_that_passes():
    assert passing("initiate_auth", "AuthFlow") == USERNAME_FLOWS
    assert passing("refresh_and_revoke", "AuthFlow") == REFRESH_FLOWS | {None}
    assert passing("challenges", "ChallengeName") == CHALLENGES | {"BRAND_NEW"}


def passing(name: str, member: str) -> set[str | None]:
    """What this member is in the calls of a file that pass; None: there are calls without it."""
    return {case.document.get(member) for case in CASES[name] if case.forwarded}


@pytest.mark.proves("threat-ambiguous-body")
def test_what_holds_whatever_the_operation_is_tried_with_one_of_every_kind():
    """A body must be read with the same care whatever the proof that goes into it."""
    for name in ("other_client_ids", "other_content_types", "unreadable_bodies"):
        tried = DOCUMENTS[name]["every_case"]["operations"]
        assert {OPERATIONS[operation].proof for operation in tried} == set(Proof)


encodable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
awkward = st.sampled_from(["É", "é", "e\u0301", "ß", "İ", "👩‍🚀", "  ", "a b", "A\u00a0b", "\ufeff", "\u200b", "\x00"])
usernames = encodable | st.lists(awkward | encodable, min_size=1, max_size=5).map("".join)


@pytest.mark.proves("proof-added", oracle="pycognito")
@examples(max_examples=300, deadline=None)
@given(
    username=usernames, secret=st.text("abcDEF123+_", min_size=24, max_size=64), client=st.text("abc123", min_size=1)
)
def test_hashes_any_username_as_pycognito_does(username, secret, client):
    ours = secret_hash(username=username, client_id=client, client_secret=secret)
    assert ours == AWSSRP.get_secret_hash(username, client, secret)


@pytest.mark.proves("hash-of-own-username", oracle="pycognito")
@examples(max_examples=200, deadline=None)
@given(username=usernames)
def test_a_username_reaches_cognito_as_it_came(username):
    body = {"ClientId": CLIENT_ID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": username, "SRP_A": "a"}}
    parameters = json.loads(forwarded(request("InitiateAuth", body)).body)["AuthParameters"]
    assert parameters["USERNAME"] == username
    assert_map_proved(parameters)
