"""Whatever a viewer sends: Cognito sees `POST /`, no query, our content type and no header outside the list.

Viewers' requests go through the simulator's CloudFront, the function and a strict Cognito, which verifies signatures
and refuses what is outside the contract.
"""

import json
import string
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from local.simulators.cloudfront import ViewerCopies
from local.simulators.cognito.edge_contract import (
    CLOUDFRONT_HEADERS,
    PROXY_HEADERS,
    SIGNATURE_HEADERS,
    contract_problem,
)
from local.simulators.common.http import HttpRequest
from proxy.operations import TARGET_PREFIX
from tests.proxy.sample_requests import CLIENT_ID, INITIATE_AUTH, SIGN_UP
from tests.simulators.cloudfront.edge_before_strict_cognito import (
    OK,
    SETUPS,
    EdgeWorld,
    Passed,
    ServedCognito,
    edge_world,
    served_cognito,
)

AWS_JSON = "application/x-amz-json-1.1"
CLIENT_IP = "203.0.113.178"
MARK = "viewer-was-here"
"""Stands in every value that a viewer sends in a header, a path or a query."""

CALLS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "sign-up": ("SignUp", SIGN_UP),
    "sign-in": ("InitiateAuth", INITIATE_AUTH),
    "challenge": (
        "RespondToAuthChallenge",
        {
            "ClientId": CLIENT_ID,
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": {"USERNAME": "jane", "TIMESTAMP": "x"},
        },
    ),
    "refresh": (
        "InitiateAuth",
        {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}},
    ),
    "sign-out": ("RevokeToken", {"ClientId": CLIENT_ID, "Token": "dummy"}),
    "passed through": ("GetUser", {"AccessToken": "dummy"}),
}
"""What apps send: each of them must succeed, whatever else a viewer puts around it."""

PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261101%2Feu-west-1%2Fcognito-idp%2Faws4_request"
    f"&X-Amz-Date=20261101T000000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature={'0' * 64}&a={MARK}"
)
DANGEROUS = (
    "Authorization", "Cookie", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "X-Amz-Whatever",
    "X-Amz-Cf-Id", "X-Amz-Cf-Something", "X-Amzn-Cognito-Client-Id", "X-Amzn-Cognito-Operation-Name",
    "X-Amzn-RequestId", "X-Amzn-Trace-Id", "X-Edge-Request-Id", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
    "X-Forwarded-Proto", "X-Real-IP", "True-Client-IP", "Referer", "Origin", "Smithy-Protocol",
    "X-HTTP-Method-Override", "X-HTTP-Method", "Content-Encoding", "Content-MD5", "Date", "Range", "TE",
    "Cloudfront-Viewer-Country", "Cloudfront-Viewer-Address", "X-Proxy-Settings", "X-Proxy-Settings-2",
    "X-Proxy-Settings-Else", "Accept", "Accept-Language", "Cache-Control", "Pragma", "Connection", "Expect", "Upgrade",
    "Proxy-Authorization", "X-Cache", "AWS-WAF-Token",
)  # fmt: skip
"""Headers that mean something to somebody on the way, or at Cognito."""

ALLOWED = (
    "User-Agent", "X-Amz-User-Agent", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Accept-Encoding", "CDN-Loop",
    "If-None-Match", "If-Modified-Since", "If-Range", "If-Unmodified-Since", "Via",
)  # fmt: skip
"""Headers of a viewer's that reach Cognito: the core lets them, or CloudFront leaves no choice."""

LIST = PROXY_HEADERS | CLOUDFRONT_HEADERS | SIGNATURE_HEADERS


@pytest.fixture(scope="module")
def cognito() -> Iterator[ServedCognito]:
    with served_cognito() as served:
        yield served


@pytest.fixture(params=SETUPS.values(), ids=SETUPS.keys())
def world(request: pytest.FixtureRequest, cognito: ServedCognito) -> Iterator[EdgeWorld]:
    with edge_world(cognito, request.param) as world:
        yield world


def viewer(call: str, *headers: tuple[str, str], content_type: str | None = AWS_JSON, **changes: Any) -> HttpRequest:
    """A call with these headers besides; its body, method, path and query can be changed."""
    operation, document = CALLS[call]
    own = [("Host", "d111111abcdef8.cloudfront.net"), ("X-Amz-Target", TARGET_PREFIX + operation)]
    if content_type is not None:
        own.append(("Content-Type", content_type))
    values: dict[str, Any] = {"method": "POST", "path": "/", "body": json.dumps(document).encode()}
    return HttpRequest(client_ip=CLIENT_IP, headers=(*own, *headers), **(values | changes))


def assert_contract(passed: Passed) -> None:
    """Nothing but what the contract names reached Cognito, and Cognito took it."""
    assert passed.told == len(passed.seen) <= 1, passed
    for request in passed.seen:
        assert contract_problem(request) is None
        assert (request.method, request.path, request.query) == ("POST", "/", "")
        assert [value for name, value in request.headers if name.lower() == "content-type"] == [AWS_JSON]
        names = {name.lower() for name, _ in request.headers}
        assert names <= LIST
        allowed = {name.lower() for name in ALLOWED}
        assert {name.lower() for name, value in request.headers if MARK in value} <= allowed


def assert_taken(passed: Passed) -> HttpRequest:
    """The call succeeded, and nobody but Cognito said so."""
    assert_contract(passed)
    assert (passed.status, passed.body) == (200, OK.body), passed
    (request,) = passed.seen
    return request


ATTACKS: Mapping[str, dict[str, Any]] = {
    "a query": {"query": f"a={MARK}"},
    "presigned credentials in the query": {"query": PRESIGNED},
    "a path": {"path": f"/{MARK}"},
    "a path that leads back": {"path": "/../%2e%2e/"},
    "a path like a signed one": {"path": "//"},
    "path and query": {"path": f"/prod/{MARK}", "query": "Action=AdminDeleteUser&x"},
    "no content type": {"content_type": None},
    "a content type with parameters": {"content_type": f"{AWS_JSON}; charset=utf-8"},
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_every_call_succeeds_whatever_is_wrong_around_it(world: EdgeWorld, attack: dict[str, Any]) -> None:
    for call in CALLS:
        assert_taken(world.call(viewer(call, **attack)))


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-amz-cbor-1.1", f"{AWS_JSON}; charset=utf-16"])
def test_a_call_of_another_content_type_is_refused_here(world: EdgeWorld, content_type: str) -> None:
    for call in CALLS:
        passed = world.call(viewer(call, content_type=content_type))
        assert (passed.status, passed.answered_by, passed.seen) == (400, "function", ())


NOT_REFUSED = tuple(name for name in DANGEROUS if name != "Content-Encoding")
"""A body that is said to be compressed is refused. Nothing else in a header spoils a call."""


@pytest.mark.parametrize("name", [*NOT_REFUSED, *ALLOWED])
def test_a_call_succeeds_with_any_header_and_cognito_gets_those_on_the_list(world: EdgeWorld, name: str) -> None:
    request = assert_taken(world.call(viewer("sign-in", (name, MARK), (name.upper(), f"{MARK} 2"))))
    if name in DANGEROUS:
        assert MARK not in str(request.headers)


def test_every_call_succeeds_with_all_of_them_at_once(world: EdgeWorld) -> None:
    headers = [(name, MARK) for name in (*NOT_REFUSED, *ALLOWED)]
    for call in CALLS:
        assert_taken(world.call(viewer(call, *headers, path=f"/{MARK}", query=PRESIGNED)))


def test_what_the_core_lets_through_arrives(cognito: ServedCognito) -> None:
    headers = {
        "User-Agent": "Test/1.0",
        "X-Amz-User-Agent": "aws-amplify/6",
        "Amz-Sdk-Invocation-Id": "0",
        "Amz-Sdk-Request": "attempt=1; max=3",
    }
    with edge_world(cognito, {}) as world:
        request = assert_taken(world.call(viewer("sign-up", *headers.items())))
    assert {name: request.header(name) for name in headers} == headers


@pytest.mark.proves("settings-not-from-viewers", simulator="cloudfront")
@pytest.mark.parametrize("copies", ViewerCopies)
@pytest.mark.parametrize("setup", SETUPS)
def test_forged_settings_change_nothing_wherever_they_stand(
    cognito: ServedCognito, setup: str, copies: ViewerCopies
) -> None:
    with edge_world(cognito, SETUPS[setup], copies=copies) as world:
        assert_taken(world.call(viewer("sign-in", ("X-Proxy-Settings", MARK), ("X-Proxy-Settings-2", MARK))))


@pytest.mark.proves("edge-log-without-input", simulator="cloudfront")
def test_no_text_of_a_callers_is_logged(world: EdgeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    for name in DANGEROUS:
        for call in CALLS:
            world.call(viewer(call, (name, MARK), path=f"/{MARK}", query=MARK))
    world.call(viewer("sign-in", ("X-Amz-Target", MARK), method=MARK))
    logged = capsys.readouterr().out
    assert '"outcome":"' in logged
    assert MARK not in logged


# What an HTTP server lets in: a field value has no control characters but tabs, and no white space at its ends.
_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=30)
_marked = _values.map(lambda text: f"{MARK} {text}".strip())
_tokens = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~", min_size=1, max_size=30)
_names = st.one_of(st.sampled_from(DANGEROUS), st.sampled_from(ALLOWED), _tokens).flatmap(
    lambda name: st.sampled_from([name, name.lower(), name.upper(), name.replace("-", "_")])
)
_url_signs = string.ascii_letters + string.digits + "-._~:/@!$&'()*+,;=%[]{}|^\"<>`"
_content_types = st.sampled_from(
    [
        AWS_JSON,
        "text/plain",
        "application/json",
        "application/x-amz-cbor-1.1",
        f"{AWS_JSON}; charset=utf-8",
        f'{AWS_JSON};charset="UTF-8"',
        f"{AWS_JSON}; charset=utf-16",
        f"{AWS_JSON}; charset =utf-16",
        f"{AWS_JSON}; charset*=utf-16''x",
        f"{AWS_JSON}; charset=utf-8; charset=utf-16",
        None,
    ]
)
_bodies = st.sampled_from([b"", b"[", b"[]", b"{", b"\xff", b'{"a":1,"a":2}', b"\xef\xbb\xbf{}"])
"""What the core refuses: a body that it passes on, Cognito may refuse with reason."""
_methods = st.sampled_from([*["POST"] * 12, "post", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND"])


@st.composite
def viewers(draw: st.DrawFn) -> HttpRequest:
    """A request of a viewer's, mostly one that Cognito would take if nothing stood around it."""
    changes: dict[str, Any] = {
        "method": draw(_methods),
        "path": "/" + draw(st.one_of(st.just(""), st.text(_url_signs, max_size=40))),
        "query": draw(st.one_of(st.just(""), st.just(PRESIGNED), st.text(_url_signs + "?", max_size=60))),
        "content_type": draw(_content_types),
    }
    if draw(st.integers(0, 5)) == 0 or changes["method"] in {"GET", "HEAD"}:
        changes["body"] = b"" if changes["method"] in {"GET", "HEAD"} else draw(_bodies)
    if draw(st.integers(0, 9)) == 0:
        extra = [("X-Amz-Target", draw(st.sampled_from([TARGET_PREFIX + "AdminDeleteUser", MARK])))]
    else:
        extra = []
    headers = draw(st.lists(st.tuples(_names, st.one_of(_marked, _values.map(str.strip))), max_size=8))
    return viewer(draw(st.sampled_from(list(CALLS))), *extra, *headers, **changes)


@pytest.mark.proves("what-cognito-sees", simulator="cloudfront")
def test_whatever_a_viewer_sends_cognito_sees_nothing_outside_the_list(world: EdgeWorld) -> None:
    ends: Counter[str] = Counter()

    @examples(max_examples=200, deadline=None)
    @given(viewers())
    def send(request: HttpRequest) -> None:
        passed = world.call(request)
        assert_contract(passed)
        if passed.seen:
            assert (passed.status, passed.body) == (200, OK.body)
            ends["taken"] += 1
        elif passed.answered_by == "function" and request.method != "OPTIONS":
            # A refusal of ours, told as Cognito would tell it.
            assert 400 <= passed.status < 500, passed
            assert set(json.loads(passed.body)) == {"__type", "message"}
            ends["refused"] += 1

    send()
    assert min(ends["taken"], ends["refused"]) >= 10, ends
