"""The keys of sealed access tokens at hand, for the proxy and for the authorizer of APIs. Imported by these alone."""

from __future__ import annotations

import time
from functools import lru_cache

from proxy.secret_cache import Report, SecretCache, SecretUnavailable
from proxy.secret_store import SecretStore
from sealing.envelope import Opened, UnknownKey, open_sealed
from sealing.key_document import KeyDocument, KeyDocumentError

_KEPT_AS = "keys"


class SealKeys:
    """The keys of one secret; they live as long as the execution environment does."""

    def __init__(self, arn: str, *, ttl_seconds: float) -> None:
        """
        Args:
            arn: of the secret.
            ttl_seconds: how long keys are used before they are read again.
        """
        self._document = lru_cache(maxsize=2)(KeyDocument.from_json)  # keys are derived once
        self._store = SecretStore()
        self._secrets = SecretCache(
            {_KEPT_AS: arn},
            self._store.read,
            ttl_seconds=ttl_seconds,
            parse=lambda text, _: (self._checked(text), None),
        )

    def at_hand(self, *, deadline: float, report: Report) -> KeyDocument:
        """The keys, read if need be.

        Raises:
            SecretUnavailable: there are none.
        """
        text = self._secrets.get(_KEPT_AS)
        if text is None:
            self._secrets.fetch(_KEPT_AS, deadline=deadline, report=report)
            text = self._secrets.get(_KEPT_AS)
        if text is None:
            raise SecretUnavailable("the keys outlived their time at once")
        return self._document(text)

    def open(self, token: str, *, deadline: float, report: Report) -> Opened:
        """Open a token; once more with keys that were read anew, where none of these has sealed it.

        Raises:
            SealRefused: it is not good.
            SecretUnavailable: there are no keys.
        """
        try:
            return open_sealed(token, self.at_hand(deadline=deadline, report=report), now=time.time())
        except UnknownKey:
            if not self._secrets.refetch(_KEPT_AS, deadline=deadline, report=report):
                raise
            return open_sealed(token, self.at_hand(deadline=deadline, report=report), now=time.time())

    def prefetch(self, *, deadline: float) -> None:
        """Have the keys at hand before anybody asks for them; see `SecretCache.prefetch`."""
        self._secrets.prefetch(_KEPT_AS, deadline=deadline)

    def close(self) -> None:
        """Close the connections that idle."""
        self._store.close()

    def _checked(self, text: str) -> str:
        """The secret's text, which holds keys."""
        try:
            self._document(text)
        except KeyDocumentError as error:
            raise SecretUnavailable(str(error)) from None
        return text
