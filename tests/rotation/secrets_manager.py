"""Secrets Manager for one secret: labels, immutable versions, and its part in a rotation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.rotation.in_process_transport import Fault

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:rotation"


@dataclass
class Version:
    """A version; Secrets Manager begins a rotation with one that has no text."""

    text: str | None
    created: float
    labels: set[str] = field(default_factory=set)


class SecretsManager:
    """What https://docs.aws.amazon.com/secretsmanager/latest/apireference/ says of the operations in use."""

    def __init__(self, first: str, now: Callable[[], float]) -> None:
        self._now = now
        self.versions: dict[str, Version] = {"0" * 36: Version(first, now(), {"AWSCURRENT"})}
        self.changed = now()
        self.rotated: float | None = None
        self.replicas: dict[str, str] = {}
        self.rotation_function: str | None = FUNCTION_ARN
        self.on_rotate: Callable[[str], None] = lambda token: None

    def labelled(self, label: str) -> str | None:
        return next((version for version, found in self.versions.items() if label in found.labels), None)

    @property
    def rotating(self) -> bool:
        """Whether another rotation cannot begin."""
        return self.labelled("AWSPENDING") not in (None, self.labelled("AWSCURRENT"))

    def answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        assert signed
        if document["SecretId"] != ARN:
            raise Fault("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "DescribeSecret": self._describe,
            "GetSecretValue": self._get,
            "PutSecretValue": self._put,
            "UpdateSecretVersionStage": self._move,
            "RotateSecret": self._rotate,
        }
        return operations[operation](document)

    def _describe(self, _: dict[str, Any]) -> dict[str, Any]:
        labels = {version: sorted(found.labels) for version, found in self.versions.items() if found.labels}
        described: dict[str, Any] = {"ARN": ARN, "LastChangedDate": self.changed, "VersionIdsToStages": labels}
        if self.rotation_function:
            described["RotationLambdaARN"] = self.rotation_function
        if self.rotated is not None:
            described["LastRotatedDate"] = self.rotated
        if self.replicas:
            described["ReplicationStatus"] = [{"Region": key, "Status": value} for key, value in self.replicas.items()]
        return described

    def _get(self, document: dict[str, Any]) -> dict[str, Any]:
        version = self.versions.get(document["VersionId"])
        if version is None or version.text is None:
            raise Fault("ResourceNotFoundException", "Secrets Manager can't find the specified secret value")
        return {"ARN": ARN, "SecretString": version.text, "CreatedDate": version.created}

    def _put(self, document: dict[str, Any]) -> dict[str, Any]:
        token, text, labels = document["ClientRequestToken"], document["SecretString"], document["VersionStages"]
        version = self.versions.setdefault(token, Version(None, self._now()))
        if version.text not in (None, text):
            raise Fault("ResourceExistsException", "You can't modify an existing version")
        if version.text is None:
            version.text, version.created = text, self._now()
        for label in labels:
            self._attach(label, token)
        return {"ARN": ARN, "VersionId": token}

    def _move(self, document: dict[str, Any]) -> dict[str, Any]:
        label, to, away = document["VersionStage"], document.get("MoveToVersionId"), document.get("RemoveFromVersionId")
        holder = self.labelled(label)
        if holder != away and not (holder is None or holder == to):
            raise Fault("InvalidParameterException", f"The staging label {label} is attached to another version")
        if to is None:
            self.versions[str(away)].labels.discard(label)
        elif to not in self.versions:
            raise Fault("ResourceNotFoundException", "no such version")
        else:
            if label == "AWSCURRENT" and holder not in (None, to):
                self._attach("AWSPREVIOUS", str(holder))
            self._attach(label, to)
        self.changed = self._now()
        return {"ARN": ARN}

    def _rotate(self, document: dict[str, Any]) -> dict[str, Any]:
        if self.rotating:
            raise Fault("InvalidRequestException", "A previous rotation isn't complete.")
        token = document["ClientRequestToken"]
        self.versions[token] = Version(None, self._now())
        self._attach("AWSPENDING", token)
        self.on_rotate(token)
        return {"ARN": ARN, "VersionId": token}

    def _attach(self, label: str, version: str) -> None:
        for found in self.versions.values():
            found.labels.discard(label)
        self.versions[version].labels.add(label)
        self.changed = self._now()
