"""The public keys with which user pools sign, as they publish them."""

import asyncio
import http.client
import json
import re
import urllib.error
import urllib.request
from typing import Any

from jwt import PyJWK, PyJWKClient
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError

LIFESPAN_SECONDS = 2 * 3600.0
"""How long keys are kept: "API Gateway can cache the public key for two hours" (API Gateway Developer Guide, "Control
access to HTTP APIs with JWT authorizers"). REST APIs' authorizers say nothing about it."""

COOLDOWN_SECONDS = 5.0
"""A kid that is not among them has them fetched anew, but not more often than this: it may be made up."""

_FETCH_SECONDS = 5.0
_ISSUER = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/(?P<pool>[\w-]+)")


class KeysUnavailable(Exception):
    """An issuer's keys cannot be had."""


class PoolKeys:
    """Gives keys of user pools by issuer and kid. `cognito_url` is where the pools are, without a slash at its end."""

    def __init__(
        self, cognito_url: str, *, lifespan: float = LIFESPAN_SECONDS, cooldown: float = COOLDOWN_SECONDS
    ) -> None:
        self._cognito_url = cognito_url
        self._lifespan = lifespan
        self._cooldown = cooldown
        self._clients: dict[str, PyJWKClient] = {}

    async def key(self, issuer: str, kid: str) -> PyJWK | None:
        """The key; None when the issuer has no such one. Raises KeysUnavailable when they cannot be had."""
        return await asyncio.to_thread(self._key, issuer, kid)

    def _key(self, issuer: str, kid: str) -> PyJWK | None:
        client = self._client(issuer)
        try:
            return client.get_signing_key(kid)
        except (PyJWKClientConnectionError, PyJWKSetError) as error:
            raise KeysUnavailable(f"the keys of the issuer cannot be had: {type(error).__name__}") from error
        except PyJWKClientError:
            return None

    def _client(self, issuer: str) -> PyJWKClient:
        """One for each issuer that an authorizer is configured with: no token makes one."""
        if issuer not in self._clients:
            pool = _ISSUER.fullmatch(issuer)
            if pool is None:
                raise KeysUnavailable("the issuer is not a user pool")
            uri = f"{self._cognito_url}/{pool['pool']}/.well-known/jwks.json"
            self._clients[issuer] = _Direct(
                uri, lifespan=self._lifespan, cooldown_duration=self._cooldown, timeout=_FETCH_SECONDS
            )
        return self._clients[issuer]


class _Direct(PyJWKClient):
    """Goes past whatever HTTP proxy the environment names: the keys are on this machine."""

    def fetch_data(self) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self.uri, timeout=self.timeout) as response:
                return json.load(response)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise PyJWKClientConnectionError(f"no keys: {type(error).__name__}") from error
