"""One line a call: every member, what never stands in it, and what the settings say of it."""

from __future__ import annotations

import io
import json
import random
import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from proxy import edge, log, regional
from proxy.call import Call
from proxy.decide import READ_HEADERS, decide
from proxy.errors import Internal, ProxyError
from proxy.log import RequestLog
from proxy.messages import Request, Respond
from proxy.oauth.errors import OAuthError
from proxy.oauth.routes import ROUTES
from proxy.operations import KNOWN_CHALLENGES, KNOWN_FLOWS, OPERATIONS, REFUSED_CHALLENGES
from proxy.outcomes import COGNITO, OUTCOMES, outcome_of
from proxy.pseudonyms import Pseudonyms
from proxy.request_line import RequestLines
from proxy.settings import LOG_LEVELS
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import FakeService, answer, error
from tests.proxy.json_schema import faults
from tests.proxy.regional_calls import Context, event
from tests.proxy.request_lines import SCHEMA_FILE, Line, line_of, lines_of, metric_faults, request_line_schema, series
from tests.proxy.sample_requests import (
    CLIENT_ID,
    INITIATE_AUTH,
    OTHER_CLIENT_ID,
    OTHER_SECRET,
    SECRET,
    SECRETS,
    SETTINGS,
    SETTINGS_DOCUMENT,
    SIGN_UP,
    request,
    secret_document,
)

LOG_KEY = "0123456789abcdef" * 4


@pytest.fixture
def store(fake, monkeypatch) -> FakeService:
    service: FakeService = fake(default=answer({"SecretString": document()}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
    return service


@pytest.fixture
def cognito(fake, monkeypatch) -> FakeService:
    service: FakeService = fake()
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", service.url)
    return service


@pytest.fixture(autouse=True)
def cold(monkeypatch) -> Iterator[None]:
    """Two functions that have not run yet; their connections end with the test."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "us-east-1.my-proxy")
    for adapter, variant in ((edge, "edge"), (regional, "regional")):
        monkeypatch.setattr(adapter, "_cached", None)
        monkeypatch.setattr(adapter, "_log", RequestLog(variant))
    yield
    forget()


def forget() -> None:
    """Let both functions have neither settings nor secret in memory."""
    for adapter in (edge, regional):
        if adapter._cached is not None:
            adapter._cached[1].close()
            adapter._cached = None


def document(client_id: str = CLIENT_ID, client_secret: str = SECRET, **more: str) -> str:
    return json.dumps({**json.loads(secret_document(client_id, client_secret)), **more})


class World:
    """Both functions with the same settings, and what they write."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._environment, self._capsys = monkeypatch, capsys
        self.settings: dict[str, Any] = SETTINGS_DOCUMENT

    def regional(self, operation: str, body: Any, *, address: str = "203.0.113.7", **changes: Any) -> list[Line]:
        self._environment.setenv("PROXY_SETTINGS", json.dumps(self.settings))
        sent = event(operation, body) | changes
        sent["requestContext"] = {**sent["requestContext"], "identity": {"sourceIp": address}}
        regional.handler(sent, Context())
        return self.written()

    def edge(self, operation: str, body: Any, *, address: str = "203.0.113.7") -> list[Line]:
        edge.handler(edge_event(operation, body, settings=self.settings, client_ip=address), Context())
        return self.written()

    def both(self, operation: str, body: Any, **more: Any) -> list[list[Line]]:
        return [self.regional(operation, body, **more), self.edge(operation, body, **more)]

    def written(self) -> list[Line]:
        captured = self._capsys.readouterr()
        assert captured.err == ""
        return lines_of(captured.out)


@pytest.fixture
def world(monkeypatch, capsys) -> World:
    return World(monkeypatch, capsys)


# Members


def test_every_member_of_a_call_that_the_regional_function_carries(store, cognito, world):
    world.regional("InitiateAuth", INITIATE_AUTH)
    (line,) = world.regional("InitiateAuth", INITIATE_AUTH)
    assert re.fullmatch(r"20\d\d-.*Z", line["time"])
    hashes = Pseudonyms.of_document({}, SECRET)
    for name in ("time", "request_id", "_aws", "Latency", "UpstreamLatency", "username_hash"):
        assert line.pop(name)
    assert line.pop("hash_key") == hashes.key_id
    assert line.pop("address_hash") != line.pop("prefix_hash")
    assert line == {
        "variant": "regional",
        "function": "my-proxy",
        "operation": "InitiateAuth",
        "flow": "USER_SRP_AUTH",
        "client_id": CLIENT_ID,
        "outcome": "answered",
        "status": 200,
        "cold_start": False,
        "retries": 0,
        "Requests": 1,
        "Errors": 0,
        "Throttles": 0,
        "SecretRefetches": 0,
    }


@pytest.mark.proves("outcome-forwarded")
def test_at_the_edge_a_call_that_goes_on_has_no_status(store, world):
    world.edge("InitiateAuth", INITIATE_AUTH)
    (line,) = world.edge("InitiateAuth", INITIATE_AUTH)
    assert (line["variant"], line["function"], line["outcome"]) == ("edge", "my-proxy", "forwarded")
    assert not {"status", "error", "UpstreamLatency", "secret_ms"} & set(line)
    assert line["username_hash"]


def test_time_is_when_the_call_came(store, world, monkeypatch):
    monkeypatch.setattr(log, "start", lambda: None)
    monkeypatch.setattr(edge, "start", lambda: Call(time=1_795_271_421.0089, started=0.0))
    (line,) = world.edge("SignUp", SIGN_UP)
    assert line["time"] == "2026-11-21T14:30:21.008Z"
    assert line["_aws"]["Timestamp"] == 1_795_271_421_008


def test_only_the_first_line_of_an_environment_is_of_a_cold_start(store, cognito, world):
    for call in (world.regional, world.edge):
        assert [call("SignUp", SIGN_UP)[0]["cold_start"] for _ in range(3)] == [True, False, False]


def test_the_fetch_of_a_secret_is_timed_where_there_was_one(store, cognito, world):
    for call in (world.regional, world.edge):
        (first,), (second,) = call("SignUp", SIGN_UP), call("SignUp", SIGN_UP)
        assert 0 < first["secret_ms"] <= first["Latency"]
        assert "secret_ms" not in second


@pytest.mark.parametrize(
    ("operation", "body", "flow"),
    [
        ("InitiateAuth", INITIATE_AUTH, "USER_SRP_AUTH"),
        ("InitiateAuth", {**INITIATE_AUTH, "AuthFlow": "ADMIN_NO_SRP_AUTH"}, "unknown"),
        ("InitiateAuth", {**INITIATE_AUTH, "AuthFlow": 'sentinel"\n'}, "unknown"),
        ("InitiateAuth", {**INITIATE_AUTH, "AuthFlow": 7}, None),
        ("RespondToAuthChallenge", {"ClientId": CLIENT_ID, "ChallengeName": "WEB_AUTHN"}, "WEB_AUTHN"),
        ("RespondToAuthChallenge", {"ClientId": CLIENT_ID, "ChallengeName": "NEW_ONE"}, "unknown"),
        ("SignUp", {**SIGN_UP, "AuthFlow": "USER_SRP_AUTH"}, None),
    ],
)
@pytest.mark.usefixtures("store", "cognito")
def test_flow_is_a_known_name_or_unknown(world, operation, body, flow):
    for (line,) in world.both(operation, body):
        assert line.get("flow") == flow


def test_every_challenge_that_cognito_has_can_be_named():
    from botocore.session import get_session

    model = get_session().get_service_model("cognito-idp")
    assert set(model.shape_for("ChallengeNameType").enum) == KNOWN_CHALLENGES | REFUSED_CHALLENGES


def test_a_client_id_is_named_only_if_it_is_configured(store, cognito, world):
    for (line,) in world.both("SignUp", {**SIGN_UP, "ClientId": "sentinel"}):
        assert (line["outcome"], line["reason"], "client_id" in line) == ("refused", "client", False)
    for (line,) in world.both("GetUser", {"AccessToken": "x", "ClientId": OTHER_CLIENT_ID}):
        assert line["client_id"] == OTHER_CLIENT_ID


@pytest.mark.proves("outcome-refused", "refused-without-fetch")
@pytest.mark.parametrize(
    ("operation", "body", "reason"),
    [
        ("AdminGetUser", {}, "operation"),
        ("SignUp", b"{", "body"),
        ("SignUp", b" " * 1_000_001, "size"),
        ("SignUp", {**SIGN_UP, "ClientId": "foreign"}, "client"),
        ("SignUp", {**SIGN_UP, "UserPoolId": "eu-west-1_Foreign"}, "pool"),
        ("SignUp", {**SIGN_UP, "Username": ""}, "parameter"),
        ("InitiateAuth", {**INITIATE_AUTH, "AuthFlow": "ADMIN_NO_SRP_AUTH"}, "auth_flow"),
        ("RespondToAuthChallenge", {"ClientId": CLIENT_ID, "ChallengeName": "ADMIN_NO_SRP_AUTH"}, "auth_flow"),
    ],
)
def test_a_refusal_says_why_and_fetches_nothing(store, world, operation, body, reason):
    for (line,) in world.both(operation, body):
        assert (line["outcome"], line["reason"], line["Refusals"], line["Errors"]) == ("refused", reason, 1, 0)
        assert line["status"] in (400, 413)
    assert not store.received


def test_the_reasons_are_those_of_the_schema():
    def all_of(kind: type[ProxyError]) -> set[str]:
        return {kind.reason}.union(*(all_of(sub) for sub in kind.__subclasses__()))

    failures = all_of(Internal)
    refusals = all_of(ProxyError) - failures
    assert "proof_key" in all_of(OAuthError)
    named = set(request_line_schema()["properties"]["reason"]["enum"])
    assert named == refusals | failures | {COGNITO}
    branches = {json.dumps(part["if"]): part["then"] for part in request_line_schema()["allOf"]}
    by_outcome = {
        outcome: set(then["properties"]["reason"]["enum"])
        for outcome in ("refused", "failed")
        for text, then in branches.items()
        if json.loads(text)["properties"]["outcome"] == {"const": outcome}
    }
    assert by_outcome == {"refused": refusals, "failed": failures | {COGNITO}}


@pytest.mark.proves("line-schema")
def test_the_schema_names_what_the_function_can_say():
    properties = request_line_schema()["properties"]
    assert set(properties["operation"]["enum"]) == {
        *OPERATIONS,
        *(route.operation for route in ROUTES.values()),
        "unknown",
    }
    assert set(properties["flow"]["enum"]) == {*KNOWN_FLOWS, "unknown"}
    assert set(properties["outcome"]["enum"]) == set(OUTCOMES)


def test_a_problem_is_told_on_the_line_of_the_call_that_met_it(store, cognito, world):
    store.script(error("AccessDeniedException", "sentinel"))
    (line,) = world.regional("SignUp", SIGN_UP)
    assert line["problem"] == "secret store in eu-west-1: AccessDeniedException"
    assert (line["outcome"], line["reason"], line["Errors"]) == ("failed", "secret", 1)


def outlive() -> None:
    """Let the secret that the edge function has in memory have outlived its time."""
    assert edge._cached is not None
    edge._cached[1]._secrets._entries[CLIENT_ID].fetched = 0.0


def test_a_problem_that_an_older_secret_saves_is_told_too(store, world):
    assert world.edge("SignUp", SIGN_UP)[0]["outcome"] == "forwarded"
    outlive()
    store.default = error("AccessDeniedException", "sentinel")
    (line,) = world.edge("SignUp", SIGN_UP)
    assert (line["outcome"], line["problem"]) == ("forwarded", "secret store in eu-west-1: AccessDeniedException")


# Who called


@pytest.mark.proves("one-hash-each-notation")
def test_hashes_are_the_same_for_the_same_caller_whatever_the_notation(store, cognito, world):
    pairs = [("203.0.113.7", "::ffff:203.0.113.7"), ("2001:DB8::1", "2001:db8:0:0:0:0:0:1")]
    for one, other in pairs:
        first, second = (world.edge("SignUp", SIGN_UP, address=address)[0] for address in (one, other))
        for name in ("address_hash", "prefix_hash", "username_hash", "hash_key"):
            assert first[name] == second[name]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("203.0.113.7", "203.0.113.250", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("::ffff:203.0.113.7", "203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_the_prefix_is_a_24_or_a_64(store, world, one, other, together):
    first, second = (world.edge("SignUp", SIGN_UP, address=address)[0] for address in (one, other))
    assert first["address_hash"] != second["address_hash"]
    assert (first["prefix_hash"] == second["prefix_hash"]) is together


def test_a_username_is_the_same_in_any_case_and_different_from_others(store, world):
    names = ["Jane@Example.com", "jane@example.COM", "joan@example.com"]
    first, second, third = (world.edge("SignUp", {**SIGN_UP, "Username": name})[0] for name in names)
    assert first["username_hash"] == second["username_hash"] != third["username_hash"]


def test_a_challenge_and_a_refresh_tell_of_the_user_what_they_hold(store, world):
    challenge = {"ClientId": CLIENT_ID, "ChallengeName": "SMS_MFA", "ChallengeResponses": {"USERNAME": "Jane"}}
    refresh = {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "x"}}
    (sign_up,), (answered,) = world.edge("SignUp", SIGN_UP), world.edge("RespondToAuthChallenge", challenge)
    assert answered["username_hash"] == sign_up["username_hash"]
    assert "username_hash" not in world.edge("InitiateAuth", refresh)[0]


def test_hashes_have_a_key(store, cognito, world):
    """Without it nobody can try names and addresses; with another one everything is different."""
    (line,) = world.edge("SignUp", SIGN_UP)
    store.default = answer({"SecretString": document(client_secret="dummy-another-secret")})
    forget()
    (other,) = world.edge("SignUp", SIGN_UP)
    for name in ("address_hash", "prefix_hash", "username_hash", "hash_key"):
        assert line[name] != other[name]


def test_the_key_is_the_documents_own_and_outlives_the_secret(store, cognito, world):
    lines = []
    for client_secret in (SECRET, "dummy-rotated-secret"):
        store.default = answer({"SecretString": document(client_secret=client_secret, log_key=LOG_KEY)})
        lines += world.regional("SignUp", SIGN_UP)
        forget()
    first, second = lines
    for name in ("address_hash", "prefix_hash", "username_hash", "hash_key"):
        assert first[name] == second[name]
    derived = Pseudonyms.of_document({}, SECRET)
    assert first["hash_key"] != derived.key_id


@pytest.mark.parametrize("key", [None, "", "short", 7, ["x"] * 40, LOG_KEY[:31]])
def test_what_is_no_key_is_passed_over(key):
    assert Pseudonyms.of_document({"log_key": key}, SECRET).key_id == Pseudonyms.of_document({}, SECRET).key_id
    assert Pseudonyms.of_document({"log_key": LOG_KEY[:32]}, SECRET).key_id != Pseudonyms.of_document({}, SECRET).key_id


@pytest.mark.proves("hash-can-be-computed")
def test_the_hash_is_the_one_that_the_documentation_computes():
    """With the commands of docs/logs.md, by hand: an operator with the key finds a name or an address again."""
    from hashlib import blake2s

    key = blake2s(LOG_KEY.encode(), person=b"own").digest()
    hashes = Pseudonyms.of_document({"log_key": LOG_KEY}, SECRET)
    by_hand = blake2s(b"jane@example.com", key=key, person=b"username", digest_size=8).hexdigest()
    assert hashes.username("Jane@Example.com") == by_hand


@pytest.mark.proves("shared-log-key")
def test_app_clients_that_share_a_key_can_be_compared(store, world):
    def give(exchange: Any) -> bool:
        other = OTHER_CLIENT_ID in exchange.request.document["SecretId"]
        ids = (OTHER_CLIENT_ID, OTHER_SECRET) if other else (CLIENT_ID, SECRET)
        return answer({"SecretString": document(*ids, log_key=LOG_KEY)})(exchange)

    store.default = give
    (one,), (other,) = world.edge("SignUp", SIGN_UP), world.edge("SignUp", {**SIGN_UP, "ClientId": OTHER_CLIENT_ID})
    assert one["client_id"] != other["client_id"]
    for name in ("address_hash", "prefix_hash", "username_hash", "hash_key"):
        assert one[name] == other[name]


@pytest.mark.proves("keys-of-their-own")
def test_app_clients_with_keys_of_their_own_say_so(store, world):
    def give(exchange: Any) -> bool:
        other = OTHER_CLIENT_ID in exchange.request.document["SecretId"]
        ids = (OTHER_CLIENT_ID, OTHER_SECRET) if other else (CLIENT_ID, SECRET)
        return answer({"SecretString": document(*ids)})(exchange)

    store.default = give
    for client_id, client_secret in ((CLIENT_ID, SECRET), (OTHER_CLIENT_ID, OTHER_SECRET)):
        (line,) = world.edge("SignUp", {**SIGN_UP, "ClientId": client_id})
        assert line["hash_key"] == Pseudonyms.of_document({}, client_secret).key_id


@pytest.mark.proves("refused-without-fetch")
def test_a_refused_call_has_hashes_only_if_a_secret_is_in_memory_already(store, world):
    (cold_one,) = world.edge("AdminGetUser", {})
    assert "address_hash" not in cold_one
    assert not store.received
    (known,) = world.edge("SignUp", SIGN_UP)
    (warm_one,) = world.edge("AdminGetUser", {})
    assert warm_one["address_hash"] == known["address_hash"]
    assert len(store.received) == 1


@pytest.mark.parametrize("address", ["", "x", "1.2.3", "::g", "1.2.3.4\n", "::1\0", "é", "1.2.3.4, 5.6.7.8"])
def test_what_is_no_address_has_no_hash(store, world, address):
    world.settings = {**SETTINGS_DOCUMENT, "log_plain": True}
    (line,) = world.edge("SignUp", SIGN_UP, address=address)
    assert not {"address_hash", "prefix_hash", "address", "prefix"} & set(line)
    assert line["username_hash"]


# Settings


@pytest.mark.proves("plain-on-request")
def test_plain_values_stand_there_only_if_the_settings_say_so(store, cognito, world):
    for (line,) in world.both("SignUp", SIGN_UP):
        assert not {"username", "address", "prefix"} & set(line)
    forget()
    world.settings = {**SETTINGS_DOCUMENT, "log_plain": True}
    for address, shown, prefix in (
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.0/24"),
        ("2001:DB8:1:2:3::1", "2001:db8:1:2:3::1", "2001:db8:1:2::/64"),
    ):
        for (line,) in world.both("SignUp", {**SIGN_UP, "Username": 'J"\n\u2028é\x7f\U0001f600'}, address=address):
            assert (line["username"], line["address"], line["prefix"]) == (
                'J"\n\u2028é\x7f\U0001f600',
                shown,
                prefix,
            )
            assert line["username_hash"]


@pytest.mark.proves("log-levels")
@pytest.mark.parametrize(
    ("level", "written"), [("requests", [1, 1, 1, 1]), ("problems", [0, 0, 0, 1]), ("none", [0] * 4)]
)
@pytest.mark.usefixtures("store", "cognito")
def test_the_level_says_which_calls_have_a_line(world, level, written):
    world.settings = {**SETTINGS_DOCUMENT, "log": level}
    calls: list[Callable[[], list[Line]]] = [
        lambda: world.regional("SignUp", SIGN_UP),
        lambda: world.regional("AdminGetUser", {}),
        lambda: world.edge("SignUp", SIGN_UP),
        lambda: world.regional("SignUp", {**SIGN_UP, "ClientId": OTHER_CLIENT_ID}),  # the store gives another's secret
    ]
    assert [len(call()) for call in calls] == written


@pytest.mark.proves("log-levels")
def test_a_problem_that_failed_no_call_has_a_line_among_the_problems(store, world):
    world.settings = {**SETTINGS_DOCUMENT, "log": "problems"}
    assert not world.edge("SignUp", SIGN_UP)
    outlive()
    store.default = error("AccessDeniedException", "sentinel")
    assert [line["outcome"] for line in world.edge("SignUp", SIGN_UP)] == ["forwarded"]


@pytest.mark.parametrize("change", [{"log": "all"}, {"log": 1}, {"log": None}, {"log_plain": "true"}, {"log_plain": 1}])
def test_a_broken_setting_of_the_log_is_told_as_every_other(store, world, change):
    world.settings = {**SETTINGS_DOCUMENT, **change}
    (line,) = world.regional("SignUp", SIGN_UP)
    assert (line["outcome"], line["reason"]) == ("failed", "settings")
    assert next(iter(change)) in line["problem"]


# Nothing escapes


class Broken(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


@pytest.mark.proves("log-fails-no-call")
def test_a_log_that_cannot_be_written_fails_no_call(store, cognito, world, monkeypatch):
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT))
    with monkeypatch.context() as broken:
        broken.setattr(sys, "stdout", Broken())
        assert regional.handler(event("SignUp", SIGN_UP), Context())["statusCode"] == 200
        assert edge.handler(edge_event("SignUp", SIGN_UP), Context())["method"] == "POST"


@pytest.mark.proves("log-fails-no-call")
def test_a_line_that_cannot_be_made_fails_no_call_and_is_told(store, cognito, monkeypatch, capsys):
    monkeypatch.setattr(RequestLines, "line", lambda *_, **__: 1 / 0)
    assert edge.handler(edge_event("SignUp", SIGN_UP), Context())["method"] == "POST"
    assert json.loads(capsys.readouterr().out) == {"problem": "no line for a call: ZeroDivisionError"}


@pytest.mark.proves("line-for-each-call")
def test_a_line_is_one_write(store, world, monkeypatch):
    class Counting(io.StringIO):
        writes: list[str] = []  # noqa: RUF012

        def write(self, text: str) -> int:
            self.writes.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Counting())
    edge.handler(edge_event("SignUp", SIGN_UP), Context())
    assert len(Counting.writes) == 1
    assert Counting.writes[0].count("\n") == 1


_texts = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    ['"', "\\", "\n{}", "\x7f", "\u2028", "\x00", '","outcome":"answered', "x" * 5000, "\U0001f600" * 200, "\ud800"]
)


@pytest.mark.proves("line-for-each-call", "metrics-of-lines")
@examples(max_examples=400, deadline=None)
@given(
    texts=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["request_id", "flow", "client_id", "username", "address"], _texts)
    ),
    problems=st.lists(_texts, max_size=3),
    outcome=_texts,
    plain=st.booleans(),
    status=st.integers(200, 599),
)
def test_whatever_a_call_holds_its_line_is_one_bounded_line_of_json(texts, problems, outcome, plain, status):
    call = Call(time=1_795_271_421.0, started=0.0)
    for name, text in texts.items():
        setattr(call, name, text)
    call.problems = problems
    call.answer = Respond(status=status, outcome=outcome, reason="unexpected" if status >= 500 else "body")
    hashes = Pseudonyms.of_document({}, SECRET)
    text = RequestLines(variant="edge", function="f").line(call, now=1.5, cold=True, pseudonyms=hashes, plain=plain)
    assert text.endswith("\n")
    line = json.loads(text)
    assert len(text) <= 4096
    assert text[:-1].isascii()
    assert text[:-1].isprintable()
    assert not metric_faults(line)
    assert line["outcome"] == ("failed" if status >= 500 else "refused")
    assert ("username" in line) is (plain and "username" in texts)


SECRET_MEMBERS = (
    "Password", "PreviousPassword", "ProposedPassword", "ConfirmationCode", "UserCode", "Code", "Session",
    "AccessToken", "RefreshToken", "Token", "ClientSecret", "SecretHash", "FeedbackToken", "FriendlyDeviceName",
)  # fmt: skip
SECRET_PARAMETERS = (
    "PASSWORD", "SECRET_HASH", "SRP_A", "REFRESH_TOKEN", "DEVICE_KEY", "SMS_MFA_CODE", "SOFTWARE_TOKEN_MFA_CODE",
    "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "NEW_PASSWORD", "ANSWER", "CREDENTIAL",
)  # fmt: skip
SENTINEL = "sentinel-4711"


@st.composite
def telltale_bodies(draw: st.DrawFn) -> tuple[str, Any]:
    """A call with something to hide in every place that may hold it, whole or spoilt."""
    operation = draw(st.sampled_from([*OPERATIONS, SENTINEL]))
    told = draw(st.sampled_from([SENTINEL, f'{SENTINEL}"', f"{SENTINEL}\n", f"\\{SENTINEL}"]))
    parameters: dict[str, Any] = dict.fromkeys(draw(st.sets(st.sampled_from(SECRET_PARAMETERS))), told)
    parameters["USERNAME"] = told
    body: dict[str, Any] = dict.fromkeys(draw(st.sets(st.sampled_from(SECRET_MEMBERS))), told)
    body |= {
        "ClientId": draw(st.sampled_from([CLIENT_ID, told])),
        "Username": told,
        "AuthFlow": draw(st.sampled_from(["USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "USER_PASSWORD_AUTH", told])),
        "ChallengeName": draw(st.sampled_from(["SMS_MFA", "PASSWORD_VERIFIER", told])),
        "AuthParameters": parameters,
        "ChallengeResponses": parameters,
        "UserAttributes": [{"Name": told, "Value": told}],
        "ClientMetadata": {told: told},
    }
    spoilt = draw(st.sampled_from(["", "cut", "bytes"]))
    whole = json.dumps(body).encode()
    return operation, {"": body, "cut": whole[:-1], "bytes": whole + b"\xff"}[spoilt]


@pytest.mark.proves("nothing-secret-on-a-line")
def test_nothing_secret_is_ever_on_a_line(store, cognito, world):
    cognito.default = error("NotAuthorizedException", SENTINEL)

    @examples(max_examples=150, deadline=None)
    @given(telltale_bodies())
    def call(told: tuple[str, Any]) -> None:
        for lines in world.both(*told):
            assert len(lines) == 1
            written = json.dumps(lines)
            assert SENTINEL not in written
            for secret in (SECRET, LOG_KEY):
                assert secret not in written

    store.default = answer({"SecretString": document(log_key=LOG_KEY)})
    call()
    hashes = {
        value
        for received in cognito.received
        for value in re.findall(r'"(?:SecretHash|SECRET_HASH)":"([^"]+)"', received.body.decode())
    }
    assert len(hashes) >= 1
    (line,) = world.regional("SignUp", SIGN_UP)
    assert not [value for value in hashes if value in json.dumps(line)]


# Metrics


@pytest.mark.proves("metric-dimensions", "metrics-by-operation", "metrics-by-outcome", "metrics-by-reason")
def test_the_metrics_of_every_outcome_are_what_the_documentation_says(store, cognito, world):
    """Not one more: each is paid for."""
    (answered,) = world.regional("SignUp", SIGN_UP)
    (refused,) = world.regional("AdminGetUser", {})
    (forwarded,) = world.edge("SignUp", SIGN_UP)
    proxy = (("variant", "regional"), ("function", "my-proxy"))
    operation, outcome = ("operation", "SignUp"), ("outcome", "answered")
    assert series(answered) == {
        ("Requests", proxy),
        ("Latency", proxy),
        ("UpstreamLatency", proxy),
        ("Errors", proxy),
        ("Throttles", proxy),
        ("SecretRefetches", proxy),
        ("Requests", (*proxy, operation)),
        ("Latency", (*proxy, operation)),
        ("Requests", (*proxy, outcome)),
    }
    assert ("Refusals", (*proxy, ("reason", "operation"))) in series(refused)
    assert not [name for name, _ in series(refused) | series(forwarded) if name == "UpstreamLatency"]
    assert not [name for name, _ in series(answered) | series(forwarded) if name == "Refusals"]


@pytest.mark.proves("no-made-up-metrics")
def test_a_caller_cannot_make_up_metrics(store, cognito, world):
    seen = set()
    chance = random.Random(1)  # noqa: S311 - the same calls in every run
    for _ in range(300):
        name = "".join(chance.choices("abc", k=8))
        body = {**SIGN_UP, "ClientId": name, "Username": name, "AuthFlow": name}
        for (line,) in world.both(chance.choice(["SignUp", "InitiateAuth", name]), body):
            seen |= series(line)
    values = {value for _, dimensions in seen for _, value in dimensions}
    assert values <= {
        "edge",
        "regional",
        "my-proxy",
        "SignUp",
        "InitiateAuth",
        "unknown",
        "refused",
        "client",
        "operation",
    }


# The tools of these tests


def test_only_the_headers_that_adapters_hand_on_are_looked_at():
    class Asked(dict[str, list[str]]):
        names: set[str] = set()  # noqa: RUF012

        def get(self, name: str, default: Any = None) -> Any:
            self.names.add(name)
            return super().get(name, default)

    def ask(call: Request, **changes: Any) -> None:
        decide(call._replace(headers=Asked(call.headers)), SETTINGS._replace(**changes), SECRETS)

    ask(request("InitiateAuth", INITIATE_AUTH, headers={"origin": ["x"]}), threat_protection=True)
    ask(request(None, {}, method="OPTIONS", headers={"origin": ["https://app.example.com"]}))
    ask(request("AdminGetUser", {}))
    assert Asked.names == READ_HEADERS


def a_line() -> Line:
    call = Call(time=1.0, started=0.0)
    call.answer = Respond(status=400, outcome="InvalidParameterException", reason="parameter")
    return line_of(RequestLines(variant="edge", function="f").line(call, now=1.0, cold=False, pseudonyms=None)[:-1])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.pop("outcome"),
        lambda line: line.update(outcome="answered"),
        lambda line: line.update(operation="sentinel"),
        lambda line: line.update(reason="timeout"),
        lambda line: line.update(status="400"),
        lambda line: line.update(status=True),
        lambda line: line.update(more=1),
        lambda line: line.update(Errors=1),
        lambda line: line.update(Latency=-1),
        lambda line: line.update(username_hash="jane"),
        lambda line: line.pop("_aws"),
        lambda line: line.pop("Refusals"),
    ],
)
def test_the_schema_finds_what_is_wrong(spoil):
    line = a_line()
    spoil(line)
    assert list(faults(request_line_schema(), line))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line["_aws"].update(Timestamp="1"),
        lambda line: line["_aws"]["CloudWatchMetrics"][0].update(Namespace="AWS/Cognito"),
        lambda line: line["_aws"]["CloudWatchMetrics"][0]["Metrics"].append({"Name": "Nothing"}),
        lambda line: line["_aws"]["CloudWatchMetrics"][0]["Metrics"].append({"Name": "Requests", "Unit": "Pieces"}),
        lambda line: line["_aws"]["CloudWatchMetrics"][0]["Dimensions"].append(["status"]),
        lambda line: line.update(function=" "),
        lambda line: line.update(function="é"),
        lambda line: line.update(Requests="1"),
    ],
)
def test_the_check_of_metrics_finds_what_is_wrong(spoil):
    line = a_line()
    assert not metric_faults(line)
    spoil(line)
    assert metric_faults(line)


def test_an_outcome_never_leaves_the_closed_set():
    answers = [
        None,
        *(Respond(status=status, outcome=text) for status in (200, 301, 400, 429, 500) for text in ("ok", "X")),
    ]
    assert {outcome_of(one, relayed=relayed)[0] for one in answers for relayed in (True, False)} <= set(OUTCOMES)


def test_a_request_id_keeps_its_signs_only():
    call = Call(time=1.0, started=0.0)
    call.request_id = b64encode(bytes(range(40))).decode() + '"\n€'
    text = RequestLines(variant="edge", function='f"\n').line(call, now=1.0, cold=False, pseudonyms=None)
    line = line_of(text[:-1])
    assert line["request_id"] == b64encode(bytes(range(40))).decode()
    assert line["function"] == "f"


@pytest.mark.proves("line-schema")
def test_the_documentation_names_every_member_outcome_reason_and_setting():
    text = (SCHEMA_FILE.parents[1] / "logs.md").read_text("utf-8")
    properties = request_line_schema()["properties"]
    names = {*properties, *OUTCOMES, *properties["reason"]["enum"], *LOG_LEVELS, "log", "log_plain"}
    assert not {name for name in names if f"`{name}`" not in text}
