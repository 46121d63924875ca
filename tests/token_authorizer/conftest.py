"""An authorizer in its environment, and Secrets Manager behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from proxy import connection
from sealing.key_document import KeyDocument
from tests.proxy.fake_service import Exchange, FakeService, answer
from tests.sealing.tokens import CLIENT_ID, KEYS, POOL_ID
from token_authorizer import handler

SETTINGS: dict[str, Any] = {
    "secret_arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys-AbCdEf",
    "user_pool_id": POOL_ID,
    "client_ids": [CLIENT_ID],
}


class Store:
    """Secrets Manager with the keys."""

    def __init__(self, service: FakeService) -> None:
        self.service = service
        self.document: KeyDocument | None = KEYS
        service.default = self._give

    @property
    def asked(self) -> int:
        return len(self.service.received)

    def _give(self, exchange: Exchange) -> bool:
        assert exchange.request.document == {"SecretId": SETTINGS["secret_arn"]}
        if self.document is None:
            return answer({"__type": "AccessDeniedException"}, status=400)(exchange)
        return answer({"SecretString": self.document.to_json()})(exchange)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy-secret-access-key")
    monkeypatch.setattr(connection, "_context", None)
    monkeypatch.setenv(handler.SETTINGS, json.dumps(SETTINGS))
    handler._keys.cache_clear()
    with FakeService() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
        yield Store(service)
        handler._keys(SETTINGS["secret_arn"]).close()
    handler._keys.cache_clear()
