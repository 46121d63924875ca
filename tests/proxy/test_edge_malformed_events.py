"""Whatever event arrives: the request that goes on, or an answer in Cognito's shape. Never an exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from local.simulators.cloudfront.rules import GeneratedResponse, check
from proxy import edge, service
from proxy.edge import KEPT_HEADERS, handler
from tests.proxy.edge_events import REQUEST_ID, edge_event
from tests.proxy.request_lines import lines_of
from tests.proxy.sample_requests import CLIENT_ID, INITIATE_AUTH, ORIGIN, SETTINGS_DOCUMENT, SIGN_UP, secret_document

Event = dict[str, Any]
Path = tuple[str | int, ...]

PROXY_HEADERS = {
    "content-type", "x-amz-target", "user-agent", "x-amz-user-agent", "amz-sdk-invocation-id", "amz-sdk-request",
    "authorization", "x-amz-date", "x-amz-security-token",
}  # fmt: skip
MARK = "text-of-a-caller"


@pytest.fixture(scope="module", autouse=True)
def function() -> Iterator[None]:
    """Credentials, and a secret at hand: nothing here goes to the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "dummy-key")
        patch.setattr(service.SecretStore, "read", lambda _self, _arn, _deadline: secret_document(CLIENT_ID))
        patch.setattr(edge, "_cached", None)
        yield


def _preflight() -> Event:
    event = edge_event("SignUp", {}, headers={"Origin": ORIGIN, "Access-Control-Request-Headers": "content-type"})
    request = event["Records"][0]["cf"]["request"]
    request["method"] = "OPTIONS"
    del request["body"]
    return event


HEADERS = {"Origin": ORIGIN, "X-Amz-User-Agent": "aws-amplify/6"}
WHOLE = (
    edge_event("SignUp", SIGN_UP, headers=HEADERS),
    edge_event("GetUser", {"AccessToken": "dummy"}, headers=HEADERS),
    edge_event("AdminGetUser", {}, headers=HEADERS),
    edge_event(
        "InitiateAuth", INITIATE_AUTH, headers=HEADERS, settings=SETTINGS_DOCUMENT | {"threat_protection": True}
    ),
    _preflight(),
)


def _paths(value: Any, here: Path = ()) -> Iterator[Path]:
    yield here
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _paths(item, (*here, key))


_texts = st.sampled_from(["", "POST", "OPTIONS", "base64", "x-amz-target", "x-proxy-settings-2", f"{MARK}/é\n\ud800"])
_scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | _texts
_junk = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3), max_leaves=6
)
_PLACES = [(number, path) for number, event in enumerate(WHOLE) for path in _paths(event) if path]
_REMOVED = object()


@st.composite
def events(draw: st.DrawFn) -> Any:
    """An event in which one to three things are missing, or something else."""
    number, first = draw(st.sampled_from(_PLACES))
    event = copy.deepcopy(WHOLE[number])
    more = draw(st.lists(st.sampled_from([path for other, path in _PLACES if other == number]), max_size=2))
    for path in (first, *more):
        _put(event, path, draw(st.just(_REMOVED) | _junk))
    return event


def _put(event: Event, path: Path, value: Any) -> None:
    place: Any = event
    try:
        for key in path[:-1]:
            place = place[key]
        if value is _REMOVED:
            del place[path[-1]]
        else:
            place[path[-1]] = value
    except (IndexError, KeyError, TypeError):
        pass  # an earlier change has taken the place away


def assert_answered(event: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = copy.deepcopy(event)
    answer = handler(event)
    lines = lines_of(capsys.readouterr().out)
    assert len(lines) == 1
    assert MARK not in str([{**line, "request_id": ""} for line in lines])
    if "status" in answer:
        assert {line["request_id"] for line in lines} <= {_request_id(before), ""}
        decision = check(before, json.loads(json.dumps(answer)))
        assert isinstance(decision, GeneratedResponse), decision
        assert answer["body"] == "" or set(json.loads(answer["body"])) == {"__type", "message"}
        return
    assert (answer["method"], answer["uri"], answer["querystring"]) == ("POST", "/", "")
    assert set(answer["headers"]) <= KEPT_HEADERS | PROXY_HEADERS
    assert not [name for name in answer["origin"]["custom"]["customHeaders"] if name == "x-proxy-settings"]


def _request_id(event: Any) -> str:
    try:
        request_id = event["Records"][0]["cf"]["config"]["requestId"]
    except (AttributeError, IndexError, KeyError, TypeError):
        return ""
    return request_id if isinstance(request_id, str) else ""


@pytest.mark.proves("errors-in-cognitos-shape")
def test_an_event_in_which_things_are_missing_or_something_else_is_answered(capsys) -> None:
    @examples(max_examples=800, deadline=None)
    @given(events())
    def answer(event: Any) -> None:
        assert_answered(event, capsys)

    answer()


def test_what_is_no_event_at_all_is_answered(capsys) -> None:
    @examples(max_examples=200, deadline=None)
    @given(_junk)
    def answer(event: Any) -> None:
        assert_answered(event, capsys)

    answer()


def cf_of(event: Event) -> dict[str, Any]:
    cf: dict[str, Any] = event["Records"][0]["cf"]
    return cf


MALFORMED: dict[str, Callable[[Event], object]] = {
    "no record": lambda event: event["Records"].clear(),
    "no request": lambda event: cf_of(event).pop("request"),
    "no headers": lambda event: cf_of(event)["request"].pop("headers"),
    "no method": lambda event: cf_of(event)["request"].pop("method"),
    "no origin": lambda event: cf_of(event)["request"].pop("origin"),
    "a header that is text": lambda event: cf_of(event)["request"]["headers"].update({"x-a": "b"}),
    "a header without a value": lambda event: cf_of(event)["request"]["headers"].update({"x-a": [{}]}),
    "an origin that is an object": lambda event: cf_of(event)["request"]["headers"].update(origin=[{"value": {}}]),
    "a target that is a number": lambda event: cf_of(event)["request"]["headers"].update(
        {"x-amz-target": [{"value": 1}]}
    ),
    "a config that is a list": lambda event: cf_of(event).update(config=[]),
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_event_is_answered(capsys, change: Callable[[Event], object]) -> None:
    event = edge_event("InitiateAuth", INITIATE_AUTH, settings=SETTINGS_DOCUMENT | {"threat_protection": True})
    change(event)
    assert_answered(event, capsys)


@pytest.mark.parametrize("origin", [{}, [], None, 7])
def test_a_refusal_does_not_fail_over_the_origin_header(capsys, origin: Any) -> None:
    event = edge_event("AdminGetUser", {})
    cf_of(event)["request"]["headers"]["origin"] = [{"value": origin}]
    assert handler(copy.deepcopy(event))["status"] == "400"
    capsys.readouterr()
    assert_answered(event, capsys)


@pytest.mark.parametrize("config", [{}, {"requestId": None}, {"requestId": 7}, {"requestId": [MARK]}, None])
def test_an_id_that_is_no_text_is_not_logged(capsys, config: dict[str, Any] | None) -> None:
    event = edge_event("SignUp", SIGN_UP)
    if config is None:
        del cf_of(event)["config"]
    else:
        cf_of(event)["config"] = config
    assert handler(event)["method"] == "POST"
    assert [json.loads(line)["request_id"] for line in capsys.readouterr().out.splitlines()] == [""]


@pytest.mark.proves("edge-request-id")
def test_the_id_in_the_log_is_cloudfronts_whatever_headers_say(capsys) -> None:
    names = ("X-Amz-Cf-Id", "X-Amzn-RequestId", "X-Edge-Request-Id", "X-Request-Id")
    handler(edge_event("SignUp", SIGN_UP, headers=dict.fromkeys(names, MARK)))
    assert [json.loads(line)["request_id"] for line in capsys.readouterr().out.splitlines()] == [REQUEST_ID]
