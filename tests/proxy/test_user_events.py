"""The events: which call has which, what stands in them, and what never does."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from proxy import event_bus, regional
from proxy.call import Call
from proxy.errors import ProxyError
from proxy.event_bus import MAX_ENTRY_BYTES, EventBus
from proxy.interceptors import events as interceptor
from proxy.operations import OPERATIONS
from proxy.pseudonyms import Pseudonyms
from proxy.reading import Reading, read
from proxy.user_events import CHALLENGES, CHANGES, SIGN_INS, UNCHANGED, events_of, may_tell
from tests.proxy.cognito_model import service_model
from tests.proxy.fake_service import FakeService, answer, close, error, stall
from tests.proxy.json_schema import faults
from tests.proxy.regional_calls import REQUEST_ID, call, lines
from tests.proxy.sample_requests import (
    CLIENT_ID,
    INITIATE_AUTH,
    OTHER_CLIENT_ID,
    SECRET,
    SETTINGS,
    SETTINGS_DOCUMENT,
    SIGN_UP,
    request,
)
from tests.proxy.test_operations_drift import NEWER_THAN_THE_PINNED_MODEL

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "user-event.json").read_text("utf-8"))
SUB = "0d0b0f57-3f0e-4a5d-9d3e-6a8f2f1c9b11"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/undelivered"


def token(sub: str = SUB, client_id: str = CLIENT_ID) -> str:
    issuer = f"https://cognito-idp.eu-west-1.amazonaws.com/{SETTINGS.user_pool_id}"
    payload = json.dumps({"sub": sub, "client_id": client_id, "iss": issuer, "username": "sentinel-name"}).encode()
    return f"e30.{urlsafe_b64encode(payload).decode().rstrip('=')}.sentinel-signature"


TOKENS = {"AuthenticationResult": {"AccessToken": token(), "IdToken": "sentinel", "RefreshToken": "sentinel"}}
CHALLENGE = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "sentinel-session"}
BY_TOKEN = {"AccessToken": token()}
ANSWERING = {"ClientId": CLIENT_ID, "Session": "sentinel-session"}
NEW_PASSWORD = {
    **ANSWERING,
    "ChallengeName": "NEW_PASSWORD_REQUIRED",
    "ChallengeResponses": {"USERNAME": "jane", "NEW_PASSWORD": "sentinel-password", "userAttributes.name": "sentinel"},
}
MFA = {**ANSWERING, "ChallengeName": "SOFTWARE_TOKEN_MFA", "ChallengeResponses": {"USERNAME": "jane"}}
REFRESH = {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "sentinel"}}


@pytest.fixture
def bus(fake: Callable[..., FakeService], monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service: FakeService = fake(default=take_all)
    monkeypatch.setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", service.url)
    return service


@pytest.fixture
def queue(fake: Callable[..., FakeService], monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service: FakeService = fake(default=answer({"MessageId": "dummy"}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", service.url)
    return service


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_bus, "_FIRST_PAUSE_SECONDS", 0.001)


def take_all(exchange: Any) -> bool:
    entries = exchange.request.document["Entries"]
    return bool(answer({"FailedEntryCount": 0, "Entries": [{"EventId": "dummy"} for _ in entries]})(exchange))


Switch = Callable[..., None]


@pytest.fixture
def switched_on(deployed: None, bus: FakeService, queue: FakeService, monkeypatch: pytest.MonkeyPatch) -> Switch:
    def switch(**part: Any) -> None:
        document = SETTINGS_DOCUMENT | {"events": {"bus": "users", "queue": QUEUE, **part}}
        monkeypatch.setenv("PROXY_SETTINGS", json.dumps(document))

    switch()
    return switch


def entries(bus: FakeService) -> list[Any]:
    return [entry for received in bus.received for entry in received.document["Entries"]]


def details(bus: FakeService) -> list[tuple[str, Any]]:
    found = [(entry["DetailType"], json.loads(entry["Detail"])) for entry in entries(bus)]
    for _, detail in found:
        assert list(faults(SCHEMA, detail)) == []
    return found


# The table


def test_every_operation_is_told_told_by_choice_or_changes_nothing() -> None:
    rows = [*CHANGES, *SIGN_INS, *UNCHANGED]
    assert sorted(rows) == sorted(OPERATIONS)
    assert all(UNCHANGED.values())


def test_a_token_is_read_only_where_nothing_else_authorizes_the_call() -> None:
    """Beside a session Cognito may leave a token unverified: anybody could write a sub into such a one."""
    model = service_model()
    for name, row in CHANGES.items():
        if name not in NEWER_THAN_THE_PINNED_MODEL:
            members = set(model.operation_model(name).input_shape.members)
            others = members & {"Session", "SecretHash", "ClientSecret", "FeedbackToken"}
            assert row.by_token is ("AccessToken" in members and not others), name


def test_attributes_are_told_of_each_operation_that_takes_names_of_them() -> None:
    model = service_model()
    for name, row in CHANGES.items():
        if name not in NEWER_THAN_THE_PINNED_MODEL:
            members = model.operation_model(name).input_shape.members
            takes = bool({"UserAttributes", "UserAttributeNames", "AttributeName"} & set(members))
            body = {
                "UserAttributes": [{"Name": "email", "Value": "sentinel"}],
                "UserAttributeNames": ["email"],
                "AttributeName": "email",
            }
            assert list(row.attributes(body)) == (["email"] if takes else []), name


def test_a_challenge_that_changes_the_user_is_one_of_cognitos() -> None:
    assert set(CHALLENGES) <= set(service_model().shape_for("ChallengeNameType").enum)


def test_bounds_of_names_are_cognitos() -> None:
    assert service_model().shape_for("AttributeNameType").metadata["max"] == 32


def test_the_schema_knows_the_operations() -> None:
    assert set(SCHEMA["properties"]["operation"]["enum"]) == {*CHANGES, *SIGN_INS}


# Each kind of call

CASES: list[tuple[str, Any, Any, str, dict[str, Any]]] = [
    (
        "SignUp",
        SIGN_UP | {"UserAttributes": [{"Name": "email", "Value": "sentinel"}, {"Name": "custom:plan", "Value": "x"}]},
        {"UserSub": SUB, "UserConfirmed": True},
        "User Signed Up",
        {"sub": SUB, "attributes": ["custom:plan", "email"], "confirmed": True, "client_id": CLIENT_ID},
    ),
    ("ConfirmSignUp", SIGN_UP | {"ConfirmationCode": "1"}, {}, "User Confirmed", {"client_id": CLIENT_ID}),
    ("ConfirmForgotPassword", SIGN_UP | {"ConfirmationCode": "1"}, {}, "Password Reset", {"client_id": CLIENT_ID}),
    ("ChangePassword", BY_TOKEN | {"ProposedPassword": "sentinel"}, {}, "Password Changed", {"sub": SUB}),
    (
        "UpdateUserAttributes",
        BY_TOKEN | {"UserAttributes": [{"Name": "email", "Value": "sentinel"}]},
        {"CodeDeliveryDetailsList": [{"Destination": "sentinel"}]},
        "User Attributes Changed",
        {"sub": SUB, "attributes": ["email"]},
    ),
    (
        "DeleteUserAttributes",
        BY_TOKEN | {"UserAttributeNames": ["name", "name"]},
        {},
        "User Attributes Deleted",
        {"sub": SUB, "attributes": ["name"]},
    ),
    (
        "VerifyUserAttribute",
        BY_TOKEN | {"AttributeName": "email", "Code": "sentinel"},
        {},
        "User Attribute Verified",
        {"sub": SUB, "attributes": ["email"]},
    ),
    (
        "VerifySoftwareToken",
        BY_TOKEN | {"UserCode": "1"},
        {"Status": "SUCCESS"},
        "Software Token Verified",
        {"sub": SUB},
    ),
    ("SetUserMFAPreference", BY_TOKEN, {}, "MFA Preference Changed", {"sub": SUB}),
    ("SetUserSettings", BY_TOKEN, {}, "MFA Preference Changed", {"sub": SUB}),
    ("CompleteWebAuthnRegistration", BY_TOKEN | {"Credential": {"id": "s"}}, {}, "Passkey Registered", {"sub": SUB}),
    ("DeleteWebAuthnCredential", BY_TOKEN | {"CredentialId": "sentinel"}, {}, "Passkey Deleted", {"sub": SUB}),
    ("ConfirmDevice", BY_TOKEN | {"DeviceKey": "sentinel"}, {}, "Device Confirmed", {"sub": SUB}),
    ("UpdateDeviceStatus", BY_TOKEN | {"DeviceKey": "sentinel"}, {}, "Device Status Changed", {"sub": SUB}),
    ("ForgetDevice", BY_TOKEN | {"DeviceKey": "sentinel"}, {}, "Device Forgotten", {"sub": SUB}),
    ("RevokeToken", {"ClientId": CLIENT_ID, "Token": "sentinel"}, {}, "Token Revoked", {"client_id": CLIENT_ID}),
    ("RevokeUserSession", BY_TOKEN, {}, "Session Revoked", {"sub": SUB}),
    ("GlobalSignOut", BY_TOKEN, {}, "User Signed Out Everywhere", {"sub": SUB}),
    (
        "UpdateAuthEventFeedback",
        {"UserPoolId": SETTINGS.user_pool_id, "Username": "jane", "FeedbackToken": "sentinel"},
        {},
        "Sign-In Feedback Given",
        {},
    ),
    ("DeleteUser", BY_TOKEN, {}, "User Deleted", {"sub": SUB, "client_id": CLIENT_ID}),
]


@pytest.mark.proves("event-for-each-change", "event-detail")
@pytest.mark.parametrize(
    ("operation", "body", "said", "detail_type", "expected"), CASES, ids=lambda each: str(each)[:30]
)
def test_what_cognito_accepted_is_told(
    *,
    switched_on: Switch,
    bus: FakeService,
    cognito: FakeService,
    operation: str,
    body: Any,
    said: Any,
    detail_type: str,
    expected: dict[str, Any],
) -> None:
    cognito.default = answer(said)
    before = int(time.time())
    assert call(operation, body)[0] == 200
    ((found, detail),) = details(bus)
    (entry,) = entries(bus)
    assert found == detail_type
    assert detail.items() >= expected.items()
    assert (detail["version"], detail["operation"], detail["request_id"]) == (1, operation, REQUEST_ID)
    assert detail["user_pool_id"] == SETTINGS.user_pool_id
    assert (entry["Source"], entry["EventBusName"]) == ("cognito-proxy", "users")
    assert before <= entry["Time"] <= time.time()
    assert ("username_hash" in detail) is ("Username" in body)
    if "Username" in body:
        hashes = Pseudonyms.of_document({}, SECRET)
        assert (detail["username_hash"], detail["hash_key"]) == (hashes.username("jane"), hashes.key_id)
    assert ("sub" in detail) is ("sub" in expected)


def test_every_row_of_the_table_is_tried() -> None:
    assert {case[0]: case[3] for case in CASES} == {name: row.detail_type for name, row in CHANGES.items()}


@pytest.mark.parametrize("operation", sorted({*CHANGES, *SIGN_INS}))
@pytest.mark.proves("event-accepted-only")
def test_what_cognito_refused_is_not_told(
    switched_on: Switch, bus: FakeService, cognito: FakeService, operation: str
) -> None:
    switched_on(sign_ins=True)
    bodies = {case[0]: case[1] for case in CASES}
    bodies |= {"InitiateAuth": INITIATE_AUTH, "RespondToAuthChallenge": NEW_PASSWORD}
    bodies["GetTokensFromRefreshToken"] = {"ClientId": CLIENT_ID, "RefreshToken": "sentinel"}
    cognito.default = error("NotAuthorizedException", "sentinel")
    assert call(operation, bodies[operation])[0] == 400
    assert bus.received == []


@pytest.mark.parametrize("operation", sorted(UNCHANGED))
def test_what_changes_nothing_is_not_told(
    switched_on: Switch, bus: FakeService, cognito: FakeService, operation: str
) -> None:
    switched_on(sign_ins=True)
    body = {"ClientId": CLIENT_ID, "Username": "jane", "AccessToken": token()}
    assert call(operation, body)[0] == 200
    assert bus.received == []


SIGN_IN_CASES = [
    ("InitiateAuth", INITIATE_AUTH, TOKENS, ["User Signed In"]),
    ("InitiateAuth", INITIATE_AUTH, CHALLENGE, []),
    ("RespondToAuthChallenge", MFA, TOKENS, ["User Signed In"]),
    ("RespondToAuthChallenge", MFA, CHALLENGE, []),
    ("InitiateAuth", REFRESH, TOKENS, ["Tokens Refreshed"]),
    ("GetTokensFromRefreshToken", {"ClientId": CLIENT_ID, "RefreshToken": "s"}, TOKENS, ["Tokens Refreshed"]),
    ("RespondToAuthChallenge", NEW_PASSWORD, TOKENS, ["Password Changed", "User Signed In"]),
    ("RespondToAuthChallenge", NEW_PASSWORD, CHALLENGE, ["Password Changed"]),
    ("RespondToAuthChallenge", NEW_PASSWORD, {"ChallengeName": "NEW_PASSWORD_REQUIRED"}, []),
    ("RespondToAuthChallenge", NEW_PASSWORD | {"ChallengeName": "MFA_SETUP"}, TOKENS, ["MFA Set Up", "User Signed In"]),
]


@pytest.mark.proves("event-sign-ins-by-choice")
@pytest.mark.parametrize(("operation", "body", "said", "expected"), SIGN_IN_CASES)
@pytest.mark.parametrize("sign_ins", [True, False])
def test_a_sign_in_is_an_answer_with_tokens_and_told_by_choice(
    *,
    switched_on: Switch,
    bus: FakeService,
    cognito: FakeService,
    sign_ins: bool,
    operation: str,
    body: Any,
    said: Any,
    expected: list[str],
) -> None:
    switched_on(sign_ins=sign_ins)
    cognito.default = answer(said)
    assert call(operation, body)[0] == 200
    wanted = expected if sign_ins else [each for each in expected if each not in ("User Signed In", "Tokens Refreshed")]
    found = details(bus)
    assert [each for each, _ in found] == wanted
    for _, detail in found:
        assert detail.get("sub") == (SUB if said is TOKENS else None)
        assert detail["operation"] == operation
        assert detail.get("attributes", ["name"]) == ["name"]
    assert len(bus.received) == bool(wanted)
    assert len({detail["event_id"] for _, detail in found}) == len(found)


def test_an_app_that_proved_nothing_is_not_told(switched_on: Switch, bus: FakeService, cognito: FakeService) -> None:
    cognito.default = answer({"Status": "ERROR"})
    assert call("VerifySoftwareToken", BY_TOKEN | {"UserCode": "1"})[0] == 200
    assert bus.received == []


@pytest.mark.proves("event-sub-of-cognitos")
@pytest.mark.parametrize(
    ("operation", "body", "said"),
    [
        ("ConfirmSignUp", SIGN_UP, {}),
        ("RevokeToken", {"ClientId": CLIENT_ID, "Token": "s"}, {}),
        ("VerifySoftwareToken", {"Session": "s", "UserCode": "1"}, {"Status": "SUCCESS"}),
        ("SignUp", SIGN_UP, {"UserSub": SUB}),
        ("UpdateAuthEventFeedback", {"UserPoolId": SETTINGS.user_pool_id, "Username": "jane"}, {}),
    ],
)
def test_a_token_that_nobody_verified_says_nothing(
    *, switched_on: Switch, bus: FakeService, cognito: FakeService, operation: str, body: Any, said: Any
) -> None:
    """Whoever puts a token of their own beside what Cognito looks at cannot make an event of somebody else."""
    cognito.default = answer(said)
    assert call(operation, body | {"AccessToken": token(sub="sentinel-victim", client_id="sentinel")})[0] == 200
    assert "sentinel" not in json.dumps(entries(bus))
    assert len(entries(bus)) == 1


def test_the_tokens_app_client_goes_before_what_stands_beside_it(switched_on: Switch, bus: FakeService) -> None:
    body = {"AccessToken": token(), "PreviousPassword": "s", "ProposedPassword": "s", "ClientId": OTHER_CLIENT_ID}
    assert call("ChangePassword", body)[0] == 200
    (entry,) = entries(bus)
    assert json.loads(entry["Detail"])["client_id"] == CLIENT_ID


def test_the_hash_is_the_same_for_every_app_client(switched_on: Switch, bus: FakeService, cognito: FakeService) -> None:
    for client_id in (OTHER_CLIENT_ID, CLIENT_ID):
        call("ConfirmSignUp", SIGN_UP | {"ClientId": client_id, "ConfirmationCode": "1"})
    first, second = (detail for _, detail in details(bus))
    assert first["client_id"] != second["client_id"]
    assert (first["username_hash"], first["hash_key"]) == (second["username_hash"], second["hash_key"])


# What never stands in an event

_TEXT = st.text(max_size=12).map(lambda text: f"sentinel-{text}")
_JSON = st.recursive(
    _TEXT | st.none() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_MEMBERS = sorted(
    {
        name
        for operation in OPERATIONS
        if operation not in NEWER_THAN_THE_PINNED_MODEL
        for name in service_model().operation_model(operation).input_shape.members
    }
    - {"ClientId", "UserPoolId", "AccessToken", "UserAttributes", "UserAttributeNames"}
)
_BODIES = st.dictionaries(st.sampled_from(_MEMBERS), _JSON, max_size=8)
_ANSWERS = st.dictionaries(st.sampled_from(["UserSub", "AuthenticationResult", "ChallengeName", "Status"]), _JSON)


@pytest.mark.proves("event-no-values")
@examples(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(operation=st.sampled_from(sorted({*CHANGES, *SIGN_INS})), sent=_BODIES, said=_ANSWERS, accepted=st.booleans())
def test_no_value_of_a_request_or_an_answer_gets_into_an_event(
    operation: str, sent: dict[str, Any], said: dict[str, Any], accepted: bool
) -> None:
    body = {
        "ClientId": CLIENT_ID,
        "Username": "sentinel-name",
        "Password": "sentinel-password",
        "AccessToken": token(),
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "sentinel-name", "PASSWORD": "sentinel-password"},
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeResponses": {"USERNAME": "sentinel-name", "userAttributes.email": "sentinel-value"},
        "RefreshToken": "sentinel-token",
        "Token": "sentinel-token",
        "UserAttributes": [{"Name": "email", "Value": "sentinel-value"}],
        **sent,
    }
    if operation == "VerifyUserAttribute":
        body["AttributeName"] = "email"
    document = json.dumps((TOKENS if accepted else {}) | {"Status": "SUCCESS"} | said).encode()
    try:
        note = Call(time=0.0, started=0.0)
        reading = read(request(operation, body), SETTINGS, note)
    except ProxyError:  # refused, and so there is no event
        return
    for event in events_of(reading, note.flow, document, sign_ins=True):
        assert "sentinel" not in json.dumps(event) or _only_ids(event.detail, said)
        assert may_tell(reading, note.flow, sign_ins=True)


def _only_ids(detail: dict[str, Any], said: dict[str, Any]) -> bool:
    """Cognito's own UserSub is told, whatever it is; a made-up one of this test may be a sentinel."""
    rest = {name: value for name, value in detail.items() if name != "sub"}
    return detail.get("sub") == said.get("UserSub") and "sentinel" not in json.dumps(rest)


NAMES = st.lists(st.text(max_size=40) | st.none() | st.integers(), max_size=150)


@given(names=NAMES)
def test_names_of_attributes_are_bounded(names: list[Any]) -> None:
    body = BY_TOKEN | {"UserAttributeNames": names}
    reading = Reading(operation="DeleteUserAttributes", request=request("DeleteUserAttributes", body), body=body)
    (event,) = events_of(reading, None, b"{}", sign_ins=False)
    attributes = event.detail.get("attributes", [])
    assert attributes == sorted(set(attributes))
    assert attributes == [] or list(faults(SCHEMA["properties"]["attributes"], attributes)) == []


def test_the_largest_event_is_far_below_eventbridges_bound() -> None:
    body = BY_TOKEN | {"UserAttributeNames": [chr(0x1F600 + number) * 32 for number in range(200)]}
    reading = Reading(operation="DeleteUserAttributes", request=request("DeleteUserAttributes", body), body=body)
    (event,) = events_of(reading, None, b"{}", sign_ins=False)
    assert len(event.detail["attributes"]) == 100
    assert len(json.dumps({"Detail": json.dumps(event.detail)})) < MAX_ENTRY_BYTES / 3


@pytest.mark.parametrize("said", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_an_answer_that_cannot_be_read_tells_what_the_call_says(said: bytes) -> None:
    note = Call(time=0.0, started=0.0)
    reading = read(request("SignUp", SIGN_UP), SETTINGS, note)
    (event,) = events_of(reading, None, said, sign_ins=True)
    assert event.detail == {"version": 1, "operation": "SignUp", "client_id": CLIENT_ID, "confirmed": False}


# Delivery


def deliver(count: int = 1, *, bus: EventBus | None = None, seconds: float = 4.0) -> Any:
    made = bus or EventBus("eu-west-1", QUEUE)
    try:
        sent = [{"Detail": f'{{"event_id":"{number}"}}'} for number in range(count)]
        return made.deliver(sent, deadline=time.monotonic() + seconds)
    finally:
        made.close()


def parked(queue: FakeService) -> list[Any]:
    assert all(received.header("x-amz-target") == "AmazonSQS.SendMessage" for received in queue.received)
    return [json.loads(received.document["MessageBody"]) for received in queue.received]


def partly(exchange: Any) -> bool:
    """Takes the first, throttles the second, refuses the third."""
    answers = [{"EventId": "dummy"}, {"ErrorCode": "ThrottlingException"}, {"ErrorCode": "MalformedDetail"}]
    return bool(answer({"FailedEntryCount": 2, "Entries": answers})(exchange))


@pytest.mark.proves("event-queue")
def test_entries_that_fail_alone_are_tried_again_alone_or_parked(bus: FakeService, queue: FakeService) -> None:
    bus.script(partly, take_all)
    assert deliver(3) == (1, 0, "EventBridge: MalformedDetail")
    assert [[entry["Detail"][-3] for entry in received.document["Entries"]] for received in bus.received] == [
        ["0", "1", "2"],
        ["1"],
    ]
    assert [entry["Detail"] for entry in parked(queue)] == ['{"event_id":"2"}']


@pytest.mark.parametrize(
    "trouble",
    [
        error("ThrottlingException", "Rate exceeded"),
        error("InternalException", "", status=500),
        answer({}, status=503),
        close,
        answer({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}),
        answer({"Entries": "nonsense"}),
    ],
)
def test_what_passes_is_tried_again_and_then_parked(bus: FakeService, queue: FakeService, trouble: Any) -> None:
    bus.script(trouble, trouble)
    assert deliver() == (0, 0, "")
    assert len(bus.received) == 3
    bus.script(trouble, trouble, trouble)
    outcome = deliver()
    assert (outcome.failed, outcome.lost) == (1, 0)
    assert len(bus.received) == 6
    assert len(parked(queue)) == 1


@pytest.mark.parametrize("trouble", [error("AccessDeniedException", "sentinel"), error("ValidationException", "")])
def test_what_stays_is_parked_at_once(bus: FakeService, queue: FakeService, trouble: Any) -> None:
    bus.script(trouble)
    outcome = deliver()
    assert (outcome.failed, outcome.lost, len(bus.received), len(parked(queue))) == (1, 0, 1, 1)
    assert "sentinel" not in outcome.problem


@pytest.mark.proves("event-lost-counted")
def test_what_the_queue_does_not_take_either_is_lost_and_said(bus: FakeService, queue: FakeService) -> None:
    bus.default = queue.default = error("ServiceUnavailable", "", status=503)
    assert deliver(2)[:2] == (2, 2)
    assert len(queue.received) == 4


def test_after_a_failure_the_bus_gets_one_short_attempt_for_a_while(bus: FakeService, queue: FakeService) -> None:
    now = [1000.0]
    made = EventBus("eu-west-1", QUEUE, clock=lambda: now[0])
    bus.default = error("ThrottlingException", "")
    for attempts, passed in ((3, 0.0), (1, 1.0), (1, 4.9), (3, 5.1)):
        bus.received.clear()
        now[0] += passed
        deliver(bus=made)
        assert len(bus.received) == attempts
    bus.default = take_all
    assert deliver(bus=made) == (0, 0, "")


def test_however_slow_the_bus_is_the_queue_has_its_time(bus: FakeService, queue: FakeService) -> None:
    bus.default = stall
    started = time.monotonic()
    outcome = deliver(seconds=2.2)
    assert time.monotonic() - started < 1.5
    assert (outcome.failed, outcome.lost, len(parked(queue))) == (1, 0, 1)


# The interceptor


def test_failures_before_the_answer_stand_on_the_call_s_line(
    switched_on: Switch, bus: FakeService, queue: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    bus.default = error("AccessDeniedException", "sentinel")
    assert call("SignUp", SIGN_UP)[0] == 200
    queue.default = error("QueueDoesNotExist", "sentinel")
    assert call("SignUp", SIGN_UP)[0] == 200
    first, second = lines(capsys)
    assert (first["EventFailures"], first.get("EventsLost")) == (1, None)
    assert (second["EventFailures"], second["EventsLost"]) == (1, 1)
    assert first["problem"] == "EventBridge: AccessDeniedException"
    assert second["problem"] == "EventBridge: AccessDeniedException; SQS: QueueDoesNotExist"


@pytest.mark.parametrize(
    "part", [{"bus": ""}, {"bus": 7}, {"queue": None}, {"sign_ins": "yes"}, {"bus": None, "queue": None}]
)
def test_a_broken_part_is_an_error(
    switched_on: Switch, part: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    switched_on(**part)
    assert call("SignUp", SIGN_UP)[0] == 500
    (line,) = lines(capsys)
    assert line["reason"] == "settings"
    assert line["problem"].startswith("settings: 'events.")


def test_an_event_too_long_is_counted_as_lost(
    switched_on: Switch, bus: FakeService, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(interceptor, "MAX_ENTRY_BYTES", 10)
    assert call("SignUp", SIGN_UP)[0] == 200
    assert bus.received == []
    (line,) = lines(capsys)
    assert (line["EventFailures"], line["EventsLost"]) == (1, 1)


@pytest.mark.proves("event-costs-no-call", "event-lost-counted")
def test_in_the_middle_of_a_load_no_call_fails_and_nothing_is_lost_without_a_count(
    switched_on: Switch, bus: FakeService, queue: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bus is well, throttles, is slow, hangs up, takes part, is well; for a while the queue is down, too."""
    call("ForgotPassword", SIGN_UP)  # the service is there
    capsys.readouterr()
    phases: list[tuple[Any, Any]] = [
        (take_all, None),
        (error("ThrottlingException", ""), None),
        (stall, None),
        (close, error("ServiceUnavailable", "", status=503)),
        (answer({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}), None),
        (take_all, None),
    ]
    well = queue.default
    calls = 0
    for trouble, also in phases:
        bus.default, queue.default = trouble, also or well
        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda _: call("SignUp", SIGN_UP)[0], range(4)))
        calls += len(statuses)
        assert statuses == [200] * 4
    counted = lines(capsys)
    failed = sum(line.get("EventFailures", 0) for line in counted)
    lost = sum(line.get("EventsLost", 0) for line in counted)
    well_parked = {
        json.loads(json.loads(received.document["MessageBody"])["Detail"])["event_id"] for received in queue.received
    }
    assert len(counted) == calls
    assert lost == 4
    assert failed == 16
    assert len(well_parked) == failed  # the queue was asked for each; four times it said no


def test_threads_do_not_mix_up_their_events(switched_on: Switch, bus: FakeService) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: call("DeleteUser", {"AccessToken": token(sub=f"user-{number}")}), range(16)))
    assert sorted(detail["sub"] for _, detail in details(bus)) == sorted(f"user-{number}" for number in range(16))


def test_closing_closes_the_connections(switched_on: Switch, bus: FakeService) -> None:
    call("SignUp", SIGN_UP)
    assert regional._cached is not None
    regional._cached[1].close()
    regional._cached[1].close()
