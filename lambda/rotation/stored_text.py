"""A secret in Secrets Manager: its versions, what their staging labels say, and their texts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from aws_calls.errors import CallFailed
from aws_calls.service import Service
from rotation.errors import RotationError

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
class Text:
    """A version's text and its date."""

    text: str
    created: float
    """When the version got it, in seconds since 1970."""


class StoredText:
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

    def read_text(self, version: str) -> Text | None:
        """Read a version; None while it has no text (Secrets Manager begins a rotation with an empty one).

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        try:
            found = self._secrets_manager.call("GetSecretValue", {"SecretId": self.arn, "VersionId": version})
        except CallFailed as failure:
            if failure.code == "ResourceNotFoundException":
                return None
            raise
        text = found.get("SecretString")
        return Text(text=text, created=_seconds(found.get("CreatedDate"))) if text else None

    def stage_text(self, token: str, text: str) -> None:
        """Put a text into the version under way, unless it has one: the first stays.

        The version's id is the request's token, so sending it again with the same text does nothing:
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        put = {"SecretId": self.arn, "ClientRequestToken": token, "SecretString": text, "VersionStages": [PENDING]}
        try:
            self._secrets_manager.call("PutSecretValue", put)
        except CallFailed as failure:
            if failure.code != "ResourceExistsException":
                raise

    def replace_text(self, text: str) -> None:
        """Make a text the current version at once, and end any rotation that is under way.

        AWSPENDING comes along: on an older version it would let that one's rotation go on and keep another from
        beginning, https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html. "If you specify
        a staging label that's already associated with a different version of the same secret, then Secrets Manager
        removes the label from the other version and attaches it to this version",
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        put = {
            "SecretId": self.arn,
            "ClientRequestToken": str(uuid.uuid4()),
            "SecretString": text,
            "VersionStages": [CURRENT, PENDING],
        }
        self._secrets_manager.call("PutSecretValue", put)

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

    def give_up(self, token: str) -> None:
        """Take AWSPENDING off a version, so that another rotation can begin.

        Where the answer was lost, one look tells what became of it, as in `promote`.

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        remove = {"SecretId": self.arn, "VersionStage": PENDING, "RemoveFromVersionId": token}
        try:
            self._secrets_manager.call("UpdateSecretVersionStage", remove, repeatable=False)
        except CallFailed as failure:
            if not failure.unsettled or PENDING in self.look().labels.get(token, frozenset()):
                raise


def _seconds(moment: float | None) -> float:
    """A moment as the services' JSON has it, in seconds since 1970; 0 for none."""
    return float(moment or 0)
