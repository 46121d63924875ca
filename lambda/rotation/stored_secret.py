"""The secret in Secrets Manager: its versions, and what their staging labels say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rotation.errors import RotationError, code_of, failed
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
    """One secret. Every method is one call."""

    def __init__(self, secrets_manager: Any, arn: str) -> None:
        self._secrets_manager = secrets_manager
        self.arn = arn

    def look(self) -> Versions:
        """Read labels and dates.

        Raises:
            RotationError: Secrets Manager refused or was not reached.
        """
        try:
            described = self._secrets_manager.describe_secret(SecretId=self.arn)
        except (ClientError, BotoCoreError) as error:
            raise failed(error) from None
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
            RotationError: Secrets Manager refused or was not reached, or what is there is no such document.
        """
        try:
            found = self._secrets_manager.get_secret_value(SecretId=self.arn, VersionId=version)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise failed(error) from None
        except BotoCoreError as error:
            raise failed(error) from None
        text = found.get("SecretString")
        if not text:
            return None
        value = SecretValue.from_json(text)
        if value is None:
            raise RotationError(f"Version {version} does not hold an app client's secret")
        return StoredValue(value=value, created=_seconds(found.get("CreatedDate")))

    def stage(self, token: str, value: SecretValue) -> None:
        """Put a document into the version under way, unless it has one: the first stays.

        Raises:
            RotationError: Secrets Manager refused or was not reached.
        """
        try:
            self._secrets_manager.put_secret_value(
                SecretId=self.arn, ClientRequestToken=token, SecretString=value.to_json(), VersionStages=[PENDING]
            )
        except ClientError as error:
            if code_of(error) != "ResourceExistsException":
                raise failed(error) from None
        except BotoCoreError as error:
            raise failed(error) from None

    def promote(self, token: str, *, instead_of: str) -> None:
        """Let the proxies read that version. Refused if another one than `instead_of` is current by now.

        AWSPENDING is left alone: removing it would tell Secrets Manager that the rotation failed.

        Raises:
            RotationError: Secrets Manager refused or was not reached.
        """
        try:
            self._secrets_manager.update_secret_version_stage(
                SecretId=self.arn, VersionStage=CURRENT, MoveToVersionId=token, RemoveFromVersionId=instead_of
            )
        except (ClientError, BotoCoreError) as error:
            raise failed(error) from None


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
