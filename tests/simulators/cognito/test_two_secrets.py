"""The stand-in for Cognito's two secrets, by itself."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.simulators.cognito.shapes import cognito_operations
from local.simulators.cognito.two_secrets import (
    HASH_OPERATIONS,
    SECRET_OPERATIONS,
    Refused,
    SecretsOfClient,
    answer,
    secret_hash,
)
from local.simulators.cognito.two_secrets import with_real_hash as rewritten

POOL = "eu-west-1_AbCdEf123"
CLIENT = "4h7example"
IDS = {"UserPoolId": POOL, "ClientId": CLIENT}
FIRST = "dummyFirstSecretOfTheTest0001"
SECOND = "dummySecondSecretOfTheTest002"
USER = "Jane.Döe"
OPERATIONS = cognito_operations()


def client(secret: str | None = FIRST) -> SecretsOfClient:
    described = (
        IDS | {"CreationDate": datetime.fromtimestamp(1_000, UTC)} | ({"ClientSecret": secret} if secret else {})
    )
    return SecretsOfClient.of(described)


def ask(of: SecretsOfClient, operation: str, document: Any, now: float = 2_000) -> dict[str, Any]:
    def find(user_pool_id: str, client_id: str) -> SecretsOfClient | None:
        return of if (user_pool_id, client_id) == (POOL, CLIENT) else None

    return answer(OPERATIONS[f"{operation}UserPoolClientSecret"], document, find, now=now)


def listed(of: SecretsOfClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer(OPERATIONS["ListUserPoolClientSecrets"], IDS, lambda *_: of, now=2_000)[
        "ClientSecrets"
    ]
    return found


def test_the_installed_model_has_the_operations() -> None:
    assert set(OPERATIONS) >= SECRET_OPERATIONS
    assert all(OPERATIONS[name].auth_type != "none" for name in SECRET_OPERATIONS)


def test_the_table_of_hashes_is_the_model_s() -> None:
    holders = {}
    for name, operation in OPERATIONS.items():
        members = operation.input_shape.members if operation.input_shape else {}
        for member in ("SecretHash", "AuthParameters", "ChallengeResponses"):
            if member in members:
                holders[name] = "" if member == "SecretHash" else member
    assert holders == HASH_OPERATIONS


def test_a_client_begins_with_the_secret_that_it_was_made_with() -> None:
    assert listed(client()) == [{"ClientSecretId": f"{CLIENT}--1000000", "ClientSecretCreateDate": 1_000}]
    assert listed(client(None)) == []


def test_a_generated_value_is_told_once_and_a_given_one_never() -> None:
    of = client()
    generated = ask(of, "Add", IDS)["ClientSecretDescriptor"]
    assert 24 <= len(generated["ClientSecretValue"]) <= 64
    assert set(listed(of)[1]) == {"ClientSecretId", "ClientSecretCreateDate"}
    ask(of, "Delete", IDS | {"ClientSecretId": generated["ClientSecretId"]})
    assert "ClientSecretValue" not in ask(of, "Add", IDS | {"ClientSecret": SECOND})["ClientSecretDescriptor"]
    assert {secret.value for secret in of.active} == {FIRST, SECOND}


def test_ids_differ_however_fast_secrets_are_made() -> None:
    of = client()
    ask(of, "Add", IDS, now=1_000)
    assert len({found["ClientSecretId"] for found in listed(of)}) == 2


def test_takes_two_and_no_third() -> None:
    of = client()
    ask(of, "Add", IDS)
    with pytest.raises(Refused) as refused:
        ask(of, "Add", IDS)
    assert refused.value.code == "LimitExceededException"


def test_deletes_the_one_that_is_named_and_never_the_last() -> None:
    of = client()
    ask(of, "Add", IDS | {"ClientSecret": SECOND})
    first, second = (found["ClientSecretId"] for found in listed(of))
    assert ask(of, "Delete", IDS | {"ClientSecretId": first}) == {}
    for secret_id, error_type in {first: "ResourceNotFoundException", second: "InvalidParameterException"}.items():
        with pytest.raises(Refused) as refused:
            ask(of, "Delete", IDS | {"ClientSecretId": secret_id})
        assert refused.value.code == error_type
    assert {secret.value for secret in of.active} == {SECOND}


@pytest.mark.parametrize(
    ("operation", "document", "error_type", "named"),
    [
        ("Add", [], "SerializationException", "the body"),
        ("Add", {"UserPoolId": POOL}, "InvalidParameterException", "ClientId"),
        ("Add", {"UserPoolId": POOL, "ClientId": 7}, "SerializationException", "ClientId"),
        ("Add", IDS | {"Secret": "x"}, "InvalidParameterException", "Secret"),
        ("Add", IDS | {"ClientSecret": "x" * 23}, "InvalidParameterException", "greater than or equal to 24"),
        ("Add", IDS | {"ClientSecret": "x" * 65}, "InvalidParameterException", "less than or equal to 64"),
        ("Add", IDS | {"ClientSecret": "sentinel-" + "x" * 20}, "InvalidParameterException", "regular expression"),
        ("Add", IDS | {"ClientSecret": "sentinelä" + "x" * 20}, "InvalidParameterException", "regular expression"),
        ("Add", IDS | {"ClientSecret": FIRST}, "InvalidParameterException", "already"),
        ("Add", IDS | {"UserPoolId": "nowhere"}, "InvalidParameterException", "regular expression"),
        ("Add", IDS | {"UserPoolId": "eu-west-1_another"}, "ResourceNotFoundException", "not found"),
        ("Delete", IDS, "InvalidParameterException", "ClientSecretId"),
        ("Delete", IDS | {"ClientSecretId": ""}, "InvalidParameterException", "greater than or equal to 1"),
    ],
)
def test_refuses_what_the_model_does_not_allow(operation: str, document: Any, error_type: str, named: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(client(), operation, document)
    assert refused.value.code == error_type
    assert named in refused.value.message
    assert "sentinel" not in refused.value.message
    assert FIRST not in refused.value.message


def test_refuses_a_public_client() -> None:
    with pytest.raises(Refused, match="not configured with a secret"):
        ask(client(None), "Add", IDS)


def test_no_object_shows_a_secret() -> None:
    assert FIRST not in repr(client())


def proved(operation: str, secret: str, **more: Any) -> dict[str, Any]:
    container = HASH_OPERATIONS[operation]
    hashed = secret_hash(secret, USER, CLIENT)
    if container:
        return {"ClientId": CLIENT, container: {"USERNAME": USER, "SECRET_HASH": hashed, "OTHER": "stays"}, **more}
    return {"ClientId": CLIENT, "Username": USER, "SecretHash": hashed, "Password": "stays", **more}


@pytest.mark.parametrize("operation", HASH_OPERATIONS)
def test_a_hash_under_either_secret_becomes_the_one_that_the_emulator_expects(operation: str) -> None:
    expected = proved(operation, FIRST)
    for presented in (FIRST, SECOND):
        assert rewritten(operation, proved(operation, presented), active=[FIRST, SECOND], real=FIRST) == expected
    assert rewritten(operation, proved(operation, SECOND), active=[SECOND], real=FIRST) == expected


@pytest.mark.parametrize("operation", HASH_OPERATIONS)
@pytest.mark.parametrize("active", [[SECOND], [SECOND, "dummyThirdSecretOfTheTest0003"]])
def test_a_hash_under_a_deleted_secret_is_refused_as_cognito_does(operation: str, active: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        rewritten(operation, proved(operation, FIRST), active=active, real=FIRST)
    assert refused.value.code == "NotAuthorizedException"
    assert refused.value.message == f"Unable to verify secret hash for client {CLIENT}"


@pytest.mark.parametrize(
    "document",
    [
        {"ClientId": CLIENT},
        {"ClientId": CLIENT, "AuthParameters": []},
        {"ClientId": CLIENT, "AuthParameters": {"USERNAME": USER}},
        {"ClientId": CLIENT, "AuthParameters": {"SECRET_HASH": "x"}},
        {"ClientId": CLIENT, "AuthParameters": {"USERNAME": USER, "SECRET_HASH": ""}},
        {"ClientId": CLIENT, "AuthParameters": {"USERNAME": 7, "SECRET_HASH": "x"}},
    ],
)
def test_what_lacks_a_hash_is_left_to_the_emulator(document: dict[str, Any]) -> None:
    assert rewritten("InitiateAuth", document, active=[SECOND], real=FIRST) is document


def test_a_refresh_by_hash_passes_as_long_as_the_first_secret_is_there_and_fails_loudly_then() -> None:
    document = {"ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"SECRET_HASH": "x"}}
    assert rewritten("InitiateAuth", document, active=[FIRST, SECOND], real=FIRST) is document
    with pytest.raises(Refused) as refused:
        rewritten("InitiateAuth", document, active=[SECOND], real=FIRST)
    assert refused.value.code == "InternalErrorException"
