"""The human check: which calls need a token, who says whether it is good, and what the provider's silence means."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import botocore.session
import pytest

from proxy import edge, regional
from proxy.interceptors import human_check, siteverify
from proxy.operations import OPERATIONS
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import Behaviour, Exchange, FakeService, answer, close, error, raw, stall
from tests.proxy.regional_calls import assert_error, call, give_secret, lines
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT, SIGN_UP

SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:human-check-AbCdEf"
SECRET = "dummy-secret-of-the-provider"
TOKEN = "dummy.token-of.a_widget"
PART = {"provider": "turnstile", "secret_arn": SECRET_ARN, "when_unavailable": "closed"}
GOOD = {"success": True, "hostname": "app.example.com", "challenge_ts": "2026-11-21T20:00:00Z", "error-codes": []}

SRP = {"ClientId": CLIENT_ID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "jane", "SRP_A": "a"}}
REFRESH = {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}}
CHALLENGE = {"ClientId": CLIENT_ID, "ChallengeName": "SMS_MFA", "ChallengeResponses": {"USERNAME": "jane"}}
FORGOT = {"ClientId": CLIENT_ID, "Username": "jane"}
BODIES: Mapping[str, dict[str, Any]] = {
    "ConfirmForgotPassword": FORGOT,
    "ConfirmSignUp": FORGOT,
    "ForgotPassword": FORGOT,
    "GetUserAttributeVerificationCode": {"AccessToken": "dummy", "AttributeName": "email"},
    "InitiateAuth": SRP,
    "ResendConfirmationCode": FORGOT,
    "RespondToAuthChallenge": CHALLENGE,
    "SignUp": SIGN_UP,
    "UpdateUserAttributes": {"AccessToken": "dummy", "UserAttributes": []},
}


def no(*codes: str) -> Behaviour:
    return answer({"success": False, "error-codes": list(codes)})


def good(**more: Any) -> Behaviour:
    return answer(GOOD | more)


def give(exchange: Exchange) -> bool:
    """The store: the provider's secret, or an app client's."""
    if exchange.request.document["SecretId"] == SECRET_ARN:
        return answer({"SecretString": SECRET})(exchange)
    return give_secret(exchange)


def form(received: Any) -> dict[str, str]:
    fields = parse_qs(received.body.decode(), strict_parsing=True)
    assert all(len(values) == 1 for values in fields.values())
    return {name: values[0] for name, values in fields.items()}


@pytest.fixture
def provider(fake: Callable[..., FakeService], monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = fake(default=good())
    monkeypatch.setenv("HUMAN_CHECK_ENDPOINT", service.url)
    return service


class Switch:
    """Puts a function with the check into its environment; and who stands behind it."""

    def __init__(self, services: Sequence[FakeService], monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.provider, self.cognito = services
        self._monkeypatch = monkeypatch

    def __call__(self, **more: Any) -> None:
        """The check with these settings besides the least."""
        if regional._cached is not None:
            regional._cached[1].close()
        part = {key: value for key, value in (PART | more).items() if value is not None}
        self._monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {"human_check": part}))


@pytest.fixture
def switch_on(
    deployed: None, store: FakeService, provider: FakeService, cognito: FakeService, monkeypatch: pytest.MonkeyPatch
) -> Switch:
    store.default = give
    switch = Switch((store, provider, cognito), monkeypatch)
    switch()
    return switch


def with_token(body: dict[str, Any], token: Any = TOKEN, **more: str) -> dict[str, Any]:
    return {**body, "ClientMetadata": {"humanCheckToken": token, **more}}


@pytest.mark.proves("human-check-operations", oracle="botocore")
def sign_up(token: str = TOKEN, **more: Any) -> tuple[int, Any, dict[str, str]]:
    return call("SignUp", with_token(SIGN_UP, token), **more)


def test_the_operations_that_can_be_guarded_are_those_that_take_client_metadata_in_cognitos_model() -> None:
    model = botocore.session.get_session().get_service_model("cognito-idp")
    taking = {
        name
        for name in OPERATIONS.keys() & set(model.operation_names)
        if "ClientMetadata" in model.operation_model(name).input_shape.members
    }
    assert taking - {"GetTokensFromRefreshToken"} == human_check.GUARDABLE == BODIES.keys()
    assert set(human_check.DEFAULT_OPERATIONS) < human_check.GUARDABLE


@pytest.mark.parametrize("operation", human_check.DEFAULT_OPERATIONS)
def test_a_guarded_call_without_a_token_is_refused_and_nobody_is_asked(
    switch_on: Switch, capsys: pytest.CaptureFixture[str], operation: str
) -> None:
    provider, cognito, store = switch_on.provider, switch_on.cognito, switch_on.store
    for body in (BODIES[operation], with_token(BODIES[operation], ""), with_token(BODIES[operation], None)):
        assert_error(call(operation, body), 400, "HumanCheckRequiredException")
    assert (provider.received, cognito.received, store.received) == ([], [], [])
    assert {line["reason"] for line in lines(capsys)} == {"human_check_required"}


@pytest.mark.proves("human-check-guards")
@pytest.mark.parametrize("operation", sorted(human_check.GUARDABLE))
def test_every_operation_that_can_be_guarded_goes_on_with_a_good_token_and_without_it(
    switch_on: Switch, provider: FakeService, cognito: FakeService, operation: str
) -> None:
    switch_on(operations=[operation])
    assert call(operation, BODIES[operation])[1]["__type"] == "HumanCheckRequiredException"
    assert call(operation, with_token(BODIES[operation], app="1"))[0] == 200
    assert [form(received)["response"] for received in provider.received] == [TOKEN]
    (received,) = cognito.received
    assert received.document["ClientMetadata"] == {"app": "1"}
    assert TOKEN.encode() not in received.raw


@pytest.mark.proves("human-check-any-operation", "human-check-refresh")
@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("InitiateAuth", REFRESH),
        ("RespondToAuthChallenge", CHALLENGE),
        ("ConfirmSignUp", FORGOT),
        ("GetUserAttributeVerificationCode", BODIES["GetUserAttributeVerificationCode"]),
        ("GetTokensFromRefreshToken", {"ClientId": CLIENT_ID, "RefreshToken": "dummy"}),
    ],
)
def test_other_calls_need_none_but_theirs_is_taken_out_all_the_same(
    switch_on: Switch, provider: FakeService, cognito: FakeService, operation: str, body: dict[str, Any]
) -> None:
    assert call(operation, body)[0] == 200
    assert call(operation, with_token(body, app="1"))[0] == 200
    assert provider.received == []
    assert "ClientMetadata" not in cognito.received[0].document
    assert cognito.received[1].document["ClientMetadata"] == {"app": "1"}


@pytest.mark.parametrize("operation", sorted(human_check.GUARDABLE))
@pytest.mark.parametrize("flow", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", ["REFRESH_TOKEN"], {}])
def test_no_call_passes_as_a_refresh_that_is_none(
    switch_on: Switch, provider: FakeService, cognito: FakeService, operation: str, flow: Any
) -> None:
    """A member that the operation does not have, and Cognito may overlook."""
    switch_on(operations=[operation])
    body = BODIES[operation] | ({"AuthFlow": flow} if operation != "InitiateAuth" else {"ChallengeName": flow})
    assert_error(call(operation, body), 400, "HumanCheckRequiredException")
    assert (provider.received, cognito.received) == ([], [])


@pytest.mark.proves("human-check-form")
@pytest.mark.parametrize(
    ("name", "path", "extra"),
    [
        ("turnstile", "/turnstile/v0/siteverify", {"idempotency_key"}),
        ("recaptcha", "/recaptcha/api/siteverify", set()),
        ("hcaptcha", "/siteverify", {"sitekey"}),
    ],
)
def test_the_provider_gets_the_documented_form_and_no_address(
    switch_on: Switch, provider: FakeService, name: str, path: str, extra: set[str]
) -> None:
    switch_on(provider=name, site_key="dummy-site-key")
    assert sign_up("a+b/c=&d")[0] == 200
    (received,) = provider.received
    assert received.request_line == f"POST {path} HTTP/1.1"
    assert received.header("content-type") == "application/x-www-form-urlencoded"
    sent = form(received)
    assert sent.keys() == {"secret", "response", *extra}
    assert (sent["secret"], sent["response"]) == (SECRET, "a+b/c=&d")
    assert sent.get("sitekey", "dummy-site-key") == "dummy-site-key"


def test_the_address_goes_along_by_choice(switch_on: Switch, provider: FakeService) -> None:
    switch_on(send_address=True)
    sign_up()
    assert form(provider.received[0])["remoteip"] == "203.0.113.7"


def test_without_a_stand_in_the_providers_own_hosts_are_asked_over_tls(
    switch_on: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.delenv("HUMAN_CHECK_ENDPOINT")
    monkeypatch.setattr(human_check, "Endpoint", lambda url, **more: made.append((url, more["path"])) or None)
    for name in siteverify.PROVIDERS:
        switch_on(provider=name)
        call("SignUp", SIGN_UP)
        monkeypatch.setattr(regional, "_cached", None)
    assert made == [
        ("https://challenges.cloudflare.com", "/turnstile/v0/siteverify"),
        ("https://www.google.com", "/recaptcha/api/siteverify"),
        ("https://api.hcaptcha.com", "/siteverify"),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "timeout-or-duplicate",
        "invalid-input-response",
        "missing-input-response",
        "bad-request",
        "expired-input-response",
        "already-seen-response",
        "invalid-or-already-seen-response",
    ],
)
@pytest.mark.parametrize("policy", ["open", "closed"])
def test_a_token_that_is_not_good_is_the_callers_affair(
    switch_on: Switch, capsys: pytest.CaptureFixture[str], code: str, policy: str
) -> None:
    provider, cognito = switch_on.provider, switch_on.cognito
    switch_on(when_unavailable=policy)
    provider.script(no(code))
    assert_error(sign_up(), 400, "HumanCheckFailedException")
    assert cognito.received == []
    (line,) = lines(capsys)
    assert line["reason"] == "human_check_failed"
    assert "problem" not in line
    assert "HumanCheckFailures" not in line


@pytest.mark.proves("human-check-caller-cannot-open")
@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (no("sitekey-secret-mismatch"), "human check: sitekey-secret-mismatch"),
        (no("a-code-of-next-year"), "human check: refused without a reason"),
        (no(), "human check: refused without a reason"),
        (answer({"success": False, "error-codes": 7}), "human check: refused without a reason"),
        (answer({"success": "true"}), "human check: HTTP200"),
        (answer(["success"]), "human check: HTTP200"),
        (answer(GOOD, status=403), "human check: HTTP403"),
        (raw(b"HTTP/1.1 403 No\r\ncontent-length: 4\r\n\r\nnope"), "human check: HTTP403"),
        (raw(b"HTTP/1.1 414 Long\r\ncontent-length: 0\r\n\r\n"), "human check: HTTP414"),
    ],
)
def test_what_a_caller_may_have_caused_lets_nobody_in_and_is_told(
    switch_on: Switch, capsys: pytest.CaptureFixture[str], behaviour: Behaviour, problem: str
) -> None:
    provider, cognito = switch_on.provider, switch_on.cognito
    switch_on(when_unavailable="open")
    provider.script(behaviour)
    assert_error(sign_up(), 400, "HumanCheckFailedException")
    assert cognito.received == []
    (line,) = lines(capsys)
    assert (line["problem"], line["HumanCheckFailures"]) == (problem, 1)


FAULTS: Mapping[str, tuple[Behaviour, str]] = {
    "5xx": (error("x", "y", status=503), "human check: HTTP503"),
    "too busy": (error("x", "y", status=429), "human check: HTTP429"),
    "a fault of its own": (no("internal-error"), "human check: internal-error"),
    "our secret": (no("invalid-input-secret"), "human check: invalid-input-secret"),
    "no secret": (no("missing-input-secret"), "human check: missing-input-secret"),
    "hangs up": (close, "human check: the connection was closed before the answer's end"),
    "an endless answer": (
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n" + b" " * 65537),
        "human check: the answer is too long",
    ),
}


@pytest.mark.proves("human-check-time")
@pytest.mark.proves("human-check-policy-when-down")
@pytest.mark.parametrize(("behaviour", "problem"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("policy", ["open", "closed"])
def test_the_providers_fault_follows_the_policy_and_is_counted(
    switch_on: Switch,
    capsys: pytest.CaptureFixture[str],
    behaviour: Behaviour,
    problem: str,
    policy: str,
) -> None:
    provider, cognito = switch_on.provider, switch_on.cognito
    switch_on(when_unavailable=policy)
    provider.default = behaviour
    result = sign_up()
    if policy == "open":
        assert result[0] == 200
        assert "ClientMetadata" not in cognito.received[0].document
    else:
        assert_error(result, 503, "HumanCheckUnavailableException")
        assert cognito.received == []
    (line,) = lines(capsys)
    assert (line["problem"], line["HumanCheckFailures"]) == (problem, 1)
    assert line.get("reason") == ("human_check_unavailable" if policy == "closed" else None)


@pytest.mark.proves("human-check-time")
def test_a_slow_provider_leaves_half_of_the_time_to_cognito(
    switch_on: Switch, provider: FakeService, cognito: FakeService, capsys
) -> None:
    switch_on(when_unavailable="open")
    provider.default = stall
    started = time.monotonic()
    assert sign_up(seconds=1.5)[0] == 200  # of which half a second is kept for the way back
    assert 0.45 < time.monotonic() - started < 0.9
    assert lines(capsys)[0]["problem"] == "human check: no answer in time"


def test_however_much_time_there_is_a_slow_provider_has_three_seconds(
    switch_on: Switch, provider: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(human_check, "MAX_SECONDS", 0.3)
    switch_on()
    provider.default = stall
    started = time.monotonic()
    assert sign_up(seconds=25)[0] == 503
    assert 0.25 < time.monotonic() - started < 1


def test_turnstile_is_asked_again_with_the_same_key_after_a_lost_answer(
    switch_on: Switch, provider: FakeService
) -> None:
    provider.script(close)
    assert sign_up()[0] == 200
    first, second = (form(received) for received in provider.received)
    assert first == second
    assert len(first["idempotency_key"]) == 36
    provider.script(no("internal-error"))
    assert sign_up("dummy-second")[0] == 200
    assert len(provider.received) == 4
    assert form(provider.received[2])["idempotency_key"] != first["idempotency_key"]
    provider.script(error("x", "y", status=429))
    assert sign_up("dummy-third")[0] == 503
    assert len(provider.received) == 5


@pytest.mark.parametrize("name", ["recaptcha", "hcaptcha"])
@pytest.mark.parametrize("lost", [close, error("x", "y", status=500)])
def test_the_others_are_asked_once(switch_on: Switch, provider: FakeService, name: str, lost: Behaviour) -> None:
    switch_on(provider=name)
    provider.default = lost
    assert sign_up()[0] == 503
    assert len(provider.received) == 1


def test_a_token_that_was_good_is_not_good_again_whatever_the_provider_says(
    switch_on: Switch, provider: FakeService, cognito: FakeService
) -> None:
    switch_on(when_unavailable="open")
    assert sign_up()[0] == 200
    provider.default = close
    for operation in ("SignUp", "ForgotPassword"):
        assert_error(call(operation, with_token(BODIES[operation])), 400, "HumanCheckFailedException")
    assert len(provider.received) == len(cognito.received) == 1
    assert sign_up("dummy-other-token")[0] == 200


def test_what_is_remembered_of_spent_tokens_has_a_bound_and_an_end(
    switch_on: Switch, provider: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(human_check, "_REMEMBERED", 2)
    for number in range(3):
        assert sign_up(f"dummy-{number}")[0] == 200
    assert regional._cached is not None
    (check,) = regional._cached[1]._interceptors
    assert isinstance(check, human_check.HumanCheck)
    assert len(check._spent) == 2
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert sign_up("dummy-2")[0] == 200
    assert len(check._spent) == 1


@pytest.mark.proves("human-check-caller-cannot-open")
@pytest.mark.parametrize("token", ["x" * 2049, "with space", "umlaut-ä", "line\nbreak", "\ud800"])
def test_what_no_widget_makes_is_refused_without_asking(switch_on: Switch, provider: FakeService, token: str) -> None:
    switch_on(when_unavailable="open")
    body = json.dumps(with_token(SIGN_UP, token)).encode()
    assert_error(call("SignUp", body), 400, "HumanCheckFailedException")
    assert provider.received == []


def test_the_longest_token_passes(switch_on: Switch) -> None:
    assert sign_up("x" * 2048)[0] == 200


@pytest.mark.proves("human-check-fresh-secret")
@pytest.mark.proves("human-check-elsewhere")
@pytest.mark.parametrize(
    ("settings", "said", "problem"),
    [
        ({"hostnames": ["app.example.com"]}, {}, None),
        (
            {"hostnames": ["app.example.com"]},
            {"hostname": "evil.example"},
            "human check: the token is of another host name",
        ),
        ({"hostnames": ["app.example.com"]}, {"hostname": None}, "human check: the token is of another host name"),
        ({"action": "sign-up"}, {"action": "sign-up"}, None),
        ({"action": "sign-up"}, {"action": "other"}, "human check: the token is of another action"),
        ({"action": "sign-up"}, {}, "human check: the token is of another action"),
        ({"provider": "recaptcha", "min_score": 0.5}, {"score": 0.5}, None),
        ({"provider": "recaptcha", "min_score": 0.5}, {"score": 0.4}, ""),
        (
            {"provider": "recaptcha", "min_score": 0.5},
            {"score": True},
            "human check: the answer has no score: min_score needs a key of reCAPTCHA v3",
        ),
        (
            {"provider": "recaptcha", "min_score": 0},
            {},
            "human check: the answer has no score: min_score needs a key of reCAPTCHA v3",
        ),
    ],
)
def test_a_good_token_of_elsewhere_does_not_count(
    switch_on: Switch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, Any],
    said: dict[str, Any],
    problem: str | None,
) -> None:
    provider, cognito = switch_on.provider, switch_on.cognito
    switch_on(**settings)
    provider.script(good(**said))
    result = sign_up()
    (line,) = lines(capsys)
    if problem is None:
        assert result[0] == 200
    else:
        assert_error(result, 400, "HumanCheckFailedException")
        assert cognito.received == []
        assert line.get("problem", "") == problem


def test_a_fresh_secret_is_fetched_where_the_provider_does_not_take_ours(
    switch_on: Switch, provider: FakeService, store: FakeService
) -> None:
    assert sign_up()[0] == 200
    store.script(answer({"SecretString": "dummy-rotated"}))
    provider.script(no("invalid-input-secret"))
    assert sign_up("dummy-second")[0] == 200
    assert [form(received)["secret"] for received in provider.received] == [SECRET, SECRET, "dummy-rotated"]
    asked = sum(received.document["SecretId"] == SECRET_ARN for received in store.received)
    provider.script(no("invalid-input-secret"))
    assert sign_up("dummy-third")[0] == 503  # within ten seconds, no second time
    assert sum(received.document["SecretId"] == SECRET_ARN for received in store.received) == asked


def test_the_secret_is_read_once_in_its_time_to_live(switch_on: Switch, store: FakeService) -> None:
    for number in range(3):
        sign_up(f"dummy-{number}")
    assert sum(received.document["SecretId"] == SECRET_ARN for received in store.received) == 1


def test_the_secret_may_be_a_member_of_a_json_object(
    switch_on: Switch, provider: FakeService, store: FakeService
) -> None:
    switch_on(secret_field="key")
    store.script(answer({"SecretString": json.dumps({"key": f"{SECRET}\n"})}))
    assert sign_up()[0] == 200
    assert form(provider.received[0])["secret"] == SECRET


@pytest.mark.parametrize("text", ["", " ", "ä", "{}", "no json", '{"key": 7}', '["key"]', '{"key": ""}'])
@pytest.mark.parametrize("policy", ["open", "closed"])
def test_a_secret_that_is_none_is_ours_to_mend(
    switch_on: Switch, capsys: pytest.CaptureFixture[str], text: str, policy: str
) -> None:
    provider, store = switch_on.provider, switch_on.store
    switch_on(secret_field="key" if text not in ("", " ", "ä") else None, when_unavailable=policy)
    store.script(answer({"SecretString": text}))
    assert sign_up()[0] == (200 if policy == "open" else 503)
    assert provider.received == []
    (line,) = lines(capsys)
    assert line["HumanCheckFailures"] == 1
    assert "its secret is not at hand" in line["problem"]


def test_nothing_of_token_or_secret_is_logged(
    switch_on: Switch, provider: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    for behaviour in (good(), no("invalid-input-secret", SECRET), no(TOKEN), answer({TOKEN: SECRET}), close):
        provider.default = behaviour
        sign_up()
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err
    assert TOKEN not in captured.out + captured.err


@pytest.mark.parametrize(
    "broken",
    [
        {"provider": "other"},
        {"provider": None},
        {"secret_arn": "arn:aws:s3:::x"},
        {"secret_arn": None},
        {"when_unavailable": "perhaps"},
        {"when_unavailable": None},
        {"operations": []},
        {"operations": ["GetUser"]},
        {"operations": ["GetTokensFromRefreshToken"]},
        {"operations": "SignUp"},
        {"hostnames": [7]},
        {"action": 7},
        {"send_address": "yes"},
        {"min_score": True},
        {"min_score": 2},
    ],
)
def test_broken_settings_are_a_500(
    switch_on: Switch, cognito: FakeService, broken: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(**broken)
    assert_error(sign_up(), 500, "InternalErrorException")
    assert lines(capsys)[0]["problem"].startswith("settings: 'human_check.")


@pytest.mark.parametrize("value", ["ftp://127.0.0.1", "http://127.0.0.1/elsewhere", "127.0.0.1:8080"])
def test_a_stand_in_is_a_host_and_no_more(switch_on: Switch, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HUMAN_CHECK_ENDPOINT", value)
    assert_error(sign_up(), 500, "InternalErrorException")


@pytest.fixture
def at_the_edge(switch_on: Switch, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fresh execution environment, whose connections end with the test."""
    monkeypatch.setattr(edge, "_cached", None)
    yield
    if edge._cached is not None:
        edge._cached[1].close()


@pytest.mark.parametrize(
    ("operation", "body"),
    [("SignUp", SIGN_UP), ("GetUserAttributeVerificationCode", BODIES["GetUserAttributeVerificationCode"])],
)
def test_at_the_edge_cloudfront_carries_on_what_has_no_token_any_more(
    at_the_edge: None, provider: FakeService, operation: str, body: dict[str, Any]
) -> None:
    document = SETTINGS_DOCUMENT | {"human_check": PART}
    result = edge.handler(edge_event(operation, with_token(body, app="1"), settings=document))
    sent = json.loads(result["body"]["data"])
    assert result["body"]["action"] == "replace"
    assert sent["ClientMetadata"] == {"app": "1"}
    assert len(provider.received) == (operation == "SignUp")


def test_at_the_edge_the_refusal_is_a_generated_response(at_the_edge: None) -> None:
    document = SETTINGS_DOCUMENT | {"human_check": PART}
    result = edge.handler(edge_event("SignUp", SIGN_UP, settings=document))
    assert result["status"] == "400"
    assert json.loads(result["body"])["__type"] == "HumanCheckRequiredException"
