"""The stand-in of a user pool domain refuses what the documents say that the domain refuses."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.user_pool_domain.grants import CODE_SECONDS, Grants, challenge_of
from local.simulators.user_pool_domain.pool import Client, Pool, Refused
from local.simulators.user_pool_domain.stand_in import FORM, UserPoolDomain

HOST = "my-app.auth.eu-west-1.amazoncognito.com"
CALLBACK = "https://app.example.com/signed-in"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
CLIENT = Client(
    client_id="1a2b3c",
    secret="dummy-secret",
    code_grant=True,
    scopes=frozenset({"openid"}),
    callback_urls=frozenset({CALLBACK}),
    logout_urls=frozenset({"https://app.example.com/"}),
)
AUTHORIZE = {
    "response_type": "code",
    "client_id": CLIENT.client_id,
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "state": "x",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class OnePool(Pool):
    """A pool with one client and one user."""

    def __init__(self) -> None:
        super().__init__(None, "eu-west-1_AbCdEf123")

    def client(self, client_id: str) -> Client | None:
        return CLIENT if client_id == CLIENT.client_id else None

    def sign_in(self, client: Client, username: str, password: str) -> Mapping[str, str]:
        if (client, username, password) != (CLIENT, "ada", "right"):
            raise Refused("NotAuthorizedException")
        return {"AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh"}

    def user(self, access_token: str) -> Mapping[str, str]:
        return {"sub": access_token}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def domain(clock: Clock) -> UserPoolDomain:
    domain = UserPoolDomain(frozenset({HOST}))
    domain.pool = OnePool()
    domain.grants = Grants(clock)
    return domain


def ask(
    domain: UserPoolDomain, method: str, path: str, query: Any = "", form: Any = None, **headers: str
) -> HttpResponse:
    text = query if isinstance(query, str) else urlencode(query)
    sent = {"Host": HOST, **({} if form is None else {"Content-Type": FORM}), **headers}
    request = HttpRequest(
        method=method,
        path=path,
        query=text,
        headers=tuple(sent.items()),
        body=b"" if form is None else urlencode(form).encode(),
        client_ip="127.0.0.1",
    )
    return asyncio.run(domain.handle(request))


def header(response: HttpResponse, name: str) -> str:
    return next(value for key, value in response.headers if key == name)


def code_of(domain: UserPoolDomain, query: Mapping[str, str] = AUTHORIZE) -> str:
    answer = ask(domain, "POST", "/login", query, {"username": "ada", "password": "right"})
    return parse_qs(urlsplit(header(answer, "Location")).query)["code"][0]


def token(domain: UserPoolDomain, code: str, secret: str = CLIENT.secret, **changes: str) -> tuple[int, dict[str, Any]]:
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT.client_id,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    basic = b64encode(f"{CLIENT.client_id}:{secret}".encode()).decode()
    answer = ask(domain, "POST", "/oauth2/token", form=form, Authorization=f"Basic {basic}")
    return answer.status, json.loads(answer.body)


def test_the_challenge_is_that_of_rfc_7636() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE


def test_a_code_brings_tokens_once(domain: UserPoolDomain) -> None:
    code = code_of(domain)
    assert token(domain, code)[1]["access_token"] == "access"
    assert token(domain, code) == (400, {"error": "invalid_grant"})
    info = ask(domain, "GET", "/oauth2/userInfo", Authorization="Bearer access")
    assert json.loads(info.body) == {"sub": "access"}
    assert ask(domain, "GET", "/oauth2/userInfo", Authorization="Bearer other").status == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"secret": "wrong"}, "invalid_client"),
        ({"client_id": "other"}, "invalid_client"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"redirect_uri": "https://app.example.com/"}, "invalid_grant"),
        ({"username": "ada"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_what_does_not_fit_is_refused(domain: UserPoolDomain, changes: dict[str, str], error: str) -> None:
    assert token(domain, code_of(domain), **changes) == (400, {"error": error})


def test_a_code_has_its_time(domain: UserPoolDomain, clock: Clock) -> None:
    code = code_of(domain)
    clock.now = CODE_SECONDS + 1
    assert token(domain, code) == (400, {"error": "invalid_grant"})


def test_a_verifier_without_a_challenge_is_refused(domain: UserPoolDomain) -> None:
    query = {name: value for name, value in AUTHORIZE.items() if not name.startswith("code_challenge")}
    assert token(domain, code_of(domain, query)) == (400, {"error": "invalid_grant"})


def test_browsers_are_sent_to_the_apps_addresses_only(domain: UserPoolDomain) -> None:
    assert header(ask(domain, "GET", "/oauth2/authorize", AUTHORIZE), "Location").startswith("/login?")
    evil = {**AUTHORIZE, "redirect_uri": "https://evil.example/"}
    assert ask(domain, "GET", "/oauth2/authorize", evil).status == 400
    assert ask(domain, "GET", "/oauth2/authorize", [*AUTHORIZE.items(), ("state", "y")]).status == 400
    out = {"client_id": CLIENT.client_id, "logout_uri": "https://evil.example/"}
    assert ask(domain, "GET", "/logout", out).status == 400
    assert ask(domain, "GET", "/logout", {**out, "logout_uri": "https://app.example.com/"}).status == 302


def test_who_is_signed_in_is_not_asked_again_until_signing_out(domain: UserPoolDomain) -> None:
    answer = ask(domain, "POST", "/login", AUTHORIZE, {"username": "ada", "password": "right"})
    cookie = header(answer, "Set-Cookie").partition(";")[0]
    again = ask(domain, "GET", "/oauth2/authorize", AUTHORIZE, Cookie=cookie)
    assert header(again, "Location").startswith(CALLBACK)
    ask(
        domain,
        "GET",
        "/logout",
        {"client_id": CLIENT.client_id, "logout_uri": "https://app.example.com/"},
        Cookie=cookie,
    )
    assert header(ask(domain, "GET", "/oauth2/authorize", AUTHORIZE, Cookie=cookie), "Location").startswith("/login?")


def test_a_wrong_password_and_a_foreign_host_get_nothing(domain: UserPoolDomain) -> None:
    wrong = ask(domain, "POST", "/login", AUTHORIZE, {"username": "ada", "password": "wrong"})
    assert (wrong.status, b"Incorrect" in wrong.body) == (200, True)
    assert ask(domain, "GET", "/login", AUTHORIZE, Host="evil.example").status == 403
