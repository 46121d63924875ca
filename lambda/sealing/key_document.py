"""The keys, as the secret in Secrets Manager holds them: the key in force, and the one that it takes the place of.

The first document is made by Secrets Manager itself (`GenerateSecretString`): `{"key": "…"}`. A rotation writes
`{"key": "…", "from": 1700000000, "previous": {"key": "…"}}`. The new key is there some time before anybody seals with
it (`from`, in seconds since 1970), so that whoever opens tokens has read it by then; and the previous one opens what it
has sealed until the last of it has expired.

No I/O, and the standard library only: the rotation needs nothing else.
"""

from __future__ import annotations

import hmac
import json
import secrets
import string
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

KEY_LENGTH = 64
"""Characters of a key, letters and digits: 381 bits. The library has the same in
`cognito_proxy.sealing.sealed_tokens`, and a test compares them."""

LONGEST_TOKEN_SECONDS = 24 * 3600
"""How long an access token can be valid: "between five minutes and 24 hours",
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html"""

GRACE_SECONDS = 300
"""For clocks that differ, and for what was sealed while the new key came into force."""

_SIGNS = string.ascii_letters + string.digits


class KeyDocumentError(Exception):
    """The secret's text is no such document. The message holds nothing of it."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """One key, of which three are derived: what must not be the same is never made of the same bytes."""

    text: str = field(repr=False)
    name: str
    """What the `kid` of a token says. It tells nothing of the key."""
    signing: bytes = field(repr=False)
    """256 bits, for the signature around the token."""
    encrypting: bytes = field(repr=False)
    """256 bits, for the token inside."""

    @classmethod
    def of(cls, text: str) -> SealKey:
        """Derive them, as HKDF does with SHA-256 (RFC 5869: extract, and one block of expand for each purpose).

        Raises:
            KeyDocumentError: it is no key.
        """
        if len(text) < KEY_LENGTH or not text.isascii() or not text.isalnum():
            raise KeyDocumentError("the key of sealed tokens is not one")
        extracted = hmac.digest(b"cognito-proxy sealed tokens", text.encode("ascii"), "sha256")
        name, signing, encrypting = (
            hmac.digest(extracted, purpose + b"\x01", "sha256") for purpose in (b"name", b"signing", b"encrypting")
        )
        return cls(text, urlsafe_b64encode(name[:9]).decode("ascii"), signing, encrypting)


@dataclass(frozen=True)
class KeyDocument:
    """The keys of one moment."""

    key: SealKey
    since: float = 0.0
    """From when on `key` seals, in seconds since 1970; before that the previous one does."""
    previous: SealKey | None = None

    @classmethod
    def from_json(cls, text: str) -> KeyDocument:
        """Read the secret's text.

        Raises:
            KeyDocumentError: it is no such document.
        """
        try:
            document = json.loads(text)
            previous = document.get("previous")
            since = document.get("from", 0)
            if isinstance(since, bool) or not isinstance(since, int | float):
                raise TypeError
            return cls(
                key=SealKey.of(document["key"]),
                since=float(since),
                previous=None if previous is None else SealKey.of(previous["key"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise KeyDocumentError("the secret of sealed tokens holds no key") from None

    def to_json(self) -> str:
        """The text that goes into the secret."""
        document: dict[str, object] = {"key": self.key.text, "from": int(self.since)}
        if self.previous is not None:
            document["previous"] = {"key": self.previous.text}
        return json.dumps(document)

    def sealing(self, now: float) -> SealKey:
        """What a token is sealed with at this moment, in seconds since 1970."""
        return self.key if self.previous is None or now >= self.since else self.previous

    def opening(self, name: object, now: float) -> SealKey | None:
        """What opens a token whose `kid` is this; None where nothing does, or does no longer."""
        found = self._by_name.get(name) if isinstance(name, str) else None
        return None if found is self.previous and now >= self.ends_previous else found

    @property
    def ends_previous(self) -> float:
        """When nothing that the previous key has sealed can still be valid."""
        return self.since + LONGEST_TOKEN_SECONDS + GRACE_SECONDS

    def successor(self, *, now: float, lead: float) -> KeyDocument:
        """A new key, which seals in `lead` seconds; the one in force becomes the previous one."""
        return KeyDocument(key=_new_key(), since=now + lead, previous=self.key)

    @staticmethod
    def afresh() -> KeyDocument:
        """A new key alone, at once: nothing that was sealed before is opened any more."""
        return KeyDocument(key=_new_key())

    @cached_property
    def _by_name(self) -> Mapping[str, SealKey]:
        return {key.name: key for key in (self.previous, self.key) if key is not None}


def _new_key() -> SealKey:
    return SealKey.of("".join(secrets.choice(_SIGNS) for _ in range(KEY_LENGTH)))
