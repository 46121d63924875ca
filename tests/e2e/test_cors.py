"""What a browser asks for, and what it lets a page read."""

import pytest

from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.raw_http import Answer, Headers, assert_cognito_error, call, send
from tests.e2e.setups import ANSWERS, on

pytestmark = on(ANSWERS)

AMPLIFY_ASKS = "amz-sdk-invocation-id,amz-sdk-request,cache-control,content-type,x-amz-target,x-amz-user-agent"
"""What Chromium asks for when a page uses Amplify: lower case, sorted, no spaces."""

FOREIGN_ORIGINS = {
    "foreign": "https://evil.example.net",
    "other scheme": ALLOWED_ORIGIN.replace("https", "http"),
    "other port": f"{ALLOWED_ORIGIN}:8443",
    "longer name": f"{ALLOWED_ORIGIN}.evil.example.net",
    "subdomain": ALLOWED_ORIGIN.replace("https://", "https://evil."),
    "upper case": ALLOWED_ORIGIN.upper(),
    "null": "null",
}


def preflight(endpoint: str, *, origin: str, asks: str = AMPLIFY_ASKS) -> Answer:
    """A preflight as Chromium sends it."""
    headers: Headers = [
        ("Accept", "*/*"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", asks),
        ("Origin", origin),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Dest", "empty"),
    ]
    return send(endpoint, method="OPTIONS", headers=headers)


@pytest.mark.parametrize("asks", [AMPLIFY_ASKS, f"aws-waf-token,{AMPLIFY_ASKS}"], ids=["Amplify", "WAF integration"])
def test_preflight_grants_an_allowed_origin_all_that_it_asks_for(deployment: Deployment, asks: str) -> None:
    with deployment.forwarded() as operations:
        answer = preflight(deployment.endpoint, origin=ALLOWED_ORIGIN, asks=asks)
        assert operations() == []
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert "post" in answer.tokens("access-control-allow-methods")
    assert set(asks.split(",")) <= answer.tokens("access-control-allow-headers")
    assert int(answer.headers["access-control-max-age"]) > 0
    assert "origin" in answer.tokens("vary")
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS.values(), ids=FOREIGN_ORIGINS.keys())
def test_preflight_grants_a_foreign_origin_nothing(deployment: Deployment, origin: str) -> None:
    answer = preflight(deployment.endpoint, origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    assert "origin" in answer.tokens("vary")


def test_page_may_read_an_error_of_cognito_and_its_headers(deployment: Deployment) -> None:
    answer = _wrong_sign_in(deployment, ALLOWED_ORIGIN)
    assert_cognito_error(answer, error_type="NotAuthorizedException")
    _assert_readable(answer)


def test_page_may_read_an_error_of_the_proxy(deployment: Deployment) -> None:
    answer = call(deployment.endpoint, "AdminGetUser", {}, headers=[("Origin", ALLOWED_ORIGIN)])
    assert_cognito_error(answer, error_type="UnknownOperationException")
    _assert_readable(answer)


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS.values(), ids=FOREIGN_ORIGINS.keys())
def test_foreign_page_may_read_nothing(deployment: Deployment, origin: str) -> None:
    answer = _wrong_sign_in(deployment, origin)
    assert "access-control-allow-origin" not in answer.headers
    assert "origin" in answer.tokens("vary")


def test_app_that_is_no_page_needs_no_origin(deployment: Deployment) -> None:
    answer = call(deployment.endpoint, "GetUser", {"AccessToken": "x"})
    assert_cognito_error(answer, error_type="NotAuthorizedException")
    assert "access-control-allow-origin" not in answer.headers


def _wrong_sign_in(deployment: Deployment, origin: str) -> Answer:
    parameters = {"USERNAME": "nobody@example.com", "PASSWORD": "wrong"}
    members = {"ClientId": deployment.client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    return call(deployment.endpoint, "InitiateAuth", members, headers=[("Origin", origin)])


def _assert_readable(answer: Answer) -> None:
    assert answer.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert {"x-amzn-errortype", "x-amzn-requestid"} <= answer.tokens("access-control-expose-headers")
    assert "origin" in answer.tokens("vary")
