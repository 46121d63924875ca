"""The token and revocation endpoints: what goes on with the secret, and what does not."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from tests.proxy.fake_service import answer, stall
from tests.proxy.oauth.calls import (
    CODE_GRANT,
    FORM,
    REFRESH,
    REVOKE,
    TOKENS,
    basic,
    call,
    without,
)
from tests.proxy.regional_calls import lines, rotated
from tests.proxy.sample_requests import CLIENT_ID, ORIGIN, SECRET

pytestmark = pytest.mark.usefixtures("served")


@pytest.mark.proves("oauth-secret-added")
@pytest.mark.parametrize(
    ("path", "form"),
    [("/oauth2/token", CODE_GRANT), ("/oauth2/token", REFRESH), ("/oauth2/revoke", REVOKE)],
)
def test_a_public_clients_form_goes_on_with_the_secret(domain, path, form):
    result = call(path, form)
    assert (result.status, result.document) == (200, TOKENS)
    (sent,) = domain.received
    assert sent.request_line == f"POST {path} HTTP/1.1"
    assert sent.header("authorization") == basic(CLIENT_ID, SECRET)
    assert sent.header("content-type") == FORM
    assert dict(parse_qsl(sent.body.decode(), strict_parsing=True)) == form


def test_only_what_the_grant_needs_goes_on(domain):
    call("/oauth2/token", {**CODE_GRANT, "scope": "admin", "aws_client_metadata": "{}", "username": "x"})
    assert dict(parse_qsl(domain.received[0].body.decode())) == CODE_GRANT
    assert set(domain.received[0].headers) == {"host", "content-length", "accept", "authorization", "content-type"}


@pytest.mark.proves("oauth-pkce-required", "oauth-grants")
@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        (without(CODE_GRANT, "code_verifier"), ("invalid_request", "proof_key")),
        ({**CODE_GRANT, "code_verifier": ""}, ("invalid_request", "proof_key")),
        ({**CODE_GRANT, "code_verifier": "short"}, ("invalid_request", "proof_key")),
        ({**CODE_GRANT, "code_verifier": "x" * 129}, ("invalid_request", "proof_key")),
        ({**CODE_GRANT, "code_verifier": "!" * 43}, ("invalid_request", "proof_key")),
        (without(CODE_GRANT, "code"), ("invalid_request", "parameter")),
        (without(CODE_GRANT, "redirect_uri"), ("invalid_request", "redirect")),
        (without(CODE_GRANT, "client_id"), ("invalid_request", "parameter")),
        (without(CODE_GRANT, "grant_type"), ("invalid_request", "parameter")),
        ({**CODE_GRANT, "client_id": "foreign"}, ("invalid_client", "client")),
        ({**CODE_GRANT, "client_id": CLIENT_ID.upper()}, ("invalid_client", "client")),
        (without(REFRESH, "refresh_token"), ("invalid_request", "parameter")),
        ({**REFRESH, "client_id": "foreign"}, ("invalid_client", "client")),
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID}, ("unsupported_grant_type", "grant")),
        ({"grant_type": "Client_Credentials", "client_id": CLIENT_ID}, ("unsupported_grant_type", "grant")),
        ({**REFRESH, "grant_type": "password"}, ("unsupported_grant_type", "grant")),
        ({**CODE_GRANT, "client_secret": "guess"}, ("invalid_client", "client")),
        ({**CODE_GRANT, "client_assertion": "x.y.z"}, ("invalid_client", "client")),
        ([*REFRESH.items(), ("grant_type", "client_credentials")], ("invalid_request", "parameter")),
        ([*REFRESH.items(), ("client_id", "other")], ("invalid_request", "parameter")),
    ],
)
def test_what_no_public_client_may_ask_is_refused(store, domain, capsys, form, refusal):
    error, reason = refusal
    result = call("/oauth2/token", form)
    assert (result.status, result.document["error"]) == (400, error)
    assert set(result.document) == {"error", "error_description"}
    assert (result.headers["cache-control"], result.headers["pragma"]) == ("no-store", "no-cache")
    assert result.headers["content-type"] == "application/json"
    assert result.headers["access-control-allow-origin"] == ORIGIN
    (line,) = lines(capsys)
    assert (line["operation"], line["outcome"], line["reason"], line["error"]) == (
        "oauth2/token",
        "refused",
        reason,
        error,
    )
    assert not domain.received
    assert not store.received


def test_whoever_authenticates_as_the_client_gets_the_challenge_of_the_scheme(domain):
    result = call("/oauth2/token", CODE_GRANT, headers={"Authorization": basic(CLIENT_ID, "guess")})
    assert (result.status, result.document["error"]) == (401, "invalid_client")
    assert result.headers["www-authenticate"].startswith("Basic ")
    assert not domain.received


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ("grant_type=refresh_token&client_id=%ff", {}),
        ("grant_type=refresh_token&client_id=%4", {}),
        ("grant_type=refresh_token&client_id=a%00b", {}),
        ("grant_type=refresh_token&client_id=a\r\nb", {}),
        ("grant_type=refresh_token&client_id=\u00e9", {}),
        ('{"grant_type": "refresh_token"}', {"Content-Type": "application/json"}),
        ("grant_type=refresh_token", {"Content-Type": "multipart/form-data"}),
        ("grant_type=refresh_token", {"Content-Type": f"{FORM}; charset=utf-16"}),
        ("grant_type=refresh_token", {"Content-Encoding": "gzip"}),
    ],
)
def test_a_body_that_two_readers_could_read_differently_is_refused(domain, form, headers):
    result = call("/oauth2/token", form, headers=headers)
    assert (result.status, result.document["error"]) == (400, "invalid_request")
    assert not domain.received


@pytest.mark.parametrize("form", ["x=" + "a" * 16_384, "&".join(f"p{number}=x" for number in range(41))])
def test_a_form_that_is_too_large_is_refused(domain, form):
    assert call("/oauth2/token", form).status == 413
    assert not domain.received


def test_other_methods_are_refused(domain):
    result = call("/oauth2/token", query=CODE_GRANT)
    assert (result.status, result.headers["allow"]) == (405, "POST, OPTIONS")
    assert not domain.received


def test_a_page_may_ask_before_it_calls():
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    result = call("/oauth2/token", method="OPTIONS", headers=headers)
    assert result.status == 200
    assert result.headers["access-control-allow-origin"] == ORIGIN
    assert result.headers["access-control-allow-methods"] == "POST"
    assert result.headers["vary"] == "Origin, Access-Control-Request-Headers"
    result = call("/oauth2/token", method="OPTIONS", headers={"Origin": "https://evil.example"})
    assert (result.status, result.document["error"]) == (403, "access_denied")
    assert "access-control-allow-origin" not in result.headers


def test_an_answer_of_cognitos_is_handed_back(domain, capsys):
    domain.script(answer({"error": "invalid_grant"}, status=400, headers={"Set-Cookie": "XSRF-TOKEN=x"}))
    result = call("/oauth2/token", CODE_GRANT)
    assert (result.status, result.document) == (400, {"error": "invalid_grant"})
    assert "set-cookie" not in result.headers
    (line,) = lines(capsys)
    assert (line["operation"], line["outcome"], line["error"]) == ("oauth2/token", "denied", "invalid_grant")
    assert line["client_id"] == CLIENT_ID


@pytest.mark.proves("oauth-refused-secret")
def test_a_refused_secret_is_fetched_anew_and_tried_once_more(store, domain, capsys):
    assert call("/oauth2/token", REFRESH).status == 200
    store.default = rotated("a-fresh-secret")
    domain.script(answer({"error": "invalid_client"}, status=401))
    assert call("/oauth2/token", REFRESH).document == TOKENS
    assert domain.received[-1].header("authorization") == basic(CLIENT_ID, "a-fresh-secret")
    first, second = lines(capsys)
    assert (first["retries"], second["retries"], second["SecretRefetches"]) == (0, 1, 1)
    domain.script(answer({"error": "invalid_client"}, status=400))
    assert call("/oauth2/token", REFRESH).document == {"error": "invalid_client"}, "once in ten seconds"
    assert len(store.received) == 2


@pytest.mark.parametrize("error", ["invalid_grant", "unauthorized_client", "invalid_request"])
def test_no_other_refusal_sends_a_code_twice(domain, error):
    domain.script(answer({"error": error}, status=400))
    assert call("/oauth2/token", CODE_GRANT).status == 400
    assert len(domain.received) == 1


def test_a_secret_that_cannot_be_had_is_the_proxys_fault(store, capsys):
    store.default = answer({"__type": "AccessDeniedException"}, status=400)
    result = call("/oauth2/token", REFRESH)
    assert (result.status, result.document["error"]) == (500, "server_error")
    (line,) = lines(capsys)
    assert (line["outcome"], line["reason"], line["Errors"]) == ("failed", "secret", 1)


def test_a_domain_that_breaks_off_is_a_502(domain, capsys):
    domain.default = lambda _: False
    result = call("/oauth2/token", REFRESH)
    assert (result.status, result.document["error"]) == (502, "server_error")
    (line,) = lines(capsys)
    assert (line["outcome"], line["reason"]) == ("failed", "unreachable")


def test_no_secret_code_or_token_is_logged(domain, capsys):
    call("/oauth2/token", CODE_GRANT)
    call("/oauth2/token", REFRESH)
    call("/oauth2/revoke", REVOKE)
    call("/oauth2/userInfo", headers={"Authorization": "Bearer sentinel-access"})
    domain.script(stall)
    text = capsys.readouterr().out
    assert text.count("oauth2/") > 3
    for told in ("sentinel", SECRET, CODE_GRANT["code_verifier"], "Basic", "Bearer", "dummy-access"):
        assert told not in text
