"""A client that claims another address than its own, wherever a client can."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pycognito import AWSSRP  # type: ignore[import-untyped]  # it ships no types

from local import Call
from tests.e2e.deployment import Deployment
from tests.e2e.raw_http import Answer, call
from tests.e2e.story import Person

TRUE_ADDRESS = "127.0.0.2"
"""Where the client connects from."""

CLAIMED_ADDRESS = "192.0.2.66"

CLAIMS = (
    ("X-Forwarded-For", CLAIMED_ADDRESS),
    ("X-Real-IP", CLAIMED_ADDRESS),
    ("Forwarded", f"for={CLAIMED_ADDRESS}"),
    ("True-Client-IP", CLAIMED_ADDRESS),
    ("CloudFront-Viewer-Address", f"{CLAIMED_ADDRESS}:1234"),
    ("X-Amz-Source-Ip", CLAIMED_ADDRESS),
    ("X-Amz-User-Agent", "aws-amplify/5.0.4"),
    ("User-Agent", "Forger/1.0"),
    ("Cookie", "session=dummy"),
)
"""What it sends besides, on every call."""

_CONTEXT = {"UserContextData": {"IpAddress": CLAIMED_ADDRESS, "EncodedData": "fingerprint"}}
_CONTEXT_OF_ADMINISTRATORS = {
    "IpAddress": CLAIMED_ADDRESS,
    "ServerName": "forged.example.com",
    "ServerPath": "/forged",
    "HttpHeaders": [],
}


@dataclass(kw_only=True)
class Forger:
    """Takes a user from sign-up to a new password and back in. Gives what reached Cognito of each call."""

    deployment: Deployment
    person: Person = field(default_factory=Person)
    forwarded: dict[str, Call] = field(default_factory=dict)
    """The latest call that reached Cognito, by the operation that the client asked for."""

    def tell(self) -> Mapping[str, Call]:
        """Every operation that takes a context, and a refresh. Raises AssertionError when one does not succeed."""
        name, passwords = {"Username": self.person.username}, self.person.passwords
        attributes = [{"Name": "email", "Value": self.person.username}]
        self._call("SignUp", {**name, "Password": passwords.initial, "UserAttributes": attributes})
        self._call("ResendConfirmationCode", name)
        self._call("ConfirmSignUp", {**name, "ConfirmationCode": self.person.codes.confirmation})
        self._call("ForgotPassword", name)
        reset = {"ConfirmationCode": self.person.codes.reset, "Password": passwords.reset}
        self._call("ConfirmForgotPassword", {**name, **reset})
        tokens = self._sign_in(passwords.reset)
        parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
        self._call(REFRESH, {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}, operation="InitiateAuth")
        return self.forwarded

    def try_to_sign_in(self) -> Answer:
        """A password sign-in that may be refused."""
        parameters = {"USERNAME": self.person.username, "PASSWORD": self.person.passwords.initial}
        return self._send("InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters})

    def _sign_in(self, password: str) -> Mapping[str, Any]:
        srp = AWSSRP(
            username=self.person.username,
            password=password,
            pool_id=self.deployment.user_pool_id,
            client_id=self.deployment.client_id,
            client=object(),  # it is asked for the arithmetic only
        )
        first = self._call("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": srp.get_auth_params()})
        with warnings.catch_warnings():
            # pycognito takes the time from a method that Python 3.12 deprecates.
            warnings.filterwarnings("ignore", message=r"datetime\.datetime\.utcnow", category=DeprecationWarning)
            responses = srp.process_challenge(first["ChallengeParameters"], srp.get_auth_params())
        challenge = {"ChallengeName": first["ChallengeName"], "ChallengeResponses": responses}
        tokens: Mapping[str, Any] = self._call("RespondToAuthChallenge", challenge)["AuthenticationResult"]
        return tokens

    def _call(self, told_as: str, members: Mapping[str, Any], *, operation: str | None = None) -> dict[str, Any]:
        with self.deployment.forwarded_calls() as forwarded:
            answer = self._send(operation or told_as, members)
            assert answer.status == 200, (told_as, answer.body)
            (self.forwarded[told_as],) = forwarded()
        return answer.document()

    def _send(self, operation: str, members: Mapping[str, Any]) -> Answer:
        forged = {"ContextData": _CONTEXT_OF_ADMINISTRATORS} if self.deployment.setup.threat_protection else {}
        body = {"ClientId": self.deployment.client_id, **members, **_CONTEXT, **forged}
        return call(self.deployment.endpoint, operation, body, headers=CLAIMS, source_ip=TRUE_ADDRESS)


REFRESH = "a refresh"
"""What `Forger.tell` calls the one InitiateAuth that becomes another operation."""
