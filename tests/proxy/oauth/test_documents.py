"""User info, discovery and keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

import proxy
from proxy.oauth import keys
from proxy.oauth.endpoints import PROXY_VARIABLE
from proxy.oauth.routes import ROUTES
from proxy.regional import handler
from tests.proxy.fake_service import answer
from tests.proxy.oauth.calls import call
from tests.proxy.regional_calls import Context, lines
from tests.proxy.regional_calls import event as api_event
from tests.proxy.sample_requests import ORIGIN

pytestmark = pytest.mark.usefixtures("served")


def cut_off(exchange):
    return False


BASE = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"


def token(issuer: str) -> str:
    payload = urlsafe_b64encode(json.dumps({"iss": issuer}).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_user_info_goes_on_with_the_token_that_came(store, domain, method):
    mine = token("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123")
    domain.default = answer({"sub": "x"})
    result = call("/oauth2/userInfo", method=method, headers={"Authorization": f"Bearer {mine}"})
    assert (result.status, result.document) == (200, {"sub": "x"})
    (sent,) = domain.received
    assert sent.request_line == f"{method} /oauth2/userInfo HTTP/1.1"
    assert sent.header("authorization") == f"Bearer {mine}"
    assert sent.body == b""
    assert not store.received


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer ",
        "Bearer a b",
        "Basic eDp5",
        "Bearer " + "x" * 9_000,
        f"Bearer {token('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Foreign')}",
    ],
)
def test_without_an_access_token_of_this_pool_there_is_no_user_info(domain, header):
    result = call("/oauth2/userInfo", headers={} if header is None else {"Authorization": header})
    assert (result.status, result.document["error"]) == (401, "invalid_token")
    assert result.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert not domain.received


@pytest.mark.proves("oauth-discovery")
def test_discovery_names_the_proxys_endpoints_and_the_tokens_issuer(store, cognito, domain):
    result = call("/.well-known/openid-configuration")
    assert (result.status, result.headers["cache-control"]) == (200, "public, max-age=3600")
    assert (result.headers["access-control-allow-origin"], result.headers["vary"]) == (ORIGIN, "Origin")
    document = result.document
    assert document["issuer"] == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
    named = {value.removeprefix(BASE) for value in document.values() if isinstance(value, str)}
    assert named - {document["issuer"]} <= set(ROUTES)
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["token_endpoint_auth_methods_supported"] == ["none"]
    assert not store.received + cognito.received + domain.received


API_HOST = "abc123.execute-api.eu-west-1.amazonaws.com"
DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize("spelt", ["", "/", "//"])
@pytest.mark.parametrize(
    ("host", "before", "base"),
    [
        (API_HOST, "/prod", f"https://{API_HOST}/prod"),
        (API_HOST, "/%70rod", f"https://{API_HOST}/prod"),
        (API_HOST, "/prod/", f"https://{API_HOST}/prod"),
        ("auth.example.com", "", "https://auth.example.com"),
        ("auth.example.com", "/sign-in", "https://auth.example.com/sign-in"),
        ("auth.example.com", "/v1/sign-in", "https://auth.example.com/v1/sign-in"),
    ],
)
def test_discovery_names_the_same_endpoints_however_its_path_is_spelt(host, before, base, spelt):
    event = api_event(None, b"", method="GET") | {"resource": DISCOVERY, "path": f"{before}{DISCOVERY}{spelt}"}
    path = f"{before}{DISCOVERY}{spelt}"
    event["requestContext"] |= {"path": path, "domainName": host, "stage": "prod", "apiId": "abc123"}
    document = json.loads(handler(event, Context())["body"])
    assert document["token_endpoint"] == f"{base}/oauth2/token"
    assert document["jwks_uri"] == f"{base}/.well-known/jwks.json"


def test_on_one_machine_discovery_names_where_browsers_find_the_proxy(monkeypatch):
    monkeypatch.setenv(PROXY_VARIABLE, "http://127.0.0.1:1234")
    document = call("/.well-known/openid-configuration").document
    assert document["token_endpoint"] == "http://127.0.0.1:1234/prod/oauth2/token"


def test_keys_come_from_the_user_pool_and_may_be_kept(cognito, domain):
    cognito.default = answer({}, status=500)
    assert call("/.well-known/jwks.json").headers["cache-control"] == "no-store"
    cognito.default = answer({"keys": []})
    result = call("/.well-known/jwks.json")
    assert (result.status, result.document) == (200, {"keys": []})
    assert result.headers["cache-control"] == "public, max-age=3600"
    assert cognito.received[0].request_line == "GET /eu-west-1_AbCdEf123/.well-known/jwks.json HTTP/1.1"
    assert not domain.received


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(keys, "_clock", made)
    return made


def jwks():
    return call("/.well-known/jwks.json")


def test_the_keys_are_kept_in_memory_for_some_minutes(cognito, clock, capsys):
    cognito.default = answer({"keys": ["first"]}, headers={"x-amz-cognito-request-id": "first"})
    assert jwks().headers["x-amz-cognito-request-id"] == "first"
    cognito.default = answer({"keys": ["second"]})
    for _ in range(20):
        result = jwks()
    assert (result.status, result.document) == (200, {"keys": ["first"]})
    assert result.headers["cache-control"] == "public, max-age=3600"
    assert "x-amz-cognito-request-id" not in result.headers
    assert result.headers["access-control-allow-origin"] == ORIGIN
    assert len(cognito.received) == 1
    asked, *kept = lines(capsys)
    assert (asked["outcome"], {line["outcome"] for line in kept}) == ("answered", {"served"})
    clock.now += keys.FRESH_SECONDS
    assert jwks().document == {"keys": ["second"]}
    assert len(cognito.received) == 2
    clock.now -= 2 * keys.FRESH_SECONDS  # a clock that was set back
    jwks()
    assert len(cognito.received) == 3


@pytest.mark.parametrize("failing", [answer({}, status=500), answer({}, status=429), cut_off])
def test_the_old_keys_are_served_for_a_while_when_a_fetch_fails(cognito, clock, capsys, failing):
    cognito.default = answer({"keys": ["old"]})
    jwks()
    cognito.default = failing
    clock.now += keys.FRESH_SECONDS
    assert [jwks().document for _ in range(5)] == [{"keys": ["old"]}] * 5
    assert sum("problem" in line for line in lines(capsys)) == 1
    asked = len(cognito.received)
    clock.now += keys.RETRY_SECONDS
    assert jwks().document == {"keys": ["old"]}
    assert len(cognito.received) > asked
    clock.now = 1_000.0 + keys.STALE_SECONDS
    result = jwks()
    assert (result.status >= 429, result.headers["cache-control"]) == (True, "no-store")
    cognito.default = answer({"keys": ["new"]})
    assert jwks().document == {"keys": ["new"]}


def test_a_failure_is_not_kept(cognito, clock):
    cognito.default = answer({}, status=500)
    assert (jwks().status, jwks().status) == (500, 500)
    cognito.default = answer({"keys": []})
    assert jwks().status == 200


def test_without_the_setting_none_of_it_is_there_nor_imported(monkeypatch):
    code = "import sys, proxy.regional, proxy.edge; print([name for name in sys.modules if 'oauth' in name])"
    root = Path(proxy.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "[]\n"
    settings = {key: value for key, value in json.loads(os.environ["PROXY_SETTINGS"]).items() if key != "oauth"}
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(settings))
    assert call("/.well-known/openid-configuration").document["__type"] == "MethodNotAllowedException"


@pytest.mark.parametrize(
    "part", [{}, {"domain": "https://x.example"}, {"domain": "x.example/"}, {"domain": "EVIL.example"}]
)
def test_a_broken_setting_is_said(monkeypatch, capsys, part):
    settings = json.loads(os.environ["PROXY_SETTINGS"]) | {"oauth": part}
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(settings))
    assert call("/oauth2/token", "x=y").status == 500
    assert "settings: 'oauth'" in capsys.readouterr().out
