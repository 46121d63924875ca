"""Which pages may call and read."""

import json
from typing import Any

import pytest

from sample_api import handler
from tests.sample_api.calls import EVENTS, ORIGIN, SETTINGS, answered, id_claims
from tests.sample_api.memory_table import MemoryTable

OTHERS = [
    "https://appXexample.com",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://APP.example.com",
    "https://evil.example",
    "null",
    "*",
    "",
]


def preflight(kind: str, path: str, origin: str | None, asked: str | None = None) -> Any:
    headers = {"Access-Control-Request-Method": "POST"}
    headers |= {"Origin": origin} if origin is not None else {}
    headers |= {"Access-Control-Request-Headers": asked} if asked is not None else {}
    return answered(EVENTS[kind]("OPTIONS", path, claims=None, headers=headers))


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("path", ["/", "/documents/notes", "/nothing"])
def test_a_preflight_needs_no_token_and_repeats_the_exact_origin(table: MemoryTable, kind: str, path: str) -> None:
    answer = preflight(kind, path, ORIGIN, "authorization,content-type,x-own")
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type,x-own"
    assert answer.headers["vary"] == "Origin, Access-Control-Request-Headers"
    assert "access-control-allow-credentials" not in answer.headers
    assert table.keys == []


@pytest.mark.parametrize("asked", [None, "", "a\r\nset-cookie: b", "é", "x" * 2_001])
@pytest.mark.usefixtures("table")
def test_odd_headers_are_not_granted(asked: str | None) -> None:
    headers = preflight("rest", "/", ORIGIN, asked).headers
    assert headers["access-control-allow-headers"] == "authorization,content-type"


@pytest.mark.parametrize("origin", [None, *OTHERS])
@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.usefixtures("table")
def test_a_preflight_of_another_origin_is_refused(kind: str, origin: str | None) -> None:
    answer = preflight(kind, "/", origin)
    assert (answer.status, answer.document) == (403, {"error": "This origin is not allowed."})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("path", ["/", "/nothing"])
@pytest.mark.usefixtures("table")
def test_a_page_of_the_origin_may_read_answers_errors_too_and_no_other(kind: str, path: str) -> None:
    event = EVENTS[kind]("GET", path, claims=id_claims(), headers={"Origin": ORIGIN})
    headers = answered(event).headers
    assert (headers["access-control-allow-origin"], headers["vary"]) == (ORIGIN, "Origin")
    for origin in OTHERS:
        event = EVENTS[kind]("GET", path, claims=id_claims(), headers={"Origin": origin})
        headers = answered(event).headers
        assert "access-control-allow-origin" not in headers
        assert headers["vary"] == "Origin"


@pytest.mark.usefixtures("table")
def test_a_fault_of_ours_can_be_read_by_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "_dynamodb", lambda: None)
    event = EVENTS["rest"]("GET", "/documents", claims=id_claims(), headers={"Origin": ORIGIN})
    answer = answered(event)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (500, ORIGIN)


@pytest.mark.usefixtures("table")
def test_without_origins_no_page_may_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(handler.SETTINGS, json.dumps({**SETTINGS, "allowed_origins": []}))
    assert preflight("rest", "/", ORIGIN).status == 403
    answer = answered(EVENTS["rest"]("GET", "/", claims=id_claims(), headers={"Origin": ORIGIN}))
    assert not [name for name in answer.headers if name.startswith("access-control") or name == "vary"]
