"""The edge function from event to answer; every answer is held against CloudFront's documented rules."""

from __future__ import annotations

import copy
import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local.simulators.cloudfront.rules import GeneratedResponse, OnwardRequest, check
from local.simulators.common.read_only_headers import READ_ONLY_HEADERS
from proxy import edge
from proxy.body import MAX_BODY_BYTES
from proxy.edge import handler
from proxy.operations import TARGET_PREFIX
from proxy.secret_hash import secret_hash
from tests.proxy.edge_events import ORIGIN_HOST, REQUEST_ID, edge_event
from tests.proxy.fake_service import FakeService, answer, close, error, http, raw
from tests.proxy.request_lines import Line, brief, lines_of
from tests.proxy.sample_requests import (
    CLIENT_ID,
    INITIATE_AUTH,
    ORIGIN,
    OTHER_CLIENT_ID,
    OTHER_SECRET,
    SECRET,
    SETTINGS_DOCUMENT,
    SIGN_UP,
    arn,
    secret_document,
)

REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
SECRET_DOCUMENTS = {
    arn(client_id, region): secret_document(client_id, secret)
    for client_id, secret in ((CLIENT_ID, SECRET), (OTHER_CLIENT_ID, OTHER_SECRET))
    for region in REGIONS
}


def give_secret(exchange):
    return answer({"SecretString": SECRET_DOCUMENTS[exchange.request.document["SecretId"]]})(exchange)


@pytest.fixture
def store(fake, monkeypatch) -> Iterator[FakeService]:
    """Secrets Manager, in front of a function without an execution environment; its connections end with the test."""
    service: FakeService = fake(default=give_secret)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
    monkeypatch.setattr(edge, "_cached", None)
    yield service
    if edge._cached is not None:
        edge._cached[1].close()


Event = dict[str, Any]


def request_in(event: Event) -> dict[str, Any]:
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    return request


def custom_headers(event: Event) -> dict[str, Any]:
    headers: dict[str, Any] = request_in(event)["origin"]["custom"]["customHeaders"]
    return headers


def encoded(document: Any) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return b64encode(text.encode()).decode()


def entry(name: str, value: str) -> list[dict[str, str]]:
    return [{"key": name, "value": value}]


def ruled(event: Event) -> tuple[Any, OnwardRequest | GeneratedResponse]:
    """The function's answer, and what CloudFront makes of it."""
    before = copy.deepcopy(request_in(event))
    result = json.loads(json.dumps(handler(event)))
    decision = check(before, result)
    assert isinstance(decision, OnwardRequest | GeneratedResponse), decision
    return result, decision


def onward(event: Event) -> OnwardRequest:
    _, decision = ruled(event)
    assert isinstance(decision, OnwardRequest), decision
    return decision


def refused(event: Event) -> tuple[int, str]:
    """Status and `__type` of a call that must not go on."""
    result, decision = ruled(event)
    assert isinstance(decision, GeneratedResponse), decision
    assert isinstance(result["status"], str)
    document = json.loads(decision.body)
    assert set(document) == {"__type", "message"}
    names = {name.lower() for name, _ in decision.headers}
    assert "content-type" in names
    assert "x-amzn-errortype" not in names
    return decision.status, document["__type"]


def sent(decision: OnwardRequest) -> Any:
    assert decision.body is not None
    return json.loads(decision.body)


def header(decision: OnwardRequest, name: str) -> list[str]:
    return [value for key, value in decision.headers if key.lower() == name]


def lines(capsys) -> list[Line]:
    return lines_of(capsys.readouterr().out)


def test_the_proof_is_added_and_the_call_goes_on(store) -> None:
    decision = onward(edge_event("SignUp", SIGN_UP))
    expected = secret_hash(username="jane", client_id=CLIENT_ID, client_secret=SECRET)
    assert sent(decision) == {**SIGN_UP, "SecretHash": expected}
    assert header(decision, "x-amz-target") == [f"{TARGET_PREFIX}SignUp"]


def test_the_target_changes_with_the_operation(store) -> None:
    refresh = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": "dummy-token"},
    }
    decision = onward(edge_event("InitiateAuth", refresh))
    assert header(decision, "x-amz-target") == [f"{TARGET_PREFIX}GetTokensFromRefreshToken"]
    assert sent(decision) == {"ClientId": CLIENT_ID, "RefreshToken": "dummy-token", "ClientSecret": SECRET}


@pytest.mark.proves("tokens-passed-through")
def test_a_call_that_needs_no_proof_goes_on_as_it_came_and_asks_for_no_secret(store) -> None:
    decision = onward(edge_event("GetUser", b'{ "AccessToken" : "dummy" }'))
    assert decision.body is None
    assert store.received == []


READ_ONLY = {
    "Accept-Encoding": "gzip",
    "CDN-Loop": "Amazon CloudFront",
    "Content-Length": "2",
    "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT",
    "If-None-Match": "x",
    "If-Range": "x",
    "If-Unmodified-Since": "Thu, 01 Jan 2026 00:00:00 GMT",
    "Transfer-Encoding": "chunked",
    "Via": "2.0 example.cloudfront.net (CloudFront)",
}
SDK_HEADERS = {
    "user-agent": "Test/1.0",
    "x-amz-user-agent": "aws-amplify/6",
    "amz-sdk-invocation-id": "0",
    "amz-sdk-request": "attempt=1; max=3",
}


@pytest.mark.parametrize("operation", ["SignUp", "GetUser"])
def test_host_and_read_only_headers_are_left_alone(store, operation: str) -> None:
    event = edge_event(operation, SIGN_UP, headers=READ_ONLY)
    # As often, and spelled, as they came.
    request_in(event)["headers"]["if-none-match"].append({"key": "IF-NONE-MATCH", "value": "y"})
    before = copy.deepcopy(request_in(event)["headers"])
    result, _ = ruled(event)
    for name in ("host", *(name.lower() for name in READ_ONLY)):
        assert result["headers"][name] == before[name]


def test_the_headers_that_are_kept_are_the_ones_that_cloudfront_leaves_no_choice_about() -> None:
    assert {"host", *READ_ONLY_HEADERS} == edge.KEPT_HEADERS


@pytest.mark.proves("unknown-headers-stay")
@pytest.mark.parametrize(("operation", "body"), [("SignUp", SIGN_UP), ("GetUser", {"AccessToken": "dummy"})])
@pytest.mark.parametrize(
    "content_type", ["application/x-amz-json-1.1", "Application/X-Amz-Json-1.1; charset=UTF-8", None]
)
def test_cognito_gets_what_the_core_decided_and_no_other_header(
    store, operation: str, body: Any, content_type: str | None
) -> None:
    others = dict.fromkeys(
        ("Referer", "Forwarded", "If-Match", "Via-Else", "Hostess", "X-Amzn-Cognito-Client-Id", "X-Amz-Whatever"), "x"
    )
    event = edge_event(operation, body, headers=SDK_HEADERS | others)
    headers = request_in(event)["headers"]
    del headers["content-type"]
    if content_type is not None:
        headers["content-type"] = entry("Content-Type", content_type)
    headers["x-amz-user-agent"].insert(0, {"key": "x-amz-user-agent", "value": "first"})
    expected = {
        "content-type": "application/x-amz-json-1.1",
        "host": ORIGIN_HOST,
        "via": "2.0 example.cloudfront.net (CloudFront)",
        "x-amz-target": TARGET_PREFIX + operation,
        **SDK_HEADERS,
    }
    result, decision = ruled(event)
    assert isinstance(decision, OnwardRequest)
    assert sorted((name.lower(), value) for name, value in decision.headers) == sorted(expected.items())
    assert result["headers"]["x-amz-target"] == entry("x-amz-target", TARGET_PREFIX + operation)


@pytest.mark.proves("root-without-query")
@pytest.mark.parametrize(("operation", "body"), [("SignUp", SIGN_UP), ("GetUser", {"AccessToken": "dummy"})])
def test_every_call_goes_on_to_the_root_without_a_query(store, operation: str, body: Any) -> None:
    event = edge_event(operation, body)
    request_in(event).update(uri="/prod/%2e%2e", querystring="X-Amz-Signature=0&a=1")
    decision = onward(event)
    assert (decision.uri, decision.querystring) == ("/", "")


@pytest.mark.parametrize("order", [1, -1])
def test_a_call_that_names_two_operations_is_refused(store, order: int) -> None:
    event = edge_event("SignUp", SIGN_UP)
    targets = [{"key": "X-Amz-Target", "value": TARGET_PREFIX + name} for name in ("SignUp", "GetUser")]
    request_in(event)["headers"]["x-amz-target"] = targets[::order]
    assert refused(event) == (400, "InvalidParameterException")


def test_the_address_is_cloudfronts_and_not_a_headers(store) -> None:
    settings = SETTINGS_DOCUMENT | {"propagate_client_ip": True}
    forged = dict.fromkeys(("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP"), "192.0.2.66")
    event = edge_event("SignUp", SIGN_UP, headers=forged, settings=settings, client_ip="2001:db8::1")
    assert sent(onward(event))["UserContextData"] == {"IpAddress": "2001:db8::1"}


@pytest.mark.parametrize("method", ["post", "Post", "PUT"])
def test_a_method_that_is_not_post_to_the_letter_is_refused(store, method: str) -> None:
    event = edge_event("SignUp", SIGN_UP)
    request_in(event)["method"] = method
    assert refused(event) == (405, "MethodNotAllowedException")


def test_a_viewers_credentials_stop_here(store) -> None:
    given = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=dummy",
        "Cookie": "session=dummy",
        "X-Amz-Content-Sha256": "dummy",
        "X-Amz-Date": "20260101T000000Z",
        "X-Amz-Security-Token": "dummy",
    }
    for operation, body in (("SignUp", SIGN_UP), ("GetUser", {"AccessToken": "dummy"})):
        decision = onward(edge_event(operation, body, headers=given))
        assert not {name.lower() for name, _ in decision.headers} & {name.lower() for name in given}


def test_settings_do_not_travel_on(store) -> None:
    event = edge_event("SignUp", SIGN_UP)
    custom_headers(event)["x-own-header"] = entry("X-Own-Header", "kept")
    decision = onward(event)
    assert decision.custom_headers == (("X-Own-Header", "kept"),)


@pytest.mark.parametrize("ending", ["x", "-", "-old", "-2x", "-2-2", "-\u0662", "\n"])
def test_a_name_that_only_begins_like_that_holds_no_settings(store, ending: str) -> None:
    name = f"x-proxy-settings{ending}"
    event = edge_event("SignUp", SIGN_UP)
    custom_headers(event)[name] = entry(name, "no settings at all")
    result = handler(event)
    assert result["method"] == "POST"
    assert result["origin"]["custom"]["customHeaders"] == {name: entry(name, "no settings at all")}


@pytest.mark.proves("settings-not-from-viewers")
def test_a_viewers_headers_of_that_name_are_no_settings_and_go(store) -> None:
    forged = SETTINGS_DOCUMENT | {"clients": {"forged": {"secret_arn": arn(CLIENT_ID)}}}
    given = {f"X-Proxy-Settings{ending}": encoded(forged) for ending in ("", "-2", "-77")}
    decision = onward(edge_event("SignUp", SIGN_UP, headers=given))
    assert not [name for name, _ in decision.headers if name.lower().startswith("x-proxy-settings")]
    forged_call = edge_event("SignUp", {**SIGN_UP, "ClientId": "forged"}, headers=given)
    assert refused(forged_call) == (400, "ResourceNotFoundException")


def test_a_viewer_cannot_bring_settings_where_the_origin_has_none(store) -> None:
    event = edge_event("SignUp", SIGN_UP, headers={"X-Proxy-Settings": encoded(SETTINGS_DOCUMENT)})
    custom_headers(event).clear()
    assert refused(event) == (500, "InternalErrorException")
    assert store.received == []


def test_several_documents_are_united_in_their_order(store) -> None:
    parts = [
        SETTINGS_DOCUMENT | {"clients": {client_id: {"secret_arn": arn(client_id)}}}
        for client_id in (CLIENT_ID, OTHER_CLIENT_ID)
    ]
    del parts[1]["allowed_origins"]
    fillers = [
        SETTINGS_DOCUMENT | {"clients": {f"filler{number}": {"secret_arn": arn("f")}}} for number in range(3, 11)
    ]
    for client_id, secret in ((CLIENT_ID, SECRET), (OTHER_CLIENT_ID, OTHER_SECRET)):
        event = edge_event("SignUp", {**SIGN_UP, "ClientId": client_id}, headers={"Origin": ORIGIN})
        custom = custom_headers(event)
        custom.clear()
        documents = [parts[0], *fillers, parts[1]]
        for number in reversed(range(1, len(documents) + 1)):
            name = "x-proxy-settings" if number == 1 else f"x-proxy-settings-{number}"
            custom[name] = entry(name, encoded(documents[number - 1]))
        expected = secret_hash(username="jane", client_id=client_id, client_secret=secret)
        assert sent(onward(event))["SecretHash"] == expected
    assert edge._cached is not None
    # The first document's optional keys count, however the headers are ordered in the event.
    assert edge._cached[1].settings.allowed_origins == {ORIGIN}


@pytest.mark.parametrize(("number", "later"), [(2, 3), (9, 10), (2, 11)])
@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_documents_with_the_same_client_the_later_counts(store, number: int, later: int, reverse: bool) -> None:
    event = edge_event("SignUp", SIGN_UP)
    named = {number: arn(OTHER_CLIENT_ID), later: arn(CLIENT_ID)}
    for place in sorted(named, reverse=reverse):
        document = SETTINGS_DOCUMENT | {"clients": {CLIENT_ID: {"secret_arn": named[place]}}}
        custom_headers(event)[f"x-proxy-settings-{place}"] = entry(f"x-proxy-settings-{place}", encoded(document))
    assert handler(event)["method"] == "POST"
    assert [request.document["SecretId"] for request in store.received] == [arn(CLIENT_ID)]


@pytest.mark.parametrize("missing", ["origin", "custom", "customHeaders"])
def test_an_origin_without_settings_is_a_500_that_names_the_header(store, capsys, missing: str) -> None:
    event = edge_event("SignUp", SIGN_UP)
    origin = request_in(event)["origin"]
    {"origin": request_in(event), "custom": origin, "customHeaders": origin["custom"]}[missing].pop(missing)
    assert handler(event)["status"] == "500"
    assert lines(capsys)[0]["problem"] == "settings: the origin has no custom header x-proxy-settings"


def test_other_settings_take_effect_at_once(store) -> None:
    onward(edge_event("SignUp", SIGN_UP))
    assert edge._cached is not None
    edge._cached[1].close()
    only_other = SETTINGS_DOCUMENT | {"clients": {OTHER_CLIENT_ID: {"secret_arn": arn(OTHER_CLIENT_ID)}}}
    event = edge_event("SignUp", SIGN_UP, settings=only_other)
    assert refused(event) == (400, "ResourceNotFoundException")


BROKEN = {
    "missing": (None, "the origin has no custom header x-proxy-settings"),
    "empty": ("", "not valid JSON"),
    "not base64": ("{}", "not base64 of UTF-8"),
    "not UTF-8": (b64encode(b"\xff").decode(), "not base64 of UTF-8"),
    "not JSON": (encoded("{"), "not valid JSON"),
    "not an object": (encoded([]), "not a JSON object"),
    "no region": (encoded({"user_pool_id": "x", "clients": {}}), "'region' is missing"),
    "no clients": (encoded(SETTINGS_DOCUMENT | {"clients": {}}), "'clients' is empty"),
    "no ARN": (encoded(SETTINGS_DOCUMENT | {"clients": {"x": {}}}), "has no 'secret_arn'"),
}


@pytest.mark.proves("broken-settings-500")
@pytest.mark.parametrize(("value", "problem"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_settings_are_a_500_and_one_line_that_says_what_is_wrong(
    store, capsys, value: str | None, problem: str
) -> None:
    event = edge_event("SignUp", SIGN_UP)
    custom = custom_headers(event)
    custom.clear()
    if value is not None:
        custom["x-proxy-settings"] = entry("x-proxy-settings", value)
    assert refused(event) == (500, "InternalErrorException")
    problems = [line for line in lines(capsys) if "problem" in line]
    assert len(problems) == 1
    assert problem in problems[0]["problem"]
    assert problems[0]["request_id"] == REQUEST_ID
    assert store.received == []


def test_documents_of_two_pools_are_refused(store, capsys) -> None:
    event = edge_event("SignUp", SIGN_UP)
    other = encoded(SETTINGS_DOCUMENT | {"user_pool_id": "eu-west-1_Other"})
    custom_headers(event)["x-proxy-settings-2"] = entry("x-proxy-settings-2", other)
    assert refused(event) == (500, "InternalErrorException")
    assert any("different user pools" in line.get("problem", "") for line in lines(capsys))


@pytest.mark.parametrize("operation", ["SignUp", "GetUser"])
def test_a_body_that_was_cut_off_is_too_large(store, operation: str) -> None:
    event = edge_event(operation, SIGN_UP)
    request_in(event)["body"]["inputTruncated"] = True
    assert refused(event) == (413, "InvalidParameterException")


def test_nothing_of_a_body_that_was_cut_off_is_read() -> None:
    event = edge_event("SignUp", SIGN_UP)
    request_in(event)["body"]["inputTruncated"] = True
    request = edge.request_of(event["Records"][0]["cf"])
    assert (request.truncated, request.body) == (True, None)


@pytest.mark.parametrize(("body", "read"), [(None, b""), ({}, b""), ({"data": "e30="}, b"{}")])
def test_what_is_not_said_of_a_body_has_a_default(body: dict[str, str] | None, read: bytes) -> None:
    event = edge_event("SignUp", SIGN_UP)
    request_in(event)["body"] = body
    assert edge.request_of(event["Records"][0]["cf"]).body == read


@pytest.mark.parametrize(
    "body",
    [{"encoding": "text"}, {"data": f"!{encoded(SIGN_UP)}"}, {"data": encoded(SIGN_UP).rstrip("=")[:-1]}],
    ids=["called text", "another sign", "wrong length"],
)
@pytest.mark.parametrize("operation", ["SignUp", "GetUser"])
def test_a_body_that_is_no_base64_is_refused(store, operation: str, body: dict[str, str]) -> None:
    event = edge_event(operation, SIGN_UP)
    request_in(event)["body"] |= body
    assert refused(event) == (400, "SerializationException")


def with_metadata(text: str) -> bytes:
    """A SignUp as compact as the proxy writes it, but for what it escapes."""
    body = {**SIGN_UP, "ClientMetadata": {"a": text}}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


ROOM = MAX_BODY_BYTES - len(with_metadata(""))
PROOF = len(',"SecretHash":""') + 44


@pytest.mark.parametrize(
    "text",
    ["x" * (ROOM - PROOF + 1), "é" * (MAX_BODY_BYTES // 3)],
    ids=["the proof is one byte too many", "escaped, it is three times as long"],
)
def test_a_body_that_rewriting_makes_too_large_is_refused(store, text: str) -> None:
    body = with_metadata(text)
    assert len(body) <= MAX_BODY_BYTES
    assert refused(edge_event("SignUp", body)) == (413, "InvalidParameterException")


def test_the_largest_body_that_still_fits_goes_on(store) -> None:
    decision = onward(edge_event("SignUp", with_metadata("x" * (ROOM - PROOF))))
    assert decision.body is not None
    assert len(decision.body) == MAX_BODY_BYTES


def without_body(event: Event, method: str) -> Event:
    request = request_in(event)
    request["method"] = method
    del request["body"]
    return event


def test_a_preflight_has_no_body_and_is_answered_here(store) -> None:
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-amz-target",
    }
    event = without_body(edge_event("SignUp", {}, headers=headers), "OPTIONS")
    del request_in(event)["headers"]["x-amz-target"]
    _, decision = ruled(event)
    assert isinstance(decision, GeneratedResponse)
    granted = {name.lower(): value for name, value in decision.headers}
    assert decision.status == 200
    assert granted["access-control-allow-origin"] == ORIGIN
    assert granted["access-control-allow-headers"] == "content-type,x-amz-target"
    assert store.received == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_methods_without_a_body_are_refused(store, method: str) -> None:
    assert refused(without_body(edge_event("SignUp", {}), method)) == (405, "MethodNotAllowedException")


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_call_whose_event_has_no_body_is_refused(store, method: str) -> None:
    status, _ = refused(without_body(edge_event("SignUp", {}), method))
    assert 400 <= status < 500


def test_an_error_is_readable_by_the_page_that_may_call(store) -> None:
    event = edge_event("AdminGetUser", {}, headers={"Origin": ORIGIN})
    _, decision = ruled(event)
    assert isinstance(decision, GeneratedResponse)
    assert ("access-control-allow-origin", ORIGIN) in [(name.lower(), value) for name, value in decision.headers]
    assert decision.reason == "Bad Request"


def test_a_crash_is_told_in_cognitos_shape(store, monkeypatch, capsys) -> None:
    monkeypatch.setattr(edge, "deadline_of", lambda _: 1 / 0)
    assert refused(edge_event("SignUp", SIGN_UP)) == (500, "InternalErrorException")
    (logged,) = lines(capsys)
    assert brief(logged) == {
        "operation": "SignUp",
        "outcome": "failed",
        "reason": "unexpected",
        "error": "InternalErrorException",
        "request_id": REQUEST_ID,
    }
    assert logged["problem"] == "unexpected ZeroDivisionError"


def test_a_crash_is_readable_by_the_page_that_may_call(store, monkeypatch) -> None:
    monkeypatch.setattr(edge, "deadline_of", lambda _: 1 / 0)
    _, decision = ruled(edge_event("SignUp", SIGN_UP, headers={"Origin": ORIGIN}))
    assert isinstance(decision, GeneratedResponse)
    assert ("access-control-allow-origin", ORIGIN) in [(name.lower(), value) for name, value in decision.headers]


class Remaining:
    """Lambda's context of an invocation that has this much time left."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def test_a_call_without_time_left_fetches_no_secret(store, capsys) -> None:
    answer = handler(edge_event("SignUp", SIGN_UP), Remaining(100))
    assert (answer["status"], json.loads(answer["body"])["__type"]) == ("500", "InternalErrorException")
    assert store.received == []
    assert [line["reason"] for line in lines(capsys)] == ["secret"]
    edge._cached[1].close()
    edge._cached = None
    assert handler(edge_event("SignUp", SIGN_UP), Remaining(20_000))["method"] == "POST"


ADMINISTRATOR = SETTINGS_DOCUMENT | {"threat_protection": True}


@pytest.mark.proves("signed-calls-by-function")
@pytest.mark.parametrize("way", ["in_place", "generated"])
def test_only_signed_calls_are_made_by_the_function_and_only_if_it_is_to(store, fake, monkeypatch, way: str) -> None:
    text = '{"Session": "Zoë"}'
    cognito = fake(default=raw(http(200, text.encode())))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", cognito.url)
    settings = ADMINISTRATOR | {"edge_admin_calls": way}
    for operation, body in (("SignUp", SIGN_UP), ("GetUser", {"AccessToken": "dummy"})):
        assert handler(edge_event(operation, body, settings=settings), Remaining(20_000))["method"] == "POST"
    assert cognito.received == []
    result = handler(edge_event("InitiateAuth", INITIATE_AUTH, settings=settings), Remaining(20_000))
    if way == "generated":
        assert (result["status"], result["body"], len(cognito.received)) == ("200", text, 1)
    else:
        assert (result["method"], len(cognito.received)) == ("POST", 0)


@pytest.mark.parametrize("milliseconds", [100, 20_000])
def test_a_call_that_the_function_makes_ends_before_its_time(store, fake, monkeypatch, milliseconds: int) -> None:
    cognito = fake(default=answer({"Session": "dummy"}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", cognito.url)
    settings = ADMINISTRATOR | {"edge_admin_calls": "generated"}
    handler(edge_event("SignUp", SIGN_UP, settings=settings))  # so that the secret is at hand
    result = handler(edge_event("InitiateAuth", INITIATE_AUTH, settings=settings), Remaining(milliseconds))
    assert result["status"] == ("200" if milliseconds > 500 else "504")
    assert len(cognito.received) == (1 if milliseconds > 500 else 0)


@pytest.mark.proves("edge-log-line")
def test_the_log_tells_operation_and_outcome(store, capsys) -> None:
    onward(edge_event("InitiateAuth", INITIATE_AUTH))
    (logged,) = lines(capsys)
    assert brief(logged) == {"operation": "InitiateAuth", "outcome": "forwarded", "request_id": REQUEST_ID}


class _Network:
    """What this process asks of the network, while somebody wants to know. An audit hook stays for ever, so there is
    one for all tests."""

    def __init__(self) -> None:
        self._seen: list[str] | None = None
        sys.addaudithook(self._hook)

    def _hook(self, event: str, _: tuple[Any, ...]) -> None:
        if self._seen is not None and (event.startswith("socket.") or event in {"os.fork", "subprocess.Popen"}):
            self._seen.append(event)

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        self._seen = seen = []
        try:
            yield seen
        finally:
            self._seen = None


@pytest.fixture(scope="module")
def network() -> _Network:
    return _Network()


WARM_CALLS = {
    "SignUp": SIGN_UP,
    "InitiateAuth": INITIATE_AUTH,
    "RevokeToken": {"ClientId": CLIENT_ID, "Token": "dummy"},
    "GetUser": {"AccessToken": "dummy"},
    "AdminGetUser": {},
}


@pytest.mark.proves("in-place-without-call")
@pytest.mark.parametrize(("operation", "body"), WARM_CALLS.items(), ids=WARM_CALLS.keys())
def test_a_warm_call_makes_no_network_call(store, network: _Network, operation: str, body: Any) -> None:
    with network.watched() as seen:
        onward(edge_event("SignUp", SIGN_UP))
    assert "socket.connect" in seen, "the cold call fetches the secret, so what follows can be seen to fetch none"
    assert len(store.received) == 1
    with network.watched() as seen:
        ruled(edge_event(operation, body))
    assert seen == []
    # What goes over a connection that is kept is no event for the hook, but the other side would have it.
    assert (len(store.received), store.connections) == (1, 1)


def test_a_warm_call_needs_no_secret_store_at_all(store) -> None:
    onward(edge_event("SignUp", SIGN_UP))
    store.drop_connections = True
    store.hang_up()
    assert "SecretHash" in sent(onward(edge_event("SignUp", SIGN_UP)))


REPLICAS = SETTINGS_DOCUMENT | {"replica_regions": ["us-east-1", "ap-southeast-2"]}
ORDER = {
    "a replica here": ("ap-southeast-2", ["ap-southeast-2", "us-east-1", "eu-west-1"]),
    "no replica here": ("sa-east-1", ["us-east-1", "eu-west-1"]),
    "in us-east-1": ("us-east-1", ["us-east-1", "eu-west-1"]),
    "where the primary is": ("eu-west-1", ["eu-west-1", "us-east-1"]),
}


@pytest.mark.proves("secret-read-nearby")
@pytest.mark.parametrize(("here", "order"), ORDER.values(), ids=ORDER.keys())
def test_the_secret_is_read_nearby_and_else_further_on(store, monkeypatch, here: str, order: list[str]) -> None:
    monkeypatch.setenv("AWS_REGION", here)
    store.script(*[close] * (len(order) - 1))
    decision = onward(edge_event("SignUp", SIGN_UP, settings=REPLICAS))
    assert "SecretHash" in sent(decision)
    asked = [request.document["SecretId"] for request in store.received]
    assert asked == [arn(CLIENT_ID, region) for region in order]
    signed_for = [request.header("authorization").split("/")[2] for request in store.received]
    assert signed_for == order


def test_the_nearest_alone_is_asked_while_it_answers(store, monkeypatch) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    onward(edge_event("SignUp", SIGN_UP, settings=REPLICAS))
    assert [request.document["SecretId"] for request in store.received] == [arn(CLIENT_ID, "ap-southeast-2")]


def test_no_secret_anywhere_is_a_fault_of_ours(store, capsys) -> None:
    store.script(*[error("AccessDeniedException", "dummy")] * 6)
    assert refused(edge_event("SignUp", SIGN_UP, settings=REPLICAS)) == (500, "InternalErrorException")
    assert any("secret" in line.get("problem", "") for line in lines(capsys))


def test_what_is_sent_is_text_that_stands_for_the_same_bytes(store) -> None:
    result, decision = ruled(edge_event("SignUp", {**SIGN_UP, "Username": "Zoë 🙂"}))
    assert result["body"]["encoding"] == "text"
    assert result["body"]["action"] == "replace"
    assert isinstance(decision, OnwardRequest)
    assert decision.body == result["body"]["data"].encode()
    assert b64decode(sent(decision)["SecretHash"])
    assert sent(decision)["Username"] == "Zoë 🙂"
