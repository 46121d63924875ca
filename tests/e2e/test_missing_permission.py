"""A role that lacks the permission for administrator calls: the operator is told what it lacks, and the client nothing.

It shows, too, that the emulator holds signed calls against the role's policies.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.deployment import Deployment
from tests.e2e.forger import Forger
from tests.e2e.raw_http import Answer, call
from tests.e2e.setups import IN_PLACE, SIGNED, on

PROXY_CALLS = [setup for setup in SIGNED if setup != IN_PLACE]
"""Where the function makes the call, and so sees what comes of it."""

PERMISSION = "cognito-idp:AdminInitiateAuth"


@pytest.fixture
def refused(deployment: Deployment) -> Iterator[Answer]:
    """The answer to a sign-in while the role lacks the permission."""
    iam, role = deployment.run.client("iam"), deployment.proxy_role()
    kept: dict[str, dict[str, Any]] = {}
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        kept[name] = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    _put(deployment, {name: _without_permission(document) for name, document in kept.items()})
    try:
        yield Forger(deployment=deployment).try_to_sign_in()
    finally:
        _put(deployment, kept)


def _without_permission(document: dict[str, Any]) -> dict[str, Any]:
    statements = [statement for statement in document["Statement"] if PERMISSION not in statement["Action"]]
    return {**document, "Statement": statements}


def _put(deployment: Deployment, policies: dict[str, dict[str, Any]]) -> None:
    iam, role = deployment.run.client("iam"), deployment.proxy_role()
    for name, document in policies.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


@pytest.mark.proves(
    "demo-runs-the-template", "missing-permission-500", "denied-signed-call", oracle="IAM of the emulator"
)
@on(PROXY_CALLS)
def test_the_client_gets_an_internal_error_and_the_log_names_the_permission(
    refused: Answer, deployment: Deployment
) -> None:
    assert refused.status == 500
    assert refused.headers["content-type"] == "application/x-amz-json-1.1"
    assert refused.document() == {
        "__type": "InternalErrorException",
        "message": "The proxy may not make this call.",
    }
    assert f"AccessDeniedException: the function's role needs {PERMISSION}" in deployment.run.logs()


@on([IN_PLACE])
def test_in_place_the_client_gets_cognito_s_own_words(refused: Answer) -> None:
    """Its answer does not come back through the function: docs/decisions/0007-signing-in-place.md."""
    assert refused.status in (400, 403)
    assert refused.document()["__type"] == "AccessDeniedException"


@on(SIGNED)
def test_operations_that_are_not_signed_work_all_the_same(refused: Answer, deployment: Deployment) -> None:
    answer = call(deployment.endpoint, "GetUser", {"AccessToken": "none"})
    assert answer.document()["__type"] == "NotAuthorizedException"
