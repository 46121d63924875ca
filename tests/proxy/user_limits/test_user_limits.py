"""Limits a user: what counts, with what, and who gets in when the attempts are used up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from proxy.errors import WAIT_HEADER
from proxy.interceptors.user_limits.groups import CONTINUING_CHALLENGES, Group
from proxy.interceptors.user_limits.names import normalized
from proxy.operations import KNOWN_CHALLENGES
from tests.proxy.fake_dynamodb import FakeTable
from tests.proxy.fake_service import FakeService, answer, error, stall
from tests.proxy.regional_calls import assert_error, call, lines
from tests.proxy.sample_requests import CLIENT_ID, OTHER_CLIENT_ID
from tests.proxy.user_limits.limited import LIMITED, PART, Clock, switch_on
from tests.proxy.user_limits.owner_and_attacker import (
    CODE,
    DEVICE,
    OWNER,
    PASSWORD,
    SUB,
    Pool,
    begin,
    from_address,
    named,
    outcome,
    respond,
    sign_in,
    tokens,
)

HOME, CAFE = "203.0.113.7", "198.51.100.9"
WRONG = "NotAuthorizedException"


@pytest.fixture(autouse=True)
def switched_on(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch)


def strangers() -> Iterator[str]:
    """Addresses, each of another network."""
    return (f"10.{number // 250}.{number % 250}.1" for number in count())


ADDRESSES = strangers()


def use_up(name: str = OWNER) -> None:
    assert LIMITED in [sign_in(next(ADDRESSES), name) for _ in range(PART["attempts"] + 1)]


def test_exactly_the_limit_reaches_cognito_whatever_the_address(pool: Pool) -> None:
    assert [sign_in(next(ADDRESSES)) for _ in range(7)] == [WRONG] * 4 + [LIMITED] * 3
    assert pool.calls == ["InitiateAuth"] * 4


def test_another_user_is_unaffected(pool: Pool) -> None:
    use_up()
    assert sign_in(CAFE, "bob@example.com", PASSWORD) is None


def test_every_app_client_counts_together(pool: Pool) -> None:
    def attempt(client_id: str) -> Any:
        parameters = {"USERNAME": OWNER, "PASSWORD": "wrong"}
        body = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        return outcome(call("InitiateAuth", body))

    both = [attempt(client_id) for _ in range(3) for client_id in (CLIENT_ID, OTHER_CLIENT_ID)]
    assert both == [WRONG] * 4 + [LIMITED] * 2


def test_a_refusal_says_how_long_to_wait_where_a_page_can_read_it(
    pool: Pool, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    use_up()
    clock.now += 100.5
    body = {"ClientId": CLIENT_ID, "AuthFlow": "USER_PASSWORD_AUTH"}
    result = from_address(CAFE, "InitiateAuth", {**body, "AuthParameters": {"USERNAME": OWNER, "PASSWORD": "wrong"}})
    assert_error(result, 400, LIMITED)
    _, document, headers = result
    assert document["message"] == "Too many attempts. Try again in 1100 seconds."
    assert headers[WAIT_HEADER] == "1100"
    assert WAIT_HEADER in headers["access-control-expose-headers"].split(",")
    assert "retry-after" not in headers
    line = lines(capsys)[-1]
    assert (line["outcome"], line["reason"], line["Refusals"]) == ("refused", "user_limit", 1)


def test_the_window_ends_after_the_last_attempt_that_passed(pool: Pool, clock: Clock) -> None:
    for _ in range(4):
        assert sign_in(next(ADDRESSES)) == WRONG
        clock.now += 600
    assert sign_in(next(ADDRESSES)) == LIMITED
    clock.now += 599
    assert sign_in(next(ADDRESSES)) == LIMITED
    clock.now += 1
    assert [sign_in(next(ADDRESSES)) for _ in range(5)] == [WRONG] * 4 + [LIMITED]


def test_the_owner_gets_in_from_where_she_has_signed_in_before(pool: Pool, clock: Clock) -> None:
    assert sign_in(HOME, password=PASSWORD) is None
    use_up()
    assert sign_in(CAFE, password=PASSWORD) == LIMITED
    neighbour = "203.0.113.200"
    assert sign_in(neighbour, password=PASSWORD) is None
    clock.now += 29 * 86_400
    use_up()
    assert sign_in(HOME, password=PASSWORD) is None, "a success is remembered anew"


def test_the_owner_gets_in_on_a_device_that_cognito_knows(pool: Pool) -> None:
    sign_in(HOME, password=PASSWORD)
    use_up()
    assert sign_in(CAFE, password=PASSWORD, DEVICE_KEY=DEVICE) is None
    assert sign_in("192.0.2.9", password=PASSWORD, DEVICE_KEY="eu-west-1_made-up") == LIMITED


def test_a_place_has_attempts_of_its_own_and_a_success_gives_them_back(pool: Pool) -> None:
    sign_in(HOME, password=PASSWORD)
    use_up()
    for _ in range(3):
        assert sign_in(HOME) == WRONG
    assert sign_in(HOME, password=PASSWORD) is None
    assert [sign_in(HOME) for _ in range(5)] == [WRONG] * 4 + [LIMITED]
    assert sign_in(HOME, password=PASSWORD) == LIMITED
    assert sign_in(HOME, password=PASSWORD, DEVICE_KEY=DEVICE) is None, "the device's are not the network's"


def test_a_success_gives_strangers_nothing_back(pool: Pool) -> None:
    sign_in(HOME, password=PASSWORD)
    use_up()
    sign_in(HOME, password=PASSWORD)
    assert sign_in(next(ADDRESSES)) == LIMITED


def test_who_signs_in_again_and_again_is_never_refused(pool: Pool, clock: Clock) -> None:
    for _ in range(50):
        assert sign_in(HOME, password=PASSWORD) is None
        clock.now += 60


def test_a_place_is_forgotten(pool: Pool, clock: Clock, table: FakeTable) -> None:
    sign_in(HOME, password=PASSWORD)
    clock.now += PART["remembered"]
    use_up()
    assert sign_in(HOME, password=PASSWORD) == LIMITED


def test_a_place_counts_for_every_name_that_cognito_says_is_hers(pool: Pool, cognito: FakeService) -> None:
    session = begin(HOME, "USER_SRP_AUTH")
    assert respond(HOME, "PASSWORD_VERIFIER", SUB, session, PASSWORD=PASSWORD) is None
    for name in (OWNER, SUB):
        use_up(name)
        assert sign_in(CAFE, name, PASSWORD) == LIMITED
        assert sign_in(HOME, name, PASSWORD) is None


@pytest.mark.parametrize("twin", [OWNER.upper(), "\uff4a" + OWNER[1:]], ids=["another case", "another form"])
def test_who_owns_a_name_that_counts_with_hers_has_no_place_of_hers(
    pool: Pool, cognito: FakeService, twin: str
) -> None:
    """To a pool that tells them apart they are two users, and one of them guesses the other's password."""
    passed = 0
    his = {"username": twin, "cognito:username": twin, "email": twin}
    for _ in range(10):
        passed += [sign_in(CAFE) for _ in range(PART["attempts"] - 1)].count(WRONG)
        cognito.script(answer({"AuthenticationResult": tokens(**his)}))
        sign_in(CAFE, twin, PASSWORD)
        cognito._script.clear()  # where he was not let in, it waits there still
    assert passed <= PART["attempts"]


def test_a_name_that_is_the_address_in_another_spelling_is_noted_once(pool: Pool, cognito: FakeService) -> None:
    cognito.script(answer({"AuthenticationResult": tokens(username="Jane@Example.com")}))
    assert sign_in(HOME, password=PASSWORD) is None
    use_up()
    assert sign_in(HOME, password=PASSWORD) is None


@pytest.mark.parametrize(
    ("claims", "mail_is_known"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "false"}, False),
        ({"email_verified": None}, False),
        ({"email": None}, False),
        ({"email": None, "preferred_username": OWNER}, False),
    ],
)
def test_what_is_not_verified_makes_no_place_of_anothers(
    pool: Pool, cognito: FakeService, claims: dict[str, Any], mail_is_known: bool
) -> None:
    """Somebody with an account of his own, whose address he claims to be hers."""
    cognito.script(
        answer({"AuthenticationResult": tokens(username="mallory", **{"cognito:username": "mallory"}, **claims)})
    )
    assert sign_in(HOME, "mallory", "his own") is None
    use_up()
    assert sign_in(HOME, password=PASSWORD) == (None if mail_is_known else LIMITED)


def test_the_name_in_an_answer_to_a_challenge_makes_no_place(pool: Pool, cognito: FakeService) -> None:
    mallory = tokens(username="mallory", **{"cognito:username": "mallory", "email": "mallory@example.com"})
    cognito.script(answer({"AuthenticationResult": mallory}))
    assert respond(CAFE, "PASSWORD_VERIFIER", OWNER, PASSWORD="his own") is None
    use_up()
    assert sign_in(CAFE, password=PASSWORD) == LIMITED


@pytest.mark.parametrize(
    "response",
    [
        answer({"ChallengeName": "SMS_MFA", "Session": "s"}),
        answer({"AuthenticationResult": None}),
        answer({"AuthenticationResult": {"AccessToken": "none", "IdToken": 7}}),
        answer([1]),
        error("UserNotConfirmedException", "User is not confirmed."),
    ],
)
def test_what_is_no_success_makes_no_place(pool: Pool, cognito: FakeService, table: FakeTable, response: Any) -> None:
    cognito.script(response)
    sign_in(HOME)
    assert all("marked" not in item for item in table.items.values())


def test_resetting_the_password_with_a_code_lets_the_owner_in_anywhere(pool: Pool) -> None:
    use_up()
    assert [named(next(ADDRESSES), "ForgotPassword") for _ in range(5)] == [None] * 4 + [LIMITED]
    for _ in range(50):
        named(next(ADDRESSES), "ConfirmForgotPassword", ConfirmationCode="guess", Password="x")
    assert sign_in(CAFE, password=PASSWORD) == LIMITED
    assert named(CAFE, "ConfirmForgotPassword", ConfirmationCode=CODE, Password=PASSWORD) is None
    assert sign_in(CAFE, password=PASSWORD) is None
    assert named(CAFE, "ForgotPassword") is None


def test_guessing_the_code_is_counted_a_network(pool: Pool) -> None:
    def guess(address: str) -> Any:
        return named(address, "ConfirmForgotPassword", ConfirmationCode="guess", Password="x")

    assert [guess(HOME) for _ in range(5)] == ["CodeMismatchException"] * 4 + [LIMITED]
    assert guess("203.0.113.8") == LIMITED
    assert guess(CAFE) == "CodeMismatchException"


def test_the_two_steps_of_srp_count_once(pool: Pool, table: FakeTable) -> None:
    def srp(address: str) -> Any:
        session = begin(address, "USER_SRP_AUTH")
        return session if session == LIMITED else respond(address, "PASSWORD_VERIFIER", SUB, session)

    assert [srp(next(ADDRESSES)) for _ in range(5)] == [WRONG] * 4 + [LIMITED]


@pytest.mark.parametrize("challenge", sorted(KNOWN_CHALLENGES | {"A_NEW_ONE"}))
def test_answers_that_can_be_guessed_count(pool: Pool, challenge: str) -> None:
    outcomes = [respond(next(ADDRESSES), challenge) for _ in range(5)]
    assert outcomes == [WRONG] * 4 + [WRONG if challenge in CONTINUING_CHALLENGES else LIMITED]


def test_answers_and_sign_ins_have_counters_of_their_own(pool: Pool) -> None:
    use_up()
    assert respond(CAFE, "SMS_MFA") == WRONG


OTHERS: dict[str, dict[str, Any]] = {
    "InitiateAuth": {
        "ClientId": CLIENT_ID,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": "dummy"},
    },
    "GetTokensFromRefreshToken": {"ClientId": CLIENT_ID, "RefreshToken": "dummy"},
    "RevokeToken": {"ClientId": CLIENT_ID, "Token": "dummy"},
    "GetUser": {"AccessToken": "dummy"},
    "ChangePassword": {"AccessToken": "dummy"},
}


@pytest.mark.parametrize("operation", OTHERS)
def test_refreshes_and_what_names_no_user_never_count(
    pool: Pool, cognito: FakeService, table: FakeTable, operation: str
) -> None:
    cognito.default = answer({"AuthenticationResult": tokens()})
    for _ in range(6):
        assert call(operation, OTHERS[operation])[0] == 200
    assert table.calls == 0


@pytest.mark.parametrize(
    ("operations", "members"),
    [
        (("SignUp", "ConfirmSignUp", "ResendConfirmationCode"), {"Password": "x", "ConfirmationCode": "1"}),
        (("ForgotPassword",), {}),
    ],
)
def test_operations_of_a_group_count_together(pool: Pool, operations: tuple[str, ...], members: dict[str, Any]) -> None:
    outcomes = [named(next(ADDRESSES), operations[number % len(operations)], **members) for number in range(5)]
    assert outcomes == [None] * 4 + [LIMITED]
    assert sign_in(CAFE) == WRONG


@pytest.mark.parametrize(
    "spelling", ["JANE@EXAMPLE.COM", " jane@example.com ", "\uff4aane@example.com", "jane@EXAMPLE.com"]
)
def test_spellings_of_a_name_count_together(pool: Pool, spelling: str) -> None:
    use_up()
    assert sign_in(CAFE, spelling) == LIMITED


def test_names_are_normalized_once_and_for_all() -> None:
    for name in ("Straße", "ΣΊΣΥΦΟΣ", "\u0130stanbul", "e\u0301", "\ufb03", "\u1e9e", "x" * 1000):
        assert normalized(normalized(name)) == normalized(name)
    assert normalized("Stra\u00dfe") == normalized("STRASSE")
    assert normalized("e\u0301") == normalized("\u00c9")
    assert len({normalized(name) for name in ("jane", "jane1", "+15550100", "jane@example.com")}) == 4


def test_a_long_name_costs_no_more(pool: Pool) -> None:
    assert sign_in(CAFE, "\ufdfa" * 100_000) == WRONG


def test_no_name_and_no_address_is_in_the_table(pool: Pool, table: FakeTable, dynamodb: FakeService) -> None:
    sign_in(HOME, password=PASSWORD)
    sign_in("2001:db8::7", password=PASSWORD)
    use_up()
    sent = b"".join(received.body for received in dynamodb.received).decode()
    for secret in (OWNER, "jane", SUB, HOME, "203.0.113", "2001", DEVICE, PASSWORD, CLIENT_ID):
        assert secret not in sent
    assert all(len(key) == 32 and int(key, 16) for key in table.items)


def test_a_network_of_ipv6_has_attempts_on_all_names(monkeypatch: pytest.MonkeyPatch, pool: Pool, clock: Clock) -> None:
    switch_on(monkeypatch, network_attempts=6)

    def attempts(prefix: str) -> list[Any]:
        return [sign_in(f"{prefix}::{number}", f"user{number}") for number in range(1, 9)]

    assert attempts("2001:db8:0:1") == [WRONG] * 6 + [LIMITED] * 2
    clock.now += 1199
    assert sign_in("2001:db8:0:1:ffff::1", "nobody") == LIMITED
    assert sign_in("2001:db8:0:2::1", "nobody") == WRONG
    assert sign_in(CAFE, "nobody") == WRONG
    clock.now += 1
    assert sign_in("2001:db8:0:1:ffff::1", "nobody") == WRONG


def test_a_refusal_of_a_network_says_so(
    monkeypatch: pytest.MonkeyPatch, pool: Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(monkeypatch, network_attempts=1)
    assert [sign_in("2001:db8::1", name) for name in ("a", "b")] == [WRONG, LIMITED]
    assert lines(capsys)[-1]["reason"] == "network_limit"


def test_addresses_of_ipv4_have_none_in_whatever_notation(monkeypatch: pytest.MonkeyPatch, pool: Pool) -> None:
    switch_on(monkeypatch, network_attempts=1)
    outcomes = [sign_in(HOME, "a"), sign_in(HOME, "b"), sign_in(f"::ffff:{HOME}", "c"), sign_in("::ffff:1.2.3.4", "d")]
    assert outcomes == [WRONG] * 4


def test_groups_can_be_left_out(monkeypatch: pytest.MonkeyPatch, pool: Pool) -> None:
    switch_on(monkeypatch, groups=["recovery"])
    assert [sign_in(CAFE) for _ in range(6)] == [WRONG] * 6
    assert [named(CAFE, "ForgotPassword") for _ in range(5)] == [None] * 4 + [LIMITED]


def test_a_call_that_cognito_never_saw_counts(
    pool: Pool, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    cognito.drop_connections = True
    cognito.hang_up()
    assert [sign_in(CAFE) for _ in range(5)] == ["InternalErrorException"] * 4 + [LIMITED]


FAILURES = {
    "ThrottlingException": error("ThrottlingException", "m"),
    "ProvisionedThroughputExceededException": error("ProvisionedThroughputExceededException", "m"),
    "InternalServerError": error("InternalServerError", "m", status=500),
    "no answer in time": stall,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_when_nothing_can_be_counted_sign_ins_go_on(
    pool: Pool, dynamodb: FakeService, capsys: pytest.CaptureFixture[str], failure: str
) -> None:
    sign_in(HOME, password=PASSWORD)
    dynamodb.default = FAILURES[failure]
    capsys.readouterr()
    assert [sign_in(CAFE, password=PASSWORD) for _ in range(6)] == [None] * 6
    for line in lines(capsys):
        assert line["outcome"] == "answered"
        assert line["CounterFailures"] == 2, "before, and after the success"
        assert "Counters: " in line["problem"]
        assert line["Latency"] < 2000


def test_by_choice_nobody_passes_then(
    monkeypatch: pytest.MonkeyPatch, pool: Pool, dynamodb: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(monkeypatch, closed=True)
    dynamodb.default = error("ThrottlingException", "m")
    assert sign_in(CAFE, password=PASSWORD) == "InternalErrorException"
    assert pool.calls == []
    (line,) = lines(capsys)
    assert (line["outcome"], line["reason"], line["CounterFailures"]) == ("failed", "counters", 1)
    assert call("GetUser", {"AccessToken": "dummy"})[0] == 200, "what is not counted passes"


def test_a_key_that_cannot_be_had_is_a_failure_too(
    pool: Pool, store: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    store.default = error("InternalServiceError", "m", status=500)
    sign_in(CAFE)
    assert lines(capsys)[-1]["CounterFailures"] == 1


def test_one_call_for_a_first_attempt_and_none_for_a_flood(pool: Pool, table: FakeTable) -> None:
    sign_in(CAFE)
    assert table.calls == 1
    use_up()
    asked = table.calls
    for _ in range(100):
        sign_in(CAFE)
    assert table.calls == asked + 100, "of a flood only whether the place is known is asked"


@pytest.mark.parametrize(
    "part",
    [
        {"table": ""},
        {"table": 7},
        {"attempts": 0},
        {"attempts": "4"},
        {"attempts": True},
        {"window": None},
        {"remembered": 1e12},
        {"groups": "sign_in"},
        {"groups": ["unknown"]},
        {"closed": "true"},
    ],
)
def test_a_broken_part_is_a_500(monkeypatch: pytest.MonkeyPatch, part: dict[str, Any]) -> None:
    switch_on(monkeypatch, **part)
    assert sign_in(CAFE) == "InternalErrorException"


def test_groups_have_names_of_settings() -> None:
    assert [group.value for group in Group] == ["sign_in", "answers", "sign_up", "recovery", "reset"]
