"""The user pool behind the domain, in the emulator: app clients, users and tokens."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError


class Refused(Exception):
    """The emulator says no. The message is the error's type."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """An app client, as far as the domain looks at it."""

    client_id: str
    secret: str
    code_grant: bool
    scopes: frozenset[str]
    callback_urls: frozenset[str]
    logout_urls: frozenset[str]


class Pool:
    """A user pool. `cognito` is a boto3 client that talks to the emulator as its root."""

    def __init__(self, cognito: Any, user_pool_id: str) -> None:
        self._cognito = cognito
        self._user_pool_id = user_pool_id

    def client(self, client_id: str) -> Client | None:
        """The app client of an id; None where there is none with a secret."""
        if not client_id:
            return None
        try:
            answer = self._cognito.describe_user_pool_client(UserPoolId=self._user_pool_id, ClientId=client_id)
        except ClientError:
            return None
        found = answer["UserPoolClient"]
        if "ClientSecret" not in found:
            return None
        return Client(
            client_id=client_id,
            secret=found["ClientSecret"],
            code_grant=found.get("AllowedOAuthFlowsUserPoolClient", False)
            and "code" in found.get("AllowedOAuthFlows", ()),
            scopes=frozenset(found.get("AllowedOAuthScopes", ())),
            callback_urls=frozenset(found.get("CallbackURLs", ())),
            logout_urls=frozenset(found.get("LogoutURLs", ())),
        )

    def sign_in(self, client: Client, username: str, password: str) -> Mapping[str, str]:
        """Tokens for a password.

        Raises:
            Refused: it is wrong, or more is needed than a password.
        """
        proof = hmac.digest(client.secret.encode(), (username + client.client_id).encode(), hashlib.sha256)
        answer = self._call(
            "initiate_auth",
            ClientId=client.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={
                "USERNAME": username,
                "PASSWORD": password,
                "SECRET_HASH": base64.b64encode(proof).decode(),
            },
        )
        if "AuthenticationResult" not in answer:
            raise Refused(str(answer.get("ChallengeName")))
        tokens: Mapping[str, str] = answer["AuthenticationResult"]
        return tokens

    def refresh(self, client: Client, token: str) -> Mapping[str, str]:
        """Tokens for a refresh token.

        Raises:
            Refused: it is not good.
        """
        answer = self._call(
            "get_tokens_from_refresh_token",
            ClientId=client.client_id,
            ClientSecret=client.secret,
            RefreshToken=token,
        )
        tokens: Mapping[str, str] = answer["AuthenticationResult"]
        return tokens

    def revoke(self, client: Client, token: str) -> None:
        """Make a refresh token worthless.

        Raises:
            Refused: it is none.
        """
        self._call("revoke_token", ClientId=client.client_id, ClientSecret=client.secret, Token=token)

    def user(self, access_token: str) -> Mapping[str, str]:
        """Whose token it is.

        Raises:
            Refused: it is not good.
        """
        answer = self._call("get_user", AccessToken=access_token)
        claims = {attribute["Name"]: attribute["Value"] for attribute in answer["UserAttributes"]}
        return {**claims, "username": answer["Username"]}

    def _call(self, name: str, **parameters: Any) -> Any:
        try:
            return getattr(self._cognito, name)(**parameters)
        except ClientError as error:
            raise Refused(error.response["Error"]["Code"]) from None
