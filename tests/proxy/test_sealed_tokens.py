"""Sealed access tokens in the proxy: what clients get, what Cognito gets, and what happens without keys."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest

from proxy import regional
from proxy.access_token import unverified_claims
from proxy.interceptors.sealed_tokens import GIVE_TOKENS
from proxy.operations import OPERATIONS, Proof
from proxy.secret_cache import REFETCH_INTERVAL_SECONDS
from sealing.envelope import open_sealed, seal
from sealing.key_document import KeyDocument
from tests.proxy.fake_service import Behaviour, Exchange, FakeService, answer, error, raw, stall
from tests.proxy.regional_calls import assert_error, call, give_secret, lines
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT
from tests.sealing.tokens import KEYS, OTHER_KEYS, fresh_token

KEY_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys-AbCdEf"
SRP = {"ClientId": CLIENT_ID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "jane", "SRP_A": "a"}}
REFRESH = {"ClientId": CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "dummy"}}
GIVING: dict[str, dict[str, Any]] = {
    "InitiateAuth": SRP,
    "RespondToAuthChallenge": {
        "ClientId": CLIENT_ID,
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": {"USERNAME": "jane"},
    },
    "GetTokensFromRefreshToken": {"ClientId": CLIENT_ID, "RefreshToken": "dummy"},
}


class Keys:
    """What Secrets Manager has of the keys."""

    def __init__(self) -> None:
        self.document = KEYS
        self.behaviour: Behaviour | None = None
        self.asked = 0

    def give(self, exchange: Exchange) -> bool:
        if exchange.request.document["SecretId"] != KEY_ARN:
            return give_secret(exchange)
        self.asked += 1
        behaviour = self.behaviour or answer({"SecretString": self.document.to_json()})
        return behaviour(exchange)


@pytest.fixture
def keys(store: FakeService, cognito: FakeService, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keys]:
    keys = Keys()
    store.default = keys.give
    switch_on(monkeypatch)
    yield keys
    if regional._cached is not None:
        regional._cached[1].close()


def switch_on(monkeypatch: pytest.MonkeyPatch, **part: Any) -> None:
    document = SETTINGS_DOCUMENT | {"sealed_tokens": {"secret_arn": KEY_ARN} | part}
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(document))


def tokens(**more: Any) -> dict[str, Any]:
    given = {"AccessToken": fresh_token(**more), "IdToken": "id", "RefreshToken": "refresh", "ExpiresIn": 3600}
    return {"AuthenticationResult": given, "ChallengeParameters": {}}


def sealed(document: KeyDocument = KEYS, **more: Any) -> tuple[str, str]:
    """A token, and the same sealed."""
    token = fresh_token(**more)
    return token, seal(token, document, now=time.time())


@pytest.mark.parametrize("operation", sorted(GIVING))
def test_the_access_token_of_every_answer_is_sealed_and_nothing_else(
    keys: Keys, cognito: FakeService, operation: str
) -> None:
    given = tokens()
    cognito.default = answer(given, headers={"x-amzn-RequestId": "cognito-1"})
    status, document, headers = call(operation, GIVING[operation])
    assert (status, headers["x-amzn-requestid"]) == (200, "cognito-1")
    token = document["AuthenticationResult"].pop("AccessToken")
    real = given["AuthenticationResult"].pop("AccessToken")
    assert document == given
    assert real not in json.dumps(document) + token
    assert open_sealed(token, KEYS, now=time.time()).token == real
    assert unverified_claims(token)["username"] == "jane"


def test_a_refresh_of_old_clients_is_sealed_too(keys: Keys, cognito: FakeService) -> None:
    cognito.default = answer(tokens())
    _, document, _ = call("InitiateAuth", REFRESH)
    assert open_sealed(document["AuthenticationResult"]["AccessToken"], KEYS, now=time.time())
    assert cognito.received[-1].operation == "GetTokensFromRefreshToken"


@pytest.mark.proves("sealed-in-every-answer", oracle="botocore")
def test_no_other_operation_gives_an_access_token() -> None:
    model = botocore.session.get_session().get_service_model("cognito-idp")
    giving = {
        name
        for name in OPERATIONS.keys() & {*model.operation_names}
        if (output := model.operation_model(name).output_shape) is not None and _holds(output, "AccessToken")
    }
    assert giving == GIVE_TOKENS
    # And each request that takes one is one that a token alone authorizes: those are opened.
    taking = {
        name
        for name in OPERATIONS.keys() & {*model.operation_names}
        if (shape := model.operation_model(name).input_shape) is not None and "AccessToken" in shape.members
    }
    assert taking <= {name for name, operation in OPERATIONS.items() if operation.proof is Proof.NONE}


def _holds(shape: Any, member: str) -> bool:
    if shape.type_name == "structure":
        return any(name == member or _holds(inner, member) for name, inner in shape.members.items())
    if shape.type_name == "list":
        return _holds(shape.member, member)
    return shape.type_name == "map" and _holds(shape.value, member)


@pytest.mark.parametrize("named", ["AccessToken", "Access\\u0054oken"])
def test_cognito_gets_its_own_token(keys: Keys, cognito: FakeService, named: str) -> None:
    token, outer = sealed()
    body = f'{{"{named}": "{outer}", "UserAttributes": [{{"Name": "name", "Value": "Jané"}}]}}'
    status, _, _ = call("UpdateUserAttributes", body.encode())
    assert status == 200
    attributes = [{"Name": "name", "Value": "Jané"}]
    assert cognito.received[-1].document == {"AccessToken": token, "UserAttributes": attributes}


def test_a_challenge_and_an_error_pass_as_they_are(keys: Keys, cognito: FakeService) -> None:
    cognito.default = answer({"ChallengeName": "SMS_MFA", "Session": "dummy"})
    assert call("InitiateAuth", SRP)[1] == {"ChallengeName": "SMS_MFA", "Session": "dummy"}
    cognito.default = error("NotAuthorizedException", "Incorrect username or password.")
    status, document, _ = call("InitiateAuth", SRP)
    assert (status, document["__type"]) == (400, "NotAuthorizedException")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"AuthenticationResult": 7}', b'{"AuthenticationResult": {"AccessToken": "x.y.z"}}', b"{"]
)
def test_what_cannot_be_sealed_is_not_given_out(keys: Keys, cognito: FakeService, body: bytes, capsys: Any) -> None:
    cognito.default = raw(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: %d\r\n\r\n%b"
        % (len(body), body)
    )
    assert_error(call("InitiateAuth", SRP), 500, "InternalErrorException")
    (line,) = lines(capsys)
    assert line["reason"] == "seal_key"


@pytest.mark.proves("sealed-fail-closed")
def test_without_keys_nobody_signs_in_and_cognito_is_not_asked(keys: Keys, cognito: FakeService, capsys: Any) -> None:
    keys.behaviour = error("AccessDeniedException", "No.")
    assert_error(call("InitiateAuth", REFRESH), 500, "InternalErrorException")
    assert_error(call("GetUser", {"AccessToken": sealed()[1]}), 500, "InternalErrorException")
    assert cognito.received == []
    first, second = lines(capsys)
    assert first["reason"] == second["reason"] == "seal_key"
    assert first["problem"] == "secret store in eu-west-1: AccessDeniedException"


@pytest.mark.parametrize("text", ["", "{}", '{"key": "sentinel"}'])
def test_a_secret_without_keys_is_none(keys: Keys, text: str, capsys: Any) -> None:
    keys.behaviour = answer({"SecretString": text})
    assert_error(call("InitiateAuth", SRP), 500, "InternalErrorException")
    assert "sentinel" not in capsys.readouterr().out


def test_what_needs_no_token_needs_no_keys(keys: Keys, cognito: FakeService) -> None:
    keys.behaviour = stall
    assert call("ForgotPassword", {"ClientId": CLIENT_ID, "Username": "jane"})[0] == 200
    assert call("VerifySoftwareToken", {"Session": "dummy", "UserCode": "123456"})[0] == 200
    assert keys.asked == 0


def bad_tokens() -> dict[str, Callable[[], object]]:
    ours = sealed()[1]
    head, body, end = ours.split(".")
    return {
        "Cognito's own": fresh_token,
        "flipped": lambda: f"{head}.{body[:-2]}{'A' if body[-2] != 'A' else 'B'}{body[-1]}.{end}",
        "swapped": lambda: ".".join([head, sealed(username="bob")[1].split(".")[1], end]),
        "foreign key": lambda: sealed(OTHER_KEYS)[1],
        "no token": lambda: "x",
        "empty": lambda: "",
        "number": lambda: 7,
        "list": lambda: [ours],
    }


@pytest.mark.proves("sealed-forgeries-refused")
@pytest.mark.parametrize("kind", sorted(bad_tokens()))
def test_refuses_every_other_token_and_cognito_hears_nothing(
    keys: Keys, cognito: FakeService, kind: str, capsys: Any
) -> None:
    body = {"AccessToken": bad_tokens()[kind]()}
    status, document, _ = result = call("GetUser", body)
    assert_error(result, 400, "NotAuthorizedException")
    assert document["message"] == "Invalid Access Token"
    assert cognito.received == []
    (line,) = lines(capsys)
    assert (line["operation"], line["reason"], status) == ("GetUser", "seal", 400)


def test_an_expired_one_is_refused_in_cognito_s_words(keys: Keys, cognito: FakeService, capsys: Any) -> None:
    result = call("GetUser", {"AccessToken": sealed(exp=int(time.time()) - 1)[1]})
    assert_error(result, 400, "NotAuthorizedException")
    assert result[1]["message"] == "Access Token has expired"
    assert cognito.received == []
    assert lines(capsys)[0]["reason"] == "seal_expired"


def test_a_sealed_token_of_another_pool_is_refused(keys: Keys, cognito: FakeService, capsys: Any) -> None:
    """Nobody makes such, but who has the key: the pool is asked for all the same, of what was inside."""
    other = sealed(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other")[1]
    assert_error(call("GetUser", {"AccessToken": other}), 400, "NotAuthorizedException")
    assert cognito.received == []
    assert lines(capsys)[0]["reason"] == "token"


def test_whoever_comes_from_before_may_be_let_in(
    keys: Keys, cognito: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(monkeypatch, accept_unsealed=True)
    own = fresh_token()
    assert call("GetUser", {"AccessToken": own})[0] == 200
    assert cognito.received[-1].document == {"AccessToken": own}
    token, outer = sealed()
    assert call("GetUser", {"AccessToken": outer})[0] == 200
    assert cognito.received[-1].document == {"AccessToken": token}
    assert_error(call("GetUser", {"AccessToken": sealed(OTHER_KEYS)[1]}), 400, "NotAuthorizedException")


def test_a_key_that_was_not_read_yet_is_read_once(keys: Keys, cognito: FakeService) -> None:
    token, outer = sealed()
    assert call("GetUser", {"AccessToken": outer})[0] == 200
    keys.document = KeyDocument.afresh()
    fresh = seal(token, keys.document, now=time.time())
    assert call("GetUser", {"AccessToken": fresh})[0] == 200
    # What the old key has sealed is worth nothing now, and asking for it makes no storm of reads.
    asked = keys.asked
    for _ in range(5):
        assert_error(call("GetUser", {"AccessToken": outer}), 400, "NotAuthorizedException")
    assert keys.asked == asked
    assert REFETCH_INTERVAL_SECONDS >= 5


def test_others_see_the_token_that_cognito_sees(keys: Keys, cognito: FakeService, monkeypatch: Any) -> None:
    seen: list[object] = []
    call("GetUser", {"AccessToken": sealed()[1]})
    assert regional._cached is not None
    (ours,) = regional._cached[1]._interceptors
    monkeypatch.setattr(ours, "before", lambda reading, _call, deadline: seen.append(reading.body.get("AccessToken")))
    monkeypatch.setattr(ours, "after", lambda _reading, _call, response, deadline: seen.append(response.body))
    token, outer = sealed()
    call("GetUser", {"AccessToken": outer})
    assert seen[0] == token
    cognito.default = answer(given := tokens())
    _, document, _ = call("InitiateAuth", SRP)
    assert json.loads(seen[-1]) == given != document  # type: ignore[arg-type]


@pytest.mark.parametrize("part", [{}, {"secret_arn": 7}, {"secret_arn": ""}, {"secret_arn": "x", "accept_unsealed": 1}])
def test_broken_settings_are_said(store: FakeService, monkeypatch: pytest.MonkeyPatch, part: Any, capsys: Any) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {"sealed_tokens": part}))
    assert_error(call("GetUser", {"AccessToken": "x"}), 500, "InternalErrorException")
    (line,) = lines(capsys)
    assert line["reason"] == "settings"
    assert "sealed_tokens." in line["problem"]


def test_a_broken_body_is_refused_in_the_usual_words(keys: Keys, capsys: Any) -> None:
    assert_error(call("GetUser", b'{"AccessToken": "x", "AccessToken": "y"}'), 400, "SerializationException")
    assert_error(call("NoSuchOperation", {"AccessToken": "x"}), 400, "UnknownOperationException")
    assert_error(call("GetUser", {"AccessToken": "x"}, method="PUT"), 405, "MethodNotAllowedException")
    assert [line["reason"] for line in lines(capsys)] == ["body", "operation", "method"]
    assert keys.asked == 0


def test_no_token_and_no_key_gets_into_the_log(keys: Keys, cognito: FakeService, capsys: Any) -> None:
    cognito.default = answer(given := tokens())
    _, document, _ = call("InitiateAuth", SRP)
    call("GetUser", {"AccessToken": document["AuthenticationResult"]["AccessToken"]})
    call("GetUser", {"AccessToken": given["AuthenticationResult"]["AccessToken"]})
    out = capsys.readouterr().out
    for sentinel in (KEYS.key.text, *document["AuthenticationResult"]["AccessToken"].split("."), "sealed"):
        assert sentinel not in out
