"""The app clients' secrets: fetched when needed, kept for a while, never lost to a failure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from proxy.pseudonyms import Pseudonyms

REFETCH_INTERVAL_SECONDS = 10.0
"""After a hash that did not verify, an app client's secret is fetched anew at most once in this time, so that
callers cannot cause a storm."""

RETRY_INTERVAL_SECONDS = 1.0
"""While the store is down, it is asked this often. In between a secret that has outlived its time is served, and where
there is none, calls fail at once."""

MAX_FETCH_SECONDS = 3.0
"""How long a call waits for the store while there is no secret: to a client, a late answer is as good as none."""

MAX_REFRESH_SECONDS = 2.0
"""The same while an older value is at hand: a store that stalls is as good as down."""

Fetch = Callable[[str, float], str]
"""From the ARN and the deadline to the secret's text; raises SecretUnavailable."""

Report = Callable[[str], None]
"""Takes note of a failure: a text without anything of the secret."""


Parse = Callable[[str, str], tuple[str, Pseudonyms | None]]
"""From the secret's text and the name that it is kept under to the value, and the hashes of whoever has such; raises
SecretUnavailable for a text that is not as it should be."""


class SecretUnavailable(Exception):
    """The secret cannot be had. The message says why, for the log, and holds nothing of the secret."""


class _Entry:
    __slots__ = ("failed", "fetched", "lock", "pseudonyms", "refetched", "value")

    def __init__(self) -> None:
        self.value: str | None = None
        self.fetched = float("-inf")
        self.failed = float("-inf")
        """When the store was last asked and did not give it."""
        self.refetched = float("-inf")
        self.pseudonyms: Pseudonyms | None = None
        self.lock = Lock()


class SecretCache:
    """What is known of the secrets; the core asks it with `get`, the runtime has it fetch."""

    def __init__(
        self,
        clients: Mapping[str, str],
        fetch: Fetch,
        *,
        ttl_seconds: float,
        clock: Callable[[], float] = time.time,
        parse: Parse | None = None,
    ) -> None:
        """
        Args:
            clients: app client id to the ARN of its secret.
            fetch: how to read a secret.
            ttl_seconds: how long a value is used before it is fetched again.
            report: is told why a fetch failed, also where an older value still serves.
            clock: seconds; the wall clock by default, since a monotonic one may stand still in a frozen function.
            parse: how to read its text. Default: as an app client's document.
        """
        self._arns = clients
        self._fetch = fetch
        self._ttl = ttl_seconds
        self._clock = clock
        self._parse = parse or _of_app_client
        self._entries = {client_id: _Entry() for client_id in clients}

    def get(self, client_id: str) -> str | None:
        """The secret, if it need not be fetched first."""
        entry = self._entries[client_id]
        return entry.value if self._is_usable(entry) else None

    def pseudonyms(self, client_id: str | None) -> Pseudonyms | None:
        """The hashes for a line in the log: of this app client, or of the first one whose secret is in memory.

        Whether the secret has outlived its time does not matter here, and none is ever fetched for it: None where no
        secret was fetched yet.
        """
        if client_id is not None and self._entries[client_id].pseudonyms is not None:
            return self._entries[client_id].pseudonyms
        return next((entry.pseudonyms for entry in self._entries.values() if entry.pseudonyms is not None), None)

    def own_pseudonyms(self, client_id: str) -> Pseudonyms | None:
        """The hashes of this app client and of no other; None where its secret was not fetched yet."""
        return self._entries[client_id].pseudonyms

    def fetch(self, client_id: str, *, deadline: float, report: Report) -> None:
        """Have the secret at hand. One fetch at a time; who waited for another's does not repeat it.

        `report` is told when the store fails, also where an older value saves the day.

        Raises:
            SecretUnavailable: there is none, and the store did not give it, now or within the last second.
        """
        entry = self._entries[client_id]
        if not entry.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise SecretUnavailable("waited too long for another fetch")
        try:
            if not self._is_usable(entry):
                self._refresh(client_id, entry, deadline, report)
        finally:
            entry.lock.release()

    def prefetch(self, client_id: str, *, deadline: float) -> None:
        """Have the secret at hand before anybody asks for it.

        It leaves no trace but the secret: the store is asked outside the lock, so that no call waits for this, and a
        failure is not remembered, so that the first call asks the store itself.

        Raises:
            SecretUnavailable: the store did not give it.
        """
        entry = self._entries[client_id]
        # Before the fetch: a function that is frozen in the middle of it comes back hours later.
        asked = self._clock()
        value, pseudonyms = self._parse(self._fetch(self._arns[client_id], deadline), client_id)
        with entry.lock:
            if entry.value is None:
                entry.value, entry.pseudonyms, entry.fetched = value, pseudonyms, asked

    def refetch(self, client_id: str, *, deadline: float, report: Report) -> bool:
        """Fetch the secret anew, however young it is, because Cognito says that a hash does not verify.

        Returns:
            Whether a fresh value is there; False within ten seconds of the last time, or when the store fails.
        """
        entry = self._entries[client_id]
        if not entry.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return False
        try:
            now = self._clock()
            if 0 <= now - entry.refetched < REFETCH_INTERVAL_SECONDS:
                return False
            entry.refetched = now
            self._store(client_id, entry, deadline, report)
        except SecretUnavailable:
            return False
        finally:
            entry.lock.release()
        return True

    def _is_usable(self, entry: _Entry) -> bool:
        if entry.value is None:
            return False
        return 0 <= self._clock() - entry.fetched < self._ttl or self._has_just_failed(entry)

    def _has_just_failed(self, entry: _Entry) -> bool:
        return 0 <= self._clock() - entry.failed < RETRY_INTERVAL_SECONDS

    def _refresh(self, client_id: str, entry: _Entry, deadline: float, report: Report) -> None:
        if self._has_just_failed(entry):
            raise SecretUnavailable("the secret store failed a moment ago")
        started = time.monotonic()
        try:
            self._store(client_id, entry, deadline, report)
        except SecretUnavailable:
            ended = time.monotonic()
            # A caller with hardly any time left says nothing of the store, and must not stop the others.
            if entry.value is not None or ended < deadline or ended - started >= RETRY_INTERVAL_SECONDS:
                entry.failed = self._clock()
            if entry.value is None:
                raise

    def _store(self, client_id: str, entry: _Entry, deadline: float, report: Report) -> None:
        longest = MAX_FETCH_SECONDS if entry.value is None else MAX_REFRESH_SECONDS
        deadline = min(deadline, time.monotonic() + longest)
        try:
            entry.value, entry.pseudonyms = self._parse(self._fetch(self._arns[client_id], deadline), client_id)
        except SecretUnavailable as error:
            report(str(error))
            raise
        entry.fetched = self._clock()


def _of_app_client(text: str, client_id: str) -> tuple[str, Pseudonyms]:
    document = _document(text, client_id)
    client_secret = _client_secret(document)
    return client_secret, Pseudonyms.of_document(document, client_secret)


def _document(text: str, client_id: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise SecretUnavailable("the secret's value is not a JSON object")
    if document.get("client_id") != client_id:
        raise SecretUnavailable("the secret's value is of another app client")
    return document


def _client_secret(document: dict[str, Any]) -> str:
    secret = document.get("client_secret")
    if not isinstance(secret, str) or not secret or not secret.isascii():
        raise SecretUnavailable("the secret's value holds no client_secret")
    return secret
