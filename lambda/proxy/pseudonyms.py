"""Keyed hashes that stand for a username, an address and its network: equal things have equal hashes, and without the
key nobody can try which name or address is behind one. (Unkeyed, all of IPv4 is tried in an hour.)

The hash is BLAKE2s with a key, RFC 7693: made for this, and four times as fast as HMAC-SHA256 in Python. Where the key
comes from: docs/decisions/0011-what-is-logged.md.
"""

from __future__ import annotations

from hashlib import blake2s
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Any

_HASH_BYTES = 8
"""Sixteen hexadecimal digits: among a million names two are the same with a chance of one in 37 million."""

_COUNTER_BYTES = 16
"""Two counters that are one would be one user's attempts counted against another's."""

_KEY_ID_BYTES = 4

_MAX_USERNAME = 256
"""Cognito's own bound is 128 characters."""

MIN_KEY_LENGTH = 32
"""Characters of a key in the secret's document; what is shorter is no key."""

_MAPPED = bytes(10) + b"\xff\xff"
"""An IPv4 address in IPv6's clothes: https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2"""


Network = tuple[bytes, bytes]
"""An address and the network that it is in, both packed: /24 of IPv4, /64 of IPv6. That is what a household, an office
or one rented machine has at its command."""


def texts_of(network: Network) -> tuple[str, str]:
    """Address and network in their usual notation."""
    address, prefix = network
    family, bits = (AF_INET, 24) if len(address) == 4 else (AF_INET6, 64)
    return inet_ntop(family, address), f"{inet_ntop(family, prefix.ljust(len(address), bytes(1)))}/{bits}"


def network_of(address: str) -> Network | None:
    """An address in whatever notation; None for what is none."""
    try:
        if ":" not in address:
            packed = inet_pton(AF_INET, address)
            return packed, packed[:3]
        packed = inet_pton(AF_INET6, address)
    except (OSError, ValueError):  # ValueError: a NUL, or what is no ASCII
        return None
    if packed.startswith(_MAPPED):
        return packed[12:], packed[12:15]
    return packed, packed[:8]


class Pseudonyms:
    """The hashes under one key. What is hashed for one purpose never equals what is hashed for another."""

    __slots__ = ("_address", "_counter", "_prefix", "_username", "key_id")

    def __init__(self, key: bytes) -> None:
        """`key`: 32 bytes."""
        self._username = _keyed(key, b"username")
        self._address = _keyed(key, b"address")
        self._prefix = _keyed(key, b"prefix")
        self._counter = blake2s(key=key, person=b"counter", digest_size=_COUNTER_BYTES)
        self.key_id = blake2s(key=key, person=b"key id", digest_size=_KEY_ID_BYTES).hexdigest()
        """Tells keys apart, and nothing of the key: lines with different ones cannot be compared."""

    @classmethod
    def of_document(cls, document: dict[str, Any], client_secret: str) -> Pseudonyms:
        """The hashes of an app client, from its secret's document.

        Its member `log_key` is the key. A document of an earlier version has none: its key is made of the client
        secret, until a rotation puts one of its own there.
        """
        own = document.get("log_key")
        if isinstance(own, str) and len(own) >= MIN_KEY_LENGTH:
            return cls(blake2s(own.encode("utf-8", "surrogatepass"), person=b"own").digest())
        return cls(blake2s(client_secret.encode(), person=b"derived").digest())

    def username(self, name: str) -> str:
        """Of a name whatever its case: to most user pools, and to whoever looks for an attack, they are one."""
        hashed = self._username.copy()
        hashed.update(name[:_MAX_USERNAME].casefold().encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()

    def address(self, network: Network) -> str:
        """Of a whole address."""
        hashed = self._address.copy()
        hashed.update(network[0])
        return hashed.hexdigest()

    def prefix(self, network: Network) -> str:
        """Of the network that an address is in."""
        hashed = self._prefix.copy()
        hashed.update(network[1])
        return hashed.hexdigest()

    def counter(self, *parts: str | bytes) -> str:
        """Name of a counter: of what it counts, and of whom or what. No line in the log has such a hash."""
        hashed = self._counter.copy()
        for part in parts:
            data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            hashed.update(len(data).to_bytes(4, "big") + data)  # so that no two lists of parts are one text
        return hashed.hexdigest()


def _keyed(key: bytes, purpose: bytes) -> blake2s:
    return blake2s(key=key, person=purpose, digest_size=_HASH_BYTES)
