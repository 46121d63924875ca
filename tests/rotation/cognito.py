"""Cognito for one app client: the local run's stand-in for its secrets, and the calls that test one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.simulators.cognito.shapes import cognito_operations
from local.simulators.cognito.two_secrets import SECRET_OPERATIONS, Refused, SecretsOfClient, answer, secret_hash
from tests.rotation.in_process_transport import Fault

POOL = "eu-west-1_AbCdEf123"
CLIENT = "4h7example"
PROBES = ("ConfirmSignUp", "ConfirmForgotPassword")
_OPERATIONS = cognito_operations()


class Cognito:
    """Knows no user, so the probes are answered as they are for one that does not exist."""

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
        self.blocked: dict[str, Fault] = {}
        """What is said to an operation whatever the hash."""
        self.flooded: dict[str, float] = {}
        """Until when an operation's quota is used up."""
        self.throttled: list[str] = []

    @property
    def values(self) -> set[str]:
        """The secrets that verify now."""
        return {secret.value for secret in self.client.active}

    def answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        if self._now() < self.flooded.get(operation, 0):
            self.throttled.append(operation)
            raise Fault("TooManyRequestsException", "Rate exceeded")
        if operation in PROBES:
            return self._confirm(operation, document)
        assert operation in SECRET_OPERATIONS
        try:
            return answer(_OPERATIONS[operation], document, self._find, now=self._now())
        except Refused as refused:
            raise Fault(refused.code, refused.message) from None

    def _find(self, user_pool_id: str, client_id: str) -> SecretsOfClient | None:
        return self.client if (user_pool_id, client_id) == (POOL, CLIENT) else None

    def _confirm(self, operation: str, document: dict[str, Any]) -> dict[str, Any]:
        presented = document["SecretHash"]
        self.hashes.add(presented)
        if operation in self.blocked:
            raise self.blocked[operation]
        if presented not in {secret_hash(value, document["Username"], document["ClientId"]) for value in self.values}:
            raise Fault("NotAuthorizedException", f"Unable to verify secret hash for client {document['ClientId']}")
        raise Fault(self.unknown_user, "as for a user that does not exist")
