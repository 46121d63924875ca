"""The same at the edge, where CloudFront carries on what the function lets through."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest

from proxy import edge
from proxy.edge import KEPT_HEADERS
from tests.proxy.edge_events import ORIGIN_HOST, edge_event
from tests.proxy.oauth.calls import (
    AUTHORIZE,
    CODE_GRANT,
    DOMAIN,
    REFRESH,
    REVOKE,
    SETTINGS_DOCUMENT,
    basic,
    edge_call,
    without,
)
from tests.proxy.sample_requests import CLIENT_ID, SECRET

pytestmark = pytest.mark.usefixtures("served")


def value(request, name):
    (header,) = request["headers"][name]
    return header["value"]


@pytest.mark.parametrize(
    ("path", "form"), [("/oauth2/token", CODE_GRANT), ("/oauth2/token", REFRESH), ("/oauth2/revoke", REVOKE)]
)
def test_cloudfront_carries_the_form_to_the_user_pool_domain(domain, path, form):
    request = edge_call(path, form, query="x=y")
    assert request["origin"]["custom"]["domainName"] == value(request, "host") == DOMAIN
    assert (request["uri"], request["querystring"]) == (path, "")
    assert value(request, "authorization") == basic(CLIENT_ID, SECRET)
    assert dict(parse_qsl(request["body"]["data"])) == form
    assert (request["body"]["action"], request["body"]["encoding"]) == ("replace", "text")
    assert set(request["headers"]) <= KEPT_HEADERS | {"accept", "authorization", "content-type"}
    assert "x-proxy-settings" not in request["origin"]["custom"]["customHeaders"]
    assert not domain.received


def test_keys_are_asked_of_the_user_pool(domain):
    request = edge_call("/.well-known/jwks.json")
    assert request["origin"]["custom"]["domainName"] == value(request, "host") == ORIGIN_HOST
    assert request["uri"] == "/eu-west-1_AbCdEf123/.well-known/jwks.json"
    assert request["body"]["action"] == "read-only"


def test_user_info_goes_on_with_the_token_alone():
    request = edge_call("/oauth2/userInfo", headers={"Authorization": "Bearer abc"})
    assert (value(request, "authorization"), value(request, "host")) == ("Bearer abc", DOMAIN)
    assert "cookie" not in request["headers"]


BEARER = {"Authorization": "Bearer abc"}


def test_a_body_that_came_with_a_call_for_user_info_stays_behind():
    request = edge_call("/oauth2/userInfo", "access_token=sentinel", headers=BEARER)
    body = request["body"]
    assert (body["action"], body["encoding"], body["data"]) == ("replace", "text", "")
    assert "sentinel" not in json.dumps(body)
    assert edge_call("/oauth2/userInfo", headers=BEARER)["body"]["action"] == "read-only"


def test_what_was_cut_off_does_not_go_on():
    event = edge_event("", b"x=sentinel", headers=BEARER, settings=SETTINGS_DOCUMENT)
    request = event["Records"][0]["cf"]["request"]
    request |= {"uri": "/oauth2/userInfo", "method": "POST"}
    request["body"]["inputTruncated"] = True
    response = edge.handler(event)
    assert (response["status"], json.loads(response["body"])["error"]) == ("413", "invalid_request")


def test_discovery_names_the_distribution_or_the_apps_own_name():
    document = json.loads(edge_call("/.well-known/openid-configuration")["body"])
    assert document["token_endpoint"] == "https://d111111abcdef8.cloudfront.net/oauth2/token"
    settings = {**SETTINGS_DOCUMENT, "server_name": "auth.example.com"}
    document = json.loads(edge_call("/.well-known/openid-configuration", settings=settings)["body"])
    assert document["token_endpoint"] == "https://auth.example.com/oauth2/token"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (without(CODE_GRANT, "code_verifier"), "invalid_request"),
        ({**CODE_GRANT, "client_id": "foreign"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID}, "unsupported_grant_type"),
    ],
)
def test_what_is_refused_is_answered_here(store, form, error):
    response = edge_call("/oauth2/token", form)
    assert (response["status"], json.loads(response["body"])["error"]) == ("400", error)
    assert not store.received


def test_a_guessed_secret_is_no_secret():
    response = edge_call("/oauth2/token", CODE_GRANT, headers={"Authorization": basic(CLIENT_ID, "guess")})
    assert response["status"] == "401"


@pytest.mark.parametrize(
    "path", ["/oauth2/token/", "//oauth2/token", "/OAUTH2/token", "/oauth2/authorize/../token", "/x"]
)
def test_a_path_that_is_not_in_the_table_is_an_api_call_like_any_other(path):
    response = edge_call(path, CODE_GRANT)
    assert json.loads(response["body"])["__type"] == "InvalidParameterException"
    assert edge_call(path, query=AUTHORIZE)["status"] == "405"


def test_without_the_setting_none_of_it_is_there():
    response = edge_call("/oauth2/token", CODE_GRANT, settings=without(SETTINGS_DOCUMENT, "oauth"))
    assert json.loads(response["body"])["__type"] == "InvalidParameterException"
