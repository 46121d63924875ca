"""Where a browser is sent on: to the user pool domain and nowhere else, and only with PKCE."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from proxy.oauth.endpoints import DOMAIN_VARIABLE
from proxy.oauth.requests import MAX_LOCATION_BYTES
from tests.proxy.oauth.calls import AUTHORIZE, CALLBACK, CHALLENGE, DOMAIN, SETTINGS_DOCUMENT, call, edge_call, without
from tests.proxy.regional_calls import lines
from tests.proxy.sample_requests import CLIENT_ID

pytestmark = pytest.mark.usefixtures("served")

SIGN_IN = ["/oauth2/authorize", "/login", "/signup", "/forgotPassword", "/passkeys/add"]
LOGOUT = "https://app.example.com/bye"

TRICKS = [
    "https://app.example.com/signed-in#fragment",
    "https://app.example.com\\@evil.example/",
    "https://app.example.com@evil.example/",
    "//evil.example/",
    "/signed-in",
    "signed-in",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "http://app.example.com/signed-in",
    "http://localhost.evil.example/",
    "https://",
    "https:app.example.com",
    "https://app.example.com/ signed-in",
    "https://app.example.com/\u2028",
    "https://app.example.com/" + "x" * 1024,
]


@pytest.fixture(autouse=True)
def real_domain(served, monkeypatch):
    """What a browser is told is looked at here: the true name."""
    monkeypatch.delenv(DOMAIN_VARIABLE)


@pytest.mark.proves("oauth-sent-on")
@pytest.mark.parametrize("path", SIGN_IN)
def test_a_browser_is_sent_to_the_user_pool_domain_with_its_query(store, capsys, path):
    result = call(path, query=AUTHORIZE)
    location = urlsplit(result.headers["location"])
    assert (result.status, location.scheme, location.netloc, location.path) == (302, "https", DOMAIN, path)
    assert dict(parse_qsl(location.query)) == AUTHORIZE
    assert (result.headers["cache-control"], result.headers["referrer-policy"]) == ("no-store", "no-referrer")
    (line,) = lines(capsys)
    assert (line["operation"], line["outcome"], line["client_id"]) == (path[1:], "served", CLIENT_ID)
    assert not store.received


@pytest.mark.parametrize(
    "allowed", [CALLBACK, "com.example.app:/signed-in", "http://localhost:3000/", "http://127.0.0.1:8080/x?y=1"]
)
def test_addresses_that_an_app_client_can_have_pass(allowed):
    assert call("/oauth2/authorize", query={**AUTHORIZE, "redirect_uri": allowed}).status == 302


@pytest.mark.proves("oauth-pkce-required", "oauth-no-open-redirect")
@pytest.mark.parametrize(
    ("query", "error"),
    [
        (without(AUTHORIZE, "code_challenge"), "invalid_request"),
        (without(AUTHORIZE, "code_challenge_method"), "invalid_request"),
        ({**AUTHORIZE, "code_challenge_method": "plain"}, "invalid_request"),
        ({**AUTHORIZE, "code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({**AUTHORIZE, "code_challenge": CHALLENGE + "="}, "invalid_request"),
        (without(AUTHORIZE, "response_type"), "unsupported_response_type"),
        ({**AUTHORIZE, "response_type": "token"}, "unsupported_response_type"),
        ({**AUTHORIZE, "response_type": "code token"}, "unsupported_response_type"),
        (without(AUTHORIZE, "client_id"), "invalid_request"),
        ({**AUTHORIZE, "client_id": "foreign"}, "invalid_client"),
        (without(AUTHORIZE, "redirect_uri"), "invalid_request"),
        ([*AUTHORIZE.items(), ("redirect_uri", "https://evil.example/")], "invalid_request"),
        ([*AUTHORIZE.items(), ("code_challenge", CHALLENGE)], "invalid_request"),
        ({**AUTHORIZE, "client_secret": "x"}, "invalid_client"),
        ({**AUTHORIZE, "client_assertion": "x"}, "invalid_client"),
        ({**AUTHORIZE, "request": "x.y.z"}, "invalid_request"),
        ({**AUTHORIZE, "request_uri": "https://evil.example/"}, "invalid_request"),
        *(({**AUTHORIZE, "redirect_uri": trick}, "invalid_request") for trick in TRICKS),
    ],
)
@pytest.mark.parametrize("path", ["/oauth2/authorize", "/login"])
def test_nothing_else_is_sent_on(path, query, error):
    result = call(path, query=query)
    assert (result.status, result.document["error"]) == (400, error)
    assert "location" not in result.headers
    edge = edge_call(path, query=query)
    assert (edge["status"], json.loads(edge["body"])["error"]) == ("400", error)
    assert "location" not in edge["headers"]


def test_where_the_apps_addresses_are_known_no_other_passes(monkeypatch):
    oauth = {"domain": DOMAIN, "callback_urls": [CALLBACK], "logout_urls": [LOGOUT]}
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps({**SETTINGS_DOCUMENT, "oauth": oauth}))
    assert call("/oauth2/authorize", query=AUTHORIZE).status == 302
    for other in (CALLBACK + "/", CALLBACK + "?x", CALLBACK.upper(), CALLBACK + "/..", "https://evil.example/"):
        assert call("/oauth2/authorize", query={**AUTHORIZE, "redirect_uri": other}).status == 400, other
    assert call("/logout", query={"client_id": CLIENT_ID, "logout_uri": LOGOUT}).status == 302
    assert call("/logout", query={"client_id": CLIENT_ID, "logout_uri": CALLBACK}).status == 400


@pytest.mark.parametrize("state", [":" * 7_500, "\u20ac" * 1_500, "x" * 9_000])
@pytest.mark.parametrize("path", ["/oauth2/authorize", "/logout"])
def test_a_location_that_no_url_may_be_as_long_as_is_refused(path, state):
    query = {**AUTHORIZE, "state": state}
    result = call(path, query=query)
    assert (result.status, result.document["error"]) == (413, "invalid_request")
    assert "location" not in result.headers
    edge = edge_call(path, query=urlencode(query, safe=":"))
    assert (edge["status"], "location" in edge["headers"]) == ("413", False)


def test_a_location_may_be_as_long_as_a_url_may_be():
    empty = len(call("/login", query={**AUTHORIZE, "state": "x"}).headers["location"]) - 1
    longest = call("/login", query={**AUTHORIZE, "state": "x" * (MAX_LOCATION_BYTES - empty)})
    assert (longest.status, len(longest.headers["location"])) == (302, MAX_LOCATION_BYTES)
    assert call("/login", query={**AUTHORIZE, "state": "x" * (MAX_LOCATION_BYTES - empty + 1)}).status == 413


@pytest.mark.proves("oauth-sign-out")
@pytest.mark.parametrize("name", ["logout_uri", "post_logout_redirect_uri"])
def test_signing_out_takes_cognitos_name_of_the_address_and_openids(name):
    query = {"client_id": CLIENT_ID, name: LOGOUT, "id_token_hint": "sentinel.id.token", "state": "x"}
    location = urlsplit(call("/logout", query=query).headers["location"])
    assert (location.netloc, location.path) == (DOMAIN, "/logout")
    assert dict(parse_qsl(location.query)) == {"client_id": CLIENT_ID, "logout_uri": LOGOUT}


@pytest.mark.proves("oauth-sign-out")
def test_who_signs_out_is_told_by_the_token_where_a_library_leaves_the_client_out():
    def hint(audience):
        return f"e30.{urlsafe_b64encode(json.dumps({'aud': audience}).encode()).decode().rstrip('=')}.c2ln"

    query = {"id_token_hint": hint(CLIENT_ID), "post_logout_redirect_uri": LOGOUT}
    location = urlsplit(call("/logout", query=query).headers["location"])
    assert dict(parse_qsl(location.query)) == {"client_id": CLIENT_ID, "logout_uri": LOGOUT}
    for other in ("foreign", [CLIENT_ID], None):
        assert call("/logout", query={**query, "id_token_hint": hint(other)}).status == 400
    assert call("/logout", query={**query, "client_id": "foreign"}).status == 400


def test_signing_out_may_lead_to_signing_in_again():
    location = urlsplit(call("/logout", query={**AUTHORIZE, "id_token_hint": "x.y.z"}).headers["location"])
    assert (location.path, dict(parse_qsl(location.query))) == ("/logout", AUTHORIZE)
    assert call("/logout", query=without(AUTHORIZE, "code_challenge")).status == 400


@pytest.mark.proves("oauth-no-open-redirect")
@pytest.mark.parametrize(
    "query",
    [
        {"client_id": CLIENT_ID},
        {"logout_uri": LOGOUT},
        {"client_id": "foreign", "logout_uri": LOGOUT},
        {"client_id": CLIENT_ID, "logout_uri": LOGOUT, "redirect_uri": CALLBACK},
        {"client_id": CLIENT_ID, "logout_uri": LOGOUT, "post_logout_redirect_uri": LOGOUT},
        [("client_id", CLIENT_ID), ("logout_uri", LOGOUT), ("logout_uri", "https://evil.example/")],
        *({"client_id": CLIENT_ID, "logout_uri": trick} for trick in TRICKS),
    ],
)
def test_other_ways_to_sign_out_are_refused(query):
    result = call("/logout", query=query)
    assert (result.status, "location" in result.headers) == (400, False)


@pytest.mark.parametrize("path", [*SIGN_IN, "/logout"])
def test_a_browser_does_not_post(path):
    assert call(path, AUTHORIZE).status == 405


def test_a_query_of_ten_thousand_parameters_is_refused():
    query = "&".join(f"x{number}=1" for number in range(10_000))
    assert call("/oauth2/authorize", query=query).status == 413
