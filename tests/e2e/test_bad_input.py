"""What no client should send: answered with a Cognito-shaped 4xx, and nothing of it reaches Cognito.

What is refused is decided by the core and proved in tests/proxy, case by case. Here each refusal goes once through each
adapter, and through all that stands before it: the vectors' as they are, and what only a real connection can show.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.deployment import Deployment
from tests.e2e.raw_http import CONTENT_TYPE, TARGET_PREFIX, Answer, Headers, assert_cognito_error, call, send, target
from tests.e2e.setups import PLAIN, on
from tests.proxy import sample_requests
from tests.proxy.test_bad_input import UNREADABLE

pytestmark = on(PLAIN)

SENTINEL = "name-that-must-not-come-back"
VECTORS = Path(__file__).parents[1] / "vectors" / "decide"

SERIALIZATION = "SerializationException"
INVALID_PARAMETER = "InvalidParameterException"
NO_SUCH_CLIENT = "ResourceNotFoundException"
NO_SUCH_OPERATION = "UnknownOperationException"

MEGABYTE = 1024 * 1024


@pytest.fixture
def endpoint(deployment: Deployment) -> Iterator[str]:
    """Where to send bad input; afterwards nothing may have reached Cognito."""
    with deployment.forwarded() as operations:
        yield deployment.endpoint
        assert operations() == []


@pytest.mark.parametrize("file", sorted(VECTORS.glob("*.json")), ids=lambda file: file.stem)
def test_refuses_what_the_vectors_refuse(endpoint: str, deployment: Deployment, file: Path) -> None:
    text = file.read_text("utf-8").replace(sample_requests.CLIENT_ID, deployment.client_id)
    cases = json.loads(text.replace(sample_requests.SETTINGS.user_pool_id, deployment.user_pool_id))["cases"]
    refused = [case for case in cases if "refused" in case and _can_be_sent(case["operation"])]
    answers = {case["name"]: call(endpoint, case["operation"], case["body"]) for case in refused}
    wanted = {case["name"]: (case["refused"]["status"], case["refused"]["type"]) for case in refused}
    assert {name: _outcome(answer) for name, answer in answers.items()} == wanted
    assert [name for name, answer in answers.items() if b"jane" in answer.body or b"dummy" in answer.body] == []


def _can_be_sent(operation: str) -> bool:
    """Blanks around a header's value are no part of it: RFC 9110, section 5.5."""
    return operation == operation.strip()


def _outcome(answer: Answer) -> tuple[int, str]:
    assert_cognito_error(answer)
    return answer.status, str(answer.document()["__type"])


CUT_OFF_LATE = b"[" * 100_000


def test_refuses_a_body_that_cannot_be_read(endpoint: str, deployment: Deployment) -> None:
    bodies = {name: _of(deployment, body) for name, body in UNREADABLE.items()} | {"never closed": CUT_OFF_LATE}
    outcomes = {name: _outcome(call(endpoint, "SignUp", body)) for name, body in bodies.items()}
    assert outcomes == dict.fromkeys(bodies, (400, SERIALIZATION))


def _of(deployment: Deployment, body: bytes) -> bytes:
    """The body, with the deployment's client in place of the one that the core's tests configure."""
    for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
        body = body.replace(sample_requests.CLIENT_ID.encode(encoding), deployment.client_id.encode(encoding))
    return body


@pytest.mark.parametrize("operation", ["SignUp", "GetUser"])
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
    answer = send(endpoint, headers=[*headers, target("SignUp")], body=_sign_up(deployment))
    assert_cognito_error(answer, error_type=SERIALIZATION)


def _sign_up(deployment: Deployment) -> bytes:
    return json.dumps({"ClientId": deployment.client_id, "Username": SENTINEL, "Password": "x"}).encode()


_FLOW = {"AuthFlow": "USER_PASSWORD_AUTH"}

WRONG_VALUES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "username is a number": ("ResendConfirmationCode", {"Username": 7}),
    "username is an object": ("ConfirmForgotPassword", {"Username": {"a": SENTINEL}}),
    "username ends in a lone surrogate": ("ForgotPassword", {"Username": SENTINEL + "\udfff"}),
    "USERNAME is true": ("InitiateAuth", {**_FLOW, "AuthParameters": {"USERNAME": True}}),
    "USERNAME is a lone surrogate": ("InitiateAuth", {**_FLOW, "AuthParameters": {"USERNAME": "\udc00"}}),
    "UserContextData is a string": ("SignUp", {"Username": SENTINEL, "UserContextData": "x"}),
}
"""Those that no vector has."""


@pytest.mark.parametrize(("operation", "members"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_refuses_wrong_types_and_missing_members(
    endpoint: str, deployment: Deployment, operation: str, members: dict[str, Any]
) -> None:
    answer = call(endpoint, operation, {"ClientId": deployment.client_id, **members})
    assert_cognito_error(answer, error_type=INVALID_PARAMETER)
    assert SENTINEL.encode() not in answer.body


def test_refuses_another_client_of_the_same_pool(endpoint: str, deployment: Deployment) -> None:
    """It has no secret, and the proxy was not told of it."""
    cognito = deployment.run.client("cognito-idp")
    made = cognito.create_user_pool_client(UserPoolId=deployment.user_pool_id, ClientName="Foreign")
    members = {"ClientId": made["UserPoolClient"]["ClientId"], "Username": SENTINEL, "Password": "x"}
    assert_cognito_error(call(endpoint, "SignUp", members), error_type=NO_SUCH_CLIENT)


@pytest.mark.parametrize("operation", ["AdminInitiateAuth", "DescribeUserPoolClient"])
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
    answer = send(endpoint, headers=[("Content-Type", CONTENT_TYPE), *targets], body=_sign_up(deployment))
    assert_cognito_error(answer)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_refuses_other_methods(endpoint: str, deployment: Deployment, method: str) -> None:
    # CloudFront itself refuses a GET that has a body, in words of its own.
    body = b"" if method == "GET" else _sign_up(deployment)
    answer = send(endpoint, method=method, headers=[("Content-Type", CONTENT_TYPE), target("SignUp")], body=body)
    assert_cognito_error(answer)
