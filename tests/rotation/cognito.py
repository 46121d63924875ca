"""Cognito for one app client: the local run's stand-in for its secrets, and ConfirmSignUp."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.shapes import cognito_operations
from local.two_secrets import SECRET_OPERATIONS, Refused, SecretsOfClient, answer, secret_hash
from tests.rotation.wire import Fault

POOL = "eu-west-1_AbCdEf123"
CLIENT = "4h7example"
_OPERATIONS = cognito_operations()


class Cognito:
    """Knows no user, so ConfirmSignUp is answered as it is for one that does not exist."""

    def __init__(self, first: str, now: Callable[[], float]) -> None:
        self._now = now
        described = {
            "UserPoolId": POOL,
            "ClientId": CLIENT,
            "ClientSecret": first,
            "CreationDate": datetime.fromtimestamp(now() - 30, UTC),
        }
        self.client = SecretsOfClient.of(described)
        self.hashes: set[str] = set()
        self.unknown_user = "CodeMismatchException"
        self.blocked: Fault | None = None

    @property
    def values(self) -> set[str]:
        """The secrets that verify now."""
        return {secret.value for secret in self.client.active}

    def answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        if operation == "ConfirmSignUp":
            assert not signed
            return self._confirm(document)
        assert operation in SECRET_OPERATIONS
        assert signed
        try:
            return answer(_OPERATIONS[operation], document, self._find, now=self._now())
        except Refused as refused:
            raise Fault(refused.error_type, refused.message) from None

    def _find(self, user_pool_id: str, client_id: str) -> SecretsOfClient | None:
        return self.client if (user_pool_id, client_id) == (POOL, CLIENT) else None

    def _confirm(self, document: dict[str, Any]) -> dict[str, Any]:
        presented = document["SecretHash"]
        self.hashes.add(presented)
        if self.blocked:
            raise self.blocked
        if presented not in {secret_hash(value, document["Username"], document["ClientId"]) for value in self.values}:
            raise Fault("NotAuthorizedException", f"Unable to verify secret hash for client {document['ClientId']}")
        raise Fault(self.unknown_user, "as for a user that does not exist")
