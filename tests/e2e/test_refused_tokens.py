"""The samples' APIs take the pool's good tokens for the app clients that they know, and no others."""

import pytest

from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.setups import WITH_SAMPLES, on
from tests.e2e.signed_in import ApiCaller, User
from tests.simulators.api_gateway.deployed_pool import pool_signer
from tests.simulators.api_gateway.tokens import BAD, Signer

# Which variant the tokens came through makes no difference to who refuses them.
pytestmark = on(WITH_SAMPLES[:1])


def _good(deployment: Deployment, api: ApiCaller) -> Signer:
    """Signs tokens that the API takes."""
    use = "id" if api.takes == "IdToken" else "access"
    scope = {} if use == "id" else {"scope": "aws.cognito.signin.user.admin"}
    return pool_signer(deployment.run, deployment.user_pool_id, deployment.client_id, use, **scope)


def test_takes_what_the_pool_signs(deployment: Deployment, api: ApiCaller) -> None:
    """Else the tests below would find out nothing."""
    assert api.call("GET", "", _good(deployment, api).token()).status == 200


@pytest.mark.proves("local-tokens-refused")
@pytest.mark.parametrize("case", BAD)
def test_refuses(deployment: Deployment, api: ApiCaller, case: str) -> None:
    token = BAD[case](_good(deployment, api))
    answers = [api.call("GET", path, token) for path in ("", "documents/diary")]
    assert [(answer.status, b"Hello" in answer.body) for answer in answers] == [(401, False)] * 2


def test_a_page_may_read_that_a_rest_api_refused(deployment: Deployment, api: ApiCaller) -> None:
    """Of an HTTP API's own refusals AWS does not say whether pages may read them; here they may not."""
    answer = api.call("GET", "", _good(deployment, api).token(exp=1), (("Origin", ALLOWED_ORIGIN),))
    may_read = answer.headers.get("access-control-allow-origin", "") in ("*", ALLOWED_ORIGIN)
    assert (answer.status, may_read) == (401, api.output == "RestApiUrl")
    assert ("www-authenticate" in answer.headers) == (api.output == "HttpApiUrl")


def test_refuses_the_tokens_that_it_is_not_for(api: ApiCaller, ada: User) -> None:
    for name, token in ada.tokens.items():
        if name.endswith("Token") and name != api.takes:
            assert api.call("GET", "", token).status in (401, 403), name


def test_refuses_to_keep_anything_without_a_token(deployment: Deployment, api: ApiCaller) -> None:
    pool = _good(deployment, api)
    for token in ("", pool.token(exp=1), "Bearer"):
        assert api.call("POST", "documents/sneaked", token, (), b"{}").status == 401
    assert api.call("GET", "documents", pool.token()).document() == {"documents": []}


def test_refuses_a_token_of_another_app_client_of_the_pool(deployment: Deployment, api: ApiCaller) -> None:
    cognito = deployment.run.client("cognito-idp", region=deployment.region)
    made = cognito.create_user_pool_client(UserPoolId=deployment.user_pool_id, ClientName="another")
    other = Signer(**{**vars(_good(deployment, api)), "client_id": made["UserPoolClient"]["ClientId"]})
    assert api.call("GET", "", other.token()).status == 401


def test_refuses_a_token_of_another_pool(deployment: Deployment, api: ApiCaller) -> None:
    cognito = deployment.run.client("cognito-idp", region=deployment.region)
    made = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    good = _good(deployment, api)
    other = pool_signer(deployment.run, made, deployment.client_id, good.use, **good.extra)
    assert api.call("GET", "", other.token()).status == 401
    assert api.call("GET", "", Signer(**{**vars(other), "issuer": good.issuer}).token()).status == 401
    assert api.call("GET", "", Signer(**{**vars(good), "issuer": other.issuer}).token()).status == 401
