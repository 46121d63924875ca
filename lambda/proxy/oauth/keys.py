"""The user pool's keys, kept in memory: anybody may ask for them, and Cognito replaces them rarely.

A function serves one pool, so there is one document, of at most the longest answer that is read. It is as old as
FRESH_SECONDS when it is asked for again; when that fails, the old one is served until it is STALE_SECONDS old, and
Cognito is left alone for RETRY_SECONDS. A client keeps it for an hour by `Cache-Control`, in any case.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from proxy.connection import Response
from proxy.oauth.errors import DomainTimeout, DomainUnreachable

FRESH_SECONDS = 300.0
STALE_SECONDS = 3600.0
RETRY_SECONDS = 30.0

_clock: Callable[[], float] = time.time
"""Seconds: the wall clock, since a monotonic one may stand still in a frozen function."""


class Keys:
    """The document of one user pool.

    Two threads that find it too old at once both ask: that costs a request, and a lock would cost a wait.
    """

    def __init__(self) -> None:
        self._kept: Response | None = None
        self._fetched = 0.0
        self._failed = 0.0

    def get(self, fetch: Callable[[], Response]) -> tuple[Response, bool]:
        """The document, and whether it was kept; what `fetch` gave, if that is none and there is none to serve.

        Raises:
            DomainTimeout, DomainUnreachable: by `fetch`, likewise.
        """
        age = _clock() - self._fetched
        kept = self._kept if 0 <= age < STALE_SECONDS else None
        if kept is not None and (age < FRESH_SECONDS or 0 <= _clock() - self._failed < RETRY_SECONDS):
            return kept, True
        try:
            response = fetch()
        except (DomainTimeout, DomainUnreachable):
            if kept is None:
                raise
        else:
            if response.status == 200:
                # The id of a request is of that one only.
                headers = {name: value for name, value in response.headers.items() if name == "content-type"}
                self._kept, self._fetched = response._replace(headers=headers), _clock()
                return response, False
            if kept is None:
                return response, False
        self._failed = _clock()
        return kept, True
