"""How app clients of the emulated Cognito are set up, as far as the emulator does not mind it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError


class AppClients:
    """Looks app clients up as the emulator's root and remembers them: a run does not change what is asked here."""

    def __init__(self, cognito: Any) -> None:
        self._cognito = cognito
        self._known: dict[str, Mapping[str, Any]] = {}
        self._lock = asyncio.Lock()

    async def takes_address(self, client_id: str) -> bool:
        """Whether the client accepts `UserContextData.IpAddress`. An unknown client passes: Cognito itself has a word
        for that."""
        client = await self._client(client_id)
        return client is None or bool(client.get("EnablePropagateAdditionalUserContextData"))

    async def _client(self, client_id: str) -> Mapping[str, Any] | None:
        async with self._lock:
            if client_id not in self._known:
                found = await asyncio.to_thread(find_app_client, self._cognito, client_id)
                if found is None:
                    return None
                self._known[client_id] = found
            return self._known[client_id]


def find_app_client(cognito: Any, client_id: str) -> Mapping[str, Any] | None:
    """What DescribeUserPoolClient tells of a client (its `UserPoolClient`), whichever pool it is of; None for none."""
    for page in cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
        for pool in page["UserPools"]:
            try:
                found = cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client_id)
            except ClientError:
                continue
            client: Mapping[str, Any] = found["UserPoolClient"]
            return client
    return None
