"""Several function instances, which share nothing, while a Region goes and comes: who loses a sign-in, and who not."""

from __future__ import annotations

import json
from random import Random
from types import ModuleType
from typing import Any

import pytest

from proxy import edge, regional
from tests.proxy.fake_service import FakeService
from tests.proxy.sample_requests import SETTINGS_DOCUMENT
from tests.proxy.two_regions import (
    FAULT,
    IN_TWO_REGIONS,
    PASSWORD,
    PRIMARY,
    REPLICA,
    SIGN_UP,
    Caller,
    TwoRegions,
    clock,
    regions,
    respond,
    strict,
    through_api_gateway,
    through_cloudfront,
)

__all__ = ["clock", "regions"]

INSTANCES = 5


class Fleet:
    """Instances of one function; each call goes to any of them."""

    def __init__(self, adapter: ModuleType, send: Caller, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - which instance
        self._adapter = adapter
        self._send = send
        self._instances: list[Any] = [None] * INSTANCES

    def call(self, operation: str, body: Any) -> tuple[int, Any]:
        number = self.random.randrange(INSTANCES)
        self._adapter._cached = self._instances[number]
        answer: tuple[int, Any] = self._send(operation, body)
        self._instances[number] = self._adapter._cached
        return answer

    def close(self) -> None:
        for cached in self._instances:
            if cached is not None:
                cached[1].close()
        self._adapter._cached = None


@pytest.fixture(params=[(regional, through_api_gateway), (edge, through_cloudfront)], ids=["regional", "edge"])
def fleet(request: pytest.FixtureRequest, regions: TwoRegions) -> Any:
    made = Fleet(*request.param, seed=15)
    yield made
    made.close()


class Users:
    """They begin sign-ins, and answer their challenges a while later."""

    def __init__(self, fleet: Fleet, regions: TwoRegions) -> None:
        self._fleet = fleet
        self._regions = regions
        self._waiting: list[tuple[str, Any]] = []
        self.begun: list[str] = []
        """Which Region each sign-in was begun in."""
        self.lost: list[str] = []
        """Which Region the challenge was from whose answer nobody took."""

    def sign_in(self, steps: int) -> None:
        for _ in range(steps):
            self._regions.clock.now += 0.5
            if self._waiting and self._fleet.random.random() < 0.5:
                region, challenge = self._waiting.pop(self._fleet.random.randrange(len(self._waiting)))
                status, _ = self._fleet.call("RespondToAuthChallenge", respond(challenge))
                if status != 200:
                    self.lost.append(region)
            else:
                status, challenge = self._fleet.call("InitiateAuth", PASSWORD)
                assert status == 200, challenge
                region = REPLICA if REPLICA in challenge["Session"] else PRIMARY
                self.begun.append(region)
                self._waiting.append((region, challenge))

    @property
    def in_flight(self) -> int:
        return len(self._waiting)


def vanish(primary: FakeService) -> None:
    primary.go_away()


def fail(primary: FakeService) -> None:
    primary.default = FAULT


@pytest.mark.proves("region-back-loses-nobody")
@pytest.mark.parametrize("leave", [vanish, fail])
def test_at_most_what_is_in_flight_is_lost_and_nobody_on_the_way_back(
    fleet: Fleet, regions: TwoRegions, leave: Any
) -> None:
    users = Users(fleet, regions)
    users.sign_in(200)
    assert set(users.begun) == {PRIMARY}
    assert users.lost == []
    in_flight = users.in_flight
    leave(regions.primary)
    users.sign_in(400)
    assert len(users.lost) <= in_flight
    assert set(users.lost) <= {PRIMARY}, "no sign-in that was begun since"
    assert set(users.begun[-50:]) == {REPLICA}
    lost = len(users.lost)
    if leave is vanish:
        regions.primary.come_back()
    regions.primary.default = strict(PRIMARY, is_replica=False)
    users.sign_in(1500)
    assert len(users.lost) == lost, "nobody is lost on the way back"
    assert set(users.begun[-50:]) == {PRIMARY}
    moves = [before for before, after in zip(users.begun, users.begun[1:], strict=False) if before != after]
    assert len(moves) < 60, "probes, and one move of each instance"


def test_changes_get_their_try_later_in_every_instance_and_go_on_afterwards(
    regions: TwoRegions,
) -> None:
    fleet = Fleet(regional, through_api_gateway, seed=15)
    regions.primary.go_away()
    answers = [fleet.call("SignUp", SIGN_UP) for _ in range(60)]
    assert {(status, document["__type"]) for status, document in answers} == {(503, "ServiceUnavailableException")}
    regions.primary.come_back()
    regions.clock.now += 60
    assert {fleet.call("SignUp", SIGN_UP)[0] for _ in range(60)} == {200}
    fleet.close()


@pytest.mark.proves("region-off-not-loaded")
@pytest.mark.parametrize("call", [through_api_gateway, through_cloudfront], ids=["regional", "edge"])
def test_without_further_regions_nothing_of_it_is_loaded(
    regions: TwoRegions, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    ours = ("cognito_regions", "breaker", "replica_operations", "session_marks")
    for name in ours:
        monkeypatch.delitem(sys.modules, f"proxy.{name}")
    alone = {key: value for key, value in IN_TWO_REGIONS.items() if key != "failover_regions"}
    assert alone == SETTINGS_DOCUMENT
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(alone))
    status, _ = (
        call("InitiateAuth", PASSWORD)
        if call is through_api_gateway
        else call("InitiateAuth", PASSWORD, settings=alone)
    )
    assert status == 200
    assert not {f"proxy.{name}" for name in ours} & set(sys.modules)
