"""Whatever event comes in, and whatever context, an answer in Cognito's shape goes out: nothing escapes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from proxy.regional import handler
from tests.proxy.regional_calls import Context, event, read
from tests.proxy.request_lines import lines_of
from tests.proxy.sample_requests import INITIATE_AUTH, ORIGIN, SETTINGS_DOCUMENT, SIGN_UP

pytestmark = pytest.mark.usefixtures("deployed")

WHOLE = (
    event("SignUp", SIGN_UP),
    event("InitiateAuth", INITIATE_AUTH, as_base64=False),
    event("GetUser", {"AccessToken": "dummy"}),
    event("GetUser", {}) | {"multiValueHeaders": None},
    event(None, method="OPTIONS", headers={"Access-Control-Request-Headers": ["content-type"]}),
)


class Thing:
    """What no JSON holds; its name is the same in every process."""

    def __repr__(self) -> str:
        return "a thing"


JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, float("nan"), 10**400, "", "x", "é", "\ud800", "\0", "{}", ORIGIN, "OPTIONS", "POST",
    [], [None], [[]], [{}], ["x", 1], [ORIGIN, None], {}, {"x": None}, {"origin": [1]}, {"Origin": {}},
    {"X-Amz-Target": [1]}, {"x-amz-target": [["AWSCognitoIdentityProviderService.SignUp"]]}, {1: 2}, (), b"x", Thing(),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values within a value, itself included."""
    yield path
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, (*path, key))


def changed(value: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None], junk: Any) -> Any:
    if not path:
        return junk
    copy = value.copy()
    key, *rest = path
    if rest:
        copy[key] = changed(copy[key], tuple(rest), change, junk)
    else:
        change(copy, key)
    return copy


def malformed(chance: random.Random) -> Any:
    """A whole event with one to three places spoiled."""
    spoiled: Any = chance.choice(WHOLE)
    for _ in range(chance.randint(1, 3)):
        path = chance.choice(list(places(spoiled))[0 if chance.random() < 0.02 else 1 :] or [()])
        junk = chance.choice(JUNK)
        if chance.random() < 0.2:
            spoiled = changed(spoiled, path, lambda copy, key: copy.pop(key), junk)
        else:
            spoiled = changed(spoiled, path, lambda copy, key, junk=junk: copy.__setitem__(key, junk), junk)
    return spoiled


class BrokenContext(Thing):
    aws_request_id = Thing()

    def get_remaining_time_in_millis(self) -> Any:
        return "soon"


def assert_an_answer(response: Any) -> None:
    status, document, headers = read(response)
    assert 200 <= status < 600
    assert all(isinstance(text, str) for item in headers.items() for text in item)
    if status >= 400:
        assert set(document) == {"__type", "message"}


@pytest.mark.proves("errors-in-cognitos-shape")
@pytest.mark.parametrize("seed", range(4))
def test_of_a_thousand_malformed_events_none_escapes(capsys, seed):
    chance = random.Random(seed)  # noqa: S311 - the same events in every run
    for _ in range(1000):
        sent = malformed(chance)
        assert_an_answer(handler(sent, chance.choice((None, Context(), Context()))))
        assert len(lines_of(capsys.readouterr().out)) == 1


@pytest.mark.parametrize("sent", [*JUNK, *({"requestContext": junk} for junk in JUNK)])
def test_what_is_no_event_at_all_is_answered(sent):
    assert_an_answer(handler(sent))
    assert_an_answer(handler(sent, BrokenContext()))


@pytest.mark.parametrize("context", [BrokenContext(), Thing(), 1, "x"])
def test_a_context_that_is_none_is_answered(context):
    assert_an_answer(handler(event("SignUp", SIGN_UP), context))


TARGET = "AWSCognitoIdentityProviderService.SignUp"
WRONG_HEADERS = {
    "a target that is no text": {"X-Amz-Target": [1]},
    "a target within a list": {"X-Amz-Target": [[TARGET]]},
    "an origin that is no text": {"X-Amz-Target": [TARGET], "Origin": [{"x": 1}]},
    "an origin within a list": {"X-Amz-Target": [TARGET], "Origin": [[ORIGIN]]},
    "a user agent that is no text": {"X-Amz-Target": [TARGET], "User-Agent": [None]},
    "a content type that is no text": {"X-Amz-Target": [TARGET], "Content-Type": [1]},
    "values that are no list": {"X-Amz-Target": 1},
}


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("wrong", WRONG_HEADERS.values(), ids=WRONG_HEADERS)
def test_a_header_that_is_no_text_is_our_own_fault_and_nothing_is_sent(cognito, wrong, single):
    key, other = ("headers", "multiValueHeaders") if single else ("multiValueHeaders", "headers")
    sent = event("SignUp", SIGN_UP)
    if single:
        wrong = {name: values[0] if isinstance(values, list) else values for name, values in wrong.items()}
    assert read(handler(sent | {key: wrong, other: None}))[0] == 500
    assert not cognito.received


def test_the_settings_are_whole_in_these_tests():
    """Otherwise every answer above would be the 500 of broken settings."""
    assert SETTINGS_DOCUMENT["clients"]
    assert [read(handler(whole, Context()))[0] for whole in WHOLE] == [200] * len(WHOLE)
