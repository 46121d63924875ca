"""Which call at Cognito belongs to which call of a client's."""

from typing import Any

import pytest

from local.screen.exchanges import Exchange, Exchanges
from local.simulators.common.journal import Call
from tests.local.sample_calls import a_call

REFRESH = {"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": "c", "AuthParameters": {"REFRESH_TOKEN": "<redacted>"}}


@pytest.fixture
def told() -> list[Exchange]:
    return []


@pytest.fixture
def exchanges(told: list[Exchange]) -> Exchanges:
    return Exchanges(told.append, is_direct=lambda call: call.host == "public")


def _of(user: str, **fields: Any) -> dict[str, Any]:
    return {"ClientId": "c", "Username": user, **fields}


@pytest.mark.parametrize(
    ("sent", "forwarded"),
    [
        (a_call("SignUp", _of("ada")), a_call("SignUp", _of("ada", SecretHash="<redacted>"))),
        (a_call("GetUser", {"AccessToken": "<redacted>"}), a_call("GetUser", {"AccessToken": "<redacted>"})),
        (a_call("InitiateAuth", REFRESH), a_call("GetTokensFromRefreshToken", {"ClientId": "c"})),
        (
            a_call("InitiateAuth", {"ClientId": "c", "AuthParameters": {"USERNAME": "ada"}}),
            a_call("AdminInitiateAuth", {"ClientId": "c", "AuthParameters": {"USERNAME": "ada"}}),
        ),
        (a_call("SignUp", _of("ada"), invocation_id="7"), a_call("SignUp", _of("ada"))),
    ],
)
def test_a_call_finds_what_was_sent_on_for_it(
    exchanges: Exchanges, told: list[Exchange], sent: Call, forwarded: Call
) -> None:
    exchanges.at_cognito(forwarded)
    exchanges.at_proxy(sent)
    assert [(exchange.came, exchange.went_on, exchange.direct) for exchange in told] == [(sent, forwarded, False)]


@pytest.mark.parametrize(
    "other",
    [
        a_call("SignUp", _of("bob")),
        a_call("ForgotPassword", _of("ada")),
        a_call("SignUp", {**_of("ada"), "ClientId": "another"}),
        a_call("SignUp", _of("ada"), invocation_id="8"),
        a_call("SignUp", _of("ada"), began=0.5),
        a_call("GetTokensFromRefreshToken", {"ClientId": "c"}),
    ],
    ids=["user", "operation", "client", "invocation", "earlier", "no refresh"],
)
def test_a_call_of_somebody_else_is_not_taken_for_it(exchanges: Exchanges, told: list[Exchange], other: Call) -> None:
    exchanges.at_cognito(other)
    exchanges.at_proxy(a_call("SignUp", _of("ada"), invocation_id="7"))
    assert [exchange.went_on for exchange in told] == [None]


def test_calls_at_the_same_moment_keep_their_own(exchanges: Exchanges, told: list[Exchange]) -> None:
    wrong = a_call("GetUser", status=400, error_type="NotAuthorizedException")
    right = a_call("GetUser")
    exchanges.at_cognito(wrong)
    exchanges.at_cognito(right)
    exchanges.at_proxy(right)
    exchanges.at_proxy(wrong)
    assert [exchange.went_on and exchange.went_on.status for exchange in told] == [200, 400]


def test_a_call_at_cognito_belongs_to_one_call_only(exchanges: Exchanges, told: list[Exchange]) -> None:
    exchanges.at_cognito(a_call("SignUp", _of("ada")))
    for _ in range(2):
        exchanges.at_proxy(a_call("SignUp", _of("ada")))
    assert [exchange.went_on is None for exchange in told] == [False, True]


def test_a_secret_that_was_refused_first_is_told(exchanges: Exchanges, told: list[Exchange]) -> None:
    refused = a_call("SignUp", _of("ada"), status=400, error_type="NotAuthorizedException", proof_refused=True)
    taken = a_call("SignUp", _of("ada"), began=1.1)
    exchanges.at_cognito(refused)
    exchanges.at_cognito(taken)
    exchanges.at_proxy(a_call("SignUp", _of("ada")))
    assert [(exchange.went_on, exchange.tried_again) for exchange in told] == [(taken, True)]


def test_who_speaks_to_cognito_itself_is_told_at_once(exchanges: Exchanges, told: list[Exchange]) -> None:
    call = a_call("SignUp", host="public")
    exchanges.at_cognito(call)
    assert [(exchange.came, exchange.went_on, exchange.direct) for exchange in told] == [(call, None, True)]


def test_calls_of_functions_that_nobody_asked_for_are_forgotten(exchanges: Exchanges, told: list[Exchange]) -> None:
    mine = a_call("SignUp", _of("ada"), began=2.0)
    for _ in range(1_000):
        exchanges.at_cognito(a_call("DescribeUserPoolClient", signed=True))
    exchanges.at_cognito(mine)
    exchanges.at_proxy(a_call("SignUp", _of("ada"), began=2.0))
    assert [exchange.went_on for exchange in told] == [mine]
    assert len(exchanges._waiting) < 1_000
