"""What is told of a call that changed something of a user: the events, as one table and one function. No I/O.

docs/events.md says what each member means, docs/schemas/user-event.json what it looks like. Of what a client sent only
names of attributes get into an event, and those Cognito has just taken as names; of the tokens the claims `sub` and
`client_id`, read without verifying, which Cognito has just done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from proxy.access_token import unverified_claims
from proxy.operations import KNOWN_FLOWS, REFRESH_FLOWS
from proxy.reading import Reading

VERSION = 1
"""Of the detail. Members may be added without a new one; none changes its meaning or goes."""

Json = Mapping[str, Any]

SIGNED_IN = "User Signed In"
REFRESHED = "Tokens Refreshed"


class Row(NamedTuple):
    """What is told of an operation."""

    detail_type: str
    by_token: bool = False
    """The request has an access token that Cognito requires and verifies: it says whose and which app client's."""
    attributes: Callable[[Json], Iterator[object]] = lambda _: iter(())
    """Names of the attributes in the request."""


def _members(key: str) -> Callable[[Json], Iterator[object]]:
    """The names in a list of `{"Name": …, "Value": …}`."""

    def names(body: Json) -> Iterator[object]:
        return (each.get("Name") for each in _list(body, key) if isinstance(each, dict))

    return names


CHANGES: Mapping[str, Row] = {
    "SignUp": Row("User Signed Up", attributes=_members("UserAttributes")),
    "ConfirmSignUp": Row("User Confirmed"),
    "ConfirmForgotPassword": Row("Password Reset"),
    "ChangePassword": Row("Password Changed", by_token=True),
    "UpdateUserAttributes": Row("User Attributes Changed", by_token=True, attributes=_members("UserAttributes")),
    "DeleteUserAttributes": Row(
        "User Attributes Deleted", by_token=True, attributes=lambda body: iter(_list(body, "UserAttributeNames"))
    ),
    "VerifyUserAttribute": Row(
        "User Attribute Verified", by_token=True, attributes=lambda body: iter([body.get("AttributeName")])
    ),
    "VerifySoftwareToken": Row("Software Token Verified"),
    "SetUserMFAPreference": Row("MFA Preference Changed", by_token=True),
    "SetUserSettings": Row("MFA Preference Changed", by_token=True),
    "CompleteWebAuthnRegistration": Row("Passkey Registered", by_token=True),
    "DeleteWebAuthnCredential": Row("Passkey Deleted", by_token=True),
    "ConfirmDevice": Row("Device Confirmed", by_token=True),
    "UpdateDeviceStatus": Row("Device Status Changed", by_token=True),
    "ForgetDevice": Row("Device Forgotten", by_token=True),
    "RevokeToken": Row("Token Revoked"),
    "RevokeUserSession": Row("Session Revoked", by_token=True),
    "GlobalSignOut": Row("User Signed Out Everywhere", by_token=True),
    "UpdateAuthEventFeedback": Row("Sign-In Feedback Given"),
    "DeleteUser": Row("User Deleted", by_token=True),
}
"""Operations that change a user, their password, factors, devices or sessions. With SIGN_INS and UNCHANGED these are
all that the proxy knows, which a test holds against `proxy.operations` and botocore's model."""

CHALLENGES: Mapping[str, Row] = {
    "NEW_PASSWORD_REQUIRED": Row(
        "Password Changed",
        attributes=lambda body: (
            name.removeprefix(_ATTRIBUTE) for name in _object(body, "ChallengeResponses") if name.startswith(_ATTRIBUTE)
        ),
    ),
    "MFA_SETUP": Row("MFA Set Up"),
}
"""Answers to these challenges change the user while they sign in; the other challenges prove something only."""

_ATTRIBUTE = "userAttributes."

SIGN_INS = frozenset({"InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken"})
"""Operations whose answer may hold tokens: a sign-in or a refresh, told by choice."""

UNCHANGED: Mapping[str, str] = {
    "AssociateSoftwareToken": "the authenticator app counts once VerifySoftwareToken has proved it",
    "ForgotPassword": "sends a code, or for a name that nobody has says that it did",
    "GetDevice": "reads",
    "GetUser": "reads",
    "GetUserAttributeVerificationCode": "sends a code",
    "GetUserAuthFactors": "reads",
    "ListDevices": "reads",
    "ListUserSessions": "reads",
    "ListWebAuthnCredentials": "reads",
    "ResendConfirmationCode": "sends a code, or for a name that nobody has says that it did",
    "StartWebAuthnRegistration": "the passkey counts once CompleteWebAuthnRegistration has proved it",
}
"""Operations of which nothing is told, and why."""


class UserEvent(NamedTuple):
    """One event: its type, and what it says but for who named themselves."""

    detail_type: str
    detail: dict[str, Any]


def may_tell(reading: Reading, flow: str | None, *, sign_ins: bool) -> bool:
    """Whether something may have to be told of a call, without a look at its answer: most calls end here."""
    if reading.operation in CHANGES:
        return True
    return reading.operation in SIGN_INS and (sign_ins or (_is_answer(reading) and flow in CHALLENGES))


def events_of(reading: Reading, flow: str | None, answer: bytes, *, sign_ins: bool) -> Iterator[UserEvent]:
    """What is to be told of a call that Cognito answered with 200.

    Args:
        reading: the call.
        flow: the auth flow or challenge that it names.
        answer: Cognito's.
        sign_ins: whether sign-ins and refreshes are told, too.
    """
    document = _document(answer)
    row = CHANGES.get(reading.operation)
    if row is not None:
        if _took_effect(reading.operation, document):
            yield UserEvent(row.detail_type, _detail(reading, row, flow, document))
        return
    row = CHALLENGES.get(flow or "") if _is_answer(reading) else None
    if row is not None and document.get("ChallengeName") != flow:
        yield UserEvent(row.detail_type, _detail(reading, row, flow, document))
    if sign_ins and _tokens(document):
        refreshed = flow in REFRESH_FLOWS or reading.operation == "GetTokensFromRefreshToken"
        yield UserEvent(REFRESHED if refreshed else SIGNED_IN, _detail(reading, Row(""), flow, document))


def username_of(reading: Reading) -> str | None:
    """The name that the request has, to be hashed and never told."""
    if reading.operation == "UpdateAuthEventFeedback":
        name = reading.body.get("Username")
        return name if isinstance(name, str) and name else None
    return reading.username


def _took_effect(operation: str, document: Json) -> bool:
    # The only operation that says no with a 200: API reference, VerifySoftwareToken, Status.
    return operation != "VerifySoftwareToken" or document.get("Status") == "SUCCESS"


def _is_answer(reading: Reading) -> bool:
    return reading.operation == "RespondToAuthChallenge"


def _detail(reading: Reading, row: Row, flow: str | None, document: Json) -> dict[str, Any]:
    detail: dict[str, Any] = {"version": VERSION, "operation": reading.operation}
    if flow in KNOWN_FLOWS:
        detail["flow"] = flow
    claims = unverified_claims(_token(reading, row, document))
    # What the token says goes before what the client wrote beside it.
    client_id = _claim(claims, "client_id") or reading.client_id
    if client_id:
        detail["client_id"] = client_id
    sub = _claim(document, "UserSub") if reading.operation == "SignUp" else _claim(claims, "sub")
    if sub:
        detail["sub"] = sub
    if reading.operation == "SignUp":
        detail["confirmed"] = document.get("UserConfirmed") is True
    attributes = _names(row.attributes(reading.body))
    if attributes:
        detail["attributes"] = attributes
    return detail


def _token(reading: Reading, row: Row, document: Json) -> object:
    """An access token that Cognito has just verified or made; no other is looked at, since nobody has verified it."""
    if row.by_token:
        return reading.body.get("AccessToken")
    if reading.operation == "VerifySoftwareToken" and reading.body.get("Session") is None:
        return reading.body.get("AccessToken")
    return _tokens(document).get("AccessToken") if reading.operation in SIGN_INS else None


def _tokens(document: Json) -> Json:
    return _object(document, "AuthenticationResult")


_CLAIM = re.compile(r"[A-Za-z0-9_+-]{1,128}", re.ASCII)


def _claim(claims: Json, name: str) -> str | None:
    """A sub or a client id; nothing else can stand there."""
    value = claims.get(name)
    return value if isinstance(value, str) and _CLAIM.fullmatch(value) else None


MAX_NAME = 32
"""Characters of an attribute's name: API reference, AttributeNameType."""
MAX_NAMES = 100
"""A pool has at most 50 attributes of its own, and OpenID Connect's: an event stays far below EventBridge's 256 KB."""


def _names(names: Iterator[object]) -> list[str]:
    """Names as Cognito takes them, each once, in their order: no white space, no control character."""
    fit = (
        name
        for name in names
        if isinstance(name, str) and 0 < len(name) <= MAX_NAME and name.isprintable() and " " not in name
    )
    return sorted(set(fit))[:MAX_NAMES]


def _document(text: bytes) -> Json:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _object(document: Json, key: str) -> Json:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _list(document: Json, key: str) -> Sequence[object]:
    value = document.get(key)
    return value if isinstance(value, list) else []
