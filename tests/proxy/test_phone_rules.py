"""Which phone numbers a user may sign up with, or change to, wherever in a call the number stands."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import edge, phone_numbers, regional
from proxy.after_answer import AfterAnswer
from proxy.errors import PhoneNumber
from proxy.interceptors import Tools
from proxy.interceptors.phone_rules import PhoneRules
from proxy.operations import OPERATIONS
from proxy.phone_numbers import SETTERS, is_like_a_number, new_numbers
from proxy.settings import SettingsError, parse_settings
from tests.proxy.cognito_model import service_model
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import FakeService
from tests.proxy.regional_calls import assert_error, call, lines
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT, SIGN_UP

PART = {"allow": ["1", "44", "18765"], "except": ["1876", "1658"]}
ALLOWED, REFUSED = ("+14255550100", "+447700900123", "+18765550100"), ("+18764550100", "+16585550100", "+8821234567")

TOKEN = {"AccessToken": "dummy"}
RESPONSE = {"ClientId": CLIENT_ID, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "dummy"}


def attributes(number: object, name: str = "phone_number") -> list[dict[str, object]]:
    return [{"Name": "email", "Value": "jane@example.com"}, {"Name": name, "Value": number}]


PLACES: dict[str, Any] = {
    "sign-up": lambda number: ("SignUp", SIGN_UP | {"UserAttributes": attributes(number)}),
    "sign-up, name in capitals": lambda number: (
        "SignUp",
        SIGN_UP | {"UserAttributes": attributes(number, " Phone_Number")},
    ),
    "sign-up, as username": lambda number: ("SignUp", SIGN_UP | {"Username": number}),
    "attribute change": lambda number: ("UpdateUserAttributes", TOKEN | {"UserAttributes": attributes(number)}),
    "first password": lambda number: (
        "RespondToAuthChallenge",
        RESPONSE
        | {"ChallengeResponses": {"USERNAME": "jane", "NEW_PASSWORD": "dummy", "userAttributes.phone_number": number}},
    ),
    "first password, name in capitals": lambda number: (
        "RespondToAuthChallenge",
        RESPONSE | {"ChallengeResponses": {"USERNAME": "jane", "UserAttributes.PHONE_NUMBER": number}},
    ),
}
"""Every way to set a number, to a call that does."""


def rules(**part: Any) -> PhoneRules:
    settings = parse_settings(json.dumps(SETTINGS_DOCUMENT))
    return PhoneRules(
        part or PART, Tools(settings=settings, pseudonyms=lambda _call, _deadline: None, after_answer=AfterAnswer)
    )


@pytest.fixture
def switched_on(deployed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {"phone_rules": PART}))


@pytest.mark.proves("phone-every-place")
@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize("place", PLACES)
def test_a_number_of_another_calling_code_is_refused_wherever_it_stands(
    place: str, cognito: FakeService, store: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in REFUSED:
        assert_error(call(*PLACES[place](number)), 400, "InvalidParameterException")
    assert (cognito.received, store.received) == ([], [])
    for line in lines(capsys):
        assert (line["outcome"], line["reason"], line["Refusals"]) == ("refused", "phone_number", 1)
        assert not any(number in json.dumps(line) for number in REFUSED)


@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize("place", PLACES)
def test_a_number_of_an_accepted_one_goes_on_as_it_came(place: str, cognito: FakeService) -> None:
    for number in ALLOWED:
        operation, body = PLACES[place](number)
        assert call(operation, body)[0] == 200
        sent = cognito.received[-1].document
        sent.pop("SecretHash", None)
        sent.get("ChallengeResponses", {}).pop("SECRET_HASH", None)
        assert sent == body


@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize("second", ["phone_number", " Phone_Number"])
def test_a_number_that_stands_there_twice_is_refused(second: str, cognito: FakeService) -> None:
    """Nobody could tell which of the two Cognito heeds, and so where the message goes."""
    twice = attributes(ALLOWED[0]) + attributes(ALLOWED[0], second)
    assert call("SignUp", SIGN_UP | {"UserAttributes": twice})[0] == 400
    assert cognito.received == []


@pytest.mark.parametrize("where", ["username", "name of an attribute"])
def test_of_a_long_text_only_the_beginning_is_looked_at(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Normalizing a text of combining marks takes time with the square of its length: a minute for half a megabyte."""
    lengths: list[int] = []

    def normalize(form: str, text: str) -> str:
        lengths.append(len(text))
        return unicodedata.normalize(form, text)

    monkeypatch.setattr(phone_numbers, "normalize", normalize)
    text = "+" + "\u0301\u0316" * 60_000
    changed = {"Username": text} if where == "username" else {"UserAttributes": attributes("x", text)}
    with contextlib.suppress(PhoneNumber):
        new_numbers("SignUp", SIGN_UP | changed)
    assert lengths
    assert max(lengths) <= 256


BROKEN = [
    "4255550100", "+1", "+", "+0123456789", "+1 425 555 0100", "+1(425)5550100", "+1-425-555-0100", " +14255550100",
    "+14255550100 ", "+14255550100\n", "\uff0b14255550100", "+\u0661\u0664255550100", "+1425555010012345",
    "++14255550100", "+14255550100;ext=5", 14255550100, True, ["+14255550100"], {"N": "1"},
]  # fmt: skip


@pytest.mark.parametrize("number", BROKEN)
@pytest.mark.parametrize("place", ["sign-up", "attribute change", "first password"])
def test_what_is_not_written_as_cognito_takes_it_is_refused(place: str, number: object) -> None:
    operation, body = PLACES[place](number)
    with pytest.raises(PhoneNumber, match="Invalid phone number format"):
        new_numbers(operation, body)


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize("place", ["sign-up", "attribute change", "first password"])
def test_a_number_can_be_taken_away(place: str, empty: object) -> None:
    operation, body = PLACES[place](empty)
    assert new_numbers(operation, body) == []


@pytest.mark.parametrize(
    "username", ["+1 876 455 0100", "+(1)8764550100", "\uff0b18764550100", "+1abc", " +18764550100"]
)
def test_a_username_that_a_kind_reader_takes_for_a_number_must_be_one(username: str) -> None:
    with pytest.raises(PhoneNumber):
        new_numbers("SignUp", SIGN_UP | {"Username": username})


@pytest.mark.parametrize("username", ["jane", "jane+1@example.com", "+1@example.com", "+jane", "18764550100", "c++1"])
def test_other_usernames_are_nobodys_number(username: str) -> None:
    assert not is_like_a_number(username)
    assert new_numbers("SignUp", SIGN_UP | {"Username": username}) == []


@pytest.mark.proves("phone-users-kept")
@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("InitiateAuth", {"AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": REFUSED[0]}}),
        ("ForgotPassword", {"Username": REFUSED[0]}),
        ("ConfirmSignUp", {"Username": REFUSED[0], "ConfirmationCode": "000000"}),
    ],
)
def test_who_has_such_a_number_already_is_not_locked_out(
    operation: str, body: dict[str, Any], cognito: FakeService
) -> None:
    assert call(operation, {"ClientId": CLIENT_ID, **body})[0] == 200


@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize("wrong", [{}, "phone_number", [1], [{"Value": "+18764550100"}], [["phone_number", "+1876"]]])
def test_attributes_in_another_form_do_not_get_past(wrong: object, cognito: FakeService) -> None:
    assert_error(call("SignUp", SIGN_UP | {"UserAttributes": wrong}), 400, "InvalidParameterException")
    assert cognito.received == []


def test_the_edge_refuses_them_too(store: FakeService) -> None:
    settings = SETTINGS_DOCUMENT | {"phone_rules": PART}
    answer = edge.handler(edge_event(*PLACES["sign-up"](REFUSED[0]), settings=settings))
    assert answer["status"] == "400"
    assert json.loads(answer["body"])["__type"] == "InvalidParameterException"


PREFIXES = st.lists(st.text("12358", min_size=1, max_size=4), max_size=8, unique=True)
NUMBERS = st.builds(
    lambda first, rest: first + rest, st.sampled_from("123456789"), st.text("0123456789", min_size=1, max_size=14)
)


@pytest.mark.proves("phone-longest-prefix")
@given(PREFIXES, PREFIXES, NUMBERS)
def test_the_longest_prefix_decides(allowed: list[str], excepted: list[str], number: str) -> None:
    """Against every prefix tried, the longest first: no library of numbers is needed to say what a prefix is."""
    excepted = [prefix for prefix in excepted if prefix not in allowed]
    matching = [(len(prefix), True) for prefix in allowed if number.startswith(prefix)]
    matching += [(len(prefix), False) for prefix in excepted if number.startswith(prefix)]
    expected = max(matching)[1] if matching else not allowed
    assert rules(allow=allowed, **{"except": excepted}).accepts(number) is expected


@pytest.mark.proves("phone-every-place", oracle="botocore")
@pytest.mark.parametrize(
    "part", [{"allow": "1"}, {"allow": ["+1"]}, {"except": [1]}, {"allow": [""]}, {"allow": ["\u0661"]}]
)
def test_broken_settings_are_named(part: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="phone_rules"):
        rules(**part)


def test_the_table_of_setters_is_that_of_the_model() -> None:
    """Who takes attributes, or a challenge's answers, in which they can stand."""
    model = service_model()
    takes = set()
    for name in OPERATIONS:
        if name in model.operation_names:
            members = model.operation_model(name).input_shape.members
            shapes = {shape.name for member, shape in members.items() if member != "ValidationData"}
            if shapes & {"AttributeListType", "ChallengeResponsesType"}:
                takes.add(name)
    assert takes == SETTERS


def test_no_other_module_is_imported_for_it() -> None:
    code = (
        "import sys, proxy.interceptors.phone_rules; print(*sorted(n for n in sys.modules if n.startswith('proxy.')))"
    )
    folder = Path(regional.__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=folder).stdout
    assert "proxy.counters" not in found
    assert "proxy.messages_sent" not in found
