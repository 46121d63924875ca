"""The codes that Cognito would send."""

from typing import Any

import pytest

from local.screen.codes import SentCode, sent_code
from tests.local.sample_calls import a_call, an_exchange

SENT = {"CodeDeliveryDetails": {"Destination": "<redacted>", "DeliveryMedium": "EMAIL"}}


def _sent(operation: str, answer: Any = SENT, *, is_user: bool = True, **fields: Any) -> SentCode | None:
    call = a_call(operation, {"Username": "alice"}, answer=answer, **fields)
    return sent_code(an_exchange(call, call), lambda _: is_user)


@pytest.mark.parametrize(
    ("operation", "code", "purpose"),
    [
        ("SignUp", "123456", "sign-up"),
        ("ResendConfirmationCode", "123456", "sign-up"),
        ("ForgotPassword", "654321", "reset"),
    ],
)
def test_tells_the_code_that_the_emulator_issued(operation: str, code: str, purpose: str) -> None:
    assert _sent(operation) == SentCode(user="alice", code=code, purpose=purpose, medium="e-mail")


def test_tells_how_it_would_travel() -> None:
    sent = _sent("SignUp", {"CodeDeliveryDetails": {"DeliveryMedium": "SMS"}})
    assert sent is not None
    assert sent.medium == "text message"


def test_tells_of_no_code_where_none_was_sent() -> None:
    assert _sent("SignUp", {"UserConfirmed": False}) is None
    assert _sent("SignUp", status=400) is None
    assert _sent("SignUp", None) is None
    assert _sent("ConfirmSignUp") is None
    assert _sent("InitiateAuth") is None


def test_a_call_that_did_not_reach_cognito_sent_none() -> None:
    call = a_call("SignUp", {"Username": "alice"}, answer=SENT)
    assert sent_code(an_exchange(call), lambda _: True) is None


def test_who_spoke_to_cognito_itself_may_have_been_sent_one() -> None:
    call = a_call("ForgotPassword", {"Username": "alice"}, answer=SENT)
    sent = sent_code(an_exchange(call, direct=True), lambda _: True)
    assert sent is not None
    assert sent.code == "654321"


def test_a_user_that_there_is_not_gets_none_though_cognito_says_so() -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html"""
    sent = _sent("ForgotPassword", is_user=False)
    assert sent is not None
    assert sent.code == ""
