"""Reading a secret from Secrets Manager, from the nearest of its replicas."""

from __future__ import annotations

import time
from collections.abc import Sequence
from os import environ

from proxy.awsjson import AwsJsonClient, CallRefused
from proxy.connection import ConnectionFailed
from proxy.secret_cache import SecretUnavailable
from proxy.settings import secret_region

_FALLBACK_REGION = "us-east-1"


def regions_to_ask(arn: str, replica_regions: Sequence[str], here: str | None) -> list[str]:
    """Where to read the secret, nearest first: this Region, us-east-1 (where the edge variant lives), the primary.

    A replica has the primary's name and suffix; only the Region in the ARN differs.
    """
    primary = secret_region(arn)
    holders = {primary, *replica_regions}
    return list(dict.fromkeys(region for region in (here, _FALLBACK_REGION, primary) if region in holders))


class SecretStore:
    """Reads secrets; keeps one connection a Region."""

    def __init__(self, replica_regions: Sequence[str] = ()) -> None:
        self._replica_regions = replica_regions
        self._clients: dict[str, AwsJsonClient] = {}

    def read(self, arn: str, deadline: float) -> str:
        """The secret's text. A replica that does not answer is passed over for the next one.

        Raises:
            SecretUnavailable: no Region gave it; the message names the last Region and the error's type.
        """
        failure = ""
        regions = regions_to_ask(arn, self._replica_regions, environ.get("AWS_REGION"))
        for position, region in enumerate(regions):
            now = time.monotonic()
            share = (deadline - now) / (len(regions) - position)  # one that stalls leaves time for the next
            try:
                return self._read(arn, region, now + share)
            except (ConnectionFailed, CallRefused) as error:
                failure = f"secret store in {region}: {error}"
        raise SecretUnavailable(failure)

    def close(self) -> None:
        """Close the connections that idle."""
        for client in self._clients.values():
            client.close()

    def _read(self, arn: str, region: str, deadline: float) -> str:
        client = self._clients.get(region)
        if client is None:
            client = self._clients[region] = AwsJsonClient("secretsmanager", region)
        in_region = arn.replace(f":{secret_region(arn)}:", f":{region}:", 1)
        result = client.call("secretsmanager.GetSecretValue", {"SecretId": in_region}, deadline=deadline)
        text = result.get("SecretString")
        if not isinstance(text, str):
            raise CallRefused("the secret has no text")
        return text
