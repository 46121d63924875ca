"""The secret in Secrets Manager: its versions, and what their staging labels say."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_calls.errors import CallFailed
from aws_calls.service import Service
from rotation.errors import RotationError
from rotation.secret_value import SecretValue

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What DescribeSecret says at one moment."""

    labels: Mapping[str, frozenset[str]]
    """Version id → staging labels."""
    rotated: float
    """When Secrets Manager last finished a rotation, in seconds since 1970; 0 for never."""
    changed: float
    """When anything about the secret last changed."""
    replicas: Mapping[str, str]
    """Region → `InSync`, `InProgress` or `Failed`."""

    @property
    def current(self) -> str | None:
        """The version that the proxies read."""
        return next((version for version, labels in self.labels.items() if CURRENT in labels), None)

    def require_pending(self, token: str) -> None:
        """Refuse a version that is not the one under way: its rotation was given up, or never began.

        Raises:
            RotationError: another version is AWSPENDING, or none.
        """
        if PENDING not in self.labels.get(token, frozenset()):
            raise RotationError(f"Version {token} is not {PENDING}: its rotation is not under way")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """A version's document and its date."""

    value: SecretValue
    created: float
    """When the version got it, in seconds since 1970."""


class StoredSecret:
    """One secret. Every method is one operation."""

    def __init__(self, secrets_manager: Service, arn: str) -> None:
        self._secrets_manager = secrets_manager
        self.arn = arn

    def look(self) -> Versions:
        """Read labels and dates.

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        described = self._secrets_manager.call("DescribeSecret", {"SecretId": self.arn})
        rotated = _seconds(described.get("LastRotatedDate"))
        return Versions(
            labels={key: frozenset(labels) for key, labels in described.get("VersionIdsToStages", {}).items()},
            rotated=rotated,
            changed=max(rotated, _seconds(described.get("LastChangedDate"))),
            replicas={replica["Region"]: replica["Status"] for replica in described.get("ReplicationStatus", [])},
        )

    def read(self, version: str) -> StoredValue | None:
        """Read a version's document; None while it has none (Secrets Manager begins a rotation with an empty one).

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
            RotationError: what is there is no such document.
        """
        try:
            found = self._secrets_manager.call("GetSecretValue", {"SecretId": self.arn, "VersionId": version})
        except CallFailed as failure:
            if failure.code == "ResourceNotFoundException":
                return None
            raise
        text = found.get("SecretString")
        if not text:
            return None
        value = SecretValue.from_json(text)
        if value is None:
            raise RotationError(f"Version {version} does not hold an app client's secret")
        return StoredValue(value=value, created=_seconds(found.get("CreatedDate")))

    def stage(self, token: str, value: SecretValue) -> None:
        """Put a document into the version under way, unless it has one: the first stays.

        The version's id is the request's token, so sending it again with the same text does nothing:
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        put = {
            "SecretId": self.arn,
            "ClientRequestToken": token,
            "SecretString": value.to_json(),
            "VersionStages": [PENDING],
        }
        try:
            self._secrets_manager.call("PutSecretValue", put)
        except CallFailed as failure:
            if failure.code != "ResourceExistsException":
                raise

    def promote(self, token: str, *, instead_of: str) -> None:
        """Let the proxies read that version. Refused if another one than `instead_of` is current by now.

        AWSPENDING is left alone: removing it would tell Secrets Manager that the rotation failed. Where the answer was
        lost, one look tells what became of it, as sending it again would be refused if it was done.

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        move = {
            "SecretId": self.arn,
            "VersionStage": CURRENT,
            "MoveToVersionId": token,
            "RemoveFromVersionId": instead_of,
        }
        try:
            self._secrets_manager.call("UpdateSecretVersionStage", move, repeatable=False)
        except CallFailed as failure:
            if not failure.unsettled or self.look().current != token:
                raise


def _seconds(moment: float | None) -> float:
    """A moment as the services' JSON has it, in seconds since 1970; 0 for none."""
    return float(moment or 0)
