"""Which pages an HTTP API's CORS configuration lets call."""

from typing import Any

import pytest

from local import HttpRequest, HttpResponse
from local.simulators.api_gateway.cors import Cors, is_preflight
from local.simulators.common.errors import SimulatorError

PAGE = "https://app.example.com"
CONFIGURED = {
    "AllowOrigins": [PAGE],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["authorization"],
    "ExposeHeaders": ["apigw-requestid"],
    "MaxAge": 600,
}


def request(origin: str = PAGE, method: str = "GET", asked: str = "") -> HttpRequest:
    headers = (("Origin", origin), ("Access-Control-Request-Method", asked))
    named = tuple((name, value) for name, value in headers if value)
    return HttpRequest(method=method, path="/", headers=named, body=b"", client_ip="127.0.0.1")


def preflight(properties: dict[str, Any], origin: str = PAGE) -> dict[str, str]:
    answer = Cors.read(properties).preflight(request(origin, "OPTIONS", "GET"))
    assert (answer.status, answer.body) == (204, b"")
    return dict(answer.headers)


def added(properties: dict[str, Any], origin: str = PAGE, given: tuple[tuple[str, str], ...] = ()) -> dict[str, str]:
    answer = Cors.read(properties).added(request(origin), HttpResponse(status=200, headers=given, body=b"x"))
    assert (answer.status, answer.body) == (200, b"x")
    return dict(answer.headers)


def test_a_preflight_of_a_page_that_may_call_says_all_that_is_configured() -> None:
    assert preflight(CONFIGURED) == {
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization",
        "access-control-expose-headers": "apigw-requestid",
        "access-control-max-age": "600",
    }


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", f"{PAGE}.evil.com", f"{PAGE}/", PAGE.upper(), "null", ""]
)
def test_no_other_page_may_call(origin: str) -> None:
    assert preflight(CONFIGURED, origin) == {}
    assert added(CONFIGURED, origin) == {}


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        (["*"], PAGE, "*"),
        (["https://*"], PAGE, PAGE),
        (["https://*"], "http://app.example.com", ""),
        (["http://*"], "http://localhost:3000", "http://localhost:3000"),
        (["http://*"], PAGE, ""),
        (["capacitor://*"], "capacitor://localhost", ""),
        ([], PAGE, ""),
    ],
)
def test_wildcards_mean_what_is_documented(origins: list[str], origin: str, allowed: str) -> None:
    assert added({"AllowOrigins": origins}, origin).get("access-control-allow-origin", "") == allowed


def test_the_function_s_own_cors_headers_do_not_count() -> None:
    given = (("Access-Control-Allow-Origin", "*"), ("access-control-allow-credentials", "true"), ("X-Kept", "y"))
    assert added(CONFIGURED, given=given) == {
        "X-Kept": "y",
        "access-control-allow-origin": PAGE,
        "access-control-expose-headers": "apigw-requestid",
    }
    assert added(CONFIGURED, "https://evil.example.com", given) == {"X-Kept": "y"}


def test_credentials_are_allowed_when_they_are() -> None:
    assert added(CONFIGURED | {"AllowCredentials": True})["access-control-allow-credentials"] == "true"
    assert "access-control-allow-credentials" not in added(CONFIGURED | {"AllowCredentials": False})


def test_a_preflight_is_what_a_browser_sends() -> None:
    assert is_preflight(request(method="OPTIONS", asked="GET"))
    assert not is_preflight(request(method="OPTIONS"))
    assert not is_preflight(request("", method="OPTIONS", asked="GET"))
    assert not is_preflight(request(method="GET", asked="GET"))


def test_what_only_cloudformation_knows_is_not_simulated() -> None:
    with pytest.raises(SimulatorError, match="known to CloudFormation only"):
        Cors.read({"AllowOrigins": [{"Fn::Sub": "https://${Domain}"}]})
