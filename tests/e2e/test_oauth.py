"""The code grant by Authlib, and what an attacker tries, through each variant."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.e2e.browser.site import Site
from tests.e2e.deployment import Deployment
from tests.e2e.oauth_user import OAuthUser, oauth_user
from tests.e2e.setups import OAUTH, on

pytestmark = on(OAUTH)

_SECONDS = 20


@pytest.fixture(scope="module")
def user(deployment: Deployment) -> OAuthUser:
    return oauth_user(deployment)


@pytest.fixture
def session(deployment: Deployment, site: Site, monkeypatch: pytest.MonkeyPatch) -> OAuth2Session:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    return OAuth2Session(
        deployment.client_id,
        redirect_uri=f"{site.origin}/oauth.html",
        scope="openid email",
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        revocation_endpoint_auth_method="none",
    )


def discovered(deployment: Deployment) -> Mapping[str, str]:
    answer = requests.get(f"{deployment.endpoint}.well-known/openid-configuration", timeout=_SECONDS)
    assert answer.status_code == 200
    document: Mapping[str, str] = answer.json()
    return document


def signed_in(url: str, user: OAuthUser) -> str:
    """Where the browser is sent after the user has signed in."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=_SECONDS)
        action = re.search(r'action="([^"]+)"', page.text)
        assert action is not None, page.text
        form = {"username": user.username, "password": user.password}
        target = urlsplit(page.url)._replace(query="", path="").geturl() + action[1].replace("&amp;", "&")
        return browser.post(target, data=form, allow_redirects=False, timeout=_SECONDS).headers["location"]


@pytest.mark.proves("oauth-libraries", oracle="OIDC libraries")
def test_authlib_signs_in_verifies_refreshes_and_revokes(
    deployment: Deployment, session: OAuth2Session, user: OAuthUser
) -> None:
    server = discovered(deployment)
    verifier = generate_token(64)
    url, state = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier)
    back = signed_in(url, user)
    tokens = session.fetch_token(
        server["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state
    )
    keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=_SECONDS).json())
    claims = jwt.decode(tokens["id_token"], keys).claims
    assert (claims["iss"], claims["aud"]) == (server["issuer"], deployment.client_id)
    assert session.get(server["userinfo_endpoint"], timeout=_SECONDS).json()["email"] == user.email
    fresh = session.refresh_token(server["token_endpoint"], refresh_token=tokens["refresh_token"])
    assert fresh["access_token"] != tokens["access_token"]
    revoked = session.revoke_token(server["revocation_endpoint"], token=tokens["refresh_token"])
    assert revoked.status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(server["token_endpoint"], refresh_token=tokens["refresh_token"])
    logged = deployment.run.logs()
    assert '"operation":"oauth2/token"' in logged
    for told in (*tokens.values(), verifier, deployment.client_secret(), user.password):
        assert not isinstance(told, str) or len(told) < 20 or told not in logged


def test_a_code_is_good_once_and_for_its_own_verifier(
    deployment: Deployment, session: OAuth2Session, user: OAuthUser
) -> None:
    server = discovered(deployment)
    for verifiers in (("x" * 43, None), (None, None)):
        verifier = generate_token(64)
        url, state = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier)
        back = signed_in(url, user)
        if verifiers == (None, None):
            session.fetch_token(server["token_endpoint"], authorization_response=back, code_verifier=verifier)
        with pytest.raises(OAuthError, match="invalid_grant"):
            session.fetch_token(
                server["token_endpoint"],
                authorization_response=back,
                code_verifier=verifiers[0] or verifier,
                state=state,
            )


@pytest.mark.proves("oauth-grants", "oauth-pkce-required")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        (
            {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://app.example.com/"},
            "invalid_request",
        ),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_id": "foreign"}, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "guess"}, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "made-up"}, "invalid_grant"),
    ],
)
def test_what_an_attacker_asks_is_refused(deployment: Deployment, form: Mapping[str, str], error: str) -> None:
    fields = {"client_id": deployment.client_id, **form}
    answer = requests.post(f"{deployment.endpoint}oauth2/token", data=fields, timeout=_SECONDS)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


@pytest.mark.proves("oauth-no-open-redirect")
def test_no_browser_is_sent_elsewhere(deployment: Deployment, site: Site) -> None:
    good = {
        "response_type": "code",
        "client_id": deployment.client_id,
        "redirect_uri": f"{site.origin}/oauth.html",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    assert deployment.run.user_pool_domain is not None
    sent = _get(deployment, "oauth2/authorize", good)
    assert (sent.status_code, sent.headers["location"].startswith(deployment.run.user_pool_domain.url)) == (302, True)
    for changed in (
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": f"{site.origin}/oauth.html/../evil"},
        {"redirect_uri": f"{site.origin}@evil.example/"},
        {"code_challenge_method": "plain"},
        {"client_id": "foreign"},
    ):
        assert _get(deployment, "oauth2/authorize", good | changed).status_code == 400, changed
    out = {"client_id": deployment.client_id, "logout_uri": "https://evil.example/"}
    assert _get(deployment, "logout", out).status_code == 400


@pytest.mark.proves("oauth-secret-added")
def test_past_the_proxy_a_code_is_worth_nothing(deployment: Deployment) -> None:
    assert deployment.run.user_pool_domain is not None
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": deployment.client_id}
    answer = requests.post(f"{deployment.run.user_pool_domain.url}/oauth2/token", data=form, timeout=_SECONDS)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_paths_beside_the_table_are_no_paths(deployment: Deployment) -> None:
    for path in ("oauth2/token/", "oauth2/idpresponse", "oauth2", "saml2/idpresponse", "OAUTH2/token"):
        answer = _get(deployment, path, {})
        assert answer.status_code >= 400
        assert "location" not in answer.headers
        assert json.loads(answer.text)


def _get(deployment: Deployment, path: str, query: Mapping[str, str]) -> requests.Response:
    url = f"{deployment.endpoint}{path}?{urlencode(query)}"
    return requests.get(url, allow_redirects=False, timeout=_SECONDS)
