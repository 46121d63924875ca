"""The packaged function behind the deployed distribution: what reaches Cognito, whatever stands around a call.

The strict Cognito refuses what is outside the contract, and the emulator a signature that does not match, so a call
that succeeds was one that kept both. Generated requests take the same way by the hundred in
tests/simulators/cloudfront.
"""

import json
import secrets
from collections.abc import Mapping

import pytest

from local import Call
from local.simulators.cognito.edge_contract import CLOUDFRONT_HEADERS, PROXY_HEADERS, SIGNATURE_HEADERS
from tests.e2e.deployment import Deployment
from tests.e2e.raw_http import CONTENT_TYPE, Headers, send, target
from tests.e2e.setups import EDGE, EDGE_WITH_BOTH, GENERATED, IN_PLACE, on

_SETUPS = (EDGE, EDGE_WITH_BOTH, IN_PLACE)
"""No flag, both flags, and the other way to make signed calls."""

pytestmark = on(_SETUPS)

MARK = "viewer-was-here"
PASSWORD = f"Aa1!{secrets.token_hex(8)}"
SRP_A = "2" * 64
"""Any number: the step that would need the right one is not taken."""

FOREIGN: Headers = [
    (name, MARK)
    for name in (
        "Authorization", "Cookie", "Forwarded", "X-Forwarded-For", "Referer", "Origin", "Accept", "Date", "Range",
        "Smithy-Protocol", "X-HTTP-Method-Override", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256",
        "X-Amz-Whatever", "X-Amz-Cf-Id", "X-Amzn-Cognito-Client-Id", "X-Amzn-Cognito-Operation-Name",
        "X-Proxy-Settings", "X-Proxy-Settings-2",
    )
]  # fmt: skip
ALLOWED: Headers = [(name, MARK) for name in ("User-Agent", "X-Amz-User-Agent", "Amz-Sdk-Request", "If-None-Match")]
PRESIGNED = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2Fx&X-Amz-Signature={'0' * 64}&a={MARK}"

OURS = ("Content-Type", CONTENT_TYPE)
AROUND: Mapping[str, tuple[str, Headers]] = {
    "a query": (f"/?a={MARK}", [OURS]),
    "presigned credentials": (f"/?{PRESIGNED}", [OURS]),
    "a path": (f"/prod/%2e%2e/{MARK}", [OURS]),
    "foreign headers": ("/", [OURS, *FOREIGN]),
    "headers of an SDK": ("/", [OURS, *ALLOWED]),
    "no content type": ("/", []),
    "everything": (f"/{MARK}?{PRESIGNED}", [*FOREIGN, *ALLOWED]),
}
"""Path with query, and headers, of a call that is in order otherwise."""


@pytest.fixture(scope="module")
def username(deployment: Deployment) -> str:
    """Somebody who can sign in."""
    name = f"{secrets.token_hex(8)}@example.com"
    cognito = deployment.run.client("cognito-idp", region=deployment.region)
    ids = {"UserPoolId": deployment.user_pool_id, "Username": name}
    cognito.admin_create_user(**ids, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**ids, Password=PASSWORD, Permanent=True)
    return name


def _documents(deployment: Deployment, username: str) -> Mapping[str, Mapping[str, object]]:
    client_id = deployment.client_id
    newcomer = f"{secrets.token_hex(8)}@example.com"
    return {
        "SignUp": {"ClientId": client_id, "Username": newcomer, "Password": PASSWORD},
        "InitiateAuth": {
            "ClientId": client_id,
            "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": username, "SRP_A": SRP_A},
        },
    }


@pytest.mark.proves("what-cognito-sees", simulator="cloudfront")
@pytest.mark.parametrize("operation", ["SignUp", "InitiateAuth"])
@pytest.mark.parametrize("around", AROUND)
def test_a_call_succeeds_and_cognito_sees_nothing_of_what_stands_around_it(
    deployment: Deployment, username: str, operation: str, around: str
) -> None:
    path, headers = AROUND[around]
    body = json.dumps(_documents(deployment, username)[operation]).encode()
    with deployment.forwarded_calls() as calls:
        answer = send(deployment.endpoint.rstrip("/") + path, headers=[target(operation), *headers], body=body)
        assert answer.status == 200, answer
        (seen,) = calls()
    assert seen.operation == deployment.as_forwarded(operation)
    assert seen.status == 200
    assert set(seen.header_names) <= PROXY_HEADERS | CLOUDFRONT_HEADERS | SIGNATURE_HEADERS
    assert _carried_by(seen) == (
        "the function" if seen.signed and deployment.setup.edge_admin_calls == GENERATED else "CloudFront"
    )


def _carried_by(call: Call) -> str:
    return "CloudFront" if "x-amz-cf-id" in call.header_names else "the function"
