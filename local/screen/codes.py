"""The codes that Cognito would send. The emulator sends none, since it always issues the same ones.

MiniStack 1.5.33, `ministack/services/cognito.py`: `_sign_up` and `_resend_confirmation_code` issue 123456,
`_forgot_password` 654321; `_confirmation_code_error` accepts no other, and none that was not issued.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.screen.exchanges import Exchange, user_of
from local.simulators.common.journal import Call

SIGN_UP_CODE = "123456"
RESET_CODE = "654321"

_ISSUED: Mapping[str, tuple[str, str]] = {
    "SignUp": (SIGN_UP_CODE, "sign-up"),
    "ResendConfirmationCode": (SIGN_UP_CODE, "sign-up"),
    "ForgotPassword": (RESET_CODE, "reset"),
}
"""Operation → the code that it issues, and what for."""

_MEDIA = {"EMAIL": "e-mail", "SMS": "text message"}


@dataclass(frozen=True, kw_only=True)
class SentCode:
    """A code on its way to a user."""

    user: str
    """As the call named them."""
    code: str
    """Empty where Cognito only says that it sent one: there is no such user, and it keeps that to itself."""
    purpose: str
    """`sign-up` or `reset`."""
    medium: str
    """`e-mail` or `text message`."""


def sent_code(exchange: Exchange, is_user: Callable[[str], bool]) -> SentCode | None:
    """The code that a call had sent, or None. `is_user` is asked of names that Cognito may have pretended to know."""
    call = exchange.went_on or exchange.came
    if call.operation not in _ISSUED or not _says_that_it_sent_one(call) or not (exchange.went_on or exchange.direct):
        return None
    code, purpose = _ISSUED[call.operation]
    user = user_of(call)
    known = call.operation == "SignUp" or is_user(user)
    medium = _MEDIA.get(_medium(call), "e-mail")
    return SentCode(user=user, code=code if known else "", purpose=purpose, medium=medium)


def _says_that_it_sent_one(call: Call) -> bool:
    """A sign-up without an address to send to has no CodeDeliveryDetails."""
    return call.status == 200 and isinstance(call.answer, dict) and bool(call.answer.get("CodeDeliveryDetails"))


def _medium(call: Call) -> str:
    details = call.answer["CodeDeliveryDetails"]
    return str(details.get("DeliveryMedium", "")) if isinstance(details, dict) else ""
