"""Both kinds of authorizers in front of deployed APIs: what the emulator lets through, and what a client gets here."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import LocalRun
from local.simulators.common.journal import Call
from tests.local.plain_http import Answer, post
from tests.simulators.api_gateway.authorized_apis import APIS, ORIGIN, SCOPE
from tests.simulators.api_gateway.deployed_pool import pool_signer
from tests.simulators.api_gateway.tokens import BAD, Signer

README = Path(__file__).resolve().parents[3] / "local/simulators/api_gateway/README.md"

REST_TAKES = {
    "alg none, the signature kept",
    "alg HS256, the signature kept",
    "alg RS512, the signature kept",
    "alg missing",
    "a critical header that nobody knows",
    "signature with foreign characters in it",
    "exp missing",
    "audience of another app client",
    "audience missing",
    "audience that begins like the right one",
    "audience that ends like the right one",
    "audience in capitals",
    "another aud beside the right client_id",
    "refresh token",
}
"""What the emulator's authorizer of a REST API lets through, as found by trying."""

HTTP_TAKES = {case for case in REST_TAKES if "aud" not in case}
"""The same for HTTP APIs."""

HTTP_FAILS = {
    "exp that is no number",
    "exp that is a list",
    "iat that is no number",
    "a header that is a list",
    "claims that are a list",
    "claims that are deep",
}
"""What the emulator's authorizer of an HTTP API answers with a 500."""


@dataclass(frozen=True, kw_only=True)
class Api:
    """A deployed API, and a pool whose tokens it takes."""

    url: str
    """As clients know it."""
    emulator_url: str
    """Past what stands in front of it."""
    pool: Signer

    def get(self, path: str = "", token: str = "", method: str = "GET", **headers: str) -> Answer:
        return _get(self.url + path, token, method, headers)

    def get_from_emulator(self, token: str, path: str = "") -> Answer:
        return _get(self.emulator_url + path, token, "GET", {})


def _get(url: str, token: str, method: str, headers: dict[str, str]) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return post(url, b"", {**({"Authorization": token} if token else {}), **named}, method)


def _signer(run: LocalRun, use: str, client: str = "PublicClientId", pool: str = "UserPoolId", **extra: Any) -> Signer:
    outputs = run.stacks["Tiny"].outputs
    return pool_signer(run, outputs[pool], outputs[client], use, **extra)


@pytest.fixture
def rest(authorized: LocalRun) -> Api:
    api_id = authorized.stacks[APIS].physical_ids["Rest"]
    return Api(
        url=authorized.sample_apis["RestApiUrl"].url,
        emulator_url=f"{authorized.emulator.endpoint}/_aws/execute-api/{api_id}/v1/",
        pool=_signer(authorized, "id", given_name="Ada"),
    )


@pytest.fixture
def http(authorized: LocalRun) -> Api:
    api_id = authorized.stacks[APIS].physical_ids["Http"]
    return Api(
        url=authorized.sample_apis["HttpApiUrl"].url,
        emulator_url=f"{authorized.emulator.endpoint}/_aws/execute-api/{api_id}/$default/",
        pool=_signer(authorized, "access", scope=SCOPE),
    )


@pytest.fixture(params=["rest", "http"])
def api(request: pytest.FixtureRequest) -> Api:
    made: Api = request.getfixturevalue(request.param)
    return made


# The emulator itself: when it changes, the README's table and this room do.


def test_the_emulator_takes_from_a_rest_api_s_callers_what_is_said(rest: Api) -> None:
    statuses = {case: rest.get_from_emulator(make(rest.pool)).status for case, make in BAD.items()}
    assert statuses == {case: 200 if case in REST_TAKES else 401 for case in BAD}


def test_the_emulator_takes_from_an_http_api_s_callers_what_is_said(http: Api) -> None:
    statuses = {case: http.get_from_emulator(make(http.pool)).status for case, make in BAD.items()}
    expected = {case: 200 if case in HTTP_TAKES else 500 if case in HTTP_FAILS else 401 for case in BAD}
    assert statuses == expected


def test_the_emulator_takes_access_tokens_where_an_id_token_is_wanted(authorized: LocalRun, rest: Api) -> None:
    assert rest.get_from_emulator(_signer(authorized, "access", scope=SCOPE).token()).status == 200


def test_the_readme_s_table_has_every_case() -> None:
    rows = {}
    for line in README.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] in BAD:
            rows[cells[0]] = (cells[1], cells[2])
    word = {True: "**200**", False: "401"}
    assert rows == {
        case: (word[case in REST_TAKES], "500" if case in HTTP_FAILS else word[case in HTTP_TAKES]) for case in BAD
    }


# What a client of `make local` gets.


@pytest.mark.parametrize("case", BAD)
def test_refuses(api: Api, case: str) -> None:
    answer = api.get(token=BAD[case](api.pool))
    assert (answer.status, answer.document["message"]) in (
        (401, "Unauthorized"),
        (401, "The incoming token has expired"),
    )


def test_refuses_the_real_tokens_of_another_pool(authorized: LocalRun, api: Api) -> None:
    other = _signer(authorized, api.pool.use, pool="OtherPoolId", **api.pool.extra)
    assert api.get(token=other.token()).status == 401
    # Signed by the other pool's key, in this pool's name.
    disguised = Signer(**{**vars(other), "issuer": api.pool.issuer})
    assert api.get(token=disguised.token()).status == 401
    assert api.get(token=Signer(**{**vars(disguised), "kid": api.pool.kid}).token()).status == 401


def test_refuses_the_real_tokens_of_another_app_client(authorized: LocalRun, api: Api) -> None:
    other = _signer(authorized, api.pool.use, client="OtherClientId", **api.pool.extra)
    assert api.get(token=other.token()).status == 401


def test_refuses_a_real_refresh_token_and_takes_what_came_with_it(authorized: LocalRun, rest: Api, http: Api) -> None:
    tokens = _signed_in(authorized)
    taken = {name: (rest.get(token=token).status, http.get(token=token).status) for name, token in tokens.items()}
    assert taken == {"IdToken": (200, 200), "AccessToken": (401, 200), "RefreshToken": (401, 401)}


def _signed_in(run: LocalRun) -> dict[str, str]:
    """The tokens of a user, from the pool itself."""
    outputs, cognito = run.stacks["Tiny"].outputs, run.client("cognito-idp")
    user = {"UserPoolId": outputs["UserPoolId"], "Username": "ada"}
    password = "Of-one-test-1"
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=password, Permanent=True)
    answer = cognito.initiate_auth(
        ClientId=outputs["PublicClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": password},
    )["AuthenticationResult"]
    return {name: answer[name] for name in ("IdToken", "AccessToken", "RefreshToken")}


def test_scopes_are_asked_for_by_method_and_route(authorized: LocalRun, rest: Api, http: Api) -> None:
    id_token = rest.pool.token()
    assert (rest.get("scoped", id_token).status, http.get("scoped", id_token).status) == (401, 403)
    assert http.get("scoped", http.pool.token()).status == 200
    assert http.get("scoped", http.pool.token(scope="other/scope")).status == 403
    # Its authorizer asks for an audience, which an access token has not.
    assert rest.get("scoped", http.pool.token()).status == 401


def test_what_asks_for_no_token_needs_none(api: Api) -> None:
    answer = api.get("open")
    assert (answer.status, answer.document["authorizer"]) == (200, None)
    assert api.get("open", method="POST").status == 401


BESIDE = (
    "open/",
    "open/x",
    "open/../",
    "open/..%2f",
    "open%2f..%2fx",
    "./open",
    "%6fpen/x",
    "OPEN",
    "open;x",
)


@pytest.mark.parametrize("path", BESIDE)
def test_nothing_beside_what_is_open_is_open(api: Api, path: str) -> None:
    assert api.get(path).status == 401


def test_the_claims_in_the_event_are_the_token_s_and_nobody_else_s(api: Api) -> None:
    claimed = json.dumps({"claims": {"sub": "somebody-else"}, "sub": "somebody-else"})
    names = (
        "x_amzn_authorizer",
        "x_amzn_oidc_data",
        "x_amzn_oidc_identity",
        "x_apigateway_event",
        "x_apigateway_context",
        "requestContext",
        "x_amz_requestcontext_authorizer",
        "sub",
    )
    query = "?requestContext.authorizer.claims.sub=somebody-else&sub=somebody-else"
    answer = api.get(query, api.pool.token(**{"cognito:groups": ["a", "b"]}), **dict.fromkeys(names, claimed))
    authorizer = answer.document["authorizer"]
    claims = authorizer["claims"] if api.pool.use == "id" else authorizer["jwt"]["claims"]
    expected = api.pool.claims()
    for name in ("sub", "iss", "token_use", *api.pool.extra):
        assert claims[name] == expected[name]
    assert claims["cognito:groups"] == "[a b]"
    assert "somebody-else" not in json.dumps(authorizer)
    assert set(authorizer) == ({"claims"} if api.pool.use == "id" else {"jwt"})
    if api.pool.use == "access":
        assert authorizer["jwt"]["scopes"] == [SCOPE]


def test_what_no_method_or_route_is_for_reaches_nobody(authorized: LocalRun, rest: Api, http: Api) -> None:
    assert rest.get("scoped", method="DELETE").status == 401
    gone = post(rest.url.removesuffix("v1/") + "v2/", b"", {}, "GET")
    assert (gone.status, gone.document) == (403, {"message": "Forbidden"})


def test_a_rest_api_s_refusal_has_the_headers_of_its_gateway_response(rest: Api) -> None:
    answer = rest.get()
    assert (answer.status, answer.document) == (401, {"message": "Unauthorized"})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "www-authenticate" not in answer.headers


def test_an_http_api_says_why_in_its_challenge(http: Api) -> None:
    assert http.get().headers["www-authenticate"] == "Bearer"
    wrong = http.get(token=http.pool.token(client_id="another-client"))
    assert wrong.headers["www-authenticate"] == (
        'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"'
    )
    assert 'error="insufficient_scope"' in http.get("scoped", http.pool.token(scope="x")).headers["www-authenticate"]


def test_an_http_api_answers_preflights_itself(http: Api) -> None:
    asked = {"Access_Control_Request_Method": "GET"}
    allowed = http.get("scoped", method="OPTIONS", Origin=ORIGIN, **asked)
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert allowed.headers["access-control-allow-headers"] == "authorization,content-type"
    refused = http.get("scoped", method="OPTIONS", Origin="https://evil.example.com", **asked)
    assert "access-control-allow-origin" not in refused.headers
    # No preflight: an ordinary call with an unusual method.
    assert http.get("scoped", method="OPTIONS").status == 401


def test_an_http_api_s_answer_may_be_read_by_the_configured_page(http: Api) -> None:
    token = http.pool.token()
    assert http.get(token=token, Origin=ORIGIN).headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in http.get(token=token, Origin="https://evil.example.com").headers


def test_the_journal_says_why_and_repeats_no_token(authorized: LocalRun, api: Api) -> None:
    journal = authorized.sample_apis["RestApiUrl" if api.pool.use == "id" else "HttpApiUrl"].journal
    journal.clear()
    token = api.pool.token(exp=1)
    api.get(token=token)
    (call,) = journal.calls()
    assert isinstance(call, Call)
    assert call.turned_away is not None
    assert (call.turned_away.by, call.turned_away.why) == ("API Gateway", "the token has expired")
    assert token not in repr(call)


@pytest.mark.proves("local-samples")
def test_the_addresses_stand_in_the_outputs(authorized: LocalRun, rest: Api, http: Api) -> None:
    written = json.loads(authorized.outputs_file.read_text())
    assert (written["RestApiUrl"], written["HttpApiUrl"]) == (rest.url, http.url)
    assert "samples" not in written
