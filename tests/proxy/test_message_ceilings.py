"""Ceilings for messages: what counts, when it counts, and what a flood still gets."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from proxy.after_answer import AfterAnswer
from proxy.counters import Counters
from proxy.errors import WAIT_HEADER
from proxy.interceptors import Tools, message_ceilings
from proxy.interceptors.message_ceilings import MessageCeilings
from proxy.settings import SettingsError, parse_settings
from tests.proxy.fake_dynamodb import FakeTable
from tests.proxy.fake_service import FakeService, answer, stall
from tests.proxy.regional_calls import assert_error, call, lines
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT, SIGN_UP

TABLE = "counters"
SMS_SENT = answer({"CodeDeliveryDetails": {"DeliveryMedium": "SMS"}})
EMAIL_SENT = answer({"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL"}})
NOTHING_SENT = answer({"__type": "InvalidPasswordException", "message": "No."}, status=400)
MFA = answer({"ChallengeName": "SMS_MFA", "Session": "dummy"})


def number(suffix: int, prefix: str = "+1425555") -> str:
    return f"{prefix}{suffix:04}"


def sign_up(phone: str) -> tuple[str, dict[str, Any]]:
    return "SignUp", SIGN_UP | {"UserAttributes": [{"Name": "phone_number", "Value": phone}]}


RECOVER = ("ForgotPassword", {"ClientId": CLIENT_ID, "Username": "jane"})
SIGN_IN = (
    "InitiateAuth",
    {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": "dummy"},
    },
)
REFUSED = (400, "TooManyRequestsException")


@pytest.fixture
def table() -> FakeTable:
    return FakeTable(TABLE)


@pytest.fixture
def dynamodb(table: FakeTable, fake: Callable[..., FakeService], monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = fake(default=table.behave)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", service.url)
    return service


Switch = Callable[..., None]


@pytest.fixture
def switch_on(deployed: None, dynamodb: FakeService, cognito: FakeService, monkeypatch: pytest.MonkeyPatch) -> Switch:
    """Ceilings as given; Cognito sends a text message for each call."""
    cognito.default = SMS_SENT

    def switch(**part: Any) -> None:
        document = SETTINGS_DOCUMENT | {"message_ceilings": {"table": TABLE, **part}}
        monkeypatch.setenv("PROXY_SETTINGS", json.dumps(document))

    return switch


def outcome(*called: Any) -> tuple[int, str | None]:
    status, document, _ = call(*called)
    return status, document.get("__type")


def counts(table: FakeTable) -> list[int]:
    return sorted(int(item["count"]["N"]) for item in table.items.values())


@pytest.mark.proves("messages-error")
def test_exactly_the_limit_of_messages_is_sent_whoever_asks(
    switch_on: Switch, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(all=[3, 3600])
    results = [outcome(*sign_up(number(1000 * each, "+4477009"))) for each in range(5)]
    assert [status for status, _ in results] == [200, 200, 200, 400, 400]
    assert results[-1] == REFUSED
    assert outcome(*RECOVER) == REFUSED
    assert len(cognito.received) == 3
    refused = lines(capsys)[-1]
    assert (refused["outcome"], refused["reason"], refused["Refusals"]) == ("refused", "messages", 1)


def test_the_error_says_how_long_to_wait(switch_on: Switch) -> None:
    switch_on(all=[1, 1800])
    call(*RECOVER)
    _, document, headers = call(*RECOVER)
    assert re.fullmatch(r"Too many messages were sent\. Try again in 1(800|79\d) seconds\.", document["message"])
    assert headers[WAIT_HEADER] in document["message"]


def test_a_full_range_of_numbers_is_no_other_ranges_trouble(
    switch_on: Switch, cognito: FakeService, table: FakeTable
) -> None:
    switch_on(all=[6, 3600], prefix=[2, 3600])
    pumped = [outcome(*sign_up(number(each, "+1876555")))[0] for each in range(10)]
    assert pumped == [200, 200] + [400] * 8
    assert outcome(*sign_up(number(1)))[0] == 200
    assert outcome(*RECOVER)[0] == 200
    assert counts(table) == [1, 2, 4]  # what the full range refused is no part of all
    assert len(cognito.received) == 4


def test_how_much_of_a_number_is_alike_is_a_setting(switch_on: Switch) -> None:
    switch_on(prefix=[1, 3600], digits=4)
    assert outcome(*sign_up("+18765550100"))[0] == 200
    assert outcome(*sign_up("+18769990100")) == REFUSED
    assert outcome(*sign_up("+18095550100"))[0] == 200


def test_what_all_refuse_is_given_back_to_the_range(switch_on: Switch, table: FakeTable) -> None:
    switch_on(all=[1, 3600], prefix=[5, 3600])
    assert outcome(*sign_up(number(1)))[0] == 200
    assert outcome(*sign_up(number(2))) == REFUSED
    assert counts(table) == [1, 1]


def test_the_table_holds_no_number_and_no_name(switch_on: Switch, table: FakeTable) -> None:
    switch_on(all=[5, 3600], prefix=[5, 3600])
    call(*sign_up("+18765550100"))
    call("ForgotPassword", {"ClientId": CLIENT_ID, "Username": "+18765550100"})
    held = json.dumps(table.items)
    assert len(table.items) == 2
    assert "1876" not in held
    assert "jane" not in held


@pytest.mark.parametrize(
    ("answered", "left"),
    [
        (NOTHING_SENT, 0),
        (EMAIL_SENT, 0),
        (answer({"UserConfirmed": True}), 0),
        (SMS_SENT, 1),
        (answer({"__type": "CodeDeliveryFailureException", "message": "No."}, status=400), 1),
        (answer({"__type": "InternalErrorException", "message": "No."}, status=500), 1),
    ],
)
def test_what_cognito_did_not_send_is_given_back(
    answered: Any, left: int, switch_on: Switch, cognito: FakeService, table: FakeTable
) -> None:
    switch_on(all=[5, 3600], prefix=[5, 3600])
    cognito.default = answered
    call(*sign_up(number(1)))
    assert counts(table) == [left, left]


def test_calls_that_fail_at_cognito_do_not_fill_a_ceiling(switch_on: Switch, cognito: FakeService) -> None:
    switch_on(all=[1, 3600])
    cognito.default = NOTHING_SENT
    for each in range(20):
        assert outcome(*sign_up(number(each))) == (400, "InvalidPasswordException")
    cognito.default = SMS_SENT
    assert outcome(*sign_up(number(1)))[0] == 200


@pytest.mark.proves("messages-by-channel")
def test_two_messages_of_one_call_count_twice(switch_on: Switch, cognito: FakeService, table: FakeTable) -> None:
    switch_on(all=[9, 3600], channels=["sms", "email"])
    cognito.default = answer({"CodeDeliveryDetailsList": [{"DeliveryMedium": "SMS"}, {"DeliveryMedium": "EMAIL"}]})
    values = [{"Name": "phone_number", "Value": number(1)}, {"Name": "email", "Value": "jane@example.com"}]
    call("UpdateUserAttributes", {"AccessToken": "dummy", "UserAttributes": values})
    assert counts(table) == [2]


def test_what_can_only_be_an_e_mail_is_neither_counted_nor_refused(
    switch_on: Switch, cognito: FakeService, dynamodb: FakeService
) -> None:
    switch_on(all=[1, 3600])
    assert outcome(*sign_up(number(1)))[0] == 200
    asked = len(dynamodb.received)
    email = {"UserAttributes": [{"Name": "email", "Value": "jane@example.com"}]}
    for _ in range(3):
        assert outcome("SignUp", SIGN_UP | email)[0] == 200
    assert len(dynamodb.received) == asked
    assert outcome(*sign_up(number(2))) == REFUSED


def test_e_mails_count_where_the_settings_say_so(switch_on: Switch, cognito: FakeService) -> None:
    switch_on(all=[1, 3600], channels=["email"])
    cognito.default = EMAIL_SENT
    assert outcome(*RECOVER)[0] == 200
    assert outcome(*RECOVER) == REFUSED
    assert outcome(*sign_up(number(1)))[0] == 200


def test_a_sign_in_counts_once_its_answer_tells_of_a_message(
    switch_on: Switch, cognito: FakeService, table: FakeTable
) -> None:
    switch_on(all=[2, 3600])
    cognito.default = answer({"__type": "NotAuthorizedException", "message": "No."}, status=400)
    call(*SIGN_IN)
    assert table.items == {}
    cognito.default = MFA
    call(*SIGN_IN)
    assert counts(table) == [1]


def test_sign_ins_go_on_while_a_ceiling_is_reached_and_their_messages_hold_back_others(
    switch_on: Switch, cognito: FakeService
) -> None:
    switch_on(all=[2, 3600])
    cognito.default = MFA
    assert [outcome(*SIGN_IN)[0] for _ in range(4)] == [200] * 4
    assert outcome(*RECOVER) == REFUSED


def test_sign_ins_stop_too_by_choice(switch_on: Switch, cognito: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(all=[2, 3600], sign_ins=True)
    cognito.default = MFA
    assert [outcome(*SIGN_IN)[0] for _ in range(4)] == [200, 200, 200, 400]  # the third one finds it reached
    assert outcome(*SIGN_IN) == REFUSED
    refresh = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}}
    assert outcome("InitiateAuth", {"ClientId": CLIENT_ID, **refresh})[0] == 200


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (
            "InitiateAuth",
            {"AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": "j", "PREFERRED_CHALLENGE": "SMS_OTP"}},
        ),
        ("InitiateAuth", {"AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": "jane"}}),
        (
            "RespondToAuthChallenge",
            {"ChallengeName": "SELECT_CHALLENGE", "ChallengeResponses": {"USERNAME": "j", "ANSWER": "SMS_OTP"}},
        ),
        (
            "RespondToAuthChallenge",
            {"ChallengeName": "SELECT_MFA_TYPE", "ChallengeResponses": {"USERNAME": "j", "ANSWER": "SMS_MFA"}},
        ),
        ("ResendConfirmationCode", {"Username": "jane"}),
        ("ForgotPassword", {"Username": "jane"}),
        ("GetUserAttributeVerificationCode", {"AccessToken": "dummy", "AttributeName": "phone_number"}),
        (
            "UpdateUserAttributes",
            {"AccessToken": "dummy", "UserAttributes": [{"Name": "phone_number", "Value": number(7)}]},
        ),
        sign_up(number(8)),
    ],
)
def test_whatever_asks_for_a_message_is_refused_before_it_is_sent(
    operation: str, body: dict[str, Any], switch_on: Switch, cognito: FakeService
) -> None:
    switch_on(all=[1, 3600])
    call(*RECOVER)
    before = len(cognito.received)
    assert outcome(operation, {"ClientId": CLIENT_ID, **body}) == REFUSED
    assert len(cognito.received) == before


def test_calls_that_send_nothing_never_ask_the_table(switch_on: Switch, dynamodb: FakeService) -> None:
    switch_on(all=[1, 3600], prefix=[1, 3600])
    call("GetUser", {"AccessToken": "dummy"})
    call("ConfirmSignUp", {"ClientId": CLIENT_ID, "Username": "jane", "ConfirmationCode": "000000"})
    assert dynamodb.received == []


OUTAGES = {
    "error": answer({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}, status=500),
    "throttled": answer({"__type": "x#ProvisionedThroughputExceededException"}, status=400),
    "silent": stall,
}


@pytest.mark.proves("messages-open")
@pytest.mark.parametrize("outage", OUTAGES)
def test_without_the_table_messages_go_out_and_are_counted_as_uncounted(
    outage: str, switch_on: Switch, dynamodb: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(all=[1, 3600], prefix=[1, 3600])
    dynamodb.default = OUTAGES[outage]
    started = time.monotonic()
    assert [outcome(*sign_up(number(each)))[0] for each in range(3)] == [200] * 3
    assert time.monotonic() - started < 4
    for line in lines(capsys):
        assert line["CounterFailures"] >= 1
        assert line["problem"].startswith("Counters: "), "a level of the log that leaves out what went well has it, too"


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_the_table_nothing_goes_out_by_choice(
    outage: str, switch_on: Switch, dynamodb: FakeService, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(all=[1, 3600], closed=True)
    dynamodb.default = OUTAGES[outage]
    assert_error(call(*RECOVER), 500, "InternalErrorException")
    assert cognito.received == []
    (line,) = lines(capsys)
    assert (line["outcome"], line["reason"], line["CounterFailures"]) == ("failed", "counters", 1)
    cognito.default = MFA
    assert outcome(*SIGN_IN)[0] == 200  # a sign-in is not counted before


def test_after_an_outage_the_ceiling_holds_again(switch_on: Switch, dynamodb: FakeService, table: FakeTable) -> None:
    switch_on(all=[1, 3600])
    dynamodb.default = OUTAGES["error"]
    assert outcome(*RECOVER)[0] == 200
    dynamodb.default = table.behave
    assert [outcome(*RECOVER)[0] for _ in range(2)] == [200, 400]


def test_without_a_key_a_range_is_not_counted(
    switch_on: Switch, store: FakeService, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(prefix=[1, 3600])
    store.default = answer({"__type": "InternalServiceError"}, status=500)
    body = {"AccessToken": "dummy", "UserAttributes": [{"Name": "phone_number", "Value": number(7)}]}
    assert outcome("UpdateUserAttributes", body)[0] == 200
    assert lines(capsys)[-1]["CounterFailures"] == 1


def test_a_window_ends(switch_on: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(all=[1, 60])
    assert [outcome(*RECOVER)[0] for _ in range(2)] == [200, 400]
    later = time.time() + 61
    monkeypatch.setattr(message_ceilings, "time", _Clock(later))
    assert outcome(*RECOVER)[0] == 200


class _Clock:
    def __init__(self, now: float) -> None:
        self.time = lambda: now


PROCESSES, CALLS, LIMIT = 4, 20, 25


@pytest.mark.proves("messages-exact")
def _flood(place: int, environment: dict[str, str], results: Any) -> None:
    os.environ.update(environment)
    passed = 0
    for each in range(CALLS):
        passed += outcome(*sign_up(number(CALLS * place + each, "+4477009")))[0] == 200
    results.put(passed)


def test_several_processes_have_one_ceiling(
    switch_on: Switch, store: FakeService, cognito: FakeService, table: FakeTable
) -> None:
    """Each is a function of its own, with its own memory; the table is all that they share."""
    switch_on(all=[LIMIT, 3600], prefix=[LIMIT, 3600])
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    environment = {
        name: value for name, value in os.environ.items() if name.startswith("AWS_") or name == "PROXY_SETTINGS"
    }
    processes = [context.Process(target=_flood, args=(place, environment, results)) for place in range(PROCESSES)]
    for process in processes:
        process.start()
    passed = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=10)
    assert sum(passed) == LIMIT < PROCESSES * CALLS
    assert len(cognito.received) == LIMIT
    assert max(counts(table)) == LIMIT


@pytest.mark.parametrize(
    "part",
    [{}, {"table": ""}, {"all": 5}, {"all": [0, 60]}, {"prefix": [1]}, {"prefix": [1, 1.5]}, {"digits": 0},
     {"channels": ["letter"]}, {"channels": []}, {"channels": "sms"}],
)  # fmt: skip
def test_broken_settings_are_named(part: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="message_ceilings"):
        MessageCeilings({"table": TABLE, **part} if part else {}, _tools())


def _tools() -> Tools:
    settings = parse_settings(json.dumps(SETTINGS_DOCUMENT))
    return Tools(settings=settings, pseudonyms=lambda _call, _deadline: None, after_answer=AfterAnswer)


NOW = 1_763_700_000.25


def taken(counters: Counters, now: float, limit: int = 2) -> bool:
    return counters.take("k", limit=limit, window_seconds=60, now=now, deadline=time.monotonic() + 5).allowed


def test_what_is_given_back_can_be_taken_again(dynamodb: FakeService, table: FakeTable) -> None:
    counters = Counters(TABLE, "eu-west-1")
    assert [taken(counters, NOW), taken(counters, NOW + 1)] == [True, True]
    counters.give_back("k", deadline=time.monotonic() + 5)
    assert counts(table) == [1]
    assert [taken(counters, NOW + 2), taken(counters, NOW + 3)] == [True, False]
    counters.close()


def test_nothing_is_given_back_to_another_window(dynamodb: FakeService, table: FakeTable) -> None:
    mine, other = Counters(TABLE, "eu-west-1"), Counters(TABLE, "eu-west-1")
    assert taken(mine, NOW)
    assert taken(other, NOW + 61)  # begins the next one
    mine.give_back("k", deadline=time.monotonic() + 5)
    other.give_back("unknown", deadline=time.monotonic() + 5)
    assert counts(table) == [1]
    mine.close()
    other.close()
