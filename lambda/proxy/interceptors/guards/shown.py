"""What a guard is shown: objects made anew, of texts, that lead to nothing of the call itself.

Everything else stays where it is. Members are looked for where Cognito looks for them, and only for the operation that
has them: what a client adds somewhere else could show the guard one thing and Cognito another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cognito_proxy_guards import Call, Outcome, Sensitive
from proxy.awsjson import error_type
from proxy.connection import Response
from proxy.errors import InvalidParameter
from proxy.reading import Body, Reading

SIGN_IN = frozenset({"InitiateAuth", "RespondToAuthChallenge"})


class View(NamedTuple):
    """What the guard has asked for by name."""

    attributes: frozenset[str] = frozenset()
    metadata: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    tells: frozenset[str] = frozenset()


def call_of(reading: Reading, flow: str | None, view: View) -> Call:
    """The call as the guard sees it.

    Raises:
        InvalidParameter: its user attributes are not as Cognito takes them, or one stands there twice, so that nobody
            could tell which of the two Cognito heeds.
    """
    attributes = _attributes(reading)
    metadata = reading.client_metadata
    return Call(
        operation=reading.operation,
        client_id=reading.client_id,
        username=None if reading.username is None else _username(reading.username),
        flow=flow and flow[:_LONGEST_USERNAME],
        address=reading.request.client_ip,
        user_agent=reading.request.header("user-agent") or "",
        attribute_names=attributes.keys(),
        attributes={name: value for name, value in attributes.items() if name in view.attributes and value is not None},
        metadata_names=metadata.keys(),
        metadata={name: metadata[name] for name in view.metadata & metadata.keys()},
        sensitive={name: value for name in view.sensitive if (value := _sensitive(reading, name)) is not None},
        tells=view.tells,
    )


_LONGEST_VALUE = 2_048
_LONGEST_USERNAME = 128
"""Characters that Cognito takes: API reference, AttributeValueType and UsernameType."""


def _username(name: str) -> str:
    if len(name) > _LONGEST_USERNAME:
        raise InvalidParameter("The username is too long.")
    return name


def outcome_of(operation: str, response: Response) -> Outcome:
    """What Cognito answered, as the guard sees it."""
    if response.status >= 400:
        named = response.headers.get("x-amzn-errortype") or _member(response, "__type")
        return Outcome(status=response.status, error=error_type(named) or "UnknownError")
    challenge = _member(response, "ChallengeName") if operation in SIGN_IN else ""
    return Outcome(status=response.status, challenge=challenge)


def _member(response: Response, name: str) -> str:
    try:
        value = json.loads(response.body).get(name)
    except (ValueError, AttributeError, RecursionError):
        return ""
    return value if isinstance(value, str) else ""


def _attributes(reading: Reading) -> dict[str, str | None]:
    """Names of the user attributes that the call is about, and the values that it sets."""
    found: dict[str, str | None] = {}
    for name, value in _attribute_pairs(reading.operation, reading.body):
        if name in found:
            raise InvalidParameter("A user attribute stands there twice.")
        found[name] = value
    return found


def _attribute_pairs(operation: str, body: Body) -> Iterator[tuple[str, str | None]]:
    match operation:
        case "SignUp" | "UpdateUserAttributes":
            yield from map(_set_attribute, _list(body, "UserAttributes"))
        case "DeleteUserAttributes":
            for name in _list(body, "UserAttributeNames"):
                yield _text(name), None
        case "VerifyUserAttribute" | "GetUserAttributeVerificationCode":
            if body.get("AttributeName") is not None:
                yield _text(body["AttributeName"]), None
        case "RespondToAuthChallenge":
            # With NEW_PASSWORD_REQUIRED a user fills in what is missing.
            for name, value in body["ChallengeResponses"].items():
                if name.startswith("userAttributes."):
                    yield name.removeprefix("userAttributes."), None if value is None else _value(value)


def _set_attribute(entry: Any) -> tuple[str, str | None]:
    if not isinstance(entry, dict):
        raise _malformed()
    value = entry.get("Value")
    return _text(entry.get("Name")), None if value is None else _value(value)


def _list(body: Body, member: str) -> list[Any]:
    value = body.get(member)
    if value is None:  # null is absent, as everywhere in AWS JSON
        return []
    if not isinstance(value, list):
        raise _malformed()
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _malformed()
    return value


def _value(value: Any) -> str:
    """No guard is given more of a value than Cognito takes: its time is what an attacker would spend."""
    if len(_text(value)) > _LONGEST_VALUE:
        raise _malformed()
    return str(value)


def _malformed() -> InvalidParameter:
    return InvalidParameter("The user attributes cannot be read.")


_PASSWORD_OF_CHALLENGE = {"NEW_PASSWORD_REQUIRED": "NEW_PASSWORD"}
_CODE_OF_CHALLENGE = {
    "EMAIL_OTP": "EMAIL_OTP_CODE",
    "SMS_MFA": "SMS_MFA_CODE",
    "SMS_OTP": "SMS_OTP_CODE",
    "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE",
}
"""https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html"""

_MEMBERS: Mapping[Sensitive, Mapping[str, str]] = {
    Sensitive.PASSWORD: {
        "ChangePassword": "ProposedPassword",
        "ConfirmForgotPassword": "Password",
        "SignUp": "Password",
    },
    Sensitive.PREVIOUS_PASSWORD: {"ChangePassword": "PreviousPassword"},
    Sensitive.CODE: {
        "ConfirmForgotPassword": "ConfirmationCode",
        "ConfirmSignUp": "ConfirmationCode",
        "VerifySoftwareToken": "UserCode",
        "VerifyUserAttribute": "Code",
    },
    Sensitive.REFRESH_TOKEN: {"GetTokensFromRefreshToken": "RefreshToken", "RevokeToken": "Token"},
    Sensitive.SESSION: dict.fromkeys(
        ("AssociateSoftwareToken", "ConfirmSignUp", "InitiateAuth", "RespondToAuthChallenge", "VerifySoftwareToken"),
        "Session",
    ),
}
"""Where each operation has them; what is not here is in a place that depends on more than the operation."""


def _sensitive(reading: Reading, name: str) -> str | None:
    body, operation = reading.body, reading.operation
    value: Any = None
    if operation == "InitiateAuth" and name in _OF_SIGN_IN:
        value = body["AuthParameters"].get(_OF_SIGN_IN[name])
    elif operation == "RespondToAuthChallenge" and name != Sensitive.SESSION:
        value = body["ChallengeResponses"].get(_of_challenge(body["ChallengeName"], name))
    elif name == Sensitive.ACCESS_TOKEN:
        value = body.get("AccessToken")
    elif (member := _MEMBERS.get(Sensitive(name), {}).get(operation)) is not None:
        value = body.get(member)
    return value if isinstance(value, str) else None


_OF_SIGN_IN: Mapping[str, str] = {Sensitive.PASSWORD: "PASSWORD", Sensitive.REFRESH_TOKEN: "REFRESH_TOKEN"}


def _of_challenge(challenge: str, name: str) -> str | None:
    match name:
        case Sensitive.PASSWORD:
            return _PASSWORD_OF_CHALLENGE.get(challenge, "PASSWORD")
        case Sensitive.CODE:
            return _CODE_OF_CHALLENGE.get(challenge)
        case Sensitive.ANSWER:
            return "ANSWER"
    return None
