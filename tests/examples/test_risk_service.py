"""The example with a risk service, against one on loopback that speaks TLS and misbehaves."""

from __future__ import annotations

import importlib
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from cognito_proxy_guards import Call, Reject
from tests.examples.folders import RISK_SERVICE
from tests.proxy.certificate_authority import Authority
from tests.proxy.fake_service import Behaviour, FakeService, answer, close, drip, error, http, raw, stall

SECONDS = 0.4


@pytest.fixture(scope="module")
def example() -> Iterator[ModuleType]:
    sys.path.insert(0, str(RISK_SERVICE))
    yield importlib.import_module("risk_service")
    sys.path.remove(str(RISK_SERVICE))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


Asking = Callable[..., tuple[FakeService, Callable[..., Any], Any]]


@pytest.fixture
def asking(example: ModuleType, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    """Start a service, and give it, the guard's function that asks it, and its client."""
    ends: list[Callable[[], object]] = []

    def start(*behaviours: Behaviour, trusted: bool = True) -> tuple[FakeService, Callable[..., Any], Any]:
        service = FakeService(tls=authority.server(), default=answer({"score": 7}))
        service.script(*behaviours)
        service.__enter__()
        ends.append(lambda: service.__exit__(None, None, None))
        trust = ssl.create_default_context(cafile=str(authority.bundle)) if trusted else None
        client = example.RiskService(f"{service.url}/score", seconds=SECONDS, trust=trust)
        ends.append(client.close)
        monkeypatch.setattr(example, "_service", client)
        return service, example.check, client

    yield start
    for end in reversed(ends):
        end()


def sign_in() -> Call:
    return Call(operation="InitiateAuth", username="jane", address="192.0.2.7", user_agent="App/1.0", tells=["risk"])


def test_the_question_names_nobody_and_the_triggers_are_told_the_answer(asking: Asking) -> None:
    service, check, _ = asking()
    call = sign_in()
    assert check(call) is None
    assert call.told == {"risk": "7"}
    (asked,) = service.received
    assert asked.request_line == "POST /score HTTP/1.1"
    assert asked.document.items() >= {"operation": "InitiateAuth", "address": "192.0.2.7"}.items()
    assert len(asked.document["user"]) == 64
    assert b"jane" not in service.plaintext


@pytest.mark.parametrize(("score", "refused"), [(89, False), (90, True), (100, True), (0, False)])
def test_a_call_that_is_too_risky_is_refused(asking: Asking, score: int, *, refused: bool) -> None:
    _, check, _ = asking(answer({"score": score}))
    call = sign_in()
    verdict = check(call)
    assert isinstance(verdict, Reject) is refused
    assert call.told == ({} if refused else {"risk": str(score)})


def test_one_connection_serves_many_calls(asking: Asking) -> None:
    service, check, _ = asking()
    for _ in range(4):
        check(sign_in())
    assert (service.handshakes, len(service.received)) == (1, 4)


def test_a_connection_that_the_service_has_closed_meanwhile_costs_no_answer(asking: Asking) -> None:
    service, check, _ = asking()
    check(sign_in())
    service.hang_up()
    call = sign_in()
    assert check(call) is None
    assert (call.told, service.handshakes) == ({"risk": "7"}, 2)


def test_a_connection_that_has_idled_long_is_not_used_again(
    asking: Asking, example: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, check, _ = asking()
    check(sign_in())
    later = time.time() + 21
    monkeypatch.setattr(example, "time", SimpleNamespace(time=lambda: later, monotonic=time.monotonic))
    check(sign_in())
    assert service.handshakes == 2


@pytest.mark.parametrize(
    "behaviour",
    [
        stall,
        close,
        error("InternalError", "no", status=500),
        answer({"score": 101}),
        answer({"score": "7"}),
        answer({"score": True}),
        answer(["7"]),
        raw(http(200, b"no json")),
        raw(http(200, b" " * 5000 + b'{"score": 7}')),
        drip(http(200, b'{"score": 7}' + b" " * 100), every=0.05),
        raw(b"no http\r\n\r\n"),
    ],
)
def test_without_an_answer_in_time_the_call_goes_on_and_the_next_one_asks_again(
    asking: Asking, behaviour: Behaviour
) -> None:
    _, check, _ = asking(behaviour)
    call = sign_in()
    started = time.monotonic()
    assert check(call) is None
    assert time.monotonic() - started < SECONDS + 0.4
    assert call.told == {"risk": "unknown"}
    call = sign_in()
    check(call)
    assert call.told == {"risk": "7"}


def test_without_an_answer_the_call_is_refused_at_choice(
    asking: Asking, example: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "UNANSWERED", Reject("Please try again later."))
    _, check, _ = asking(close)
    assert check(sign_in()) == Reject("Please try again later.")


def test_who_cannot_prove_to_be_the_service_is_told_nothing(asking: Asking) -> None:
    service, check, _ = asking(trusted=False)
    call = sign_in()
    assert check(call) is None
    assert call.told == {"risk": "unknown"}
    assert (service.received, bytes(service.plaintext)) == ([], b"")


def test_a_run_that_is_late_shares_no_connection_with_the_next(asking: Asking) -> None:
    service, check, client = asking()
    check(sign_in())
    taken = client._take()
    check(sign_in())
    assert service.handshakes == 2
    taken.close()


def test_the_url_is_https(example: ModuleType) -> None:
    for url in ("http://risk.example.com/", "https://", "risk.example.com"):
        with pytest.raises(ValueError, match=r"^url must begin with https"):
            example.RiskService(url, seconds=1)


def test_it_may_take_less_time_than_its_guard(example: ModuleType) -> None:
    import json

    properties = json.loads((Path(RISK_SERVICE) / "guards.json").read_text())
    assert example.SETTINGS["milliseconds"] < properties["timeout_milliseconds"]
