"""One user's story with boto3; the SRP arithmetic is pycognito's, its requests go out through the same boto3 client."""

import base64
import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito import AWSSRP  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.story import Person, Report, Step

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef as Tokens


@contextmanager
def cognito_client(endpoint: str, region: str) -> "Iterator[CognitoIdentityProviderClient]":
    """A boto3 client without credentials that sends every call exactly once."""
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}, read_timeout=30, proxies={})
    session = boto3.session.Session(region_name=region)
    with closing(session.client("cognito-idp", endpoint_url=endpoint, config=config)) as client:
        yield client


class Boto3Story:
    """The steps as methods. `seen` gathers what must never show up in a log: tokens and SRP values."""

    def __init__(
        self, *, client: "CognitoIdentityProviderClient", user_pool_id: str, client_id: str, person: Person
    ) -> None:
        self.seen: set[str] = set()
        self._client = client
        self._user_pool_id = user_pool_id
        self._client_id = client_id
        self._person = person
        self._tokens: Tokens = {}

    def tell(self, steps: tuple[Step, ...]) -> Iterator[Report]:
        """Take the steps in order and report each."""
        for step in steps:
            yield {"step": step.name, **self._outcome(getattr(self, step.name))}

    @property
    def refresh_token(self) -> str:
        """The refresh token of the latest sign-in."""
        return self._tokens["RefreshToken"]

    def sign_up(self) -> Report:
        answer = self._client.sign_up(
            ClientId=self._client_id,
            Username=self._person.username,
            Password=self._person.passwords.initial,
            UserAttributes=[{"Name": "email", "Value": self._person.username}],
        )
        return {"confirmed": answer["UserConfirmed"]}

    def confirm_with_wrong_code(self) -> None:
        self._confirm(self._person.codes.wrong)

    def resend_code(self) -> None:
        self._client.resend_confirmation_code(ClientId=self._client_id, Username=self._person.username)

    def confirm(self) -> None:
        self._confirm(self._person.codes.confirmation)

    def sign_in_with_srp(self) -> Report:
        return self._sign_in_with_srp(self._person.passwords.initial)

    def sign_in_with_password(self) -> Report:
        answer = self._client.initiate_auth(
            ClientId=self._client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self._person.username, "PASSWORD": self._person.passwords.initial},
        )
        return self._signed_in(answer["AuthenticationResult"])

    def sign_in_with_wrong_password(self) -> Report:
        return self._sign_in_with_srp(self._person.passwords.wrong)

    def refresh(self) -> Report:
        answer = self._refresh()
        return self._refreshed(answer)

    def refresh_with_initiate_auth(self) -> Report:
        answer = self._client.initiate_auth(
            ClientId=self._client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": self.refresh_token},
        )
        return self._refreshed(answer["AuthenticationResult"])

    def get_user(self) -> Report:
        answer = self._client.get_user(AccessToken=self._tokens["AccessToken"])
        attributes = {attribute["Name"]: attribute.get("Value") for attribute in answer["UserAttributes"]}
        self.seen.add(attributes["sub"] or "")
        return {"email_is_username": attributes["email"] == self._person.username}

    def change_password(self) -> None:
        passwords = self._person.passwords
        self._client.change_password(
            AccessToken=self._tokens["AccessToken"],
            PreviousPassword=passwords.initial,
            ProposedPassword=passwords.changed,
        )

    def sign_in_with_changed_password(self) -> Report:
        return self._sign_in_with_srp(self._person.passwords.changed)

    def forgot_password(self) -> None:
        self._client.forgot_password(ClientId=self._client_id, Username=self._person.username)

    def reset_with_wrong_code(self) -> None:
        self._reset(self._person.codes.wrong)

    def reset_password(self) -> None:
        self._reset(self._person.codes.reset)

    def sign_in_with_reset_password(self) -> Report:
        return self._sign_in_with_srp(self._person.passwords.reset)

    def revoke_token(self) -> Report:
        self._sign_in_with_srp(self._person.passwords.reset)
        self._client.revoke_token(ClientId=self._client_id, Token=self.refresh_token)
        return self._refresh_refused()

    def global_sign_out(self) -> Report:
        self._sign_in_with_srp(self._person.passwords.reset)
        self._client.global_sign_out(AccessToken=self._tokens["AccessToken"])
        return self._refresh_refused()

    def _outcome(self, action: Callable[[], Report | None]) -> Report:
        try:
            return {"ok": True, **(action() or {})}
        except ClientError as error:
            return {"ok": False, "error_name": error.response["Error"]["Code"], "error_message": str(error)}

    def _confirm(self, code: str) -> None:
        self._client.confirm_sign_up(ClientId=self._client_id, Username=self._person.username, ConfirmationCode=code)

    def _reset(self, code: str) -> None:
        self._client.confirm_forgot_password(
            ClientId=self._client_id,
            Username=self._person.username,
            ConfirmationCode=code,
            Password=self._person.passwords.reset,
        )

    def _sign_in_with_srp(self, password: str) -> Report:
        srp = AWSSRP(
            username=self._person.username,
            password=password,
            pool_id=self._user_pool_id,
            client_id=self._client_id,
            client=self._client,
        )
        self.seen.add(srp.get_auth_params()["SRP_A"])
        with warnings.catch_warnings():
            # pycognito takes the time from a method that Python 3.12 deprecates.
            warnings.filterwarnings("ignore", message=r"datetime\.datetime\.utcnow", category=DeprecationWarning)
            answer = srp.authenticate_user()
        return self._signed_in(answer["AuthenticationResult"])

    def _refresh(self) -> "Tokens":
        answer = self._client.get_tokens_from_refresh_token(ClientId=self._client_id, RefreshToken=self.refresh_token)
        return answer["AuthenticationResult"]

    def _refreshed(self, tokens: "Tokens") -> Report:
        is_new = tokens["AccessToken"] != self._tokens["AccessToken"]
        return {**self._signed_in({**self._tokens, **tokens}), "new_access_token": is_new}

    def _refresh_refused(self) -> Report:
        try:
            self._refresh()
        except self._client.exceptions.NotAuthorizedException:
            return {"refresh_refused_afterwards": True}
        return {"refresh_refused_afterwards": False}

    def _signed_in(self, tokens: "Tokens") -> Report:
        self._tokens = tokens
        self.seen |= {tokens["AccessToken"], tokens["IdToken"], tokens["RefreshToken"]}
        return token_facts(tokens)


def token_facts(tokens: "Tokens") -> Report:
    """What a sign-in or a refresh is judged by."""
    access = _claims(tokens["AccessToken"])
    return {
        "access_token_use": access["token_use"],
        "access_token_client_id": access["client_id"],
        "id_token_use": _claims(tokens["IdToken"])["token_use"],
        "has_refresh_token": bool(tokens["RefreshToken"]),
    }


def _claims(token: str) -> dict[str, Any]:
    """A token's claims, unverified."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
