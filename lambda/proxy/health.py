"""Whether the proxy in this Region is well: what Route 53's health checkers ask for, where two Regions share a name.

Well is who could sign a user in: a secret is at hand (or was: an expired one serves while the store is down), and
Cognito answers in at least one of the Regions that the pool is in. Which one is not said: that is for the breaker to
care for, and no reason to send users to another Region. Any answer below 500 counts, to a harmless call
(`proxy.harmless_call`).

A checker waits for two seconds from the connection, for a cold start, too. What was found out holds for some seconds,
so that many checks cost Cognito no more than a few.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html

Only a REST API with the resource `/health` brings this module in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from proxy.awsjson import AwsJsonClient, CallRefused
from proxy.connection import ConnectionFailed, Response
from proxy.harmless_call import BODY, HEADERS
from proxy.secret_cache import SecretUnavailable
from proxy.settings import Settings

RESOURCE = "/health"
"""As the event has it: API Gateway's own resource, which no caller can choose."""

HOLDS_SECONDS = 5.0
"""For how long an answer is given again."""

LONGEST_SECONDS = 1.2
"""For finding out, all Regions together."""


class _Service(Protocol):
    """What is asked of the proxy's service."""

    settings: Settings

    def prefetch(self, client_id: str, *, deadline: float) -> None:
        """Have a secret at hand."""


class _Client(Protocol):
    def send(self, headers: dict[str, str], body: bytes, *, deadline: float) -> Response:
        """As `AwsJsonClient.send`."""

    def close(self) -> None:
        """As `AwsJsonClient.close`."""


class Verdict(NamedTuple):
    """What the checker is told."""

    status: int
    body: str


WELL = Verdict(200, '{"healthy": true}')
UNWELL = Verdict(503, '{"healthy": false}')


class Health:
    """One lives as long as the service that it is about."""

    def __init__(
        self,
        service: _Service,
        *,
        clock: Callable[[], float] = time.monotonic,
        new_client: Callable[[str, str], _Client] = AwsJsonClient,
    ) -> None:
        """Without a connection yet. `clock` and `new_client` are for tests."""
        settings = service.settings
        self._service = service
        self._clock = clock
        self._clients: Mapping[str, _Client] = {
            region: new_client("cognito-idp", region) for region in (settings.region, *settings.failover_regions)
        }
        self._has_secret = False
        self._asked: float | None = None
        self._verdict = UNWELL

    def verdict(self, *, deadline: float) -> Verdict:
        """What is known, if it is young enough; else it is found out. `deadline` is in seconds of the clock."""
        now = self._clock()
        if self._asked is None or not 0 <= now - self._asked < HOLDS_SECONDS:
            self._verdict = WELL if self._could_sign_in(min(deadline, now + LONGEST_SECONDS)) else UNWELL
            self._asked = self._clock()
        return self._verdict

    def close(self) -> None:
        """Close the connections that idle."""
        for client in self._clients.values():
            client.close()

    def _could_sign_in(self, deadline: float) -> bool:
        return self._secret_at_hand(deadline) and self._cognito_answers(deadline)

    def _secret_at_hand(self, deadline: float) -> bool:
        if not self._has_secret:
            try:
                self._service.prefetch(next(iter(self._service.settings.clients)), deadline=deadline)
            except SecretUnavailable:
                return False
            self._has_secret = True
        return True

    def _cognito_answers(self, deadline: float) -> bool:
        """Each Region has an equal share of the time that is left, so that none eats it up."""
        for left, client in zip(range(len(self._clients), 0, -1), self._clients.values(), strict=True):
            now = self._clock()
            try:
                response = client.send(dict(HEADERS), BODY, deadline=now + (deadline - now) / left)
            except (ConnectionFailed, CallRefused):
                continue
            if response.status < 500:
                return True
        return False
