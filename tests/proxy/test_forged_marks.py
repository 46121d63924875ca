"""A session's mark is a caller's to write: what it may choose, and what it may not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from proxy import breaker, cognito_regions, edge
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import stall
from tests.proxy.sample_requests import SETTINGS_DOCUMENT
from tests.proxy.two_regions import (
    FAULT,
    IN_TWO_REGIONS,
    PASSWORD,
    PRIMARY,
    REPLICA,
    Caller,
    TwoRegions,
    clock,
    regions,
    respond,
    through_api_gateway,
    through_cloudfront,
)

__all__ = ["clock", "regions"]

OF_A_SIGN_UP = "session-of-a-confirmed-sign-up"
FORGED = [f"cognito-proxy:{region}:{rest}" for region in (PRIMARY, REPLICA) for rest in ("", "x" * 30)]

Pinned = Callable[[str], Caller]


VARIANTS: dict[str, Caller] = {"regional": through_api_gateway, "edge": through_cloudfront}


@pytest.fixture(params=list(VARIANTS.values()), ids=list(VARIANTS))
def send(request: pytest.FixtureRequest) -> Caller:
    caller: Caller = request.param
    return caller


@pytest.fixture
def pinned(send: Caller, monkeypatch: pytest.MonkeyPatch) -> Pinned:
    """The same variant with a pin."""

    def through(pin: str) -> Caller:
        settings = IN_TWO_REGIONS | {"pin": pin}
        monkeypatch.setenv("PROXY_SETTINGS", json.dumps(settings))
        if send is through_api_gateway:
            return send
        return lambda operation, body: through_cloudfront(operation, body, settings=settings)

    return through


def begin(session: str) -> dict[str, Any]:
    return PASSWORD | {"Session": session}


def open_the_primarys_breaker(regions: TwoRegions, send: Caller) -> None:
    regions.primary.default = FAULT
    for _ in range(breaker.FAILURES):
        send("InitiateAuth", PASSWORD)
    regions.primary.received.clear()
    regions.replica.received.clear()


@pytest.mark.parametrize("session", FORGED)
def test_a_fresh_sign_in_goes_where_it_would_without_a_mark(regions: TwoRegions, send: Caller, session: str) -> None:
    """Triggers and a web ACL of the pool may be missing in the replica: no caller picks it."""
    assert send("InitiateAuth", begin(session))[0] == 200
    assert not regions.replica.received
    assert regions.primary.received[-1].document.get("Session", "") == session.split(":", 2)[2]


@pytest.mark.parametrize("session", [*FORGED, OF_A_SIGN_UP])
def test_no_session_gets_round_a_pin(regions: TwoRegions, pinned: Pinned, session: str) -> None:
    assert pinned(REPLICA)("InitiateAuth", begin(session))[0] == 200
    assert not regions.primary.received


def test_who_has_just_signed_up_goes_to_the_primary_while_the_pin_lets_changes_go_there(
    regions: TwoRegions, pinned: Pinned
) -> None:
    send = pinned(f"{REPLICA}+changes")
    send("InitiateAuth", begin(OF_A_SIGN_UP))
    assert regions.operations[1] == []
    assert regions.primary.received[-1].document["Session"] == OF_A_SIGN_UP
    for session in FORGED:
        send("InitiateAuth", begin(session))
    assert len(regions.operations[0]) == 1


@pytest.mark.parametrize("session", [*FORGED, OF_A_SIGN_UP])
def test_no_session_of_a_fresh_sign_in_asks_a_region_that_is_left_alone(
    regions: TwoRegions, send: Caller, session: str
) -> None:
    """Where it is silent, each such call would wait for half of its time."""
    open_the_primarys_breaker(regions, send)
    assert send("InitiateAuth", begin(session))[0] == 200
    assert not regions.primary.received


def test_who_has_just_signed_up_goes_to_the_primary_from_a_region_that_asks_itself_first(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = IN_TWO_REGIONS | {"region": REPLICA, "failover_regions": [PRIMARY]}
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(own))
    through_api_gateway("InitiateAuth", begin(OF_A_SIGN_UP))
    assert not regions.replica.received
    for session in FORGED:
        through_api_gateway("InitiateAuth", begin(session))
    assert len(regions.operations[0]) == 1


def test_a_challenge_of_a_silent_region_that_is_left_alone_does_not_take_long(
    regions: TwoRegions, send: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cognito_regions, "PROBE_SECONDS", 0.3)
    open_the_primarys_breaker(regions, send)
    regions.primary.default = stall
    started = time.monotonic()
    status, _ = send("RespondToAuthChallenge", respond({"ChallengeName": "EMAIL_OTP", "Session": "x" * 30}))
    assert status == 504
    assert time.monotonic() - started < 3
    assert not regions.replica.received, "it may have been taken"


@pytest.mark.parametrize("region", [PRIMARY, REPLICA])
def test_a_mark_without_a_session_is_heeded_where_a_challenge_is_answered(
    regions: TwoRegions, send: Caller, region: str
) -> None:
    """SRP's challenge has no session."""
    send("RespondToAuthChallenge", respond({"ChallengeName": "EMAIL_OTP", "Session": f"cognito-proxy:{region}:"}))
    asked = [bool(one.received) for one in (regions.primary, regions.replica)]
    assert asked == [region == PRIMARY, region == REPLICA]


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("pin", ["", PRIMARY, REPLICA, f"{REPLICA}+changes"])
def test_at_the_edge_no_mark_says_where_cloudfront_carries_a_fresh_sign_in(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch, pin: str, in_place: bool
) -> None:
    if in_place:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "dummy")
    expected = REPLICA if pin.startswith(REPLICA) else PRIMARY
    of_a_sign_up = REPLICA if pin == REPLICA else PRIMARY
    for session, region in [*((session, expected) for session in FORGED), (OF_A_SIGN_UP, of_a_sign_up)]:
        event = edge_event("InitiateAuth", begin(session), settings=_edge_settings(in_place=in_place))
        origin = event["Records"][0]["cf"]["request"]["origin"]["custom"]
        if pin:
            origin["customHeaders"]["x-proxy-cognito-region"] = [{"key": "x-proxy-cognito-region", "value": pin}]
        answer = edge.handler(event)
        assert answer["origin"]["custom"]["domainName"] == f"cognito-idp.{region}.amazonaws.com"
        assert "cognito-proxy" not in answer["body"]["data"]


def _edge_settings(*, in_place: bool) -> dict[str, Any]:
    signed = {"threat_protection": True, "edge_admin_calls": "in_place"} if in_place else {}
    return SETTINGS_DOCUMENT | IN_TWO_REGIONS | signed


def test_at_the_edge_no_session_of_a_fresh_sign_in_goes_to_a_region_that_is_left_alone(regions: TwoRegions) -> None:
    open_the_primarys_breaker(regions, through_cloudfront)
    assert edge._cached is not None
    service = edge._cached[1]
    service.settings = service.settings._replace(edge_admin_calls="in_place")
    generated = IN_TWO_REGIONS | {"threat_protection": True, "edge_admin_calls": "generated"}
    for session in [*FORGED, OF_A_SIGN_UP]:
        answer = edge.handler(edge_event("InitiateAuth", begin(session), settings=generated))
        assert answer["origin"]["custom"]["domainName"] == f"cognito-idp.{REPLICA}.amazonaws.com"
