"""Forty app clients behind one proxy: each with its own secret, and none of them slows a call of another down."""

from __future__ import annotations

import json
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from proxy import edge, regional
from proxy.decide import decide
from proxy.messages import Forward
from proxy.secret_cache import SecretCache
from proxy.secret_hash import secret_hash
from proxy.settings import parse_settings, unite
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import FakeService, answer, error
from tests.proxy.sample_requests import INITIATE_AUTH, SETTINGS_DOCUMENT, arn, request, secret_document

CLIENT_IDS = [f"{number}example23456789" for number in range(1, 41)]


def secret_of(client_id: str) -> str:
    return f"dummy-client-secret-of-{client_id}"


def document(client_ids: list[str]) -> str:
    """Settings for so many app clients."""
    clients = {client_id: {"secret_arn": arn(client_id)} for client_id in client_ids}
    return json.dumps({**SETTINGS_DOCUMENT, "clients": clients})


def sign_in(client_id: str) -> dict[str, Any]:
    return {**INITIATE_AUTH, "ClientId": client_id}


@pytest.fixture
def store(fake: Callable[..., FakeService], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """Secrets Manager with forty secrets."""

    def give_secret(exchange: Any) -> bool:
        client_id = exchange.request.document["SecretId"].partition(":secret:")[2].partition("-")[0]
        return answer({"SecretString": secret_document(client_id, secret_of(client_id))})(exchange)

    service = fake(default=give_secret)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", service.url)
    monkeypatch.setattr(edge, "_cached", None)
    yield service
    if edge._cached is not None:
        edge._cached[1].close()


@pytest.fixture
def cognito(fake: Callable[..., FakeService], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    service = fake()
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", service.url)
    yield service
    if regional._cached is not None:
        regional._cached[1].close()


def regional_call(client_id: str) -> dict[str, Any]:
    event = {
        "httpMethod": "POST",
        "headers": {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
        },
        "requestContext": {"requestId": "r-1", "path": "/prod/", "identity": {"sourceIp": "192.0.2.10"}},
        "body": b64encode(json.dumps(sign_in(client_id)).encode()).decode(),
        "isBase64Encoded": True,
    }
    return dict(regional.handler(event, None))


def proof(body: Any, client_id: str) -> bool:
    """Whether a forwarded sign-in carries the hash under that client's own secret."""
    expected = secret_hash(username="jane", client_id=client_id, client_secret=secret_of(client_id))
    return bool(body["AuthParameters"]["SECRET_HASH"] == expected)


@pytest.mark.proves("secret-for-each-app")
def test_regional_each_client_gets_the_proof_of_its_own_secret_for_one_fetch_each(
    store: FakeService, cognito: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", document(CLIENT_IDS))
    for client_id in [*CLIENT_IDS, *reversed(CLIENT_IDS)]:
        assert regional_call(client_id)["statusCode"] == 200
        assert proof(cognito.received[-1].document, client_id)
    fetched = Counter(received.document["SecretId"] for received in store.received)
    assert fetched == dict.fromkeys(map(arn, CLIENT_IDS), 1)


def test_regional_one_that_the_store_refuses_harms_none_of_the_others(
    store: FakeService, cognito: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_SETTINGS", document(CLIENT_IDS))
    broken, give_secret = CLIENT_IDS[7], store.default

    def all_but_one(exchange: Any) -> bool:
        if exchange.request.document["SecretId"] == arn(broken):
            return error("AccessDeniedException", "not this one")(exchange)
        return give_secret(exchange)

    store.default = all_but_one
    answered = {client_id: regional_call(client_id)["statusCode"] for client_id in CLIENT_IDS}
    assert answered.pop(broken) == 500
    assert set(answered.values()) == {200}


@pytest.mark.proves("secret-for-each-app")
def test_edge_each_client_gets_the_proof_of_its_own_secret_from_united_documents(store: FakeService) -> None:
    for client_id in CLIENT_IDS:
        forwarded = edge.handler(_edge_event(sign_in(client_id)), None)
        assert proof(json.loads(forwarded["body"]["data"]), client_id)
    assert len(store.received) == len(CLIENT_IDS)


def _edge_event(body: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = edge_event("InitiateAuth", body)
    documents = [document(CLIENT_IDS[start : start + 10]) for start in range(0, len(CLIENT_IDS), 10)]
    event["Records"][0]["cf"]["request"]["origin"]["custom"]["customHeaders"] = {
        name: [{"key": name, "value": b64encode(text.encode()).decode()}]
        for name, text in zip(
            ("x-proxy-settings", "x-proxy-settings-2", "x-proxy-settings-3", "x-proxy-settings-4"),
            documents,
            strict=True,
        )
    }
    return event


@pytest.mark.parametrize("asked", [0, 39])
def test_a_decision_takes_as_many_steps_with_forty_clients_as_with_one(asked: int) -> None:
    client_id = CLIENT_IDS[asked]
    assert _steps_of_decision([client_id], client_id) == _steps_of_decision(CLIENT_IDS, client_id)


def _steps_of_decision(client_ids: list[str], client_id: str) -> Counter[str]:
    """Every line and call of a decision with the secret at hand; a loop over the clients would show."""
    settings = unite([parse_settings(document(client_ids))])
    cache = SecretCache(
        settings.clients,
        lambda secret_arn, deadline: secret_document(client_id, secret_of(client_id)),
        ttl_seconds=300,
    )
    cache.fetch(client_id, deadline=time.monotonic() + 60, report=lambda problem: None)
    call = request("InitiateAuth", sign_in(client_id))
    steps: Counter[str] = Counter()

    def count(frame: Any, event: str, argument: object) -> Any:
        steps[f"{event} {frame.f_code.co_qualname}"] += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        decision = decide(call, settings, cache)
    finally:
        sys.settrace(before)
    assert isinstance(decision, Forward)
    return steps
