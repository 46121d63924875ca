"""The secrets that are in force for an app client of the emulated Cognito."""

import asyncio
import hmac
from typing import Any

from botocore.exceptions import ClientError


class AppClientSecrets:
    """Looks secrets up as root and remembers them: an app client's first secret never changes."""

    def __init__(self, cognito: Any) -> None:
        self._cognito = cognito
        self._known: dict[str, frozenset[str]] = {}
        self._lock = asyncio.Lock()

    async def active(self, client_id: str) -> frozenset[str] | None:
        """The secrets that this app client accepts now (none for a public one); None for an unknown client."""
        async with self._lock:
            if client_id not in self._known:
                found = await asyncio.to_thread(self._look_up, client_id)
                if found is None:
                    return None
                self._known[client_id] = found
            return self._known[client_id]

    async def accepts(self, client_id: str, presented: object) -> bool:
        """Whether `presented` is one of the client's secrets, or is rightly absent. An unknown client passes:
        Cognito itself has a word for that."""
        secrets = await self.active(client_id)
        if not secrets:
            return secrets is None or presented is None
        if not isinstance(presented, str):
            return False
        return any(hmac.compare_digest(presented.encode(), secret.encode()) for secret in secrets)

    def _look_up(self, client_id: str) -> frozenset[str] | None:
        for page in self._cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
            for pool in page["UserPools"]:
                try:
                    found = self._cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client_id)
                except ClientError:
                    continue
                secret = found["UserPoolClient"].get("ClientSecret")
                return frozenset([secret] if secret else [])
        return None
