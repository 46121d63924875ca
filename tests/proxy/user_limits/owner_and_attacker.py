"""A user pool with one user in it, as far as an attack on her name is concerned, and those who call it.

The pool locks as Cognito's guide says: after five failed passwords for 2^(n-5) seconds, at most for about 15 minutes;
what comes meanwhile fails and does not count; a success, or 15 minutes without an attempt, sets n to 0.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from proxy.regional import handler
from tests.proxy.fake_service import Exchange, answer, error
from tests.proxy.regional_calls import Context, event, read
from tests.proxy.sample_requests import CLIENT_ID

OWNER = "jane@example.com"
SUB = "5f0c1c5e-1d2b-4a3c-9d4e-0123456789ab"
DEVICE = "eu-west-1_00000000-dummy-device"
PASSWORD, CODE = "dummy-right", "dummy-code"

_FREE_FAILURES = 5
_LONGEST_LOCK = 900.0
_QUIET = 900.0
_SESSION = 180.0


class Pool:
    """The pool; `behave` is the default behaviour of a FakeService."""

    def __init__(self, clock: Callable[[], float], *, locks: bool = True) -> None:
        self.clock = clock
        self.locks = locks
        self.failures = 0
        self.guesses = 0
        """Wrong passwords that were looked at."""
        self.calls: list[str] = []
        self.sessions: dict[str, float] = {}
        """Until when each serves."""
        self._locked_until = float("-inf")
        self._last = float("-inf")

    def behave(self, exchange: Exchange) -> bool:
        """Answer one call."""
        operation, document = exchange.request.operation, exchange.request.document
        self.calls.append(operation)
        match operation:
            case "InitiateAuth" if document["AuthFlow"] != "USER_PASSWORD_AUTH":
                return answer(self._challenge(document["AuthFlow"]))(exchange)
            case "InitiateAuth":
                return self._sign_in(document["AuthParameters"].get("PASSWORD"))(exchange)
            case "RespondToAuthChallenge":
                if self.sessions.pop(document["Session"], float("-inf")) < self.clock():
                    return error("NotAuthorizedException", "Invalid session for the user.")(exchange)
                return self._sign_in(document["ChallengeResponses"].get("PASSWORD"))(exchange)
            case "ConfirmForgotPassword" if document["ConfirmationCode"] != CODE:
                return error("CodeMismatchException", "Invalid verification code provided")(exchange)
        return answer({})(exchange)

    def _challenge(self, flow: str) -> dict[str, Any]:
        """The next step of a sign-in, and a session for it, which serves once."""
        session = f"session-{len(self.calls)}"
        self.sessions[session] = self.clock() + _SESSION
        name = "PASSWORD_VERIFIER" if flow == "USER_SRP_AUTH" else "SELECT_CHALLENGE"
        parameters = {"USER_ID_FOR_SRP": SUB, "USERNAME": SUB}
        return {"ChallengeName": name, "Session": session, "ChallengeParameters": parameters}

    def _sign_in(self, password: str | None) -> Callable[[Exchange], bool]:
        now = self.clock()
        if now - self._last >= _QUIET:
            self.failures = 0
        self._last = now
        if self.locks and now < self._locked_until:
            return error("NotAuthorizedException", "Password attempts exceeded")
        if password != PASSWORD:
            self.guesses += 1
            self.failures += 1
            if self.failures >= _FREE_FAILURES:
                self._locked_until = now + min(2.0 ** (self.failures - _FREE_FAILURES), _LONGEST_LOCK)
            return error("NotAuthorizedException", "Incorrect username or password.")
        self.failures = 0
        return answer({"AuthenticationResult": tokens()})


def tokens(**changes: Any) -> dict[str, Any]:
    """What a success brings; `changes` are of the claims, None takes one out."""
    access = {"username": SUB, "device_key": DEVICE}
    identity = {"cognito:username": SUB, "email": OWNER, "email_verified": True}
    return {
        "AccessToken": _token(access | {name: changes[name] for name in access if name in changes}),
        "IdToken": _token(identity | {name: value for name, value in changes.items() if name not in access}),
        "RefreshToken": "dummy-refresh",
    }


def _token(claims: dict[str, Any]) -> str:
    payload = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
    return f"h.{urlsafe_b64encode(payload).decode().rstrip('=')}.s"


def from_address(address: str, operation: str, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
    """One call, over a connection from an address."""
    made = event(operation, body)
    made["requestContext"]["identity"]["sourceIp"] = address
    return read(handler(made, Context()))


def sign_in(address: str, name: str = OWNER, password: str = "wrong", **parameters: str) -> Any:
    """The error's type, None for a success."""
    flow = {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": name, "PASSWORD": password, **parameters}}
    return outcome(from_address(address, "InitiateAuth", {"ClientId": CLIENT_ID, **flow}))


def begin(address: str, flow: str, name: str = OWNER) -> Any:
    """A sign-in's first step: its session, or the error's type."""
    body = {"ClientId": CLIENT_ID, "AuthFlow": flow, "AuthParameters": {"USERNAME": name}}
    status, document, _ = from_address(address, "InitiateAuth", body)
    return document["Session"] if status == 200 else document["__type"]


def respond(address: str, challenge: str, name: str = OWNER, session: str = "forged", **responses: str) -> Any:
    """The answer to a challenge."""
    body = {"ClientId": CLIENT_ID, "ChallengeName": challenge, "Session": session}
    responses = {"USERNAME": name, **responses}
    return outcome(from_address(address, "RespondToAuthChallenge", {**body, "ChallengeResponses": responses}))


def named(address: str, operation: str, name: str = OWNER, **members: Any) -> Any:
    """An operation that takes a username beside its other members."""
    return outcome(from_address(address, operation, {"ClientId": CLIENT_ID, "Username": name, **members}))


def outcome(result: tuple[int, Any, dict[str, str]]) -> Any:
    status, document, _ = result
    return None if status == 200 else document["__type"]
