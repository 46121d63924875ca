"""The document that a version of the secret holds."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass, field

# Cognito takes 24 to 64 of [\w+]. Letters and digits alone need no quoting anywhere; 52 of them are 309 bits.
_SIGNS = string.ascii_letters + string.digits
_LENGTH = 52

_LOG_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretValue:
    """`{"user_pool_id": …, "client_id": …, "client_secret": …}`, the key of the hashes in the proxy's log, and in a
    rotated one what it took the place of."""

    user_pool_id: str
    client_id: str
    client_secret: str = field(repr=False)
    log_key: str | None = field(default=None, repr=False)
    """Key of the hashes in the proxy's log. It stays when the client secret goes, so that lines from before and after
    can be compared. None in a document of an earlier version."""
    replaces: str | None = None
    """Cognito's id of the secret that was in force when this one was made; stands in the document as
    `replaces_client_secret_id`. None in a value that no rotation made."""

    def successor(self, *, replaces: str) -> SecretValue:
        """A new secret for the same app client, to take the place of the one that Cognito knows by that id.

        A document that had no key for the log gets one.
        """
        return SecretValue(
            user_pool_id=self.user_pool_id,
            client_id=self.client_id,
            client_secret="".join(secrets.choice(_SIGNS) for _ in range(_LENGTH)),
            log_key=self.log_key or secrets.token_hex(_LOG_KEY_BYTES),
            replaces=replaces,
        )

    def to_json(self) -> str:
        """The document's text."""
        document = {
            "user_pool_id": self.user_pool_id,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        if self.log_key is not None:
            document["log_key"] = self.log_key
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
        log_key = document.get("log_key")
        replaces = document.get("replaces_client_secret_id")
        return cls(
            user_pool_id=document["user_pool_id"],
            client_id=document["client_id"],
            client_secret=document["client_secret"],
            log_key=log_key if isinstance(log_key, str) and log_key else None,
            replaces=replaces if isinstance(replaces, str) else None,
        )
