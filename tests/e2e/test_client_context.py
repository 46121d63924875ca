"""What Cognito is told of a client that forges its address: with each flag the truth, without any nothing.

The emulator verifies the signatures, and that the synthesized role may make the calls; it has no USER_AUTH flow and no
challenges but those of SRP here: the others are proved on bodies alone, in tests/proxy.
"""

from urllib.parse import urlsplit

import pytest

from local import Call
from local.simulators.common.redaction import REDACTED
from tests.e2e.deployment import ADMIN_OPERATIONS, Deployment
from tests.e2e.forger import REFRESH, TRUE_ADDRESS, Forger
from tests.e2e.raw_http import assert_cognito_error, call
from tests.e2e.setups import EVERY, on

pytestmark = on(EVERY)

DISTRIBUTION = "d111111abcdef8.cloudfront.net"
PUBLIC = ("SignUp", "ResendConfirmationCode", "ConfirmSignUp", "ForgotPassword", "ConfirmForgotPassword")


def _called(deployment: Deployment) -> tuple[str, str]:
    """Host and path that the app called. The edge simulator stands in for a distribution, whose name it tells."""
    url = urlsplit(deployment.endpoint)
    return (url.netloc if deployment.setup.variant == "regional" else DISTRIBUTION), url.path


@pytest.fixture(scope="module")
def forwarded(deployment: Deployment) -> dict[str, Call]:
    """What reached Cognito, by the operation that the client asked for."""
    return dict(Forger(deployment=deployment).tell())


@pytest.mark.proves("threat-claimed-address", "true-address-told")
@pytest.mark.parametrize("operation", [*PUBLIC, *ADMIN_OPERATIONS])
def test_cognito_is_told_the_true_address_or_none(
    forwarded: dict[str, Call], deployment: Deployment, operation: str
) -> None:
    found, setup = forwarded[operation], deployment.setup
    assert found.operation == deployment.as_forwarded(operation)
    if found.operation != operation:
        assert "UserContextData" not in found.body
        context = found.body["ContextData"]
        assert context["IpAddress"] == TRUE_ADDRESS
        assert context["EncodedData"] == REDACTED
        return
    assert "UserPoolId" not in found.body
    address = {"IpAddress": TRUE_ADDRESS} if setup.propagate_client_ip else {}
    assert found.body["UserContextData"] == {"EncodedData": REDACTED, **address}


@pytest.mark.parametrize("operation", ADMIN_OPERATIONS)
def test_an_administrator_call_tells_what_the_app_called_and_no_credentials(
    forwarded: dict[str, Call], deployment: Deployment, operation: str
) -> None:
    found = forwarded[operation]
    if not deployment.setup.threat_protection:
        assert not found.signed
        return
    assert found.signed
    assert found.body["UserPoolId"] == deployment.user_pool_id
    context = found.body["ContextData"]
    assert (context["ServerName"], context["ServerPath"]) == _called(deployment)
    assert [header["headerName"] for header in context["HttpHeaders"]] == ["user-agent", "x-amz-user-agent"]


def test_a_refresh_stays_what_it_is_and_tells_nothing(forwarded: dict[str, Call]) -> None:
    found = forwarded[REFRESH]
    assert found.operation == "GetTokensFromRefreshToken"
    assert not found.signed
    assert set(found.body) == {"ClientId", "RefreshToken", "ClientSecret"}


@pytest.mark.parametrize("operation", [*PUBLIC, *ADMIN_OPERATIONS])
def test_only_signed_calls_carry_the_role_s_credentials_and_no_call_the_client_s(
    forwarded: dict[str, Call], operation: str
) -> None:
    found = forwarded[operation]
    assert "cookie" not in found.header_names
    credentials = {"authorization", "x-amz-date", "x-amz-security-token"}
    assert set(found.header_names) & credentials == (credentials if found.signed else set())


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [
        ("AdminInitiateAuth", {"AuthFlow": "USER_SRP_AUTH"}),
        ("AdminRespondToAuthChallenge", {"ChallengeName": "PASSWORD_VERIFIER"}),
    ],
)
def test_cognito_takes_administrator_calls_from_nobody_who_does_not_sign(
    deployment: Deployment, operation: str, wanted: dict[str, str]
) -> None:
    members = {"UserPoolId": deployment.user_pool_id, "ClientId": deployment.client_id}
    answer = call(deployment.upstream, operation, {**members, **wanted})
    assert answer.status in (400, 403)
    assert "MissingAuthenticationToken" in answer.document()["__type"]


@pytest.mark.proves("threat-administrator")
@pytest.mark.parametrize("operation", ADMIN_OPERATIONS.values())
def test_no_client_makes_administrator_calls_of_its_own(deployment: Deployment, operation: str) -> None:
    with deployment.forwarded() as operations:
        answer = call(deployment.endpoint, operation, {"ClientId": deployment.client_id})
        assert_cognito_error(answer, error_type="UnknownOperationException")
        assert operations() == []
