"""What no client should send: answered with a Cognito-shaped 4xx, and nothing of it reaches Cognito.

What is refused is decided by the core and proved in tests/proxy, case by case. Here each refusal goes once through each
adapter, and through all that stands before it: the vectors' as they are, and what only a real connection can show.
"""

from collections.abc import Iterator

import pytest

from tests.decide_vectors import NAMES, Case, cases, read
from tests.e2e.deployment import Deployment
from tests.e2e.raw_http import CONTENT_TYPE, TARGET_PREFIX, Answer, assert_cognito_error, call, send
from tests.e2e.setups import PLAIN, on
from tests.proxy import sample_requests

pytestmark = on(PLAIN)

SENTINEL = "name-that-must-not-come-back"

REFUSING = [name for name in NAMES if any(case.refused for case in cases(read(name)))]

METHODS = {"DELETE", "GET", "PATCH", "POST", "PUT"}
"""Those that every server takes as one, and whose answer has a body."""


@pytest.fixture
def endpoint(deployment: Deployment) -> Iterator[str]:
    """Where to send bad input; afterwards nothing may have reached Cognito."""
    with deployment.forwarded() as operations:
        yield deployment.endpoint
        assert operations() == []


@pytest.mark.proves("strict-door")
@pytest.mark.parametrize("name", REFUSING)
def test_refuses_what_the_vectors_refuse(endpoint: str, deployment: Deployment, name: str) -> None:
    document = read(name, _ids_of(deployment))
    refused = [case for case in cases(document, of_every_operation=False) if case.refused and _can_be_sent(case)]
    answers = {case.name: _send(endpoint, case) for case in refused}
    outcomes = {name: _outcome(answer) for name, answer in answers.items()}
    wanted = {case.name: case.refused for case in refused if _arrives_as_sent(case)}
    assert {name: outcomes[name] for name in wanted} == wanted
    assert [name for name, answer in answers.items() if b"jane" in answer.body or b"dummy" in answer.body] == []


def _ids_of(deployment: Deployment) -> dict[str, str]:
    """The deployment's ids, in place of those that the core's tests configure."""
    return {
        sample_requests.CLIENT_ID: deployment.client_id,
        sample_requests.SETTINGS.user_pool_id: deployment.user_pool_id,
    }


def _can_be_sent(case: Case) -> bool:
    """A client's own library must take it, and the server on this machine, which refuses a second content type.

    Blanks around a header's value are no part of it: RFC 9110, section 5.5.
    """
    values = [*(value for values in case.headers.values() for value in values), case.operation or ""]
    takes_values = all(value.isascii() and value.isprintable() and value == value.strip() for value in values)
    return case.method in METHODS and takes_values and len(case.headers.get("content-type", ())) < 2


def _arrives_as_sent(case: Case) -> bool:
    """Whether the function sees it so: before it, other methods are answered in its shape, and headers are joined."""
    return case.method == "POST" and all(len(values) < 2 for values in case.headers.values())


def _send(endpoint: str, case: Case) -> Answer:
    ordinary = {"content-type": [CONTENT_TYPE]}
    if case.operation is not None:
        ordinary["x-amz-target"] = [TARGET_PREFIX + case.operation]
    headers = [(name, value) for name, values in (ordinary | dict(case.headers)).items() for value in values]
    # CloudFront itself refuses a GET that has a body, in words of its own.
    return send(endpoint, method=case.method, headers=headers, body=b"" if case.method == "GET" else case.body)


def _outcome(answer: Answer) -> tuple[int, str]:
    assert_cognito_error(answer)
    return answer.status, str(answer.document()["__type"])


@pytest.mark.proves("threat-other-pool", "ids-go-together")
def test_refuses_another_client_of_the_same_pool(endpoint: str, deployment: Deployment) -> None:
    """It has no secret, and the proxy was not told of it."""
    cognito = deployment.run.client("cognito-idp")
    made = cognito.create_user_pool_client(UserPoolId=deployment.user_pool_id, ClientName="Foreign")
    members = {"ClientId": made["UserPoolClient"]["ClientId"], "Username": SENTINEL, "Password": "x"}
    answer = call(endpoint, "SignUp", members)
    assert_cognito_error(answer, error_type="ResourceNotFoundException")
    assert SENTINEL.encode() not in answer.body


def test_refuses_a_target_twice_under_names_that_differ_in_case(endpoint: str, deployment: Deployment) -> None:
    body = sample_requests.SIGN_UP | {"ClientId": deployment.client_id}
    answer = call(endpoint, "SignUp", body, headers=[("x-amz-target", TARGET_PREFIX + "ForgotPassword")])
    assert_cognito_error(answer)
