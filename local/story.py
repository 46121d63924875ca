"""One user's story, told by SDKs that nobody here wrote: boto3, and pycognito for SRP."""

import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito import AWSSRP  # type: ignore[import-untyped]

from local.outputs import Outputs
from local.screen.codes import RESET_CODE, SIGN_UP_CODE
from local.simulators.common.root_client import NO_FILES


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that the user does, and what should come of it."""

    title: str
    act: Callable[[], object]
    refused_as: str = ""
    """The error type that is right here. Default: - none, the step succeeds."""

    def outcome(self) -> str:
        """Do it. Gives the type of the error that came; empty when it succeeded."""
        try:
            self.act()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""


class Story:
    """A user who signs up, gets in, forgets the password and leaves, through the proxy at `outputs.endpoint`."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._proxy = public_client(outputs.endpoint, outputs.region)
        self._cognito = public_client(outputs.upstream, outputs.region)
        self._username = f"ada-{secrets.token_hex(3)}"
        self._password = _new_password()
        self._tokens: Mapping[str, str] = {}

    def steps(self) -> Iterator[Step]:
        """The story in order; each step is to be done before the next is asked for."""
        yield Step(
            title="Sign up straight at Cognito, without the proxy: refused, since it lacks the secret hash",
            act=lambda: self._sign_up(self._cognito),
            refused_as="NotAuthorizedException",
        )
        yield Step(title="Sign up through the proxy", act=lambda: self._sign_up(self._proxy))
        yield Step(
            title="Confirm with a wrong code: refused",
            act=lambda: self._confirm("000000"),
            refused_as="CodeMismatchException",
        )
        yield Step(title="Confirm with the code from the e-mail", act=lambda: self._confirm(SIGN_UP_CODE))
        yield Step(title="Sign in over SRP: the password never travels", act=self._sign_in)
        yield Step(title="Ask who I am, with the access token", act=self._get_user)
        yield Step(title="Refresh the tokens", act=self._refresh)
        yield Step(title="Forget the password", act=self._forget_password)
        yield Step(title="Set a new one with the code from the e-mail", act=self._reset_password)
        yield Step(title="Sign in over SRP with the new password", act=self._sign_in)
        yield Step(title="Sign out everywhere", act=self._sign_out)
        yield Step(title="Refresh after that: refused", act=self._refresh, refused_as="NotAuthorizedException")
        yield Step(title="Sign in once more", act=self._sign_in)
        yield Step(title="Revoke the refresh token", act=self._revoke)
        yield Step(title="Refresh with it: refused", act=self._refresh, refused_as="NotAuthorizedException")

    def _sign_up(self, cognito: Any) -> None:
        cognito.sign_up(
            ClientId=self._outputs.client_id,
            Username=self._username,
            Password=self._password,
            UserAttributes=[{"Name": "email", "Value": f"{self._username}@example.com"}],
        )

    def _confirm(self, code: str) -> None:
        self._proxy.confirm_sign_up(ClientId=self._outputs.client_id, Username=self._username, ConfirmationCode=code)

    def _sign_in(self) -> None:
        srp = AWSSRP(
            username=self._username,
            password=self._password,
            pool_id=self._outputs.user_pool_id,
            client_id=self._outputs.client_id,
            client=self._proxy,
        )
        self._tokens = srp.authenticate_user()["AuthenticationResult"]

    def _get_user(self) -> None:
        self._proxy.get_user(AccessToken=self._tokens["AccessToken"])

    def _refresh(self) -> None:
        answer = self._proxy.initiate_auth(
            ClientId=self._outputs.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": self._tokens["RefreshToken"]},
        )
        # A pool that rotates refresh tokens gives a new one along; the old one goes on otherwise.
        self._tokens = {**self._tokens, **answer["AuthenticationResult"]}

    def _forget_password(self) -> None:
        self._proxy.forgot_password(ClientId=self._outputs.client_id, Username=self._username)

    def _reset_password(self) -> None:
        self._password = _new_password()
        self._proxy.confirm_forgot_password(
            ClientId=self._outputs.client_id,
            Username=self._username,
            ConfirmationCode=RESET_CODE,
            Password=self._password,
        )

    def _sign_out(self) -> None:
        self._proxy.global_sign_out(AccessToken=self._tokens["AccessToken"])

    def _revoke(self) -> None:
        self._proxy.revoke_token(ClientId=self._outputs.client_id, Token=self._tokens["RefreshToken"])


def public_client(endpoint_url: str, region: str) -> Any:
    """A boto3 client as an app has it: no credentials, no retries of its own."""
    session = boto3.session.Session(botocore_session=botocore.session.Session(session_vars=NO_FILES))
    config = Config(signature_version=UNSIGNED, retries={"max_attempts": 1}, proxies={}, read_timeout=35)
    return session.client("cognito-idp", region_name=region, endpoint_url=endpoint_url, config=config)


def _new_password() -> str:
    """One that every password policy likes."""
    return secrets.token_urlsafe(18) + secrets.choice(string.digits) + "aA!"
