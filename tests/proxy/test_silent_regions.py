"""Which silence opens a breaker: a Region's own, and never one that a caller can bring about."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from proxy import breaker, cognito_regions, edge, regional
from proxy.call import Call
from proxy.reading import Reading
from proxy.service import Service
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import Behaviour, Exchange, answer, close, stall
from tests.proxy.regional_calls import Context
from tests.proxy.sample_requests import CLIENT_ID
from tests.proxy.two_regions import (
    IN_TWO_REGIONS,
    PASSWORD,
    SIGN_UP,
    TwoRegions,
    clock,
    regions,
    respond,
    through_api_gateway,
)

__all__ = ["clock", "regions"]

CHALLENGE = {"ChallengeName": "EMAIL_OTP", "Session": "session-of-the-primary"}
RESET = {"ClientId": CLIENT_ID, "Username": "john"}
GENERATED = IN_TWO_REGIONS | {"threat_protection": True, "edge_admin_calls": "generated"}

InTime = Callable[[str, Any, float], tuple[int, Any]]
Breakers = Callable[[], list[str]]


def at_the_edge(operation: str, body: Any, seconds: float) -> tuple[int, Any]:
    response = edge.handler(edge_event(operation, body, settings=GENERATED), Context(seconds))
    return int(response["status"]), json.loads(response["body"])


def in_the_region(operation: str, body: Any, seconds: float) -> tuple[int, Any]:
    return through_api_gateway(operation, body, seconds=seconds)


@pytest.fixture(params=["regional", "edge"])
def send(request: pytest.FixtureRequest) -> InTime:
    return in_the_region if request.param == "regional" else at_the_edge


def opened() -> list[str]:
    """The breakers that keep calls back, in whichever variant was called."""
    services = [adapter._cached[1] for adapter in (regional, edge) if adapter._cached is not None]
    return [
        f"{region} {kind.name}"
        for service in services
        for (region, kind), one in service._regions._breakers.items()
        if one.is_open
    ]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Region has its fair time within a second."""
    monkeypatch.setattr(cognito_regions, "LEAST_SECONDS", 0.1)
    monkeypatch.setattr(cognito_regions, "CONFIRM_SECONDS", 0.2)


def only_at(behaviour: Behaviour, *operations: str) -> Behaviour:
    """It fails at these, because of what is in them; all others it answers."""

    def behave(exchange: Exchange) -> bool:
        slow = exchange.request.operation.removeprefix("Admin") in operations
        return (behaviour if slow else answer({}))(exchange)

    return behave


class UsesTimeUp:
    """Stands for whatever works before Cognito is asked: a tenth of a second is left."""

    is_on = True

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        if self.is_on:
            time.sleep(max(0.0, deadline - time.monotonic() - 0.1))

    def after(self, *_: Any, **__: Any) -> None:
        pass

    def close(self) -> None:
        pass


def after(seconds: float) -> Behaviour:
    def behave(exchange: Exchange) -> bool:
        exchange.pause(seconds)
        return answer({})(exchange)

    return behave


def test_time_that_the_proxy_used_up_itself_opens_nothing(
    regions: TwoRegions, send: InTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions.primary.default = after(0.3)
    uses_time_up, init = UsesTimeUp(), Service.__init__

    def with_it(service: Service, settings: Any) -> None:
        init(service, settings)
        service._interceptors = (uses_time_up,)

    monkeypatch.setattr(Service, "__init__", with_it)
    for _ in range(breaker.FAILURES):
        if send is in_the_region:  # at the edge CloudFront carries changes
            assert send("SignUp", SIGN_UP, 0.8)[0] == 504
        assert send("RespondToAuthChallenge", respond(CHALLENGE), 0.8)[0] == 504
    uses_time_up.is_on = False
    assert opened() == []
    assert send("InitiateAuth", PASSWORD, 8.0)[0] == 200
    assert not regions.replica.received


def test_changes_with_little_time_keep_no_other_change_back(regions: TwoRegions) -> None:
    regions.primary.default = stall
    for _ in range(breaker.FAILURES):
        assert in_the_region("SignUp", SIGN_UP, 0.8)[0] == 504
    regions.primary.default = answer({})
    assert in_the_region("SignUp", SIGN_UP, 8.0)[0] == 200
    assert in_the_region("ForgotPassword", RESET, 8.0)[0] == 200


@pytest.mark.parametrize("failing", [stall, close], ids=["silent", "broken"])
def test_changes_that_make_the_pools_own_functions_slow_keep_no_other_change_back(
    regions: TwoRegions, quick: None, failing: Behaviour
) -> None:
    regions.primary.default = only_at(failing, "SignUp")
    for _ in range(2 * breaker.FAILURES):
        assert in_the_region("SignUp", SIGN_UP, 1.2)[0] in (502, 504)
    assert opened() == []
    assert in_the_region("ForgotPassword", RESET, 8.0)[0] == 200


@pytest.mark.parametrize("failing", [stall, close], ids=["silent", "broken"])
def test_answers_to_challenges_that_are_slow_move_nobodys_sign_in(
    regions: TwoRegions, send: InTime, quick: None, failing: Behaviour
) -> None:
    regions.primary.default = only_at(failing, "RespondToAuthChallenge")
    for _ in range(2 * breaker.FAILURES):
        assert send("RespondToAuthChallenge", respond(CHALLENGE), 1.2)[0] in (502, 504)
    assert opened() == []
    assert send("InitiateAuth", PASSWORD, 8.0)[0] == 200
    assert not regions.replica.received


@pytest.mark.parametrize("failing", [stall, close], ids=["silent", "broken"])
def test_a_region_that_leaves_all_unanswered_is_left_alone_by_changes(
    regions: TwoRegions, quick: None, failing: Behaviour
) -> None:
    regions.primary.default = failing
    for _ in range(breaker.FAILURES):
        assert in_the_region("SignUp", SIGN_UP, 1.2)[0] in (502, 504)
    asked = len(regions.primary.received)
    status, document = in_the_region("SignUp", SIGN_UP, 8.0)
    assert (status, document["__type"]) == (503, "ServiceUnavailableException")
    assert len(regions.primary.received) == asked


def test_a_region_that_leaves_all_unanswered_is_left_alone_by_sign_ins(
    regions: TwoRegions, send: InTime, quick: None
) -> None:
    regions.primary.default = stall
    for _ in range(breaker.FAILURES):
        assert send("RespondToAuthChallenge", respond(CHALLENGE), 1.2)[0] == 504
    asked = len(regions.primary.received)
    assert send("InitiateAuth", PASSWORD, 8.0)[0] == 200
    assert len(regions.primary.received) == asked


@pytest.mark.parametrize(("least", "is_left_alone"), [(0.1, True), (3.0, False)])
def test_silence_counts_if_the_region_had_its_time_and_another_one_answered(
    regions: TwoRegions, send: InTime, monkeypatch: pytest.MonkeyPatch, least: float, is_left_alone: bool
) -> None:
    monkeypatch.setattr(cognito_regions, "LEAST_SECONDS", least)
    regions.primary.default = stall
    for _ in range(breaker.FAILURES):
        assert send("InitiateAuth", PASSWORD, 1.2)[0] == 200
    assert bool(opened()) == is_left_alone


def test_nobody_is_blamed_for_a_function_without_a_network(regions: TwoRegions, send: InTime) -> None:
    regions.primary.go_away()
    regions.replica.go_away()
    for _ in range(2 * breaker.FAILURES):
        assert send("InitiateAuth", PASSWORD, 8.0)[0] == 502
        assert send("RespondToAuthChallenge", respond(CHALLENGE), 8.0)[0] == 502
    assert opened() == []
    regions.primary.come_back()
    assert send("InitiateAuth", PASSWORD, 8.0)[0] == 200


def test_confirming_leaves_the_answer_its_way_back(regions: TwoRegions, quick: None) -> None:
    """The harmless call has its time from the call's own."""
    regions.primary.default = stall
    started = time.monotonic()
    assert in_the_region("SignUp", SIGN_UP, 1.2)[0] == 504
    assert time.monotonic() - started < 1.2
