"""Fixtures that the tests of the proxy function share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from proxy import connection, regional
from tests.proxy.fake_service import FakeService, answer
from tests.proxy.regional_calls import give_secret
from tests.proxy.sample_requests import SETTINGS_DOCUMENT

_AWS_VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER_EU_WEST_1",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER_US_EAST_1",
    "AWS_CA_BUNDLE",
    "AWS_REGION",
    "AWS_SESSION_TOKEN",
    "HUMAN_CHECK_ENDPOINT",
    "PROXY_SETTINGS",
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dummy credentials, no endpoint, and nothing that an earlier test left in the modules."""
    for name in _AWS_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy-secret-access-key")
    monkeypatch.setattr(connection, "_context", None)
    monkeypatch.setattr(regional, "_cached", None)


@pytest.fixture
def fake() -> Iterator[Callable[..., FakeService]]:
    """Start fake services; they end with the test."""
    with ExitStack() as services:
        yield lambda **properties: services.enter_context(FakeService(**properties))


@pytest.fixture
def service(fake: Callable[..., FakeService]) -> FakeService:
    """One fake service, in plain HTTP."""
    return fake()


@pytest.fixture
def store(fake, monkeypatch) -> FakeService:
    """Secrets Manager."""
    service: FakeService = fake(default=give_secret)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
    return service


@pytest.fixture
def cognito(fake, monkeypatch) -> FakeService:
    """Cognito."""
    service: FakeService = fake(default=answer({"Session": "dummy"}, headers={"x-amzn-RequestId": "cognito-0"}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", service.url)
    return service


@pytest.fixture
def deployed(store, cognito, monkeypatch):
    """A function in its environment; its connections end with the test."""
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT))
    yield
    if regional._cached is not None:
        regional._cached[1].close()
