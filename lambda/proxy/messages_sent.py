"""Which calls make Cognito send a text message or an e-mail, and what an answer says was sent. No I/O.

| operation | what it can send | the number is in the call | told before |
|---|---|---|---|
| SignUp | SMS to a number in it, or e-mail | yes | yes |
| ResendConfirmationCode | either | where it is the username | that something is |
| ForgotPassword | either | where it is the username | that something is |
| GetUserAttributeVerificationCode | by `AttributeName` | no | yes |
| UpdateUserAttributes | one for a number, one for an address in it | yes | yes |
| InitiateAuth, `USER_AUTH` | by `PREFERRED_CHALLENGE` | where it is the username | yes |
| InitiateAuth, other flows | either, after a right password | where it is the username | no |
| RespondToAuthChallenge, `SELECT_CHALLENGE` and `SELECT_MFA_TYPE` | by `ANSWER` | where it is the username | yes |
| RespondToAuthChallenge, other challenges | either, after a right answer | where it is the username | no |

The operations are those of Cognito's guide, less the administrators'; the model says of the same seven that they fail
with an InvalidSmsRoleAccessPolicyException, and a test compares them. No other sends any: AssociateSoftwareToken and
VerifySoftwareToken are about an app on a phone, SetUserMFAPreference and SetUserSettings only change what later
sign-ins do. Two things are not seen: what a trigger of the pool sends by itself, and threat protection's notices, which
are e-mails.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-sms-settings.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChallengeResponseType.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CodeDeliveryDetailsType.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from proxy.operations import REFRESH_FLOWS
from proxy.phone_numbers import EMAIL as EMAIL_ATTRIBUTE
from proxy.phone_numbers import PHONE, digits_of, new_numbers, set_attribute

if TYPE_CHECKING:
    from proxy.connection import Response

SMS, EMAIL = "sms", "email"
CHANNELS = frozenset({SMS, EMAIL})

Body = Mapping[str, Any]


class Request(NamedTuple):
    """What a call may make Cognito send."""

    channels: frozenset[str] = CHANNELS
    """One message through one of these, or nothing at all."""
    asks: bool = True
    """Whether the call asks for the message, and anybody can make it so; else one comes after a right password or
    code, and only the answer tells."""
    number: str | None = None
    """Whose it is, digits without the plus, as far as the call says so."""


def asked_for(operation: str, body: Body) -> Request | None:
    """What a call may make Cognito send; None for nothing.

    Raises:
        PhoneNumber, InvalidParameter: the call sets attributes in a form that Cognito does not take.
    """
    sender = _SENDERS.get(operation)
    return None if sender is None else sender(body)


def sent(response: Response) -> list[str]:
    """The channel of each message that went out for a call; none that an error tells of."""
    if response.status != 200:
        return []
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(document, dict):
        return []
    challenge = document.get("ChallengeName")
    channels = [_OF_CHALLENGES[challenge]] if isinstance(challenge, str) and challenge in _OF_CHALLENGES else []
    deliveries = document.get("CodeDeliveryDetailsList")
    for delivery in [document.get("CodeDeliveryDetails"), *(deliveries if isinstance(deliveries, list) else ())]:
        medium = delivery.get("DeliveryMedium") if isinstance(delivery, dict) else None
        if isinstance(medium, str) and medium.lower() in CHANNELS:
            channels.append(medium.lower())
    return channels


def is_uncertain(response: Response) -> bool:
    """Whether a message may have gone out although the answer is an error: it was sent and not delivered, or Cognito
    failed at something."""
    return response.status >= 500 or (response.status != 200 and b"CodeDeliveryFailureException" in response.body)


_OF_CHALLENGES = {"SMS_MFA": SMS, "SMS_OTP": SMS, "EMAIL_OTP": EMAIL, "EMAIL_MFA": EMAIL}
"""A challenge that is answered with a code out of a message: what carried it."""

_OF_ATTRIBUTES = {PHONE: frozenset({SMS}), EMAIL_ATTRIBUTE: frozenset({EMAIL})}

_SILENT_FIRST_FACTORS = frozenset({"PASSWORD", "PASSWORD_SRP", "WEB_AUTHN"})


def _sign_up(body: Body) -> Request:
    """Without a number there can be no text message. With one and an address, the pool's settings decide."""
    numbers = new_numbers("SignUp", body)
    if not numbers:
        return Request(frozenset({EMAIL}))
    channels = CHANNELS if any(set_attribute("SignUp", body, EMAIL_ATTRIBUTE)) else frozenset({SMS})
    return Request(channels, number=numbers[0])


def _to_known_user(body: Body) -> Request:
    return Request(number=digits_of(body.get("Username")))


def _verification(body: Body) -> Request:
    return Request(_OF_ATTRIBUTES.get(str(body.get("AttributeName")), CHANNELS))


def _update(body: Body) -> Request | None:
    numbers = new_numbers("UpdateUserAttributes", body)
    addresses = [value for value in set_attribute("UpdateUserAttributes", body, EMAIL_ATTRIBUTE) if value]
    channels = ({SMS} if numbers else set()) | ({EMAIL} if addresses else set())
    return Request(frozenset(channels), number=numbers[0] if numbers else None) if channels else None


def _initiate(body: Body) -> Request | None:
    flow, parameters = body.get("AuthFlow"), _object(body, "AuthParameters")
    if flow in REFRESH_FLOWS:
        return None
    number = digits_of(parameters.get("USERNAME"))
    preferred = parameters.get("PREFERRED_CHALLENGE")
    if flow == "USER_AUTH" and not (isinstance(preferred, str) and preferred in _SILENT_FIRST_FACTORS):
        return Request(_channel_of(preferred), number=number)
    return Request(asks=False, number=number)


def _respond(body: Body) -> Request:
    responses = _object(body, "ChallengeResponses")
    number = digits_of(responses.get("USERNAME"))
    answer = responses.get("ANSWER")
    selects = body.get("ChallengeName") in ("SELECT_CHALLENGE", "SELECT_MFA_TYPE")
    if selects and isinstance(answer, str) and answer in _OF_CHALLENGES:
        return Request(_channel_of(answer), number=number)
    return Request(asks=False, number=number)


def _channel_of(challenge: object) -> frozenset[str]:
    known = isinstance(challenge, str) and challenge in _OF_CHALLENGES
    return frozenset({_OF_CHALLENGES[str(challenge)]}) if known else CHANNELS


def _object(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


_SENDERS: Mapping[str, Callable[[Body], Request | None]] = {
    "SignUp": _sign_up,
    "ResendConfirmationCode": _to_known_user,
    "ForgotPassword": _to_known_user,
    "GetUserAttributeVerificationCode": _verification,
    "UpdateUserAttributes": _update,
    "InitiateAuth": _initiate,
    "RespondToAuthChallenge": _respond,
}

SENDERS = frozenset(_SENDERS)
"""Every operation that can send one."""
