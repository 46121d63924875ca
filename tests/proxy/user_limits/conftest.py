"""Fixtures of the tests of limits a user."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from proxy.interceptors import user_limits
from tests.proxy.fake_dynamodb import FakeTable
from tests.proxy.fake_service import FakeService
from tests.proxy.user_limits.limited import Clock
from tests.proxy.user_limits.owner_and_attacker import Pool


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(user_limits, "time", SimpleNamespace(time=clock, monotonic=user_limits.time.monotonic))
    return clock


@pytest.fixture
def table() -> FakeTable:
    return FakeTable("Counters")


@pytest.fixture
def dynamodb(fake: Callable[..., FakeService], table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service: FakeService = fake(default=table.behave)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", service.url)
    return service


@pytest.fixture
def pool(deployed: None, cognito: FakeService, dynamodb: FakeService, clock: Clock) -> Pool:
    pool = Pool(clock, locks=False)
    cognito.default = pool.behave
    return pool
