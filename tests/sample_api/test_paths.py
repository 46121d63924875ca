"""One user never reaches what is another's, whatever he writes into path, query, headers and body."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sample_api import documents, handler
from tests.sample_api.calls import EVENTS, JANE, JOHN, SETTINGS, answered, id_claims
from tests.sample_api.memory_table import MemoryTable

SECRET = "sentinel-of-john"
_PARTS = st.sampled_from(
    [
        *("documents", "notes", "/", "//", ".", "..", "%2F", "%2f", "%2e%2e", "%252F", "%00", "\\", ";", "?", "#", "&"),
        *(JANE, JOHN, f"user={JOHN}", f"#{JOHN}", "#names", "prod", "$default", "{name}", "*", " ", "\n", "٣", "é"),
    ]
)
_PATHS = st.lists(_PARTS | st.text(max_size=8), max_size=8).map(lambda parts: "/" + "".join(parts))
_TEXTS = st.one_of(_PARTS, st.text(max_size=20))
_PAIRS = st.dictionaries(
    st.sampled_from(["user", "sub", "name", "proxy", "claims", "path"]) | _TEXTS, _TEXTS, max_size=4
)
_HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "x-user", "x-amzn-oidc-identity", "x-original-url", "x-forwarded-user", "sub"]),
    _TEXTS,
    max_size=3,
)
_BODIES = st.none() | _TEXTS | _PAIRS.map(json.dumps)
_METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "get", "SCAN", ""])


@pytest.fixture(scope="module", autouse=True)
def function() -> Any:
    """Settings that hold for all examples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(handler.SETTINGS, json.dumps(SETTINGS))
        patch.setattr(handler, "_dynamodb", lambda: _TABLES[-1])
        patch.setattr(documents, "_FIRST_PAUSE_SECONDS", 0)
        yield


_TABLES: list[MemoryTable] = []


@cache
def _johns_items() -> dict[tuple[str, str], Any]:
    table = MemoryTable()
    _TABLES[:] = [table]
    for name in ("notes", "a", "documents", JANE, JOHN):
        event = EVENTS["rest"]("POST", f"/documents/{name}", claims=id_claims(JOHN), body=json.dumps(SECRET))
        assert answered(event).status == 201
    return table.items


def with_johns_notes() -> MemoryTable:
    """A table in which John has documents of several names."""
    items = dict(_johns_items())
    table = MemoryTable()
    table.items = items
    _TABLES[:] = [table]
    return table


@pytest.mark.proves("sample-own-documents")
@settings(max_examples=400)
@given(
    kind=st.sampled_from(list(EVENTS)),
    method=_METHODS,
    path=_PATHS,
    query=_PAIRS,
    headers=_HEADERS,
    body=_BODIES,
)
@example(kind="rest", method="GET", path=f"/documents/../{JOHN}/notes", query={}, headers={}, body=None)
@example(kind="rest", method="GET", path="/documents/notes", query={"user": JOHN, "sub": JOHN}, headers={}, body=None)
@example(kind="http", method="POST", path="/documents/notes", query={}, headers={}, body=json.dumps({"user": JOHN}))
@example(kind="http", method="GET", path=f"/documents/{JOHN}%2Fnotes", query={}, headers={"x-user": JOHN}, body=None)
def test_nobody_reaches_the_documents_of_another_user(
    *, kind: str, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: str | None
) -> None:
    table = with_johns_notes()
    before = dict(table.items)
    event = EVENTS[kind](method, path, claims=id_claims(JANE), query=query, headers=headers, body=body)
    answer = answered(event)
    assert {user for user, _ in table.keys} <= {JANE}
    assert SECRET not in answer.text
    assert SECRET not in json.dumps(answer.headers)
    assert {key: item for key, item in table.items.items() if key[0] == JOHN} == before
    assert answer.status in (200, 201, 400, 404, 405)


@settings(max_examples=200)
@given(
    kind=st.sampled_from(list(EVENTS)),
    subject=_TEXTS | st.sampled_from([f"{JOHN} ", f" {JOHN}", JOHN.upper(), f"{JOHN}\x00", "#names"]),
    path=st.sampled_from(["/documents", "/documents/notes"]),
)
@example(kind="rest", subject=JOHN.upper(), path="/documents/notes")
def test_a_subject_is_that_user_and_no_other(kind: str, subject: str, path: str) -> None:
    """Also one that differs by a hair, which no pool would give."""
    table = with_johns_notes()
    answer = answered(EVENTS[kind]("GET", path, claims=id_claims(subject)))
    if subject != JOHN:
        assert SECRET not in answer.text
        assert {user for user, _ in table.keys} <= {subject}
    assert answer.status in (200, 404, 401)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def events_bent_out_of_shape() -> st.SearchStrategy[Any]:
    """Events with one member, on any level, that is something else."""
    whole = [EVENTS[kind]("POST", "/documents/notes", claims=id_claims(), body="1") for kind in EVENTS]
    places = [("whole",), *(("requestContext", key) for key in ("http", "authorizer", "stage"))]
    places += [(key,) for key in ("version", "headers", "pathParameters", "requestContext", "body", "isBase64Encoded")]
    places += [("rawPath",), ("httpMethod",)]

    def bent(event: dict[str, Any], place: tuple[str, ...], value: Any) -> Any:
        copy: dict[str, Any] = json.loads(json.dumps(event))
        if place == ("whole",):
            return value
        target = copy if len(place) == 1 else copy["requestContext"]
        target[place[-1]] = value
        return copy

    return st.builds(bent, st.sampled_from(whole), st.sampled_from(places), _JSON)


@settings(max_examples=300)
@given(event=events_bent_out_of_shape())
def test_whatever_comes_is_answered_in_json(event: Any) -> None:
    with_johns_notes()
    answer = answered(event)
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == "" or isinstance(answer.document, dict)
    assert SECRET not in answer.text
