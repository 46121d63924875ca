"""The client secrets in Cognito: which ones the app client has, and whether Cognito accepts one."""

from dataclasses import dataclass

from aws_calls.errors import CallFailed
from aws_calls.service import Service
from aws_calls.time_left import pauses
from rotation.errors import RotationError
from rotation.probes import PROBES


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSecret:
    """What Cognito tells of a secret: never its value."""

    id: str
    created: float
    """In seconds since 1970."""


class ClientSecrets:
    """The secrets that Cognito holds for one app client: one or two.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
    """

    def __init__(self, cognito: Service, *, user_pool_id: str, client_id: str) -> None:
        self._cognito = cognito
        self._ids = {"UserPoolId": user_pool_id, "ClientId": client_id}
        self.user_pool_id = user_pool_id
        self.client_id = client_id

    def active(self) -> list[ActiveSecret]:
        """The active secrets, oldest first.

        Raises:
            CallFailed: Cognito refused or was not reached.
            RotationError: it lists none.
        """
        answer = self._cognito.call("ListUserPoolClientSecrets", self._ids)
        listed = [
            ActiveSecret(id=secret["ClientSecretId"], created=float(secret["ClientSecretCreateDate"]))
            for secret in answer.get("ClientSecrets", [])
        ]
        if not listed:
            raise RotationError(f"Cognito lists no secret of app client {self.client_id}")
        return sorted(listed, key=lambda secret: secret.created)

    def add(self, client_secret: str) -> None:
        """Make a value of ours the second secret.

        Never sent again where the answer was lost: whether Cognito takes one value twice is not documented.

        Raises:
            CallFailed: Cognito refused (there are two already), or was not reached; it may then have the secret.
        """
        self._cognito.call("AddUserPoolClientSecret", self._ids | {"ClientSecret": client_secret}, repeatable=False)

    def delete(self, secret_id: str) -> None:
        """End a secret at once. One that is gone already is fine.

        Raises:
            CallFailed: Cognito refused or was not reached.
        """
        try:
            self._cognito.call("DeleteUserPoolClientSecret", self._ids | {"ClientSecretId": secret_id})
        except CallFailed as failure:
            if failure.code != "ResourceNotFoundException":
                raise

    def accepts(self, client_secret: str) -> bool:
        """Whether a hash made with this secret verifies now.

        Asked until somebody answers: while each probe is throttled or lost, for as long as there is time.

        Raises:
            RotationError: no probe told; it says what each was answered.
        """
        for pause in pauses():
            failures: list[CallFailed] = []
            for probe in PROBES:
                try:
                    return probe.ask(self._cognito, client_id=self.client_id, client_secret=client_secret)
                except CallFailed as failure:
                    failures.append(failure)
            may_pass = any(failure.throttled or failure.unsettled for failure in failures)
            if not may_pass or not self._cognito.time_left.wait(pause):
                break
        told = "; ".join(str(failure) for failure in failures)
        raise RotationError(f"Cognito does not tell whether it accepts the secret: {told}")

    def wait(self, seconds: float) -> bool:
        """Let Cognito have some time; False if there is none to give."""
        return self._cognito.time_left.wait(seconds)
