"""Calls as somebody at some address makes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from local.fronts.said_addresses import HEADER
from local.simulators.common.journal import TARGET_PREFIX

_SECONDS = 30.0
_AWS_JSON = "application/x-amz-json-1.1"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. It may hold tokens: nobody prints it."""

    status: int
    document: Any = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Target:
    """An endpoint, and the app client that is called there."""

    url: str
    client_id: str
    pool_id: str
    is_proxy: bool
    """Whether it believes the address that a caller says. Cognito itself does not ask."""


class Wire:
    """Makes calls at one target over kept-alive connections."""

    def __init__(self, session: aiohttp.ClientSession, target: Target) -> None:
        self.target = target
        self._session = session

    async def call(self, operation: str, document: Mapping[str, Any], *, address: str) -> Answer:
        """Call an operation with the target's app client. A call that fails on the way has the status 599."""
        headers = {"X-Amz-Target": TARGET_PREFIX + operation, "Content-Type": _AWS_JSON}
        if self.target.is_proxy:
            headers[HEADER] = address
        body = json.dumps({"ClientId": self.target.client_id, **document}).encode()
        try:
            async with self._session.post(self.target.url, data=body, headers=headers) as response:
                return Answer(status=response.status, document=_document(await response.read()))
        except (TimeoutError, aiohttp.ClientError):
            return Answer(status=599, document=None)


def session() -> aiohttp.ClientSession:
    """Connections to loopback, whatever proxies the machine's settings name."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS), trust_env=False)


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
