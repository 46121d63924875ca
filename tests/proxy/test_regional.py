"""The regional function from event to answer, between a Secrets Manager and a Cognito that fail in every way."""

from __future__ import annotations

import json
import re
import time

import pytest
from pycognito import AWSSRP

from local.ports import LOOPBACK
from proxy import connection, regional, secret_cache
from proxy.deadline import RESERVE_SECONDS
from proxy.operations import TARGET_PREFIX
from proxy.regional import handler
from tests.proxy.fake_service import HASH_REFUSED, answer, close, drip, error, http, raw, stall
from tests.proxy.regional_calls import (
    REQUEST_ID,
    Context,
    assert_error,
    briefly,
    call,
    event,
    give_secret,
    lines,
    read,
    rotated,
)
from tests.proxy.request_lines import brief, lines_of
from tests.proxy.sample_requests import (
    CLIENT_ID,
    INITIATE_AUTH,
    ORIGIN,
    OTHER_CLIENT_ID,
    SECRET,
    SETTINGS_DOCUMENT,
    SIGN_UP,
    arn,
    secret_document,
)
from tests.refusing import refusing_port

pytestmark = pytest.mark.usefixtures("deployed")


def test_a_call_goes_through_with_its_proof(store, cognito, capsys):
    status, document, headers = call("InitiateAuth", INITIATE_AUTH)
    assert (status, document) == (200, {"Session": "dummy"})
    assert headers["x-amzn-requestid"] == "cognito-0"
    assert headers["access-control-allow-origin"] == ORIGIN
    (received,) = cognito.received
    assert received.operation == "InitiateAuth"
    proof = AWSSRP.get_secret_hash("jane", CLIENT_ID, SECRET)
    assert received.document == {
        **INITIATE_AUTH,
        "AuthParameters": {**INITIATE_AUTH["AuthParameters"], "SECRET_HASH": proof},
    }
    assert briefly(capsys) == [{"operation": "InitiateAuth", "outcome": "answered", "request_id": REQUEST_ID}]


def test_many_calls_cost_one_fetch_and_one_connection(store, cognito):
    for _ in range(10):
        assert call("SignUp", SIGN_UP)[0] == 200
    assert (len(store.received), len(cognito.received), cognito.connections) == (1, 10, 1)


def test_a_pass_through_asks_for_no_secret(store, cognito):
    body = b'{ "AccessToken" : "dummy" }'
    assert call("GetUser", body)[0] == 200
    assert cognito.received[0].body == body
    assert not store.received


# What comes in


def cased(change):
    plain = event("SignUp", SIGN_UP)
    for key in ("headers", "multiValueHeaders"):
        plain[key] = {change(name): value for name, value in plain[key].items()}
    return plain


EVENTS = {
    "as it comes": event("SignUp", SIGN_UP),
    "lower-case headers": cased(str.lower),
    "upper-case headers": cased(str.upper),
    "single-value headers only": event("SignUp", SIGN_UP) | {"multiValueHeaders": None},
    "multi-value headers only": event("SignUp", SIGN_UP) | {"headers": None},
    "single-value headers and no key for the others": {
        key: value for key, value in event("SignUp", SIGN_UP).items() if key != "multiValueHeaders"
    },
    "text body": event("SignUp", SIGN_UP, as_base64=False),
    "no mark of an encoding": {
        key: value for key, value in event("SignUp", SIGN_UP, as_base64=False).items() if key != "isBase64Encoded"
    },
    "no request context": event("SignUp", SIGN_UP) | {"requestContext": None},
    "an empty request context": event("SignUp", SIGN_UP) | {"requestContext": {}},
    "no address": event("SignUp", SIGN_UP) | {"requestContext": {"identity": None}},
    "method in lower case": event("SignUp", SIGN_UP, method="post"),
}


@pytest.mark.parametrize("sent", EVENTS.values(), ids=EVENTS)
def test_reads_every_form_of_event(cognito, sent):
    assert read(handler(sent, Context()))[0] == 200
    assert cognito.received[0].document["SecretHash"] == AWSSRP.get_secret_hash("jane", CLIENT_ID, SECRET)


@pytest.mark.proves("exact-bytes")
@pytest.mark.parametrize("as_base64", [True, False])
def test_a_body_arrives_with_every_character(cognito, as_base64):
    assert call("SignUp", {**SIGN_UP, "Username": "jané👩‍🚀"}, as_base64=as_base64)[0] == 200
    assert cognito.received[0].document["Username"] == "jané👩‍🚀"


def test_works_without_a_context(cognito):
    assert read(handler(event("SignUp", SIGN_UP)))[0] == 200


@pytest.mark.parametrize("names", [("X-Amz-Target", "x-amz-target"), ("x-amz-target", "X-AMZ-TARGET")])
@pytest.mark.parametrize("key", ["headers", "multiValueHeaders"])
def test_two_headers_that_differ_in_case_only_are_one_sent_twice(cognito, names, key):
    sent = event(None, SIGN_UP) | {"headers": None, "multiValueHeaders": None}
    sent[key] = {
        name: target if key == "headers" else [target]
        for name, target in zip(names, [TARGET_PREFIX + "GetUser", TARGET_PREFIX + "SignUp"], strict=True)
    }
    assert_error(read(handler(sent, Context())), 400, "InvalidParameterException")
    assert not cognito.received


def test_a_doubled_target_is_refused(cognito):
    sent = event(None, SIGN_UP, headers={"X-Amz-Target": [TARGET_PREFIX + "SignUp"] * 2})
    assert_error(read(handler(sent, Context())), 400, "InvalidParameterException")
    assert not cognito.received


@pytest.mark.parametrize("body", ["!", "e30", "e30=\n", "é", "=e30=", "e3 0="])
def test_broken_base64_is_refused(cognito, body):
    assert_error(read(handler(event("GetUser") | {"body": body}, Context())), 400, "SerializationException")
    assert not cognito.received


@pytest.mark.parametrize("body", [None, "", "\ud800", "x"])
def test_a_broken_text_is_refused(cognito, body):
    sent = event("GetUser") | {"body": body, "isBase64Encoded": False}
    assert_error(read(handler(sent, Context())), 400, "SerializationException")
    assert not cognito.received


@pytest.mark.parametrize("sent", [{}, {"headers": None, "body": None}, {"httpMethod": None}, {"httpMethod": "GET"}])
def test_hardly_an_event_at_all_is_refused_in_cognitos_shape(cognito, sent):
    assert_error(read(handler(sent)), 405, "MethodNotAllowedException")
    assert not cognito.received


@pytest.mark.parametrize("sent", [[], {"requestContext": "x"}, None])
def test_what_is_no_event_at_all_ends_with_its_release_too(cognito, monkeypatch, sent):
    """What works after an answer waits for it, and Lambda waits for that."""
    call("GetUser", {"AccessToken": "dummy"})
    released = []
    monkeypatch.setattr(regional._cached[1], "release", released.append)
    assert handler(sent)["statusCode"] == 500
    assert len(released) == 1


def test_preflight_is_answered_without_store_or_cognito(store, cognito, capsys):
    asked = {"Access-Control-Request-Method": ["POST"], "Access-Control-Request-Headers": ["content-type,x-amz-target"]}
    status, document, headers = call(None, method="OPTIONS", headers=asked)
    assert (status, document) == (200, None)
    assert headers["access-control-allow-headers"] == "content-type,x-amz-target"
    assert not store.received
    assert not cognito.received
    assert briefly(capsys) == [{"operation": "unknown", "outcome": "preflight", "request_id": REQUEST_ID}]


def test_of_the_clients_headers_cognito_sees_the_allowed_ones_only(cognito):
    sent = {
        "Host": ["proxy.example.com"],
        "Cookie": ["a=b"],
        "Authorization": ["forged"],
        "X-Forwarded-For": ["198.51.100.9"],
        "X-Forwarded-Host": ["evil.example"],
        "X-Forwarded-Proto": ["http"],
        "Accept-Encoding": ["gzip, br"],
        "Content-Length": ["3"],
        "Transfer-Encoding": ["chunked"],
        "Connection": ["close"],
        "X-Amz-Security-Token": ["forged"],
        "User-Agent": ["agent/1"],
        "X-Amz-User-Agent": ["aws-amplify/6"],
        "Amz-Sdk-Request": ["attempt=1"],
        "Amz-Sdk-Invocation-Id": ["a"],
    }
    call("SignUp", SIGN_UP, headers=sent)
    (received,) = cognito.received
    assert set(received.headers) == {
        "host",
        "content-length",
        "content-type",
        "x-amz-target",
        "user-agent",
        "x-amz-user-agent",
        "amz-sdk-request",
        "amz-sdk-invocation-id",
    }
    assert received.header("host") == f"127.0.0.1:{cognito.port}"
    assert received.header("content-length") == str(len(received.body))


# What goes back


def test_of_cognitos_headers_the_client_sees_the_allowed_ones_only(cognito):
    sent = {
        "Set-Cookie": "a=b",
        "Server": "Server",
        "Date": "Fri, 20 Nov 2026 10:00:00 GMT",
        "Connection": "keep-alive",
        "Strict-Transport-Security": "max-age=1",
        "Cache-Control": "public",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "everything",
        "Access-Control-Allow-Credentials": "true",
        "X-Invented": "1",
        "x-amzn-RequestId": "cognito-1",
        "x-amzn-ErrorType": "CodeMismatchException:",
        "x-amzn-ErrorMessage": "Invalid code",
    }
    cognito.script(answer({"__type": "CodeMismatchException", "message": "Invalid code"}, status=400, headers=sent))
    status, document, headers = call("SignUp", SIGN_UP)
    assert (status, document) == (400, {"__type": "CodeMismatchException", "message": "Invalid code"})
    assert set(headers) == {
        "content-type",
        "x-amzn-requestid",
        "x-amzn-errortype",
        "x-amzn-errormessage",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "vary",
        *regional.ANSWER_HEADERS,
    }
    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["x-amzn-errortype"] == "CodeMismatchException:"


def test_an_answer_to_a_foreign_page_cannot_be_read():
    headers = call("SignUp", SIGN_UP, headers={"Origin": ["https://evil.example"]})[2]
    assert not any(name.startswith("access-control") for name in headers)
    assert headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("behaviour", "status", "logged_as"),
    [
        (error("CodeMismatchException", "no"), 400, ("denied", "CodeMismatchException")),
        (error("LimitExceededException", "no"), 400, ("denied", "LimitExceededException")),
        (error("TooManyRequestsException", "no"), 400, ("throttled", "TooManyRequestsException")),
        (error("ThrottlingException", "no"), 400, ("throttled", "ThrottlingException")),
        (raw(http(429, b"{}")), 429, ("throttled", "HTTP429")),
        (error("InternalErrorException", "no", status=500), 500, ("failed", "InternalErrorException")),
        (raw(http(503, b"<html>")), 503, ("failed", "HTTP503")),
        (raw(http(400, b"{}", {"x-amzn-errortype": "sentinel of a user: x"})), 400, ("denied", "HTTP400")),
    ],
)
def test_cognitos_errors_are_handed_on_as_they_are(cognito, capsys, behaviour, status, logged_as):
    cognito.script(behaviour)
    response = handler(event("SignUp", SIGN_UP), Context())
    assert response["statusCode"] == status
    (logged,) = lines(capsys)
    outcome, error_type = logged_as
    assert (logged["outcome"], logged["status"], logged["error"]) == (outcome, status, error_type)
    assert logged.get("reason") == ("cognito" if outcome == "failed" else None)
    assert (logged["Errors"], logged["Throttles"]) == (outcome == "failed", outcome == "throttled")
    assert len(cognito.received) == 1


# Deadlines and failures


@pytest.mark.proves("cognito-down-5xx")
@pytest.mark.parametrize(
    "behaviour",
    [stall, drip(http(200, b"x" * 1000), every=0.02), drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 99, every=0.01)],
)
def test_a_cognito_that_does_not_answer_is_a_504_before_the_function_is_killed(cognito, capsys, behaviour):
    cognito.script(behaviour)
    context = Context(RESERVE_SECONDS + 0.4)
    started = time.monotonic()
    assert_error(read(handler(event("GetUser", {}), context)), 504, "InternalErrorException")
    assert 0.35 < time.monotonic() - started < 2
    assert context.get_remaining_time_in_millis() > 200
    assert len(cognito.received) == 1
    (logged,) = lines(capsys)
    assert logged["problem"].startswith("Cognito: ")
    assert (logged["outcome"], logged["reason"], logged["status"]) == ("failed", "timeout", 504)
    assert 350 < logged["UpstreamLatency"] <= logged["Latency"] < 2000


def test_no_time_at_all_is_a_504_and_nothing_is_sent(cognito):
    assert_error(call("GetUser", {}, seconds=0.1), 504, "InternalErrorException")
    assert not cognito.received


@pytest.mark.parametrize(
    "behaviour",
    [close, raw(b"garbage\r\n\r\n"), raw(http(200, b"x" * 50)[:-9], then_close=True)],
    ids=["close", "garbage", "half"],
)
def test_a_cognito_that_breaks_off_is_a_502_and_is_asked_once(cognito, capsys, behaviour):
    cognito.script(behaviour)
    assert_error(call("SignUp", SIGN_UP), 502, "InternalErrorException")
    assert len(cognito.received) == 1
    (logged,) = lines(capsys)
    assert logged["problem"].startswith("Cognito: ")
    assert (logged["outcome"], logged["reason"]) == ("failed", "unreachable")


@pytest.mark.proves("cognito-down-5xx")
def test_a_cognito_that_is_not_there_is_a_502(monkeypatch, fake):
    with refusing_port() as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", f"http://{LOOPBACK}:{port}")
        assert_error(call("GetUser", {}), 502, "InternalErrorException")


def test_a_failure_can_be_read_by_the_page(cognito):
    cognito.script(close)
    assert call("SignUp", SIGN_UP)[2]["access-control-allow-origin"] == ORIGIN


@pytest.mark.proves("broken-settings-500")
@pytest.mark.parametrize("text", [None, "", "{", "{}", json.dumps({**SETTINGS_DOCUMENT, "clients": {}}), "sentinel"])
def test_broken_settings_are_a_500_and_one_line_says_why(monkeypatch, cognito, capsys, text):
    monkeypatch.delenv("PROXY_SETTINGS") if text is None else monkeypatch.setenv("PROXY_SETTINGS", text)
    for _ in range(2):
        result = call("SignUp", SIGN_UP)
        assert_error(result, 500, "InternalErrorException")
        assert result[1]["message"] == "The proxy is not configured correctly."
        (logged,) = lines(capsys)
        assert logged["problem"].startswith("settings: ")
        assert "sentinel" not in logged["problem"]
        assert brief(logged) == {
            "operation": "unknown",
            "outcome": "failed",
            "reason": "settings",
            "error": "InternalErrorException",
            "request_id": REQUEST_ID,
        }
    assert not cognito.received


def test_mended_settings_are_taken_up(monkeypatch):
    monkeypatch.setenv("PROXY_SETTINGS", "{")
    assert call("SignUp", SIGN_UP)[0] == 500
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT))
    assert call("SignUp", SIGN_UP)[0] == 200


def test_changed_settings_are_taken_up(monkeypatch):
    assert call("GetUser", {"ClientId": OTHER_CLIENT_ID})[0] == 200
    clients = {CLIENT_ID: {"secret_arn": arn(CLIENT_ID)}}
    regional._cached[1]._cognito.close()
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps({**SETTINGS_DOCUMENT, "clients": clients}))
    assert_error(call("GetUser", {"ClientId": OTHER_CLIENT_ID}), 400, "ResourceNotFoundException")


def test_a_broken_endpoint_variable_is_a_500(monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "sentinel")
    assert_error(call("SignUp", SIGN_UP), 500, "InternalErrorException")
    assert "sentinel" not in json.dumps(lines(capsys))


def test_a_fault_of_our_own_is_a_500_that_says_nothing(monkeypatch, capsys):
    def sentinel(*_: object, **__: object) -> None:
        raise ZeroDivisionError("sentinel")

    monkeypatch.setattr(regional, "request_of", sentinel)
    result = call("SignUp", SIGN_UP)
    assert_error(result, 500, "InternalErrorException")
    assert result[1]["message"] == "Internal error."
    (logged,) = lines(capsys)
    assert (logged["problem"], logged["reason"]) == ("unexpected ZeroDivisionError", "unexpected")


STORES = {
    "hangs up": close,
    "forbids": error("AccessDeniedException", "sentinel"),
    "has nothing": error("ResourceNotFoundException", "sentinel"),
    "is broken": raw(http(500, b"sentinel")),
    "holds no JSON": answer({"SecretString": "sentinel"}),
    "holds another client's": answer({"SecretString": secret_document("9foreign", "sentinel")}),
    "holds no text": answer({"SecretBinary": "sentinel"}),
}


@pytest.mark.proves("no-secret-500")
@pytest.mark.parametrize("behaviour", STORES.values(), ids=STORES)
def test_without_its_secret_the_function_answers_500_and_recovers(store, cognito, capsys, clock, behaviour):
    store.script(behaviour, behaviour)
    for _ in range(2):
        assert_error(call("SignUp", SIGN_UP), 500, "InternalErrorException")
        (logged,) = lines(capsys)
        assert "sentinel" not in json.dumps(logged)
        assert logged["problem"]
        assert (logged["outcome"], logged["reason"]) == ("failed", "secret")
        for _ in range(10):
            assert_error(call("SignUp", SIGN_UP), 500, "InternalErrorException")
            (again,) = lines(capsys)
            assert brief(again) == brief(logged)
            assert "problem" not in again  # the store was not asked
        clock.now += 1
    assert not cognito.received
    assert call("SignUp", SIGN_UP)[0] == 200
    assert len(store.received) == 3


def test_a_store_that_stalls_is_answered_in_time(store, cognito):
    store.script(stall)
    started = time.monotonic()
    assert_error(call("SignUp", SIGN_UP, seconds=RESERVE_SECONDS + 0.4), 500, "InternalErrorException")
    assert 0.35 < time.monotonic() - started < 2
    assert not cognito.received


def test_without_the_store_what_needs_no_secret_works(store, cognito):
    store.default = close
    assert call("GetUser", {"AccessToken": "dummy"})[0] == 200
    assert call(None, method="OPTIONS")[0] == 200
    assert_error(call("UnheardOf", {}), 400, "UnknownOperationException")
    assert_error(call("SignUp", {**SIGN_UP, "ClientId": "9foreign"}), 400, "ResourceNotFoundException")
    assert not store.received


def test_one_clients_broken_secret_harms_no_other(store):
    def other_is_broken(exchange):
        if exchange.request.document["SecretId"] == arn(OTHER_CLIENT_ID):
            return answer({"SecretString": "{"})(exchange)
        return give_secret(exchange)

    store.default = other_is_broken
    assert call("SignUp", {**SIGN_UP, "ClientId": OTHER_CLIENT_ID})[0] == 500
    assert call("SignUp", SIGN_UP)[0] == 200
    assert call("SignUp", {**SIGN_UP, "ClientId": OTHER_CLIENT_ID})[0] == 500


class Clock:
    """A wall clock that is moved by hand; the monotonic one, of deadlines, goes on."""

    def __init__(self) -> None:
        self.now = time.time()

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    defaults = secret_cache.SecretCache.__init__.__kwdefaults__
    monkeypatch.setattr(secret_cache.SecretCache.__init__, "__kwdefaults__", {**defaults, "clock": made.time})
    monkeypatch.setattr(connection, "time", made)
    return made


@pytest.mark.proves("copies-serve-on")
def test_an_expired_secret_serves_while_the_store_is_down(store, cognito, clock):
    assert call("SignUp", SIGN_UP)[0] == 200
    store.default = close
    clock.now += 301
    for _ in range(3):
        assert call("SignUp", SIGN_UP)[0] == 200
    assert len(store.received) == 2
    clock.now += 1
    assert call("SignUp", SIGN_UP)[0] == 200
    assert len(store.received) == 3


def test_a_function_that_was_frozen_starts_with_a_new_connection(cognito, clock):
    for _ in range(2):
        assert call("GetUser", {})[0] == 200
        clock.now += 600
    assert [received.connection for received in cognito.received] == [1, 2]


# A secret that was rotated


def hashes(service):
    return [received.document["SecretHash"] for received in service.received]


@pytest.mark.proves("refused-proof-fetched-anew")
def test_a_hash_that_does_not_verify_causes_one_refetch_and_one_retry(store, cognito, capsys):
    call("SignUp", SIGN_UP)
    lines(capsys)
    store.script(rotated("dummy-new-secret"))
    cognito.script(HASH_REFUSED)
    assert call("SignUp", SIGN_UP)[0] == 200
    assert len(store.received) == 2
    old, new = (AWSSRP.get_secret_hash("jane", CLIENT_ID, secret) for secret in (SECRET, "dummy-new-secret"))
    assert hashes(cognito) == [old, old, new]
    (logged,) = lines(capsys)
    assert brief(logged) == {"operation": "SignUp", "outcome": "answered", "request_id": REQUEST_ID}
    assert (logged["retries"], logged["SecretRefetches"]) == (1, 1)
    call("SignUp", SIGN_UP)
    assert hashes(cognito)[-1] == new


def test_a_hash_that_never_verifies_is_retried_once(store, cognito, capsys):
    cognito.default = HASH_REFUSED
    assert_hash_refused(call("SignUp", SIGN_UP))
    assert (len(store.received), len(cognito.received)) == (2, 2)
    (logged,) = lines(capsys)
    assert (logged["outcome"], logged["error"]) == ("denied", "NotAuthorizedException")
    assert (logged["retries"], logged["SecretRefetches"]) == (1, 1)


def assert_hash_refused(result):
    assert (result[0], result[1]["__type"]) == (400, "NotAuthorizedException")


def test_at_most_one_refetch_and_retry_in_ten_seconds(store, cognito, clock):
    cognito.default = HASH_REFUSED
    for _ in range(5):
        assert_hash_refused(call("SignUp", SIGN_UP))
        clock.now += 1.9
    assert (len(store.received), len(cognito.received)) == (2, 6)
    clock.now += 1
    assert_hash_refused(call("SignUp", SIGN_UP))
    assert (len(store.received), len(cognito.received)) == (3, 8)


def test_when_the_refetch_fails_cognitos_own_answer_is_handed_on(store, cognito):
    call("SignUp", SIGN_UP)
    store.default = close
    cognito.script(HASH_REFUSED)
    assert_hash_refused(call("SignUp", SIGN_UP))
    assert (len(store.received), len(cognito.received)) == (2, 2)
    assert call("SignUp", SIGN_UP)[0] == 200


REFRESH = {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}}
CARRYING_THE_SECRET = {
    "InitiateAuth": REFRESH,
    "GetTokensFromRefreshToken": {"ClientId": CLIENT_ID, "RefreshToken": "dummy"},
    "RevokeToken": {"ClientId": CLIENT_ID, "Token": "dummy"},
}
SECRET_REFUSED = {
    "as RevokeToken does": error("UnauthorizedException", "Invalid client or secret"),
    "as GetClientToken does": error("NotAuthorizedException", "Invalid client or secret"),
    "as hashes are refused": HASH_REFUSED,
    "with a namespace": answer(
        {"__type": "com.amazonaws.cognito#NotAuthorizedException:", "message": "Invalid client or secret."}, status=400
    ),
}


@pytest.mark.proves("refused-proof-fetched-anew")
@pytest.mark.parametrize("refusal", SECRET_REFUSED.values(), ids=SECRET_REFUSED)
@pytest.mark.parametrize("operation", CARRYING_THE_SECRET)
def test_a_refresh_or_revocation_notices_nothing_when_its_secret_was_ended(store, cognito, capsys, operation, refusal):
    """As docs/operations.md has it of `rotate --leaked`: the old secret is worthless at once, and nobody sees it."""
    call("SignUp", SIGN_UP)
    store.script(rotated("dummy-new-secret"))
    cognito.script(refusal)
    assert call(operation, CARRYING_THE_SECRET[operation])[0] == 200
    assert [received.document["ClientSecret"] for received in cognito.received[1:]] == [SECRET, "dummy-new-secret"]
    assert len(store.received) == 2
    assert {line["outcome"] for line in lines(capsys)} == {"answered"}


QUOTING = "PreSignUp failed with error NotAuthorizedException: Unable to verify secret hash for client 1."
NEVER_RETRIED = {
    "a wrong password": error("NotAuthorizedException", "Incorrect username or password."),
    "no hash": error(
        "NotAuthorizedException", "Client 1example23456789 is configured with secret but SECRET_HASH was not received"
    ),
    "another type": error("UserLambdaValidationException", "Unable to verify secret hash for client"),
    "a trigger that quotes both": error("UserLambdaValidationException", QUOTING),
    "the right type, further back": error("NotAuthorizedException", QUOTING),
    "a type that is longer": error("NotAuthorizedExceptionToo", "Unable to verify secret hash for client"),
    "a type that has no word": answer({"__type": "", "message": "Unable to verify secret hash"}, status=400),
    "the words of a wrong client secret": error("NotAuthorizedException", "Invalid client or secret"),
    "and their other type": error("UnauthorizedException", "Invalid client or secret"),
    "a fault of the server": error("NotAuthorizedException", "Unable to verify secret hash for client", status=500),
    "another status": error("NotAuthorizedException", "Unable to verify secret hash for client", status=401),
    "a success": answer({"__type": "NotAuthorizedException", "message": "Unable to verify secret hash"}, status=200),
    "no message": answer({"__type": "NotAuthorizedException"}, status=400),
    "a message that is no text": answer({"__type": "NotAuthorizedException", "message": 1}, status=400),
    "no type": answer({"message": "Unable to verify secret hash for client"}, status=400),
    "a type that is no text": answer({"__type": 1, "message": "Unable to verify secret hash"}, status=400),
    "no object": answer(["NotAuthorizedException", "Unable to verify secret hash for client"], status=400),
    "no JSON": raw(http(400, b"NotAuthorizedException: Unable to verify secret hash for client")),
    "nested without end": raw(http(400, b"[" * 100_000)),
}


@pytest.mark.parametrize("behaviour", NEVER_RETRIED.values(), ids=NEVER_RETRIED)
@pytest.mark.parametrize("sent", [event("SignUp", SIGN_UP), event("InitiateAuth", INITIATE_AUTH)], ids=["hash", "map"])
def test_nothing_else_causes_a_refetch(store, cognito, capsys, behaviour, sent):
    cognito.script(behaviour)
    handler(sent, Context())
    assert (len(store.received), len(cognito.received)) == (1, 1)
    assert not [line for line in lines(capsys) if "problem" in line or line["retries"] or line["SecretRefetches"]]


@pytest.mark.parametrize(
    "behaviour",
    [
        error("NotAuthorizedException", "Invalid Refresh Token"),
        error("NotAuthorizedException", "Refresh Token has been revoked"),
        error("UnauthorizedException", "Invalid token"),
        error("UnauthorizedException", "Unable to verify secret hash for client"),
        error("NotAuthorizedException", "The trigger said: Invalid client or secret"),
        error("UserLambdaValidationException", "Invalid client or secret"),
        error("InvalidParameterException", "Invalid client or secret"),
    ],
)
@pytest.mark.parametrize("operation", CARRYING_THE_SECRET)
def test_nothing_else_causes_a_refetch_where_the_secret_itself_is_sent(store, cognito, behaviour, operation):
    cognito.script(behaviour)
    call(operation, CARRYING_THE_SECRET[operation])
    assert (len(store.received), len(cognito.received)) == (1, 1)


def test_a_secret_that_is_gone_again_before_the_second_try_leaves_cognitos_own_answer(cognito, monkeypatch):
    """With a time to live shorter than a decision, say: there is nothing to send a second time."""
    assert call("SignUp", SIGN_UP)[0] == 200
    service = regional._cached[1]
    proofs = [service._prove, lambda reading, call, deadline: service._without_secret(reading.request)]

    def prove(*arguments, **named):
        return proofs.pop(0)(*arguments, **named)

    monkeypatch.setattr(service, "_prove", prove)
    cognito.script(HASH_REFUSED)
    assert_hash_refused(call("SignUp", SIGN_UP))
    assert not proofs


def test_a_call_without_proof_causes_no_refetch(store, cognito):
    call("SignUp", SIGN_UP)
    cognito.script(HASH_REFUSED)
    assert_hash_refused(call("GetUser", {}))
    assert (len(store.received), len(cognito.received)) == (1, 2)


# What is written down


LAMBDAS_OWN_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


@pytest.mark.parametrize(
    ("context", "logged"),
    [
        ({"requestId": "sentinel", "extendedRequestId": REQUEST_ID}, REQUEST_ID),
        ({"requestId": "sentinel"}, LAMBDAS_OWN_ID),
        ({"requestId": "sentinel", "extendedRequestId": None}, LAMBDAS_OWN_ID),
        ({"requestId": "sentinel", "extendedRequestId": ""}, LAMBDAS_OWN_ID),
        (None, LAMBDAS_OWN_ID),
    ],
)
@pytest.mark.parametrize("settings", [None, json.dumps(SETTINGS_DOCUMENT)], ids=["broken", "whole"])
def test_a_request_id_that_a_caller_can_choose_is_never_written(capsys, monkeypatch, settings, context, logged):
    monkeypatch.delenv("PROXY_SETTINGS") if settings is None else monkeypatch.setenv("PROXY_SETTINGS", settings)
    lambdas = Context()
    lambdas.aws_request_id = LAMBDAS_OWN_ID
    handler(event("SignUp", SIGN_UP) | {"requestContext": context}, lambdas)
    written = lines(capsys)
    assert {line["request_id"] for line in written} == {logged}
    assert "sentinel" not in json.dumps(written)


TELLTALE = {
    "SignUp": {"ClientId": CLIENT_ID, "Username": "sentinel-username", "Password": "sentinel-password"},
    "ConfirmSignUp": {"ClientId": CLIENT_ID, "Username": "sentinel-username", "ConfirmationCode": "sentinel-code"},
    "InitiateAuth": {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {
            "USERNAME": "sentinel-username",
            "PASSWORD": "sentinel-password",
            "SECRET_HASH": "sentinel-hash",
        },
    },
    "RespondToAuthChallenge": {
        "ClientId": CLIENT_ID,
        "ChallengeName": "SMS_MFA",
        "Session": "sentinel-session",
        "ChallengeResponses": {"USERNAME": "sentinel-username", "SMS_MFA_CODE": "sentinel-code"},
    },
    "RevokeToken": {"ClientId": CLIENT_ID, "Token": "sentinel-token", "ClientSecret": "sentinel-secret"},
    "GetUser": {"AccessToken": "sentinel-token"},
    "UnheardOf-sentinel": {"AccessToken": "sentinel-token"},
}
SPOILS = {
    "as it is": lambda body: body,
    "cut off": lambda body: json.dumps(body).encode()[:-3],
    "foreign client": lambda body: {**body, "ClientId": "sentinel-client"},
    "wrong types": lambda body: {key: [value] for key, value in body.items()},
    "broken encoding": lambda body: json.dumps(body).encode() + b"\xff",
}
UPSTREAMS = {
    "ok": answer({"AuthenticationResult": {"AccessToken": "sentinel-token"}}),
    "refuses": error("NotAuthorizedException", "sentinel-username is wrong"),
    "refuses the hash": HASH_REFUSED,
    "hangs up": close,
    "talks nonsense": raw(b"sentinel-token\r\n\r\n"),
    "has a strange type": raw(http(400, b"sentinel-token", {"x-amzn-errortype": "sentinel-token of this"})),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize("upstream", UPSTREAMS.values(), ids=UPSTREAMS)
def test_what_is_written_holds_nothing_that_a_client_sent(cognito, store, capfd, spoil, upstream):
    cognito.default = upstream
    sent = {"User-Agent": ["sentinel-agent"], "Origin": ["https://sentinel.example"], "Cookie": ["sentinel-cookie"]}
    answers = [handler(event(name, spoil(body), headers=sent), Context()) for name, body in TELLTALE.items()]
    captured = capfd.readouterr()
    assert captured.err == ""
    assert len(lines_of(captured.out)) == len(TELLTALE)
    written = captured.out.lower()
    hashes_sent = [
        proof for received in cognito.received for proof in re.findall(rb'H(?:ASH|ash)":"([^"]+)', received.body)
    ]
    for secret in ["sentinel", SECRET, *(proof.decode() for proof in hashes_sent)]:
        assert secret.lower() not in written
    for response in answers:
        assert SECRET not in json.dumps(response)
        assert not any(proof.decode() in response["body"] for proof in hashes_sent)


def test_what_the_proxy_itself_answers_repeats_nothing_that_a_client_sent(cognito):
    for spoil in list(SPOILS.values())[1:]:
        for name, body in TELLTALE.items():
            response = handler(event(name, spoil(body)), Context())
            if response["statusCode"] != 200:
                assert "sentinel" not in json.dumps(response)
