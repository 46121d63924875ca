"""What Route 53's health checkers are told, and what it costs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from proxy import regional
from proxy.health import HOLDS_SECONDS, LONGEST_SECONDS, Health
from proxy.settings import parse_settings
from tests.proxy.fake_service import close, error, stall
from tests.proxy.regional_calls import Context
from tests.proxy.sample_requests import SETTINGS_DOCUMENT
from tests.proxy.two_regions import TwoRegions, clock, regions

__all__ = ["clock", "regions"]

CHECK = {"resource": "/health", "path": "/health", "httpMethod": "GET", "headers": {}, "requestContext": {}}
INVALID_TOKEN = error("NotAuthorizedException", "Invalid Access Token")
FAULT = error("InternalErrorException", "Something went wrong.", status=500)


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(regional, "_checked", None)
    yield
    if regional._checked is not None:
        regional._checked[1].close()


def check() -> tuple[int, Any]:
    response = regional.handler(dict(CHECK), Context(seconds=10.0))
    assert response["headers"]["content-type"] == "application/json"
    assert response["headers"]["cache-control"] == "no-store"
    return response["statusCode"], json.loads(response["body"])


@pytest.mark.proves("health-check")
def test_well_is_who_has_the_secret_and_reaches_cognito(regions: TwoRegions, store: Any, capsys: Any) -> None:
    assert check() == (200, {"healthy": True})
    assert [got.operation for got in store.received] == ["GetSecretValue"]
    assert regions.operations == (["GetUser"], [])
    (asked,) = regions.primary.received
    assert asked.document == {"AccessToken": "not-a-token"}
    assert "authorization" not in asked.headers
    assert capsys.readouterr().out == ""  # nobody's call


def test_one_cognito_that_answers_is_enough_whichever_it_is(regions: TwoRegions) -> None:
    regions.primary.default = FAULT
    assert check() == (200, {"healthy": True})
    assert regions.operations == (["GetUser"], ["GetUser"])


@pytest.mark.parametrize("failing", [FAULT, close], ids=["5xx", "broken"])
def test_where_no_cognito_answers_it_is_unwell(regions: TwoRegions, failing: Any) -> None:
    regions.primary.default = regions.replica.default = failing
    assert check() == (503, {"healthy": False})


def test_a_cognito_that_is_silent_leaves_the_other_its_time(regions: TwoRegions) -> None:
    regions.primary.default = stall
    began = time.monotonic()
    assert check() == (200, {"healthy": True})
    assert time.monotonic() - began < LONGEST_SECONDS


def test_without_a_secret_it_is_unwell(regions: TwoRegions, store: Any) -> None:
    store.default = error("InternalServiceError", "x", status=500)
    assert check() == (503, {"healthy": False})
    assert regions.operations == ([], [])


def test_broken_settings_are_unwell_and_say_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", "{")
    assert check() == (503, {"healthy": False})


def test_many_checks_cost_one(regions: TwoRegions, store: Any) -> None:
    for _ in range(20):
        assert check()[0] == 200
    assert len(store.received) == 1
    assert regions.operations == (["GetUser"], [])


def test_what_is_known_holds_for_some_seconds_and_a_secret_that_was_there_once_is_enough() -> None:
    now = 1000.0
    asked: list[str] = []

    class Service:
        settings = parse_settings(json.dumps(SETTINGS_DOCUMENT))

        def prefetch(self, client_id: str, *, deadline: float) -> None:
            asked.append("secret")

    class Client:
        def __init__(self, service: str, region: str) -> None:
            pass

        def send(self, headers: dict[str, str], body: bytes, *, deadline: float) -> Any:
            asked.append("cognito")
            return type("Response", (), {"status": 400})()

        def close(self) -> None:
            pass

    health = Health(Service(), clock=lambda: now, new_client=Client)
    for passed in (0.0, HOLDS_SECONDS - 0.1, 0.2, HOLDS_SECONDS):
        now += passed
        assert health.verdict(deadline=now + 10).status == 200
    assert asked == ["secret", "cognito", "cognito", "cognito"]


def test_a_path_that_a_caller_chooses_is_no_check(regions: TwoRegions) -> None:
    event = CHECK | {"resource": "/", "path": "/health"}
    assert regional.handler(event, Context(seconds=10.0))["statusCode"] != 200
