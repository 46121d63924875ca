"""Who is greeted, and whose tokens are refused. API Gateway has verified the token before."""

import json
from typing import Any

import pytest

from sample_api import handler
from tests.sample_api.calls import (
    CLIENT,
    EVENTS,
    JOHN,
    OTHER_CLIENT,
    SETTINGS,
    access_claims,
    answered,
    call,
    id_claims,
)
from tests.sample_api.memory_table import MemoryTable

REFUSED = {"error": "The token is not for this API."}


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (id_claims(), "Hello, Jane Doe"),
        (id_claims(family_name=None), "Hello, Jane"),
        (id_claims(given_name=None), "Hello, Doe"),
        (id_claims(given_name="", family_name=None), "Hello, jane"),
        (id_claims(given_name="José", family_name="Ñandú"), "Hello, José Ñandú"),
        (id_claims(given_name=None, family_name=None, **{"cognito:username": None}), "Hello"),
        (access_claims(), "Hello, jane"),
    ],
)
@pytest.mark.usefixtures("table")
def test_greets_by_given_and_family_name(kind: str, claims: dict[str, Any], message: str) -> None:
    answer = answered(EVENTS[kind]("GET", "/", claims=claims))
    assert (answer.status, answer.document) == (200, {"message": message})


WRONG: dict[str, dict[str, Any] | None] = {
    "no authorizer": None,
    "no claims": {},
    "id token of another app client": id_claims(aud=OTHER_CLIENT),
    "access token of another app client": access_claims(client_id=OTHER_CLIENT),
    "id token without audience": id_claims(aud=None),
    "several audiences": id_claims(aud=[CLIENT]),
    "an id token with an access token's claim": id_claims(aud=None, client_id=CLIENT),
    "an access token with an id token's claim": access_claims(client_id=None, aud=CLIENT),
    "refresh token": id_claims(token_use="refresh"),
    "no use": id_claims(token_use=None),
    "an empty use": id_claims(token_use=""),
    "two uses": id_claims(token_use=["id"]),
    "no subject": id_claims(sub=None),
    "an empty subject": id_claims(sub=""),
    "a subject that is no text": id_claims(sub=[JOHN]),
    "a subject with another sign": id_claims(sub=f"{JOHN}#"),
    "a subject with a line break": id_claims(sub=f"{JOHN}\n"),
    "a subject too long": id_claims(sub="a" * 129),
}


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("path", ["/", "/documents", "/documents/notes", "/nothing"])
def test_refuses_a_token_that_is_not_for_this_api(
    table: MemoryTable, kind: str, claims: dict[str, Any] | None, path: str
) -> None:
    answer = answered(EVENTS[kind]("GET", path, claims=claims))
    assert (answer.status, answer.document) == (401, REFUSED)
    assert table.keys == []


@pytest.mark.parametrize(
    ("uses", "claims", "status"),
    [
        (["id"], id_claims(), 200),
        (["id"], access_claims(), 401),
        (["access"], access_claims(), 200),
        (["access"], id_claims(), 401),
    ],
)
@pytest.mark.usefixtures("table")
def test_takes_the_expected_kind_of_token_only(
    monkeypatch: pytest.MonkeyPatch, uses: list[str], claims: dict[str, Any], status: int
) -> None:
    monkeypatch.setenv(handler.SETTINGS, json.dumps(SETTINGS | {"token_uses": uses}))
    assert call("GET", "/", claims=claims).status == status


@pytest.mark.parametrize("place", ["rest", "http"])
@pytest.mark.usefixtures("table")
def test_claims_are_read_where_that_api_s_authorizer_puts_them_and_nowhere_else(place: str) -> None:
    event = EVENTS[place]("GET", "/", claims=None)
    misplaced = {"claims": id_claims()} if place == "http" else {"jwt": {"claims": id_claims()}}
    event["requestContext"]["authorizer"] = misplaced | {"lambda": id_claims()}
    assert answered(event).status == 401


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "[]",
        "{",
        json.dumps({**SETTINGS, "client_ids": []}),
        json.dumps({**SETTINGS, "client_ids": CLIENT}),
        json.dumps({**SETTINGS, "client_ids": [""]}),
        json.dumps({**SETTINGS, "token_uses": []}),
        json.dumps({**SETTINGS, "token_uses": ["refresh"]}),
        json.dumps({**SETTINGS, "table": ""}),
        json.dumps({name: value for name, value in SETTINGS.items() if name != "client_ids"}),
    ],
)
def test_wrong_settings_open_nothing(table: MemoryTable, monkeypatch: pytest.MonkeyPatch, settings: str) -> None:
    monkeypatch.setenv(handler.SETTINGS, settings)
    answer = call("GET", "/documents")
    assert (answer.status, answer.document) == (500, {"error": "The API has an internal error."})
    assert table.keys == []
