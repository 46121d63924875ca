"""Fixtures of the tests of the OAuth 2.0 endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from proxy import edge, regional
from proxy.oauth.endpoints import DOMAIN_VARIABLE, PROXY_VARIABLE
from tests.proxy.fake_service import FakeService, answer
from tests.proxy.oauth.calls import SETTINGS_DOCUMENT, TOKENS


@pytest.fixture
def domain(fake: Callable[..., FakeService], monkeypatch: pytest.MonkeyPatch) -> FakeService:
    """The user pool domain. Only what the function itself sends goes here, not what it tells a browser."""
    service: FakeService = fake(default=answer(TOKENS))
    monkeypatch.setenv(DOMAIN_VARIABLE, service.url)
    return service


@pytest.fixture
def served(
    store: FakeService, cognito: FakeService, domain: FakeService, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The function with `oauth` in its settings; its connections end with the test."""
    monkeypatch.delenv(PROXY_VARIABLE, raising=False)
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT))
    monkeypatch.setattr(edge, "_cached", None)
    yield
    for cached in (regional._cached, edge._cached):
        if cached is not None:
            cached[1].close()
