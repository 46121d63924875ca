"""What no client should send: answered with a Cognito-shaped 4xx, and nothing of it reaches Cognito."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.deployment import Deployment
from tests.e2e.raw_http import CONTENT_TYPE, TARGET_PREFIX, Headers, assert_cognito_error, call, send, target
from tests.e2e.setups import FULL_SUITE, on

pytestmark = on(FULL_SUITE)

SENTINEL = "name-that-must-not-come-back"
CLIENT_ID = b"<client id>"
"""Stands in the bodies below where the configured app client's id goes."""

SERIALIZATION = "SerializationException"
INVALID_PARAMETER = "InvalidParameterException"
NO_SUCH_CLIENT = "ResourceNotFoundException"
NO_SUCH_OPERATION = "UnknownOperationException"

DEPTH = 100_000
MEGABYTE = 1024 * 1024


@pytest.fixture
def endpoint(deployment: Deployment) -> Iterator[str]:
    """Where to send bad input; afterwards nothing may have reached Cognito."""
    with deployment.forwarded() as operations:
        yield deployment.endpoint
        assert operations() == []


def sign_up(extra: bytes = b"", *, username: bytes = json.dumps(SENTINEL).encode()) -> bytes:
    """A SignUp document, byte by byte; `extra` begins with a comma."""
    return b'{"ClientId":"' + CLIENT_ID + b'","Username":' + username + b',"Password":"x"' + extra + b"}"


UNREADABLE = {
    "empty body": b"",
    "no JSON": b"Username=" + SENTINEL.encode(),
    "cut off": sign_up()[:-1],
    "two documents": sign_up() + sign_up(),
    "single quotes": sign_up().replace(b'"', b"'"),
    "trailing comma": sign_up(b","),
    "comment": sign_up(b"/* */"),
    "control character in a string": sign_up(username=b'"a\nb"'),
    "array": b"[" + sign_up() + b"]",
    "string": json.dumps(SENTINEL).encode(),
    "number": b"1",
    "null": b"null",
    "key twice": sign_up(b',"ClientId":"other"'),
    "key twice, once escaped": sign_up(b',"\\u0055sername":"other"'),
    "key twice, deep inside": sign_up(b',"ClientMetadata":{"a":"1","a":"2"}'),
    "nested arrays": sign_up(b',"ClientMetadata":' + b"[" * DEPTH + b"]" * DEPTH),
    "nested arrays, never closed": b"[" * DEPTH,
    "nested objects": sign_up(b',"ClientMetadata":' + b'{"a":' * DEPTH + b"1" + b"}" * DEPTH),
    "number of ten thousand digits": sign_up(b',"ClientMetadata":' + b"9" * 10_000),
    "NaN": sign_up(b',"ClientMetadata":NaN'),
    "Infinity": sign_up(b',"ClientMetadata":Infinity'),
    "minus Infinity": sign_up(b',"ClientMetadata":[-Infinity]'),
    "number that overflows": sign_up(b',"ClientMetadata":1e999'),
    "invalid UTF-8": sign_up(username=b'"\xff\xfe"'),
    "overlong UTF-8": sign_up(username=b'"\xc0\xaf"'),
    "surrogate as UTF-8": sign_up(username=b'"\xed\xa0\x80"'),
    "Latin-1": sign_up(username='"é"'.encode("latin-1")),
    "byte order mark": b"\xef\xbb\xbf" + sign_up(),
    "UTF-16": sign_up().decode().encode("utf-16"),
    "UTF-16 without a mark": sign_up().decode().encode("utf-16-le"),
    "UTF-32": sign_up().decode().encode("utf-32"),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_refuses_a_body_that_cannot_be_read(endpoint: str, deployment: Deployment, body: bytes) -> None:
    client_id = deployment.client_id.encode()
    for placeholder, value in ((CLIENT_ID, client_id), (_utf16(CLIENT_ID), _utf16(client_id))):
        body = body.replace(placeholder, value)
    answer = call(endpoint, "SignUp", body)
    assert_cognito_error(answer, error_type=SERIALIZATION)
    assert SENTINEL.encode() not in answer.body


def _utf16(text: bytes) -> bytes:
    return text.decode().encode("utf-16-le")


@pytest.mark.parametrize("operation", ["SignUp", "InitiateAuth", "GetUser"])
@pytest.mark.parametrize("size", [MEGABYTE + 1, 3 * MEGABYTE])
def test_refuses_a_body_larger_than_a_megabyte(
    endpoint: str, deployment: Deployment, operation: str, size: int
) -> None:
    body = json.dumps({"ClientId": deployment.client_id, "Username": SENTINEL}).encode()
    answer = call(endpoint, operation, body.ljust(size))
    assert_cognito_error(answer, error_type=INVALID_PARAMETER)
    assert SENTINEL.encode() not in answer.body


ENCODINGS = {
    "charset UTF-16": [("Content-Type", CONTENT_TYPE + "; charset=utf-16")],
    "charset Latin-1": [("Content-Type", CONTENT_TYPE + ';charset="ISO-8859-1"')],
    "gzip": [("Content-Type", CONTENT_TYPE), ("Content-Encoding", "gzip")],
}


@pytest.mark.parametrize("headers", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_refuses_a_body_that_claims_another_encoding(endpoint: str, deployment: Deployment, headers: Headers) -> None:
    body = sign_up().replace(CLIENT_ID, deployment.client_id.encode())
    answer = send(endpoint, headers=[*headers, target("SignUp")], body=body)
    assert_cognito_error(answer, error_type=SERIALIZATION)


_PASSWORD_FLOW = {"AuthFlow": "USER_PASSWORD_AUTH"}
_VERIFIER = {"ChallengeName": "PASSWORD_VERIFIER"}

WRONG_VALUES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "no username": ("SignUp", {"Password": "x"}),
    "null username": ("SignUp", {"Username": None}),
    "empty username": ("ConfirmSignUp", {"Username": ""}),
    "username is a number": ("ResendConfirmationCode", {"Username": 7}),
    "username is a list": ("ForgotPassword", {"Username": [SENTINEL]}),
    "username is an object": ("ConfirmForgotPassword", {"Username": {"a": SENTINEL}}),
    "username is a lone surrogate": ("SignUp", {"Username": "\ud800"}),
    "username ends in a lone surrogate": ("ForgotPassword", {"Username": SENTINEL + "\udfff"}),
    "no AuthFlow": ("InitiateAuth", {"AuthParameters": {"USERNAME": SENTINEL}}),
    "AuthFlow is a list": ("InitiateAuth", {"AuthFlow": ["USER_SRP_AUTH"], "AuthParameters": {"USERNAME": SENTINEL}}),
    "AuthFlow is an object": ("InitiateAuth", {"AuthFlow": {}, "AuthParameters": {"USERNAME": SENTINEL}}),
    "unknown AuthFlow": ("InitiateAuth", {"AuthFlow": "NO_AUTH", "AuthParameters": {"USERNAME": SENTINEL}}),
    "AuthFlow in lower case": ("InitiateAuth", {"AuthFlow": "user_srp_auth", "AuthParameters": {"USERNAME": SENTINEL}}),
    "no AuthParameters": ("InitiateAuth", _PASSWORD_FLOW),
    "AuthParameters is a list": ("InitiateAuth", {**_PASSWORD_FLOW, "AuthParameters": [SENTINEL]}),
    "no USERNAME": ("InitiateAuth", {**_PASSWORD_FLOW, "AuthParameters": {"PASSWORD": SENTINEL}}),
    "USERNAME is true": ("InitiateAuth", {**_PASSWORD_FLOW, "AuthParameters": {"USERNAME": True}}),
    "USERNAME is a lone surrogate": ("InitiateAuth", {**_PASSWORD_FLOW, "AuthParameters": {"USERNAME": "\udc00"}}),
    "no ChallengeResponses": ("RespondToAuthChallenge", _VERIFIER),
    "ChallengeResponses is a string": ("RespondToAuthChallenge", {**_VERIFIER, "ChallengeResponses": SENTINEL}),
    "answer without USERNAME": ("RespondToAuthChallenge", {**_VERIFIER, "ChallengeResponses": {}}),
    "refresh without AuthParameters": ("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN_AUTH"}),
    "refresh without a token": ("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN", "AuthParameters": {}}),
    "UserContextData is a string": ("SignUp", {"Username": SENTINEL, "UserContextData": "x"}),
}


@pytest.mark.parametrize(("operation", "members"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_refuses_wrong_types_and_missing_members(
    endpoint: str, deployment: Deployment, operation: str, members: dict[str, Any]
) -> None:
    answer = call(endpoint, operation, {"ClientId": deployment.client_id, **members})
    assert_cognito_error(answer, error_type=INVALID_PARAMETER)
    assert SENTINEL.encode() not in answer.body


@pytest.mark.parametrize("flow", ["ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_USER_SRP_AUTH"])
def test_refuses_administrator_flows(endpoint: str, deployment: Deployment, flow: str) -> None:
    parameters = {"USERNAME": SENTINEL, "PASSWORD": "x"}
    answer = call(
        endpoint,
        "InitiateAuth",
        {"ClientId": deployment.client_id, "AuthFlow": flow, "AuthParameters": parameters},
    )
    assert_cognito_error(answer, error_type=INVALID_PARAMETER)


CALLS_WITH_CLIENT_ID: Mapping[str, dict[str, Any]] = {
    "SignUp": {"Username": SENTINEL, "Password": "x"},
    "ConfirmSignUp": {"Username": SENTINEL, "ConfirmationCode": "1"},
    "InitiateAuth": {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": SENTINEL, "PASSWORD": "x"}},
    "RespondToAuthChallenge": {"ChallengeName": "SMS_MFA", "ChallengeResponses": {"USERNAME": SENTINEL}},
    "GetTokensFromRefreshToken": {"RefreshToken": "x"},
    "RevokeToken": {"Token": "x"},
}


@pytest.fixture(scope="module")
def foreign_client_id(deployment: Deployment) -> str:
    """Another app client of the same pool, without a secret, that the proxy was not told of."""
    cognito = deployment.run.client("cognito-idp")
    answer = cognito.create_user_pool_client(UserPoolId=deployment.user_pool_id, ClientName="Foreign")
    return str(answer["UserPoolClient"]["ClientId"])


@pytest.mark.parametrize(("operation", "members"), CALLS_WITH_CLIENT_ID.items(), ids=CALLS_WITH_CLIENT_ID.keys())
def test_refuses_a_foreign_client_id(
    foreign_client_id: str, endpoint: str, operation: str, members: dict[str, Any]
) -> None:
    answer = call(endpoint, operation, {"ClientId": foreign_client_id, **members})
    assert_cognito_error(answer, error_type=NO_SUCH_CLIENT)


@pytest.mark.parametrize(
    "change",
    [str.upper, lambda _: "1example23456789abcdefghij", lambda known: f"{known} "],
    ids=["case", "other", "space"],
)
def test_refuses_an_unknown_client_id(endpoint: str, deployment: Deployment, change: Any) -> None:
    members = CALLS_WITH_CLIENT_ID["SignUp"]
    answer = call(endpoint, "SignUp", {"ClientId": change(deployment.client_id), **members})
    assert_cognito_error(answer, error_type=NO_SUCH_CLIENT)


@pytest.mark.parametrize("client_id", [None, "", 7, {}, []], ids=repr)
@pytest.mark.parametrize(("operation", "members"), CALLS_WITH_CLIENT_ID.items(), ids=CALLS_WITH_CLIENT_ID.keys())
def test_refuses_a_client_id_that_is_none(
    endpoint: str, operation: str, members: dict[str, Any], client_id: object
) -> None:
    assert_cognito_error(call(endpoint, operation, {"ClientId": client_id, **members}), error_type=INVALID_PARAMETER)


OPERATIONS_NOT_OFFERED = (
    "AdminInitiateAuth",
    "AdminRespondToAuthChallenge",
    "AdminCreateUser",
    "AdminGetUser",
    "AdminSetUserPassword",
    "AdminConfirmSignUp",
    "ListUsers",
    "DescribeUserPoolClient",
    "CreateUserPoolClient",
    "AddUserPoolClientSecret",
    "GetClientToken",
    "GetDerivedToken",
    "NoSuchOperation",
    "signup",
    "SignUp.SignUp",
    "",
)


@pytest.mark.parametrize("operation", OPERATIONS_NOT_OFFERED)
def test_refuses_operations_that_are_not_offered_even_when_signed(
    endpoint: str, deployment: Deployment, operation: str
) -> None:
    credentials = (
        "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0"
    )
    members = {"ClientId": deployment.client_id, "UserPoolId": deployment.user_pool_id, "Username": SENTINEL}
    answer = call(endpoint, operation, members, headers=[("Authorization", credentials)])
    assert_cognito_error(answer, error_type=NO_SUCH_OPERATION)


@pytest.mark.parametrize("name", ["AWSCognitoIdentityService.GetId", "secretsmanager.GetSecretValue", "SignUp"])
def test_refuses_other_services(endpoint: str, name: str) -> None:
    answer = send(endpoint, headers=[("Content-Type", CONTENT_TYPE), ("X-Amz-Target", name)], body=b"{}")
    assert_cognito_error(answer, error_type=NO_SUCH_OPERATION)


TARGETS = {
    "missing": [],
    "doubled, equal": [target("SignUp"), target("SignUp")],
    "doubled, different": [target("GetUser"), target("SignUp")],
    "doubled, in different case": [target("SignUp"), ("x-amz-target", TARGET_PREFIX + "ForgotPassword")],
    "joined": [("X-Amz-Target", f"{TARGET_PREFIX}SignUp, {TARGET_PREFIX}SignUp")],
}


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS.keys())
def test_refuses_a_missing_or_doubled_target(endpoint: str, deployment: Deployment, targets: Headers) -> None:
    body = sign_up().replace(CLIENT_ID, deployment.client_id.encode())
    answer = send(endpoint, headers=[("Content-Type", CONTENT_TYPE), *targets], body=body)
    assert_cognito_error(answer)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_refuses_other_methods(endpoint: str, deployment: Deployment, method: str) -> None:
    # CloudFront itself refuses a GET that has a body, in words of its own.
    body = b"" if method == "GET" else sign_up().replace(CLIENT_ID, deployment.client_id.encode())
    answer = send(endpoint, method=method, headers=[("Content-Type", CONTENT_TYPE), target("SignUp")], body=body)
    assert_cognito_error(answer)
