"""The app client in Cognito: which secrets it has, and whether it accepts one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rotation.errors import RotationError, code_of, failed

# What Cognito answers to ConfirmSignUp for a user that does not exist, once the hash is verified: the first two if the
# app client hides who exists, the third if it does not.
_HASH_VERIFIED = frozenset({"CodeMismatchException", "ExpiredCodeException", "UserNotFoundException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSecret:
    """What Cognito tells of a secret: never its value."""

    id: str
    created: float
    """In seconds since 1970."""


class AppClient:
    """One app client. Every method is one call.

    An app client has one or two secrets: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
    API_AddUserPoolClientSecret.html
    """

    def __init__(self, cognito: Any, *, user_pool_id: str, client_id: str) -> None:
        self._cognito = cognito
        self.user_pool_id = user_pool_id
        self.client_id = client_id

    def secrets(self) -> list[ActiveSecret]:
        """The active secrets, oldest first.

        Raises:
            RotationError: Cognito refused, was not reached or lists none.
        """
        try:
            answer = self._cognito.list_user_pool_client_secrets(UserPoolId=self.user_pool_id, ClientId=self.client_id)
        except (ClientError, BotoCoreError) as error:
            raise failed(error) from None
        listed = [
            ActiveSecret(id=secret["ClientSecretId"], created=secret["ClientSecretCreateDate"].timestamp())
            for secret in answer.get("ClientSecrets", [])
        ]
        if not listed:
            raise RotationError(f"Cognito lists no secret of app client {self.client_id}")
        return sorted(listed, key=lambda secret: secret.created)

    def add(self, client_secret: str) -> None:
        """Make a value of ours the second secret.

        Raises:
            RotationError: Cognito refused (there are two already) or was not reached.
        """
        try:
            self._cognito.add_user_pool_client_secret(
                UserPoolId=self.user_pool_id, ClientId=self.client_id, ClientSecret=client_secret
            )
        except (ClientError, BotoCoreError) as error:
            raise failed(error) from None

    def delete(self, secret_id: str) -> None:
        """End a secret at once. One that is gone already is fine.

        Raises:
            RotationError: Cognito refused or was not reached.
        """
        try:
            self._cognito.delete_user_pool_client_secret(
                UserPoolId=self.user_pool_id, ClientId=self.client_id, ClientSecretId=secret_id
            )
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise failed(error) from None
        except BotoCoreError as error:
            raise failed(error) from None

    def accepts(self, client_secret: str) -> bool:
        """Whether a hash made with this secret verifies now: asked of Cognito with a call that changes nothing.

        ConfirmSignUp for a user that does not exist. Cognito verifies the hash before it looks for the user; nothing is
        sent, no Lambda trigger runs, and no sign-in flow must be allowed (InitiateAuth would need one, and a firewall
        on the pool may keep it for signed calls; a refresh token or session is looked at before the hash).

        Raises:
            RotationError: the answer tells neither (throttled, blocked by a firewall), or Cognito was not reached.
        """
        username = f"secret-rotation-{uuid.uuid4()}"
        try:
            self._cognito.confirm_sign_up(
                ClientId=self.client_id,
                Username=username,
                ConfirmationCode="000000",
                SecretHash=_secret_hash(client_secret, username + self.client_id),
            )
        except ClientError as error:
            if code_of(error) == "NotAuthorizedException":
                return False
            if code_of(error) not in _HASH_VERIFIED:
                raise failed(error) from None
        except BotoCoreError as error:
            raise failed(error) from None
        return True


def _secret_hash(client_secret: str, message: str) -> str:
    return base64.b64encode(hmac.digest(client_secret.encode(), message.encode(), hashlib.sha256)).decode()
