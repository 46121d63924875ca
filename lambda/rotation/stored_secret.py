"""The secret in Secrets Manager as a rotation of an app client's secret sees it: its versions, and their documents."""

from dataclasses import dataclass

from rotation.errors import RotationError
from rotation.secret_value import SecretValue
from rotation.stored_text import StoredText


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """A version's document and its date."""

    value: SecretValue
    created: float
    """When the version got it, in seconds since 1970."""


class StoredSecret(StoredText):
    """One secret with such documents."""

    def read(self, version: str) -> StoredValue | None:
        """Read a version's document; None while it has none (Secrets Manager begins a rotation with an empty one).

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
            RotationError: what is there is no such document.
        """
        found = self.read_text(version)
        if found is None:
            return None
        value = SecretValue.from_json(found.text)
        if value is None:
            raise RotationError(f"Version {version} does not hold an app client's secret")
        return StoredValue(value=value, created=found.created)

    def stage(self, token: str, value: SecretValue) -> None:
        """Put a document into the version under way, unless it has one; see `stage_text`.

        Raises:
            CallFailed: Secrets Manager refused or was not reached.
        """
        self.stage_text(token, value.to_json())
