"""At the edge, where CloudFront carries calls to: the Region in the origin's name, in Host and in the signature."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.cloudfront.rules import check
from proxy import edge
from proxy.edge import handler
from tests.proxy.edge_events import edge_event
from tests.proxy.request_lines import lines_of
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT, secret_document
from tests.proxy.two_regions import (
    FAULT,
    IN_TWO_REGIONS,
    PASSWORD,
    PRIMARY,
    REPLICA,
    SIGN_UP,
    TwoRegions,
    clock,
    regions,
    respond,
    through_cloudfront,
)

__all__ = ["clock", "regions"]

IN_PLACE = IN_TWO_REGIONS | {"threat_protection": True, "edge_admin_calls": "in_place"}
GENERATED = IN_TWO_REGIONS | {"threat_protection": True, "edge_admin_calls": "generated"}
GET_USER = {"AccessToken": "dummy"}


@pytest.fixture(autouse=True)
def secret_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.secret_store.SecretStore.read", lambda *_: secret_document(CLIENT_ID))


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(edge, "_cached", None)
    yield
    if edge._cached is not None:
        edge._cached[1].close()


def carried(operation: str, body: Any, settings: Any = IN_TWO_REGIONS, *, pin: str | None = None, **more: Any) -> Any:
    """What the function hands back, which CloudFront must take."""
    event = edge_event(operation, body, settings=settings, **more)
    cf_request = event["Records"][0]["cf"]["request"]
    if pin is not None:
        headers = cf_request["origin"]["custom"]["customHeaders"]
        headers["x-proxy-cognito-region"] = [{"key": "x-proxy-cognito-region", "value": pin}]
    before = json.loads(json.dumps(cf_request))
    answer = handler(event)
    result = check(before, answer)
    assert not getattr(result, "violations", ()), result
    return answer


def place(answer: Any) -> tuple[str, str]:
    """The Region in the origin's name, and in Host."""
    assert answer["origin"]["custom"]["customHeaders"] == {}
    name, host = answer["origin"]["custom"]["domainName"], answer["headers"]["host"][0]["value"]
    return tuple(text.removeprefix("cognito-idp.").removesuffix(".amazonaws.com") for text in (name, host))


def error_of(answer: Any) -> tuple[str, str]:
    return answer["status"], json.loads(answer["body"])["__type"]


def test_without_a_pin_all_goes_where_the_settings_say():
    for operation, body in (("InitiateAuth", PASSWORD), ("GetUser", GET_USER), ("SignUp", SIGN_UP)):
        assert place(carried(operation, body)) == (PRIMARY, PRIMARY)


def test_the_pinned_region_gets_what_a_replica_can_do(capsys):
    for operation, body in (("InitiateAuth", PASSWORD), ("GetUser", GET_USER)):
        assert place(carried(operation, body, pin=REPLICA)) == (REPLICA, REPLICA)
    assert {line["cognito_region"] for line in lines_of(capsys.readouterr().out)} == {REPLICA}


def test_what_only_the_primary_does_gets_a_clear_try_later_while_another_region_is_pinned():
    answer = carried("SignUp", SIGN_UP, pin=REPLICA)
    assert error_of(answer) == ("503", "ServiceUnavailableException")
    assert int(answer["headers"]["x-cognito-proxy-retry-after"][0]["value"]) >= 10


def test_changes_go_to_the_primary_all_the_same_where_the_operator_wants_it():
    assert place(carried("SignUp", SIGN_UP, pin=REPLICA + "+changes")) == (PRIMARY, PRIMARY)
    assert place(carried("InitiateAuth", PASSWORD, pin=REPLICA + "+changes")) == (REPLICA, REPLICA)


def test_a_pin_on_the_primary_keeps_nothing_back():
    assert place(carried("SignUp", SIGN_UP, pin=PRIMARY)) == (PRIMARY, PRIMARY)


@pytest.mark.parametrize("pin", ["ap-south-1", "evil.example.com", "", "us-east-1\r\nx: y", "+changes"])
def test_a_pin_moves_nothing_to_where_the_settings_do_not_name(pin):
    assert place(carried("InitiateAuth", PASSWORD, pin=pin)) == (PRIMARY, PRIMARY)


def test_without_further_regions_a_pin_moves_nothing_and_does_not_go_on():
    assert place(carried("InitiateAuth", PASSWORD, SETTINGS_DOCUMENT, pin=REPLICA)) == (PRIMARY, PRIMARY)


def test_a_viewer_pins_nothing():
    answer = carried("InitiateAuth", PASSWORD, headers={"X-Proxy-Cognito-Region": REPLICA})
    assert place(answer) == (PRIMARY, PRIMARY)
    assert "x-proxy-cognito-region" not in answer["headers"]


def test_a_pin_takes_effect_with_the_next_call():
    assert place(carried("InitiateAuth", PASSWORD)) == (PRIMARY, PRIMARY)
    assert place(carried("InitiateAuth", PASSWORD, pin=REPLICA)) == (REPLICA, REPLICA)
    assert place(carried("InitiateAuth", PASSWORD)) == (PRIMARY, PRIMARY)


def test_what_is_signed_in_place_is_signed_for_the_region_that_gets_it():
    answer = carried("InitiateAuth", PASSWORD, IN_PLACE, pin=REPLICA)
    assert place(answer) == (REPLICA, REPLICA)
    assert f"/{REPLICA}/cognito-idp/aws4_request" in answer["headers"]["authorization"][0]["value"]


def test_a_session_of_a_confirmed_sign_up_goes_back_to_the_primary():
    body = PASSWORD | {"AuthFlow": "USER_AUTH", "Session": "session-of-a-sign-up"}
    assert place(carried("InitiateAuth", body, pin=REPLICA + "+changes")) == (PRIMARY, PRIMARY)


def test_a_challenge_that_cloudfront_carries_goes_where_sign_ins_go():
    """Nobody here sees the answers, so none has a mark."""
    body = respond({"ChallengeName": "EMAIL_OTP", "Session": "session-of-the-pinned-region"})
    assert place(carried("RespondToAuthChallenge", body, pin=REPLICA)) == (REPLICA, REPLICA)


def test_in_generated_mode_what_cloudfront_carries_follows_the_sign_ins(regions: TwoRegions, capsys: Any) -> None:
    regions.primary.default = FAULT
    for _ in range(3):
        assert through_cloudfront("InitiateAuth", PASSWORD)[0] == 200
    assert place(carried("GetUser", GET_USER, GENERATED)) == (REPLICA, REPLICA)
    assert error_of(carried("SignUp", SIGN_UP, GENERATED)) == ("503", "ServiceUnavailableException")
    *_, read, change = lines_of(capsys.readouterr().out)
    assert (read["outcome"], read["cognito_region"], read["RegionFailovers"]) == ("forwarded", REPLICA, 1)
    assert (change["outcome"], change["reason"]) == ("failed", "primary_region")
