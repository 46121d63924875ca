"""A user's own code around the calls: what it sees, what it may do, and what becomes of one that does anything else."""

from __future__ import annotations

import gc
import itertools
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

import botocore.session
import pytest

from cognito_proxy_guards import OPERATIONS, TELLING_OPERATIONS, Call, Outcome, Reject, Sensitive
from proxy import edge, operations, regional
from proxy.interceptors import guards
from proxy.interceptors.guards import workers
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import HASH_REFUSED, FakeService, answer, error
from tests.proxy.regional_calls import assert_error, call, lines, rotated
from tests.proxy.sample_requests import CLIENT_ID, INITIATE_AUTH, SETTINGS_DOCUMENT, SIGN_UP

pytestmark = pytest.mark.usefixtures("deployed")

MODULE = "guard_under_test"

SWITCH_ON = Callable[..., SimpleNamespace]

TAKING = SIGN_UP | {
    "Password": "sentinel-password",
    "SecretHash": "sentinel-hash",
    "ValidationData": [{"Name": "v", "Value": "sentinel-validation"}],
    "UserAttributes": [{"Name": "email", "Value": "ada@example.com"}, {"Name": "custom:pin", "Value": "sentinel-pin"}],
    "ClientMetadata": {"plan": "gold", "token": "sentinel-metadata"},
    "UserContextData": {"EncodedData": "sentinel-fingerprint"},
}


def forget(*adapters: ModuleType) -> None:
    """A new execution environment."""
    for adapter in adapters:
        if adapter._cached is not None:
            adapter._cached[1].close()
            adapter._cached = None  # type: ignore[attr-defined]


@pytest.fixture
def switch_on(monkeypatch: pytest.MonkeyPatch, cognito: FakeService) -> Iterator[SWITCH_ON]:
    """Deploy a guard: functions, and its part of the settings."""

    def deploy(
        check: Callable[[Call], Any] | None = None, seen: Callable[[Call, Outcome], Any] | None = None, **part: Any
    ) -> SimpleNamespace:
        forget(regional)
        functions: dict[str, Any] = {"check": check, "seen": seen}
        module = SimpleNamespace(**{name: function for name, function in functions.items() if function})
        monkeypatch.setitem(sys.modules, MODULE, module)
        document = {"module": MODULE, "functions": sorted(vars(module)), "seconds": 2, **part}
        monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {"guards": document}))
        return module

    yield deploy
    forget(regional, edge)


@pytest.mark.proves("guard-sees-what-it-names")
def test_it_sees_the_call_and_of_its_values_only_what_it_asks_for(switch_on: SWITCH_ON) -> None:
    shown: list[Call] = []
    switch_on(shown.append, attributes=["email", "phone_number"], metadata=["plan"])
    assert call("SignUp", TAKING, headers={"User-Agent": ["App/1.0"]})[0] == 200
    (seen,) = shown
    assert (seen.operation, seen.client_id, seen.username, seen.flow) == ("SignUp", CLIENT_ID, "jane", None)
    assert (seen.address, seen.user_agent) == ("203.0.113.7", "App/1.0")
    assert (seen.attribute_names, seen.attributes) == ({"email", "custom:pin"}, {"email": "ada@example.com"})
    assert (seen.metadata_names, seen.metadata) == ({"plan", "token"}, {"plan": "gold"})
    assert (seen.sensitive, seen.told) == ({}, {})
    assert repr(seen) == f"Call(operation='SignUp', client_id='{CLIENT_ID}')"


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        ("SignUp", {"Password": "p"}, {"password": "p"}),
        ("SignUp", {"Password": 7, "NEW_PASSWORD": "no"}, {}),
        ("ConfirmSignUp", {"ConfirmationCode": "c", "Session": "s"}, {"code": "c", "session": "s"}),
        ("ConfirmForgotPassword", {"ConfirmationCode": "c", "Password": "p"}, {"code": "c", "password": "p"}),
        (
            "ChangePassword",
            {"PreviousPassword": "o", "ProposedPassword": "p", "Password": "decoy", "AccessToken": "a"},
            {"previous_password": "o", "password": "p", "access_token": "a"},
        ),
        ("GetUser", {"AccessToken": "a", "Session": "decoy", "Code": "decoy"}, {"access_token": "a"}),
        ("VerifyUserAttribute", {"AccessToken": "a", "AttributeName": "email", "Code": "c"},
         {"access_token": "a", "code": "c"}),
        ("VerifySoftwareToken", {"UserCode": "c", "Session": "s"}, {"code": "c", "session": "s"}),
        ("RevokeToken", {"Token": "r"}, {"refresh_token": "r"}),
        ("GetTokensFromRefreshToken", {"RefreshToken": "r"}, {"refresh_token": "r"}),
        ("InitiateAuth", {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "r"}},
         {"refresh_token": "r"}),
        ("InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "Password": "decoy", "Session": "s",
                          "AuthParameters": {"USERNAME": "jane", "PASSWORD": "p"}}, {"password": "p", "session": "s"}),
        ("RespondToAuthChallenge", {"ChallengeName": "SMS_MFA", "Session": "s",
         "ChallengeResponses": {"USERNAME": "jane", "SMS_MFA_CODE": "c", "EMAIL_OTP_CODE": "decoy"}},
         {"code": "c", "session": "s"}),
        ("RespondToAuthChallenge", {"ChallengeName": "NEW_PASSWORD_REQUIRED",
         "ChallengeResponses": {"USERNAME": "jane", "NEW_PASSWORD": "p", "PASSWORD": "decoy", "ANSWER": "x"}},
         {"password": "p", "answer": "x"}),
        ("RespondToAuthChallenge", {"ChallengeName": "PASSWORD", "ChallengeResponses": {
            "USERNAME": "jane", "PASSWORD": "p", "NEW_PASSWORD": "decoy"}}, {"password": "p"}),
    ],
)  # fmt: skip
def test_what_is_sensitive_is_found_where_cognito_looks_for_it(
    switch_on: SWITCH_ON, operation: str, body: dict[str, Any], expected: dict[str, str]
) -> None:
    shown: list[Call] = []
    switch_on(shown.append, sees=list(Sensitive))
    call(operation, {"ClientId": CLIENT_ID, "Username": "jane"} | body)
    assert shown[0].sensitive == expected
    switch_on(shown.append, sees=["code"])
    call(operation, {"ClientId": CLIENT_ID, "Username": "jane"} | body)
    assert shown[1].sensitive == {name: value for name, value in expected.items() if name == "code"}


@pytest.mark.parametrize(
    ("operation", "body", "names", "values"),
    [
        ("UpdateUserAttributes", {"AccessToken": "a", "UserAttributes": [{"Name": "email", "Value": "e"}]},
         {"email"}, {"email": "e"}),
        ("DeleteUserAttributes", {"AccessToken": "a", "UserAttributeNames": ["email", "name"]}, {"email", "name"}, {}),
        ("GetUserAttributeVerificationCode", {"AccessToken": "a", "AttributeName": "email"}, {"email"}, {}),
        ("RespondToAuthChallenge", {"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": {
            "USERNAME": "jane", "userAttributes.email": "e", "userAttributes.name": "n"}},
         {"email", "name"}, {"email": "e"}),
        ("SignUp", {"UserAttributes": [{"Name": "email", "Value": None}, {"Name": "name"}]}, {"email", "name"}, {}),
        ("SignUp", {"UserAttributes": None}, set(), {}),
        ("ForgotPassword", {"UserAttributes": [{"Name": "email", "Value": "decoy"}]}, set(), {}),
    ],
)  # fmt: skip
def test_attributes_of_every_operation_that_has_some(
    switch_on: SWITCH_ON, operation: str, body: dict[str, Any], names: set[str], values: dict[str, str]
) -> None:
    shown: list[Call] = []
    switch_on(shown.append, attributes=["email"])
    call(operation, {"ClientId": CLIENT_ID, "Username": "jane"} | body)
    assert (shown[0].attribute_names, shown[0].attributes) == (names, values)


@pytest.mark.proves("guard-attributes-once")
@pytest.mark.parametrize(
    "attributes",
    [
        [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email", "Value": "x@trash.example"}],
        [{"Name": "email", "Value": ["x"]}],
        [{"Name": "email", "Value": "x" * 2_049}],
        [{"Value": "x"}],
        ["email"],
        {"email": "x"},
    ],
)
def test_attributes_that_can_be_read_in_two_ways_are_refused(
    switch_on: SWITCH_ON, cognito: FakeService, attributes: Any
) -> None:
    shown: list[Call] = []
    switch_on(shown.append)
    assert_error(call("SignUp", {**SIGN_UP, "UserAttributes": attributes}), 400, "InvalidParameterException")
    assert (shown, cognito.received) == ([], [])


def test_a_guard_is_given_no_more_than_cognito_takes(switch_on: SWITCH_ON, cognito: FakeService) -> None:
    """Its time is bounded, and so is how many of it can be stuck: whoever could use both up would switch it off."""
    shown: list[Call] = []
    switch_on(shown.append)
    assert_error(call("SignUp", {**SIGN_UP, "Username": "x" * 129}), 400, "InvalidParameterException")
    assert (shown, cognito.received) == ([], [])
    call("SignUp", {**SIGN_UP, "Username": "x" * 128})
    assert len(shown) == 1


_NOT_ITS_OWN = (ModuleType, type, FunctionType, BuiltinFunctionType)
"""What everything in a process is reachable from: a guard is no prisoner, but nothing hands it a call's secrets."""


def reachable(*roots: object) -> list[object]:
    """All that these lead to, through attributes, members and references, whatever it is."""
    waiting, seen, found = list(roots), set[int](), []
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, _NOT_ITS_OWN):
            continue
        seen.add(id(thing))
        found.append(thing)
        waiting += gc.get_referents(thing)
    return found


@pytest.mark.proves("guard-given-copies")
def test_what_it_has_not_asked_for_is_in_nothing_that_it_is_given(switch_on: SWITCH_ON, cognito: FakeService) -> None:
    found: list[str] = []

    def look(*given: object) -> None:
        own_frame: Any = sys._getframe()
        frames = [dict(frame.f_locals) for frame in _outer(own_frame)]
        texts = [thing for thing in reachable(*given, *frames) if isinstance(thing, str | bytes)]
        found.extend(str(text) for text in texts if b"sentinel" in (text if isinstance(text, bytes) else text.encode()))
        found.append("looked")

    cognito.default = answer({"UserSub": "sentinel-sub", "Session": "sentinel-session"})
    switch_on(look, look, attributes=["email"], metadata=["plan"])
    assert call("SignUp", TAKING)[0] == 200
    assert found == ["looked", "looked"]
    switch_on(look, attributes=["custom:pin"], sees=["password"])
    call("SignUp", TAKING)
    assert set(found[2:]) == {"sentinel-pin", "sentinel-password", "looked"}


def _outer(frame: Any) -> Iterator[Any]:
    while (frame := frame.f_back) is not None:
        yield frame


@pytest.mark.proves("guard-changes-nothing")
def test_whatever_it_does_to_what_it_is_given_nothing_that_goes_on_changes(
    switch_on: SWITCH_ON, cognito: FakeService
) -> None:
    def spoil(shown: Call) -> None:
        for name in ("operation", "client_id", "username", "address"):
            object.__setattr__(shown, name, "spoilt")
        object.__setattr__(shown, "attributes", {"email": "spoilt"})
        with pytest.raises(TypeError):
            shown.metadata["plan"] = "spoilt"  # type: ignore[index]
        with pytest.raises(AttributeError):
            shown.username = "spoilt"  # type: ignore[misc]
        for thing in reachable(shown):
            if type(thing) is dict and "spoilt" not in thing.values():
                thing["spoilt"] = "spoilt"

    switch_on(lambda shown: None)
    call("SignUp", TAKING)
    switch_on(spoil, attributes=["email"], metadata=["plan"], sees=["password"])
    assert call("SignUp", TAKING)[0] == 200
    first, second = cognito.received
    assert second.body == first.body
    assert b"spoilt" not in second.body


@pytest.mark.proves("guard-refuses")
def test_it_refuses_with_words_of_its_own_before_the_secret_is_asked_for(
    switch_on: SWITCH_ON, store: FakeService, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    switch_on(lambda shown: Reject("Please use another e-mail address."))
    result = call("SignUp", TAKING)
    assert_error(result, 400, "UserLambdaValidationException")
    assert result[1]["message"] == "Please use another e-mail address."
    switch_on(lambda shown: Reject("Nö.", type="NotAuthorizedException"))
    assert_error(call("InitiateAuth", INITIATE_AUTH), 400, "NotAuthorizedException")
    assert (store.received, cognito.received) == ([], [])
    for line in lines(capsys):
        assert (line["outcome"], line["reason"], line["Refusals"]) == ("refused", "guard", 1)
        assert "e-mail" not in json.dumps(line)


@pytest.mark.parametrize(
    ("message", "error_type"),
    [
        ("", "AException"),
        ("x" * 257, "AException"),
        ("two\nlines", "AException"),
        ("no", "Exception"),
        ("no", "lowerException"),
        ("no", "Bad Exception"),
        ("no", "Nothing"),
        ("no", "Exception\n"),
        ("no", "X" * 56 + "Exception"),
        (7, "AException"),
        ("no", None),
    ],
)
def test_a_refusal_that_is_out_of_form_is_none(
    switch_on: SWITCH_ON, cognito: FakeService, capsys: pytest.CaptureFixture[str], message: Any, error_type: Any
) -> None:
    with pytest.raises(ValueError, match="must be"):
        Reject(message, type=error_type)

    def smuggle(shown: Call) -> Reject:
        made = Reject("fine")
        object.__setattr__(made, "message", message)
        object.__setattr__(made, "type", error_type)
        return made

    switch_on(smuggle)
    assert call("SignUp", SIGN_UP)[0] == 200
    assert lines(capsys)[0]["problem"] == "guards: check: raised ValueError"


def test_the_longest_refusal() -> None:
    assert Reject("x" * 256, type="X" * 55 + "Exception").type.endswith("XException")


def tell(**told: str) -> Callable[[Call], None]:
    def check(shown: Call) -> None:
        for name, value in told.items():
            shown.tell_triggers(name, value)

    return check


@pytest.mark.proves("guard-tells-triggers")
def test_it_tells_triggers_what_it_has_declared_and_nobody_else_can(switch_on: SWITCH_ON, cognito: FakeService) -> None:
    forged = {**SIGN_UP, "ClientMetadata": {"app": "1", "risk": "forged"}}
    switch_on(tell(risk="low"), tells=["risk"])
    call("SignUp", forged)
    switch_on(lambda shown: None, tells=["risk"])
    call("SignUp", forged)
    switch_on(lambda shown: None, tells=["risk"], operations=["GetUser"])
    call("SignUp", forged)
    switch_on(lambda shown: sys.exit("sentinel"), tells=["risk"])
    call("SignUp", forged)
    told = [received.document.get("ClientMetadata") for received in cognito.received]
    assert told == [{"app": "1", "risk": "low"}, {"app": "1"}, {"app": "1"}, {"app": "1"}]


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("SignUp", {"undeclared": "x"}),
        ("SignUp", {"risk": "x" * 131_073}),
        ("SignUp", {"risk": "\ud800"}),
        ("SignUp", {"risk": 7}),
        ("GetUser", {"risk": "x"}),
    ],
)
def test_what_a_trigger_cannot_be_told_is_a_failure_and_nothing_is_told(
    switch_on: SWITCH_ON, cognito: FakeService, capsys: pytest.CaptureFixture[str], operation: str, told: dict[str, Any]
) -> None:
    def smuggle(shown: Call) -> None:
        (own,) = (thing for thing in gc.get_referents(shown) if type(thing) is dict)
        own.update(told)

    body = {**SIGN_UP, "AccessToken": "dummy"}
    for check in (tell(**told), smuggle):
        switch_on(check, tells=["risk"])
        assert call(operation, body)[0] == 200
        assert "ClientMetadata" not in cognito.received[-1].document
        assert lines(capsys)[0]["problem"] == "guards: check: raised ValueError"


def test_it_runs_once_where_cognito_refuses_the_secret(
    switch_on: SWITCH_ON, store: FakeService, cognito: FakeService
) -> None:
    shown: list[Call] = []

    def check(seen: Call) -> None:
        shown.append(seen)
        seen.tell_triggers("n", str(len(shown)))

    switch_on(check, tells=["n"])
    call("SignUp", SIGN_UP)
    store.script(rotated("dummy-new-secret"))
    cognito.script(HASH_REFUSED)
    assert call("SignUp", SIGN_UP)[0] == 200
    assert [received.document["ClientMetadata"] for received in cognito.received] == [
        {"n": "1"},
        {"n": "2"},
        {"n": "2"},
    ]


def test_an_observer_sees_what_came_of_it_and_changes_nothing(
    switch_on: SWITCH_ON, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[tuple[str, Outcome]] = []

    def note(shown: Call, outcome: Outcome) -> Reject:
        seen.append((shown.operation, outcome))
        if shown.operation == "ForgotPassword":
            shown.tell_triggers("n", "1")
        return Reject("ignored")

    switch_on(None, note, tells=["n"])
    cognito.script(
        answer({"ChallengeName": "PASSWORD_VERIFIER"}),
        answer({"AuthenticationResult": {"AccessToken": "sentinel"}}),
        error("UsernameExistsException", "sentinel"),
        answer({"ChallengeName": "decoy"}),
        answer(["no object"], status=500),
    )
    for operation in ("InitiateAuth", "InitiateAuth", "SignUp", "ForgotPassword", "SignUp"):
        call(operation, INITIATE_AUTH if operation == "InitiateAuth" else SIGN_UP)
    assert seen == [
        ("InitiateAuth", Outcome(status=200, challenge="PASSWORD_VERIFIER")),
        ("InitiateAuth", Outcome(status=200)),
        ("SignUp", Outcome(status=400, error="UsernameExistsException")),
        ("ForgotPassword", Outcome(status=200)),
        ("SignUp", Outcome(status=500, error="UnknownError")),
    ]
    assert [outcome.accepted for _, outcome in seen] == [True, True, False, True, False]
    problems = [line.get("problem") for line in lines(capsys)]
    assert problems[3] == "guards: seen: raised ValueError"
    assert problems[:3] + problems[4:] == [None] * 4


class Odd(BaseException):
    """No Exception."""


def raising(error: BaseException) -> Callable[..., None]:
    def function(*_: object) -> None:
        raise error

    return function


FAILING = pytest.mark.parametrize(
    ("function", "problem"),
    [
        (raising(RuntimeError("sentinel")), "raised RuntimeError"),
        (raising(SystemExit("sentinel")), "raised SystemExit"),
        (raising(KeyboardInterrupt()), "raised KeyboardInterrupt"),
        (raising(Odd("sentinel")), "raised Odd"),
        (raising(type("sentinel of a value", (Exception,), {})()), "raised an unnamed exception"),
        (lambda *_: time.sleep(1), "overran its time"),
    ],
)


@pytest.mark.proves("guard-open", "guard-closed", "guard-failures-counted")
@FAILING
def test_a_check_that_fails_follows_its_policy(
    switch_on: SWITCH_ON, cognito: FakeService, capsys: pytest.CaptureFixture[str], function: Any, problem: str
) -> None:
    switch_on(function, seconds=0.1)
    assert call("SignUp", SIGN_UP)[0] == 200
    switch_on(function, seconds=0.1, closed=True)
    result = call("SignUp", SIGN_UP)
    assert_error(result, 503, "InternalErrorException")
    assert result[1]["message"] == "The call could not be checked. Try again later."
    assert len(cognito.received) == 1
    opened, closed = lines(capsys)
    assert opened["problem"] == closed["problem"] == f"guards: check: {problem}"
    assert (opened["GuardFailures"], closed["GuardFailures"]) == (1, 1)
    assert (closed["outcome"], closed["reason"], closed["Errors"]) == ("failed", "guard_failed", 1)
    assert "sentinel" not in json.dumps([opened, closed])


@FAILING
@pytest.mark.parametrize("closed", [False, True])
def test_an_observer_that_fails_costs_the_client_nothing(
    switch_on: SWITCH_ON, capsys: pytest.CaptureFixture[str], function: Any, problem: str, *, closed: bool
) -> None:
    switch_on(None, function, seconds=0.1, closed=closed)
    assert call("SignUp", SIGN_UP)[0] == 200
    (line,) = lines(capsys)
    assert (line["problem"], line["GuardFailures"]) == (f"guards: seen: {problem}", 1)


@pytest.mark.parametrize("given", [True, False, "no", Reject, ("no", "XException"), SimpleNamespace(message="no")])
def test_what_is_neither_none_nor_a_refusal_is_a_failure(
    switch_on: SWITCH_ON, capsys: pytest.CaptureFixture[str], given: object
) -> None:
    switch_on(lambda shown: given)
    assert call("SignUp", SIGN_UP)[0] == 200
    assert lines(capsys)[0]["problem"] == "guards: check: raised NotAVerdict"


def test_what_a_late_guard_does_comes_too_late(switch_on: SWITCH_ON, cognito: FakeService) -> None:
    ended = threading.Event()

    def late(shown: Call) -> Reject:
        time.sleep(0.3)
        shown.tell_triggers("n", "1")
        ended.set()
        return Reject("late")

    switch_on(late, seconds=0.05, tells=["n"])
    started = time.monotonic()
    assert call("SignUp", SIGN_UP)[0] == 200
    assert time.monotonic() - started < 0.3
    assert ended.wait(5)
    assert "ClientMetadata" not in cognito.received[0].document


@pytest.mark.proves("guard-overrun")
def test_no_more_than_a_few_can_be_stuck_and_then_nobody_waits(
    switch_on: SWITCH_ON, cognito: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    wait_for_no_guard()
    let_go, runs = threading.Event(), itertools.count()

    def stuck(shown: Call) -> None:
        next(runs)
        let_go.wait(20)

    switch_on(stuck, seconds=0.05)
    try:
        for _ in range(workers.MAX_STUCK):
            assert call("SignUp", SIGN_UP)[0] == 200
        assert guard_threads() == workers.MAX_STUCK
        started = time.monotonic()
        for _ in range(5):
            assert call("SignUp", SIGN_UP)[0] == 200
        assert time.monotonic() - started < 0.2
        assert guard_threads() == workers.MAX_STUCK == next(runs)
        problems = [line["problem"] for line in lines(capsys)]
        assert problems[workers.MAX_STUCK :] == ["guards: check: was not run, since earlier runs never ended"] * 5
    finally:
        let_go.set()
    wait_for_no_guard()
    assert call("SignUp", SIGN_UP)[0] == 200
    assert "problem" not in lines(capsys)[0]


def guard_threads() -> int:
    return sum(thread.name == "guard" for thread in threading.enumerate())


def wait_for_no_guard() -> None:
    ends = time.monotonic() + 10
    while guard_threads() and time.monotonic() < ends:
        time.sleep(0.01)
    assert guard_threads() == 0


def test_a_busy_loop_does_not_keep_the_call(switch_on: SWITCH_ON) -> None:
    until = time.monotonic() + 1.5

    def busy(shown: Call) -> None:
        while time.monotonic() < until:
            pass

    switch_on(busy, seconds=0.05)
    started = time.monotonic()
    assert call("SignUp", SIGN_UP)[0] == 200
    assert time.monotonic() - started < 1.0


def test_it_gets_no_more_time_than_the_call_has(switch_on: SWITCH_ON, capsys: pytest.CaptureFixture[str]) -> None:
    switch_on(lambda shown: time.sleep(3), seconds=3, closed=True)
    started = time.monotonic()
    assert_error(call("SignUp", SIGN_UP, seconds=0.8), 503, "InternalErrorException")
    assert time.monotonic() - started < 1.5
    assert_error(call("SignUp", SIGN_UP, seconds=0.4), 503, "InternalErrorException")
    assert lines(capsys)[1]["problem"] == "guards: check: no time left"


def test_one_thread_serves_all_calls_and_ends_with_the_service(switch_on: SWITCH_ON) -> None:
    threads: set[int] = set()
    switch_on(
        lambda shown: threads.add(threading.get_ident()), lambda shown, outcome: threads.add(threading.get_ident())
    )
    for _ in range(3):
        call("SignUp", SIGN_UP)
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
    forget(regional)
    wait_for_no_guard()


def kept_calls(username: str) -> int:
    return sum(isinstance(thing, Call) and thing.username == username for thing in gc.get_objects())


def test_what_a_guard_was_shown_does_not_wait_for_the_next_call(switch_on: SWITCH_ON) -> None:
    switch_on(lambda shown: None, lambda shown, outcome: None, sees=["password"])
    assert call("SignUp", {**SIGN_UP, "Username": "kept-nowhere"})[0] == 200
    ends = time.monotonic() + 5
    while (kept := kept_calls("kept-nowhere")) and time.monotonic() < ends:
        time.sleep(0.01)
    assert kept == 0


@pytest.mark.proves("guard-ends-nothing")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "raised ModuleNotFoundError"),
        ("raise RuntimeError('sentinel')", "raised RuntimeError"),
        ("import sys; sys.exit('sentinel')", "raised SystemExit"),
        ("def seen(call): pass", "raised AttributeError"),
        ("def check(call:", "raised SyntaxError"),
        ("import time; time.sleep(0.6)", "overran its time"),
    ],
)
def test_code_that_cannot_be_imported_follows_the_policy_and_ends_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    problem: str,
) -> None:
    module = f"broken_guard_{abs(hash(text))}"
    if text is not None:
        (tmp_path / f"{module}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(guards, "IMPORT_SECONDS", 0.2)
    for closed in (False, True):
        forget(regional)
        part = {"module": module, "functions": ["check"], "seconds": 1, "closed": closed}
        monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {"guards": part}))
        for _ in range(2):
            assert call("SignUp", SIGN_UP)[0] == (503 if closed else 200)
        if problem == "overran its time":
            return  # the second import waits for the first
    written = lines(capsys)
    assert {line["problem"] for line in written} == {f"guards: check: import {problem}"}
    assert "sentinel" not in json.dumps(written)


@pytest.mark.parametrize(
    "broken",
    [
        {"module": 7},
        {"functions": []},
        {"functions": ["main"]},
        {"seconds": 0},
        {"seconds": True},
        {"attributes": "email"},
        {"sees": ["client_secret"]},
    ],
)
def test_a_broken_part_of_the_settings_is_a_500(switch_on: SWITCH_ON, broken: dict[str, Any]) -> None:
    switch_on(lambda shown: None, **broken)
    assert_error(call("SignUp", SIGN_UP), 500, "InternalErrorException")


def test_it_runs_for_the_operations_that_it_names_only(switch_on: SWITCH_ON) -> None:
    shown: list[str] = []
    switch_on(
        lambda seen: shown.append(seen.operation), lambda seen, outcome: shown.append("seen"), operations=["SignUp"]
    )
    call("SignUp", SIGN_UP)
    call("InitiateAuth", INITIATE_AUTH)
    assert shown == ["SignUp", "seen"]


def test_it_refuses_at_the_edge_in_the_same_way(switch_on: SWITCH_ON, capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[Call] = []

    def check(seen: Call) -> Reject | None:
        shown.append(seen)
        return Reject("Not you.") if seen.username == "mallory" else None

    forget(edge)
    switch_on(check)
    settings = SETTINGS_DOCUMENT | {"guards": {"module": MODULE, "functions": ["check"], "seconds": 2}}
    refused = edge.handler(edge_event("SignUp", {**SIGN_UP, "Username": "mallory"}, settings=settings))
    assert (refused["status"], json.loads(refused["body"])["__type"]) == ("400", "UserLambdaValidationException")
    forwarded = edge.handler(edge_event("SignUp", SIGN_UP, settings=settings))
    assert forwarded["method"] == "POST"
    assert [seen.address for seen in shown] == ["203.0.113.7"] * 2
    lines(capsys)


def test_the_operations_are_the_proxys_own() -> None:
    assert set(operations.OPERATIONS) == OPERATIONS


def test_those_with_triggers_to_tell_are_those_that_take_client_metadata() -> None:
    model = botocore.session.get_session().get_service_model("cognito-idp")
    known = set(model.operation_names) & OPERATIONS
    assert {name for name in known if "ClientMetadata" in model.operation_model(name).input_shape.members} == (
        TELLING_OPERATIONS
    )
    assert model.shape_for("StringType").metadata["max"] == 131_072
    metadata = model.shape_for("ClientMetadataType")
    assert metadata.key.name == metadata.value.name == "StringType"
