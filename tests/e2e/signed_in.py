"""A user who signed up and in through the proxy, and what his tokens open."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pycognito import AWSSRP  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.boto3_story import cognito_client
from tests.e2e.deployment import Deployment
from tests.e2e.raw_http import Answer, Headers, send
from tests.e2e.story import Person


@dataclass(frozen=True, kw_only=True)
class User:
    """Who is signed in."""

    given_name: str
    family_name: str
    tokens: Mapping[str, str] = field(repr=False)
    """`IdToken`, `AccessToken`, `RefreshToken`."""

    @property
    def sub(self) -> str:
        """What the pool calls him, and no one else."""
        return str(claims_in(self.tokens["IdToken"])["sub"])


Users = Callable[[Deployment], tuple[User, User]]
"""Gives Ada and Bob of a deployment."""

SAMPLE_APIS = {"RestApiUrl": "IdToken", "HttpApiUrl": "AccessToken"}
"""Output with the address of a sample's API → the token that it takes."""


@dataclass(frozen=True, kw_only=True)
class ApiCaller:
    """A sample's API, as a signed-in user calls it."""

    output: str
    """Name of the output with its address."""
    url: str
    """With a slash at its end."""
    takes: str
    """Which token it takes: `IdToken` or `AccessToken`."""

    def get(self, path: str, user: User, *headers: tuple[str, str]) -> Answer:
        return self.call("GET", path, user.tokens[self.takes], headers)

    def put(self, path: str, user: User, document: object, *headers: tuple[str, str]) -> Answer:
        """It is called POST."""
        body = json.dumps(document).encode()
        return self.call("POST", path, user.tokens[self.takes], (("Content-Type", "application/json"), *headers), body)

    def call(self, method: str, path: str, token: str, headers: Headers = (), body: bytes = b"") -> Answer:
        """Whatever `path` is, nothing resolves it before it is sent."""
        named = (("Authorization", token), *headers) if token else headers
        return send(f"{self.url}{path}", method=method, headers=tuple(named), body=body)


def signed_in(deployment: Deployment, given_name: str, family_name: str) -> User:
    """Sign a new user up, confirm him, and sign him in over SRP: all through the proxy."""
    person, client_id = Person(), deployment.client_id
    names = {"given_name": given_name, "family_name": family_name, "email": person.username.lower()}
    with cognito_client(deployment.endpoint, deployment.region) as cognito:
        cognito.sign_up(
            ClientId=client_id,
            Username=person.username,
            Password=person.passwords.initial,
            UserAttributes=[{"Name": name, "Value": value} for name, value in names.items()],
        )
        cognito.confirm_sign_up(
            ClientId=client_id, Username=person.username, ConfirmationCode=person.codes.confirmation
        )
        srp = AWSSRP(
            username=person.username,
            password=person.passwords.initial,
            pool_id=deployment.user_pool_id,
            client_id=client_id,
            client=cognito,
        )
        tokens = srp.authenticate_user()["AuthenticationResult"]
    return User(given_name=given_name, family_name=family_name, tokens=tokens)


def claims_in(token: str) -> dict[str, Any]:
    """What a token says; nobody verifies it here."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
