"""Signatures as AWS verifies them: what botocore signs stands, and nothing that was changed afterwards does."""

import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.simulators.cognito.signatures import Signatures
from local.simulators.common.http import HttpRequest

KEY = Credentials("AKIDEXAMPLE", "dummy-key", "dummy-token")
HOST = "cognito-idp.eu-west-1.amazonaws.com"
SIGNATURES = Signatures(keys={KEY.access_key: KEY}, region="eu-west-1")


def signed(
    *, url: str = f"https://{HOST}/", key: Credentials = KEY, region: str = "eu-west-1", service: str = "cognito-idp"
) -> HttpRequest:
    """A request that botocore signed."""
    headers = {"Host": HOST, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Service.Operation"}
    request = AWSRequest("POST", url, data=b"{}", headers=headers)
    SigV4Auth(key, service, region).add_auth(request)
    parts = urlsplit(url)
    return HttpRequest(
        method="POST",
        path=parts.path,
        query=parts.query,
        headers=tuple(request.headers.items()),
        body=b"{}",
        client_ip="127.0.0.1",
    )


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    """The request with another value of a header, or without it."""
    kept = tuple((key, text) for key, text in request.headers if key.lower() != name)
    return replace(request, headers=kept if value is None else (*kept, (name, value)))


@pytest.mark.parametrize("target", ["/", "/?b=2&a=1", "/?a", "/a%20path/./x"])
def test_takes_what_botocore_signed(target: str) -> None:
    assert SIGNATURES.problem(signed(url=f"https://{HOST}{target}")) is None


def test_a_header_that_need_not_be_signed_is_nobodys_business() -> None:
    assert SIGNATURES.problem(with_header(signed(), "user-agent", "x")) is None


CHANGED = {
    "a query": lambda request: replace(request, query="a=1"),
    "a path": lambda request: replace(request, path="/x"),
    "a method": lambda request: replace(request, method="PUT"),
    "a body": lambda request: replace(request, body=b"[]"),
    "a target": lambda request: with_header(request, "x-amz-target", "Service.Other"),
    "a content type": lambda request: with_header(request, "content-type", "text/plain"),
    "a host": lambda request: with_header(request, "host", "auth.example.com"),
    "a signed header that is gone": lambda request: with_header(request, "x-amz-target", None),
    "a second target": lambda request: replace(request, headers=(*request.headers, ("x-amz-target", "x"))),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED.keys())
def test_what_was_changed_does_not_match(change: Callable[[HttpRequest], HttpRequest]) -> None:
    assert SIGNATURES.problem(change(signed())) == "the signature does not match"


@pytest.mark.parametrize("name", ["x-amz-cf-id", "x-amz-user-agent", "X-Amz-Whatever"])
def test_wants_every_x_amz_header_signed(name: str) -> None:
    assert SIGNATURES.problem(with_header(signed(), name, "x")) == f"not signed: {name.lower()}"


NO_SIGNATURE = "the Authorization header is not one of AWS4-HMAC-SHA256"
SCOPE = "the credential's scope is another Region, service or day"
NO_KEY = "the access key is not known, or not with this session token"

# Signed as the test runs: a signature is good for five minutes.
WRONG = {
    "no Authorization": (lambda: with_header(signed(), "authorization", None), NO_SIGNATURE),
    "another Authorization": (lambda: with_header(signed(), "authorization", "Bearer x"), NO_SIGNATURE),
    "another Region": (lambda: signed(region="us-east-1"), SCOPE),
    "another service": (lambda: signed(service="lambda"), SCOPE),
    "another day": (lambda: with_header(signed(), "x-amz-date", "20200101T000000Z"), SCOPE),
    "another key": (lambda: signed(key=Credentials("OTHER", "x", "x")), NO_KEY),
    "another session": (lambda: signed(key=Credentials("AKIDEXAMPLE", "dummy-key", "other")), NO_KEY),
    "no session": (lambda: signed(key=Credentials("AKIDEXAMPLE", "dummy-key")), NO_KEY),
    "another secret": (
        lambda: signed(key=Credentials("AKIDEXAMPLE", "other", "dummy-token")),
        "the signature does not match",
    ),
}


@pytest.mark.parametrize(("sign", "problem"), WRONG.values(), ids=WRONG.keys())
def test_says_what_is_wrong(sign: Callable[[], HttpRequest], problem: str) -> None:
    assert SIGNATURES.problem(sign()) == problem


@pytest.mark.parametrize(("seconds", "stands"), [(-290, True), (290, True), (-310, False), (310, False)])
def test_a_time_is_good_for_five_minutes(seconds: int, stands: bool) -> None:
    now = time.time()
    later = replace(SIGNATURES, now=lambda: now + seconds)
    assert (later.problem(signed()) is None) is stands
