"""The authorizer: which tokens pass at which kind of API, and what the functions behind it are told."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from proxy.secret_cache import SecretUnavailable
from sealing.envelope import seal
from sealing.key_document import KeyDocument
from tests.sealing.tokens import CLIENT_ID, KEYS, OTHER_KEYS, SCOPE, claims, fresh_token
from tests.token_authorizer.conftest import SETTINGS, Store
from token_authorizer.handler import Unauthorized, handler
from token_authorizer.settings import SettingsError

METHOD_ARN = "arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/GET/documents/notes"


def sealed(keys: KeyDocument = KEYS, **more: Any) -> str:
    return seal(fresh_token(**more), keys, now=time.time())


def rest(token: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html"""
    return handler({"type": "TOKEN", "authorizationToken": token, "methodArn": METHOD_ARN})


def rest_by_request(token: str | None) -> dict[str, Any]:
    headers = {} if token is None else {"authorization": token}
    return handler({"type": "REQUEST", "methodArn": METHOD_ARN, "headers": headers, "httpMethod": "GET"})


def http(token: str | None, route: str = "GET /documents") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html"""
    headers = {} if token is None else {"authorization": token}
    return handler({"version": "2.0", "type": "REQUEST", "routeKey": route, "headers": headers, "identitySource": []})


def configure(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    monkeypatch.setenv("AUTHORIZER_SETTINGS", json.dumps(SETTINGS | more))


@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer "])
def test_a_good_token_passes_everywhere(store: Store, prefix: str) -> None:
    token = prefix + sealed()
    for answer in (rest(token), rest_by_request(token)):
        assert answer["principalId"] == claims()["sub"]
        (statement,) = answer["policyDocument"]["Statement"]
        assert statement == {
            "Action": "execute-api:Invoke",
            "Effect": "Allow",
            "Resource": "arn:aws:execute-api:eu-west-1:111122223333:abcdef1234/prod/*",
        }
    assert http(token)["isAuthorized"] is True


def test_hands_on_every_claim_of_the_token_as_api_gateway_takes_them(store: Store) -> None:
    token = sealed(nothing=None)
    for context in (rest(token)["context"], http(token)["context"]):
        assert {type(value) for value in context.values()} <= {str, int, float, bool}
        said = {"username": "jane", "client_id": CLIENT_ID, "scope": SCOPE, "token_use": "access"}
        assert context.items() >= said.items()
        assert json.loads(context["cognito:groups"]) == ["testers"]
        # What a trigger has added reaches the API, and never the client.
        assert json.loads(context["tenant"]) == {"name": "sentinel-of-a-trigger"}
        assert context.keys() == claims().keys()


def bad() -> dict[str, str]:
    good = sealed()
    head, body, end = good.split(".")
    return {
        "none": "",
        "rubbish": "x",
        "Cognito's own": fresh_token(),
        "expired": sealed(exp=int(time.time()) - 1),
        "another app client's": sealed(client_id="2example23456789"),
        "of an ID token": sealed(token_use="id"),
        "another pool's": sealed(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"),
        "without issuer": sealed(iss=None),
        "foreign key": sealed(OTHER_KEYS),
        "flipped": f"{head}.{body}.{'A' if end[0] != 'A' else 'B'}{end[1:]}",
        "swapped": f"{head}.{sealed(sub='bob').split('.')[1]}.{end}",
        "two": f"{good}, {good}",
        "basic": f"Basic {good}",
    }


@pytest.mark.proves("sealed-authorizer")
@pytest.mark.parametrize("kind", sorted(bad()))
def test_a_bad_token_does_not(store: Store, kind: str) -> None:
    token = bad()[kind]
    for ask in (rest, rest_by_request):
        with pytest.raises(Unauthorized) as refused:
            ask(token)
        assert str(refused.value) == "Unauthorized"
    assert http(token) == {"isAuthorized": False}


def test_no_token_at_all_is_none(store: Store) -> None:
    with pytest.raises(Unauthorized):
        rest_by_request(None)
    assert http(None) == {"isAuthorized": False}


def test_one_of_the_scopes_is_needed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, scopes=["documents/read", SCOPE])
    assert rest(sealed())["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    denied = rest(sealed(scope="openid documents/rea"))
    assert denied["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert denied["context"] == {}
    for scope in (None, "", "openid", ["documents/read"]):
        assert http(sealed(scope=scope)) == {"isAuthorized": False}
    assert http(sealed(scope="openid documents/read"))["isAuthorized"]


def test_a_route_has_scopes_of_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, scopes=[SCOPE], route_scopes={"POST /documents": ["documents/write"], "GET /open": []})
    assert http(sealed(), "GET /documents")["isAuthorized"]
    assert not http(sealed(), "POST /documents")["isAuthorized"]
    assert http(sealed(scope="documents/write"), "POST /documents")["isAuthorized"]
    assert http(sealed(scope=None), "GET /open")["isAuthorized"]


def test_the_keys_are_read_once_and_anew_for_a_key_that_is_not_known(store: Store) -> None:
    for _ in range(3):
        rest(sealed())
    assert store.asked == 1
    store.document = KEYS.successor(now=time.time(), lead=0)
    new = seal(fresh_token(), store.document, now=time.time() + 1)
    assert http(new)["isAuthorized"]
    assert store.asked == 2
    for _ in range(3):
        assert not http(sealed(OTHER_KEYS))["isAuthorized"]
    assert store.asked == 2


def test_a_key_that_was_rotated_out_opens_nothing(store: Store) -> None:
    token = sealed()
    store.document = KEYS.successor(now=0.0, lead=0)
    assert not http(token)["isAuthorized"]


def test_without_keys_it_fails_and_lets_nobody_in(store: Store) -> None:
    store.document = None
    for ask in (rest, http):
        with pytest.raises(SecretUnavailable):
            ask(sealed())


@pytest.mark.parametrize(
    "settings",
    ["", "{}", "[]", json.dumps(SETTINGS | {"client_ids": []}), json.dumps(SETTINGS | {"scopes": "openid"})],
)
def test_broken_settings_let_nobody_in(store: Store, monkeypatch: pytest.MonkeyPatch, settings: str) -> None:
    monkeypatch.setenv("AUTHORIZER_SETTINGS", settings)
    with pytest.raises(SettingsError):
        http(sealed())


def test_nothing_is_written(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    http(sealed())
    http("x")
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
