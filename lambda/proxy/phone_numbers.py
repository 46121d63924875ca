"""Phone numbers in a call: where they stand, and how they are written. No I/O.

| operation | where a number is set | source |
|---|---|---|
| SignUp | `UserAttributes`, name `phone_number` | API_SignUp |
| SignUp | `Username`, where the pool's users sign in with their number | the guide, "sign-in with a phone number" |
| UpdateUserAttributes | `UserAttributes`, name `phone_number` | API_UpdateUserAttributes |
| RespondToAuthChallenge | `ChallengeResponses`, `userAttributes.phone_number` | API_RespondToAuthChallenge |

A test holds the table against botocore's model: no other operation without IAM authorization takes attributes.
`ClientMetadata` and `ValidationData` set none: they go to the pool's triggers only.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unicodedata import normalize

from proxy.errors import InvalidParameter, PhoneNumber

PHONE, EMAIL = "phone_number", "email"

Body = Mapping[str, Any]

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
"""As Cognito takes it, a plus and digits only: the guide above, under `phone_number`. The length is E.164's, which is
what Amazon SNS wants: https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html"""

_LIKE_A_NUMBER = re.compile(r"\s*\+[\W_]*[0-9]")


def set_attribute(operation: str, body: Body, name: str) -> list[object]:
    """The value that a call sets an attribute to, if it does.

    Raises:
        InvalidParameter: the attributes do not have the form that Cognito takes, or this one stands there twice, so
            that nobody could tell which of the two Cognito heeds.
    """
    setter = _SETTERS.get(operation)
    values = [] if setter is None else [value for found, value in setter(body) if _plain(found) == name]
    if len(values) > 1:
        raise InvalidParameter("A user attribute stands there twice.")
    return values


def new_numbers(operation: str, body: Body) -> list[str]:
    """Digits of every number that a call sets, the plus left out; none where it sets none, or takes one away.

    Raises:
        PhoneNumber: one is not as Cognito takes it.
        InvalidParameter: the attributes do not have the form that Cognito takes.
    """
    values = set_attribute(operation, body, PHONE)
    if operation == "SignUp" and is_like_a_number(body.get("Username")):
        values.append(body["Username"])
    # "To delete an attribute from the user, submit the attribute in your API request with a blank value":
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html
    return [_digits(value) for value in values if value is not None and value != ""]


_LONGEST = 256
"""Characters that are looked at. Cognito takes 128 of a username and 32 of an attribute's name; and normalizing takes
time with the square of a text's length, if that is made for it."""


def is_like_a_number(username: object) -> bool:
    """Whether a username would be a phone number to whoever reads it kindly: then it must be one to the letter.

    An address with a plus in front is an address.
    """
    if not isinstance(username, str) or "@" in username:
        return False
    return _LIKE_A_NUMBER.match(normalize("NFKC", username[:_LONGEST])) is not None


def digits_of(username: object) -> str | None:
    """Digits of a username that is a number to the letter."""
    return username[1:] if isinstance(username, str) and _E164.fullmatch(username) else None


def _digits(value: object) -> str:
    if not isinstance(value, str) or not _E164.fullmatch(value):
        raise PhoneNumber("Invalid phone number format.")  # Cognito's own words for it
    return value[1:]


def _plain(name: str) -> str:
    """A name as the kindest reader would read it. Cognito's own are in lower case; whether it takes another spelling is
    not documented, so none gets past."""
    return normalize("NFKC", name[:_LONGEST]).strip().casefold()


def _listed(body: Body) -> Iterator[tuple[str, object]]:
    attributes = body.get("UserAttributes")
    if attributes is None:
        return
    if not isinstance(attributes, list):
        raise InvalidParameter("UserAttributes must be a list.")
    for attribute in attributes:
        if not isinstance(attribute, dict) or not isinstance(attribute.get("Name"), str):
            raise InvalidParameter("UserAttributes must be objects with a Name.")
        yield attribute["Name"], attribute.get("Value")


def _among_responses(body: Body) -> Iterator[tuple[str, object]]:
    """`userAttributes.name`, whatever the challenge and however its first part is spelt."""
    responses = body.get("ChallengeResponses")
    for name, value in responses.items() if isinstance(responses, dict) else ():
        yield name.rpartition(".")[2], value


_SETTERS: Mapping[str, Callable[[Body], Iterator[tuple[str, object]]]] = {
    "SignUp": _listed,
    "UpdateUserAttributes": _listed,
    "RespondToAuthChallenge": _among_responses,
}
"""Operations that set attributes, to name and value of each."""

SETTERS = frozenset(_SETTERS)
