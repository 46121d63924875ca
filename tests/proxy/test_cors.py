"""Who may read an answer, and what preflight grants."""

from __future__ import annotations

import pytest

from proxy.cors import EXPOSED_HEADERS, cors_headers
from proxy.messages import Respond
from tests.proxy.sample_requests import ORIGIN, SETTINGS, SIGN_UP, decided, refused, request

ANY = SETTINGS._replace(allowed_origins=frozenset({"*"}))
NONE = SETTINGS._replace(allowed_origins=frozenset())

AMPLIFY = "amz-sdk-invocation-id,amz-sdk-request,cache-control,content-type,x-amz-target,x-amz-user-agent"

FOREIGN = [
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://sub.app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com/",
    "HTTPS://APP.EXAMPLE.COM",
    " https://app.example.com",
    "null",
    "",
    "*",
]


def preflight(origin, *, settings=SETTINGS, asked=AMPLIFY):
    headers = {"access-control-request-method": ["POST"]}
    headers |= {"origin": [origin]} if origin is not None else {}
    headers |= {"access-control-request-headers": [asked]} if asked is not None else {}
    return request(None, None, method="OPTIONS", headers=headers)


def granted(call, settings=SETTINGS):
    decision = decided(call, settings)
    assert isinstance(decision, Respond)
    assert decision.status == 200
    return decision.headers


def test_preflight_of_an_allowed_origin_is_answered_here():
    assert granted(preflight(ORIGIN)) == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": AMPLIFY,
        "access-control-expose-headers": EXPOSED_HEADERS,
        "access-control-max-age": "7200",
        "vary": "Origin, Access-Control-Request-Headers",
    }


@pytest.mark.parametrize("origin", FOREIGN)
def test_preflight_of_any_other_origin_is_refused(origin):
    assert refused(preflight(origin)) == (403, "ForbiddenException")
    assert "access-control-allow-origin" not in decided(preflight(origin)).headers


@pytest.mark.proves("exact-origins")
@pytest.mark.parametrize("origin", FOREIGN)
def test_an_answer_to_any_other_origin_cannot_be_read(origin):
    assert cors_headers(origin, SETTINGS) == {"vary": "Origin"}


def test_nobody_is_allowed_unless_configured():
    assert refused(preflight(ORIGIN), NONE) == (403, "ForbiddenException")
    assert cors_headers(ORIGIN, NONE) == {}


def test_any_origin_when_configured_so():
    assert granted(preflight("https://anywhere.example"), ANY)["access-control-allow-origin"] == "*"
    assert cors_headers("https://anywhere.example", ANY)["access-control-allow-origin"] == "*"


def test_credentials_are_never_allowed():
    for settings in (SETTINGS, ANY):
        assert "access-control-allow-credentials" not in granted(preflight(ORIGIN), settings)


def test_a_refusal_can_be_read_by_the_page_that_asked():
    decision = decided(request("UnheardOf", SIGN_UP, headers={"origin": [ORIGIN]}))
    assert decision.headers["access-control-allow-origin"] == ORIGIN
    assert decision.headers["access-control-expose-headers"] == EXPOSED_HEADERS
    assert decision.headers["vary"] == "Origin"


def test_caches_are_told_that_the_answer_depends_on_the_origin_even_without_one():
    assert decided(request("UnheardOf", SIGN_UP)).headers["vary"] == "Origin"


def test_whatever_header_an_sdk_asks_for_is_granted():
    asked = "content-type,x-amz-target,x-of-tomorrow"
    assert granted(preflight(ORIGIN, asked=asked))["access-control-allow-headers"] == asked


@pytest.mark.parametrize("asked", [None, "", "a\r\nx-injected: 1", "a\nb", 'a"b', "a;b", "é", "a" * 2001])
def test_an_impossible_list_of_headers_is_not_repeated(asked):
    allowed = granted(preflight(ORIGIN, asked=asked))["access-control-allow-headers"]
    assert set(AMPLIFY.split(",")) <= set(allowed.split(","))
    assert "aws-waf-token" in allowed


def test_options_without_an_origin_is_no_preflight():
    headers = granted(preflight(None))
    assert not any(name.startswith("access-control-allow") for name in headers)


def test_exposes_the_headers_that_sdks_read():
    exposed = {name.lower() for name in EXPOSED_HEADERS.split(",")}
    assert {"x-amzn-requestid", "x-amzn-errortype", "x-amzn-errormessage"} <= exposed
