"""The contract of the edge, held against requests: what keeps it, and each way to break it."""

from dataclasses import replace
from typing import Any

import pytest

from local.simulators.cognito.edge_contract import contract_problem, edge_problem
from local.simulators.common.http import HttpRequest
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS

AWS_JSON = "application/x-amz-json-1.1"
KEYS = "/eu-west-1_AbCdEf123/.well-known/jwks.json"
SIGNATURE = (
    ("authorization", "AWS4-HMAC-SHA256 Credential=x"),
    ("x-amz-date", "20261101T000000Z"),
    ("x-amz-security-token", "x"),
)
SDK = (
    ("user-agent", "Test/1.0"),
    ("x-amz-user-agent", "x"),
    ("amz-sdk-invocation-id", "x"),
    ("amz-sdk-request", "x"),
)


def request(*headers: tuple[str, str], **changes: Any) -> HttpRequest:
    """What CloudFront sends on of a call."""
    own = (
        ("Host", "cognito-idp.eu-west-1.amazonaws.com"),
        ("Content-Type", AWS_JSON),
        ("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp"),
        ("Content-Length", "2"),
        ("X-Amz-Cf-Id", "id"),
    )
    values: dict[str, Any] = {"method": "POST", "path": "/", "headers": (*own, *headers), "client_ip": "127.0.0.1"}
    return HttpRequest(body=b"{}", **(values | changes))


@pytest.mark.parametrize(
    "headers",
    [
        (),
        SDK,
        SIGNATURE,
        (*SDK, *SIGNATURE),
        tuple((name.title(), "x") for name in (*READ_ONLY_HEADERS, *READ_ONLY_HEADERS)),
    ],
    ids=["plain", "of an SDK", "signed", "of an SDK, signed", "read-only"],
)
def test_takes_what_keeps_the_contract(headers: tuple[tuple[str, str], ...]) -> None:
    assert edge_problem(request(*headers)) is None


OUTSIDE = (
    "authorization", "cookie", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "x-amz-whatever",
    "x-amzn-cognito-client-id", "x-amzn-cognito-operation-name", "forwarded", "x-forwarded-for", "referer", "origin",
    "smithy-protocol", "x-http-method-override", "x-proxy-settings", "content-encoding", "accept", "date",
)  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_a_header_that_is_outside_the_list_and_not_its_value(name: str) -> None:
    assert edge_problem(request((name.upper(), "hunter2"))) == f"the headers {name}"


@pytest.mark.parametrize("name", ["x-amz-target", "user-agent", "x-amz-user-agent", "amz-sdk-request"])
def test_wants_the_proxys_own_headers_once(name: str) -> None:
    times = 1 if name == "x-amz-target" else 2
    assert edge_problem(request(*[(name, "x")] * times)) == f"{name} more than once"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"path": "/prod/"}, "a path"),
        ({"query": "a=1"}, "a query"),
        ({"path": "/x", "query": "a=1"}, "a query"),
        ({"method": "GET"}, "the method GET"),
        ({"method": "GET", "path": f"{KEYS}x"}, "the method GET"),
        ({"method": "GET", "path": KEYS, "query": "x"}, "a query"),
        ({"method": "GET", "path": KEYS}, "the headers content-type, x-amz-target"),
        ({"method": "hunter2"}, "the method ?"),
    ],
)
def test_wants_a_post_of_the_root_without_a_query(changes: dict[str, str], problem: str) -> None:
    assert edge_problem(request(**changes)) == problem


@pytest.mark.parametrize("value", ["text/plain", f"{AWS_JSON}; charset=utf-8", None])
def test_wants_our_content_type_to_the_letter(value: str | None) -> None:
    headers = [(name, content) for name, content in request().headers if name != "Content-Type"]
    headers += [] if value is None else [("Content-Type", value)]
    assert edge_problem(request(headers=tuple(headers))) == f"a content type that is not {AWS_JSON}"


def test_asks_nothing_of_what_cloudfront_did_not_carry() -> None:
    direct = request(("X-Forwarded-For", "x"), path="/x", query="a=1")
    direct = replace(direct, headers=tuple(pair for pair in direct.headers if pair[0] != "X-Amz-Cf-Id"))
    assert edge_problem(direct) is None
    assert contract_problem(direct) == "a query"
