"""The document that a version of the secret holds."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass, field

# Cognito takes 24 to 64 of [\w+]. Letters and digits alone need no quoting anywhere; 52 of them are 309 bits.
_SIGNS = string.ascii_letters + string.digits
_LENGTH = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretValue:
    """`{"user_pool_id": …, "client_id": …, "client_secret": …}`, and in a rotated one what it took the place of."""

    user_pool_id: str
    client_id: str
    client_secret: str = field(repr=False)
    replaces: str | None = None
    """Cognito's id of the secret that was in force when this one was made; stands in the document as
    `replaces_client_secret_id`. None in a value that no rotation made."""

    def successor(self, *, replaces: str) -> SecretValue:
        """A new secret for the same app client, to take the place of the one that Cognito knows by that id."""
        return SecretValue(
            user_pool_id=self.user_pool_id,
            client_id=self.client_id,
            client_secret="".join(secrets.choice(_SIGNS) for _ in range(_LENGTH)),
            replaces=replaces,
        )

    def to_json(self) -> str:
        """The document's text."""
        document = {
            "user_pool_id": self.user_pool_id,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        if self.replaces is not None:
            document["replaces_client_secret_id"] = self.replaces
        return json.dumps(document)

    @classmethod
    def from_json(cls, text: str) -> SecretValue | None:
        """Read a document; None for what is not one."""
        try:
            document = json.loads(text)
        except ValueError:
            return None
        if not isinstance(document, dict):
            return None
        values = [document.get(key) for key in ("user_pool_id", "client_id", "client_secret")]
        if not all(isinstance(value, str) and value for value in values):
            return None
        replaces = document.get("replaces_client_secret_id")
        return cls(
            user_pool_id=document["user_pool_id"],
            client_id=document["client_id"],
            client_secret=document["client_secret"],
            replaces=replaces if isinstance(replaces, str) else None,
        )
