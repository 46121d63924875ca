"""A pool in two Regions, through the handlers of both variants: who is asked, who is asked next, and who never."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from proxy import breaker, cognito_regions, connection, edge, regional
from tests.proxy.fake_service import Exchange, FakeService, answer, close, error, http, raw, stall
from tests.proxy.regional_calls import Context, call, event
from tests.proxy.regional_calls import lines as lines_of_run
from tests.proxy.sample_requests import CLIENT_ID, secret_document
from tests.proxy.two_regions import (
    FAULT,
    IN_TWO_REGIONS,
    PASSWORD,
    PRIMARY,
    REPLICA,
    SIGN_UP,
    WRONG_PASSWORD,
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

REFRESH = {"ClientId": CLIENT_ID, "RefreshToken": "dummy"}
GET_USER = {"AccessToken": "dummy"}


@pytest.fixture(params=[through_api_gateway, through_cloudfront], ids=["regional", "edge"])
def send(request: pytest.FixtureRequest) -> Caller:
    caller: Caller = request.param
    return caller


def sign_in(send: Caller) -> tuple[int, str]:
    """Both steps; the status, and the Region whose tokens came."""
    status, challenge = send("InitiateAuth", PASSWORD)
    if status != 200:
        return status, challenge["__type"]
    status, document = send("RespondToAuthChallenge", respond(challenge))
    return status, document["AuthenticationResult"]["AccessToken"] if status == 200 else document["__type"]


def test_while_all_is_well_only_the_first_region_is_asked_and_answers_pass_as_they_are(
    regions: TwoRegions, send: Caller
) -> None:
    status, challenge = send("InitiateAuth", PASSWORD)
    assert (status, challenge["Session"]) == (200, f"session-of-{PRIMARY}")
    assert send("RespondToAuthChallenge", respond(challenge)) == (
        200,
        {"AuthenticationResult": {"AccessToken": f"of-{PRIMARY}"}},
    )
    assert not regions.replica.received


def test_a_region_that_refuses_connections_costs_no_sign_in(regions: TwoRegions, send: Caller) -> None:
    regions.primary.go_away()
    assert [sign_in(send) for _ in range(5)] == [(200, f"of-{REPLICA}")] * 5
    assert not regions.primary.received


@pytest.mark.parametrize("failing", [FAULT, close, stall], ids=["5xx", "broken", "silent"])
def test_a_region_that_fails_in_any_way_costs_no_sign_in(regions: TwoRegions, send: Caller, failing: Any) -> None:
    regions.primary.default = failing
    if failing is stall:
        assert through_api_gateway("InitiateAuth", PASSWORD, seconds=2.0)[0] == 200
    else:
        assert sign_in(send) == (200, f"of-{REPLICA}")


@pytest.mark.parametrize(
    "refusal", [WRONG_PASSWORD, error("TooManyRequestsException", "Rate exceeded"), answer({}, status=429)]
)
def test_what_a_region_says_no_to_no_other_is_asked_for(regions: TwoRegions, send: Caller, refusal: Any) -> None:
    regions.primary.default = refusal
    for _ in range(10):
        assert send("InitiateAuth", PASSWORD)[0] in (400, 429)
    assert not regions.replica.received


def test_a_throttle_that_comes_as_503_is_a_throttle(regions: TwoRegions, send: Caller) -> None:
    regions.primary.default = error("ThrottlingException", "Rate exceeded", status=503)
    for _ in range(10):
        assert send("InitiateAuth", PASSWORD)[0] == 503
    assert not regions.replica.received


def test_after_three_failures_the_region_is_left_alone(regions: TwoRegions, send: Caller) -> None:
    regions.primary.default = FAULT
    for _ in range(8):
        assert sign_in(send) == (200, f"of-{REPLICA}")
    assert len(regions.primary.received) == breaker.FAILURES


def test_on_the_way_back_nobody_is_lost(regions: TwoRegions, send: Caller) -> None:
    """Sign-ins that were begun in the replica end there, also when the primary has long been asked again."""
    regions.primary.default = FAULT
    for _ in range(3):
        sign_in(send)
    begun = [send("InitiateAuth", PASSWORD)[1] for _ in range(5)]
    regions.primary.default = strict(PRIMARY, is_replica=False)
    for _ in range(breaker.PROBES):
        regions.clock.now += breaker.FIRST_WAIT_SECONDS
        assert sign_in(send)[0] == 200
    assert sign_in(send) == (200, f"of-{PRIMARY}")
    for challenge in begun:
        assert send("RespondToAuthChallenge", respond(challenge))[1] == {
            "AuthenticationResult": {"AccessToken": f"of-{REPLICA}"}
        }


def test_a_challenge_of_the_primary_goes_back_to_it_though_this_instance_keeps_away(
    regions: TwoRegions, send: Caller
) -> None:
    """Another instance may have found out earlier that the primary is well again."""
    regions.primary.default = FAULT
    for _ in range(3):
        sign_in(send)
    regions.primary.default = strict(PRIMARY, is_replica=False)
    challenge = {"ChallengeName": "EMAIL_OTP", "Session": f"session-of-{PRIMARY}"}
    assert send("RespondToAuthChallenge", respond(challenge))[0] == 200
    assert send("InitiateAuth", PASSWORD)[1]["Session"] != f"session-of-{PRIMARY}"


def test_a_challenge_whose_region_is_gone_is_tried_elsewhere_and_the_app_begins_anew(
    regions: TwoRegions, send: Caller
) -> None:
    _, challenge = send("InitiateAuth", PASSWORD)
    regions.primary.go_away()
    assert send("RespondToAuthChallenge", respond(challenge)) == (
        400,
        {"__type": "NotAuthorizedException", "message": "Invalid session for the user."},
    )
    assert sign_in(send) == (200, f"of-{REPLICA}")


@pytest.mark.parametrize("failing", [FAULT, close], ids=["5xx", "broken"])
def test_the_answer_to_a_challenge_that_may_have_been_taken_is_not_sent_twice(
    regions: TwoRegions, send: Caller, failing: Any
) -> None:
    _, challenge = send("InitiateAuth", PASSWORD)
    regions.primary.default = failing
    assert send("RespondToAuthChallenge", respond(challenge))[0] in (500, 502)
    assert not regions.replica.received


def test_a_challenge_without_a_session_gets_one_that_only_the_proxy_reads(regions: TwoRegions, send: Caller) -> None:
    """PASSWORD_VERIFIER has none in Cognito."""
    regions.primary.default = FAULT
    regions.replica.default = answer({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {"SRP_B": "ab"}})
    _, challenge = send("InitiateAuth", PASSWORD)
    assert len(challenge["Session"]) >= 20
    assert challenge["ChallengeParameters"] == {"SRP_B": "ab"}
    regions.primary.default = strict(PRIMARY, is_replica=False)
    send("RespondToAuthChallenge", respond(challenge))
    assert "Session" not in regions.replica.received[-1].document
    assert regions.operations[0][-1].endswith("InitiateAuth")


def test_one_call_at_a_time_probes_and_none_is_lost_to_it(regions: TwoRegions, send: Caller) -> None:
    regions.primary.default = FAULT
    for _ in range(3):
        sign_in(send)
    asked = len(regions.primary.received)
    for _ in range(4):
        regions.clock.now += breaker.LONGEST_WAIT_SECONDS
        assert [sign_in(send) for _ in range(3)] == [(200, f"of-{REPLICA}")] * 3
        asked += 1
        assert len(regions.primary.received) == asked


def test_a_call_that_cannot_be_made_elsewhere_is_no_probe(regions: TwoRegions, send: Caller) -> None:
    """The answer to a challenge of which nobody knows where it is from."""
    regions.primary.default = FAULT
    for _ in range(3):
        sign_in(send)
    asked = len(regions.primary.received)
    regions.clock.now += breaker.LONGEST_WAIT_SECONDS
    send("RespondToAuthChallenge", respond({"ChallengeName": "EMAIL_OTP"}))
    assert len(regions.primary.received) == asked
    assert regions.operations[1][-1].endswith("RespondToAuthChallenge")


@pytest.mark.proves("region-flapping")
def test_a_flapping_region_does_not_flap_users(regions: TwoRegions, send: Caller) -> None:
    """It comes and goes every 15 seconds for an hour, with a sign-in every 3 seconds. All succeed; after ten minutes
    the other Region serves nearly all of them, and the flapping one is little more than probed."""
    served = []
    for second in range(0, 3600, 3):
        regions.clock.now += 3
        well = second // 15 % 2 == 1
        regions.primary.default = strict(PRIMARY, is_replica=False) if well else FAULT
        served.append(sign_in(send))
    assert {status for status, _ in served} == {200}
    assert served[200:].count((200, f"of-{REPLICA}")) > 0.85 * len(served[200:])


def test_what_all_regions_fail_at_opens_nothing(regions: TwoRegions, send: Caller) -> None:
    """Nobody drives users away from a Region with a call that Cognito fails at because of what is in it."""
    regions.primary.default = regions.replica.default = FAULT
    for _ in range(10):
        assert send("InitiateAuth", PASSWORD)[0] == 500
    assert len(regions.primary.received) == len(regions.replica.received) == 10
    adapter = regional if send is through_api_gateway else edge
    assert not any(one.is_open for one in adapter._cached[1]._regions._breakers.values())
    regions.primary.default = strict(PRIMARY, is_replica=False)
    assert sign_in(send) == (200, f"of-{PRIMARY}")


def test_one_kind_of_operation_that_fails_takes_no_other_with_it(regions: TwoRegions) -> None:
    for _ in range(breaker.FAILURES):
        regions.primary.script(FAULT)
        assert call("GetUser", GET_USER)[:2] == (200, {"Region": REPLICA})
    assert sign_in(through_api_gateway) == (200, f"of-{PRIMARY}")


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("GetTokensFromRefreshToken", REFRESH),
        ("RevokeToken", {"ClientId": CLIENT_ID, "Token": "dummy"}),
        ("GetUser", GET_USER),
        ("GlobalSignOut", GET_USER),
        ("ListDevices", GET_USER),
    ],
)
@pytest.mark.parametrize("failing", [FAULT, close], ids=["5xx", "broken"])
def test_what_a_replica_can_do_is_done_there(regions: TwoRegions, operation: str, body: Any, failing: Any) -> None:
    regions.primary.default = failing
    assert call(operation, body)[:2] == (200, {"Region": REPLICA})


CHANGES: list[tuple[str, Any]] = [
    ("SignUp", SIGN_UP),
    ("ForgotPassword", {"ClientId": CLIENT_ID, "Username": "jane"}),
    ("ChangePassword", {"AccessToken": "dummy", "PreviousPassword": "dummy", "ProposedPassword": "dummy"}),
    ("ListUserSessions", GET_USER),
]


@pytest.mark.proves("region-try-later")
@pytest.mark.parametrize(("operation", "body"), CHANGES)
def test_what_only_the_primary_does_gets_a_clear_try_later(
    regions: TwoRegions, operation: str, body: Any, capsys: Any
) -> None:
    regions.primary.go_away()
    for _ in range(5):
        status, document, headers = call(operation, body)
        assert (status, document["__type"]) == (503, "ServiceUnavailableException")
        assert "later" in document["message"]
        assert int(headers["x-cognito-proxy-retry-after"]) >= 10
        assert "retry-after" not in headers
    assert not regions.replica.received
    seen = lines_of_run(capsys)
    assert {(line["outcome"], line["reason"]) for line in seen} == {("failed", "primary_region")}
    assert ["problem" in line for line in seen] == [True] * breaker.FAILURES + [False] * (5 - breaker.FAILURES)


def test_a_change_that_may_have_been_made_is_not_said_to_have_failed(regions: TwoRegions) -> None:
    regions.primary.default = stall
    status, document, headers = call("SignUp", SIGN_UP, seconds=1.0)
    assert (status, document["__type"]) == (504, "InternalErrorException")
    assert "x-cognito-proxy-retry-after" not in headers


def test_a_change_that_cognito_fails_at_keeps_no_other_change_back(regions: TwoRegions) -> None:
    """A caller who knows a call that makes Cognito answer 500 could otherwise close the door to everybody."""
    regions.primary.default = FAULT
    for _ in range(20):
        assert call("SignUp", SIGN_UP)[0] == 500
    regions.primary.default = answer({})
    assert call("SignUp", SIGN_UP)[0] == 200


def test_changes_go_on_at_once_when_one_has_succeeded(regions: TwoRegions) -> None:
    """There is nobody else who could serve them, so nothing is gained by waiting for more probes."""
    regions.primary.go_away()
    for _ in range(breaker.FAILURES):
        call("SignUp", SIGN_UP)
    regions.primary.come_back()
    regions.clock.now += breaker.FIRST_WAIT_SECONDS
    assert [call("SignUp", SIGN_UP)[0] for _ in range(3)] == [200] * 3


def test_changes_go_on_when_the_primary_is_back(regions: TwoRegions) -> None:
    regions.primary.go_away()
    for _ in range(4):
        call("SignUp", SIGN_UP)
    regions.primary.come_back()
    assert call("SignUp", SIGN_UP)[0] == 503
    regions.clock.now += breaker.FIRST_WAIT_SECONDS
    assert call("SignUp", SIGN_UP)[0] == 200


def test_a_second_region_of_ones_own_asks_itself_first_and_the_primary_for_changes(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PROXY_SETTINGS", json.dumps(IN_TWO_REGIONS | {"region": REPLICA, "failover_regions": [PRIMARY]})
    )
    assert sign_in(through_api_gateway) == (200, f"of-{REPLICA}")
    assert call("SignUp", SIGN_UP)[:2] == (200, {"Region": PRIMARY})
    regions.replica.go_away()
    assert sign_in(through_api_gateway) == (200, f"of-{PRIMARY}")


def test_a_replica_that_is_not_active_is_passed_over(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    regions.replica.default = error("OperationNotEnabledException", "Not enabled.")
    monkeypatch.setenv(
        "PROXY_SETTINGS", json.dumps(IN_TWO_REGIONS | {"region": REPLICA, "failover_regions": [PRIMARY]})
    )
    assert [sign_in(through_api_gateway) for _ in range(4)] == [(200, f"of-{PRIMARY}")] * 4
    assert len(regions.replica.received) == breaker.FAILURES
    assert "OperationNotEnabledException" in lines_of_run(capsys)[0]["problem"]


def test_with_the_primary_gone_and_a_replica_that_is_not_active_the_app_is_told_to_try_later(
    regions: TwoRegions, send: Caller
) -> None:
    regions.primary.go_away()
    regions.replica.default = error("OperationNotEnabledException", "Not enabled.")
    status, document = send("InitiateAuth", PASSWORD)
    assert (status, document["__type"]) == (503, "ServiceUnavailableException")


def test_codes_that_a_replica_does_not_take_keep_nobody_else_from_it(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica knows no authenticator apps; whoever has one is told to try later."""
    regions.primary.default = FAULT
    challenges = [call("InitiateAuth", PASSWORD)[1] for _ in range(6)]
    regions.replica.script(*[error("OperationNotEnabledException", "Not enabled.")] * 5)
    regions.primary.default = WRONG_PASSWORD
    for challenge in challenges[:5]:
        assert call("RespondToAuthChallenge", respond(challenge))[0] == 400
    regions.primary.go_away()
    assert call("RespondToAuthChallenge", respond(challenges[5]))[0] == 200
    _, challenge, _ = call("InitiateAuth", PASSWORD)
    regions.replica.script(error("OperationNotEnabledException", "Not enabled."))
    status, document, _ = call("RespondToAuthChallenge", respond(challenge))
    assert (status, document["__type"]) == (503, "ServiceUnavailableException")


def test_the_line_says_which_region_it_was_when_it_was_not_the_first(regions: TwoRegions, capsys: Any) -> None:
    call("InitiateAuth", PASSWORD)
    regions.primary.default = FAULT
    _, challenge, _ = call("InitiateAuth", PASSWORD)
    call("RespondToAuthChallenge", respond(challenge))
    first, second, third = lines_of_run(capsys)
    assert "cognito_region" not in first
    assert "RegionFailovers" not in first
    assert (second["cognito_region"], second["RegionFailovers"]) == (REPLICA, 1)
    assert second["problem"] == f"Cognito in {PRIMARY}: InternalErrorException"
    assert third["cognito_region"] == REPLICA
    assert "RegionFailovers" not in third


def test_a_region_that_is_silent_leaves_the_next_one_its_time(regions: TwoRegions) -> None:
    regions.primary.default = stall
    assert call("InitiateAuth", PASSWORD, seconds=2.0)[0] == 200


def test_a_probe_that_gets_no_answer_does_not_take_long(regions: TwoRegions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cognito_regions, "PROBE_SECONDS", 0.2)
    regions.primary.default = FAULT
    for _ in range(breaker.FAILURES):
        call("InitiateAuth", PASSWORD)
    regions.clock.now += breaker.FIRST_WAIT_SECONDS
    regions.primary.default = stall
    started = time.monotonic()
    assert call("InitiateAuth", PASSWORD)[0] == 200
    assert time.monotonic() - started < 2


def test_a_change_that_probes_has_all_its_time(regions: TwoRegions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool whose own functions are slow must come back, too."""
    monkeypatch.setattr(cognito_regions, "PROBE_SECONDS", 0.1)

    def slow(exchange: Exchange) -> bool:
        exchange.pause(0.4)
        return answer({})(exchange)

    regions.primary.go_away()
    for _ in range(breaker.FAILURES):
        call("SignUp", SIGN_UP)
    regions.primary.come_back()
    regions.primary.default = slow
    regions.clock.now += breaker.FIRST_WAIT_SECONDS
    assert call("SignUp", SIGN_UP)[0] == 200


def test_a_secret_that_took_long_leaves_connecting_its_time(
    regions: TwoRegions, store: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that was begun meanwhile, and is of no use any more, is no failure of the Region's."""
    monkeypatch.setattr(cognito_regions, "CONNECT_SECONDS", 0.2)

    def slow(exchange: Exchange) -> bool:
        exchange.pause(0.4)
        regions.primary.hang_up()
        return answer({"SecretString": secret_document()})(exchange)

    store.default = slow
    assert call("SignUp", SIGN_UP)[:2] == (200, {"Region": PRIMARY})


@pytest.mark.parametrize(("operation", "body"), [("InitiateAuth", PASSWORD), ("SignUp", SIGN_UP)])
def test_connecting_has_a_bound_of_its_own(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch, operation: str, body: Any
) -> None:
    """Whether the connection is opened beside the fetching of the secret or by the call itself."""
    bounds, connect = [], connection.Endpoint._connect

    def spy(endpoint: Any, deadline: float) -> Any:
        if endpoint._port == regions.primary.port:
            bounds.append(deadline - time.monotonic())
        return connect(endpoint, deadline)

    monkeypatch.setattr(connection.Endpoint, "_connect", spy)
    call(operation, body)
    regions.primary.hang_up()
    call(operation, body)
    assert len(bounds) == 2
    assert max(bounds) <= cognito_regions.CONNECT_SECONDS


@pytest.mark.parametrize(
    "session", ["cognito-proxy:ap-south-1:rest", "cognito-proxy:us-east-1", "cognito-proxy:", "cognito-proxy:::"]
)
def test_a_mark_that_names_no_region_of_the_settings_is_none(regions: TwoRegions, send: Caller, session: str) -> None:
    """It goes to the primary as it came, which does not know it."""
    body = respond({"ChallengeName": "EMAIL_OTP", "Session": session})
    assert send("RespondToAuthChallenge", body)[0] == 400
    assert regions.primary.received[-1].document["Session"] == session
    assert not regions.replica.received


@pytest.mark.parametrize("body", [b"[]", b"{", b"", b'"text"', b"[" * 10_000])
def test_an_answer_that_is_no_object_passes_as_it_is(regions: TwoRegions, body: bytes) -> None:
    regions.primary.default = FAULT
    regions.replica.default = raw(http(200, body))
    response = regional.handler(event("InitiateAuth", PASSWORD), Context())
    assert (response["statusCode"], response["body"]) == (200, body.decode())


def test_a_signed_call_is_signed_for_the_region_that_is_called(regions: TwoRegions) -> None:
    regions.primary.default = FAULT
    assert sign_in(through_cloudfront) == (200, f"of-{REPLICA}")
    scopes = [
        got.header("authorization").split("Credential=")[1].split(",")[0].split("/")[2]
        for service in (regions.primary, regions.replica)
        for got in service.received
    ]
    assert scopes == [PRIMARY, REPLICA, REPLICA]


def test_the_pinned_region_is_asked_first_and_changes_wait(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(IN_TWO_REGIONS | {"pin": REPLICA}))
    assert sign_in(through_api_gateway) == (200, f"of-{REPLICA}")
    assert call("SignUp", SIGN_UP)[0] == 503
    assert not regions.primary.received
    regional._cached[1].close()
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(IN_TWO_REGIONS | {"pin": REPLICA + "+changes"}))
    assert call("SignUp", SIGN_UP)[:2] == (200, {"Region": PRIMARY})


def test_a_pin_that_names_no_region_of_the_settings_moves_nothing(
    regions: TwoRegions, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(IN_TWO_REGIONS | {"pin": "evil.example.com"}))
    assert sign_in(through_api_gateway) == (200, f"of-{PRIMARY}")
    assert "pinned" in lines_of_run(capsys)[0]["problem"]
