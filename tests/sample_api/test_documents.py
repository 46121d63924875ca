"""Documents: what is kept, how many, how large, under which names, and what happens when several calls meet."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ReadTimeoutError

from sample_api.documents import MAX_DOCUMENTS
from sample_api.strict_json import MAX_BODY_BYTES, MAX_DEPTH
from tests.sample_api.calls import EVENTS, JANE, JOHN, answered, call, id_claims
from tests.sample_api.memory_table import MemoryTable, cancelled, error, raising

pytestmark = pytest.mark.usefixtures("table")


@pytest.mark.parametrize("kind", EVENTS)
def test_what_was_put_is_read_back_and_listed(kind: str) -> None:
    event = EVENTS[kind]
    text = '{"a": 1.50, "é": "😀", "n": [true, null]}'
    put = answered(event("POST", "/documents/notes", claims=id_claims(), body=text))
    assert (put.status, put.document) == (201, {"name": "notes"})
    got = answered(event("GET", "/documents/notes", claims=id_claims()))
    assert (got.status, got.text) == (200, text)
    listed = answered(event("GET", "/documents", claims=id_claims()))
    assert (listed.status, listed.document) == (200, {"documents": ["notes"]})


def test_a_document_is_put_in_place_of_the_one_of_its_name() -> None:
    assert call("POST", "/documents/notes", body="1").status == 201
    assert call("POST", "/documents/notes", body="2").status == 200
    assert call("GET", "/documents/notes").text == "2"
    assert call("GET", "/documents").document == {"documents": ["notes"]}


def test_nothing_is_there_at_first() -> None:
    assert call("GET", "/documents").document == {"documents": []}
    got = call("GET", "/documents/notes")
    assert (got.status, got.document) == (404, {"error": "There is no document of this name."})


def test_each_user_has_documents_of_his_own() -> None:
    call("POST", "/documents/notes", body='"Jane"')
    john = id_claims(JOHN)
    assert call("GET", "/documents/notes", claims=john).status == 404
    assert call("GET", "/documents", claims=john).document == {"documents": []}
    assert call("POST", "/documents/notes", body='"John"', claims=john).status == 201
    assert call("GET", "/documents/notes").text == '"Jane"'
    assert call("GET", "/documents/notes", claims=john).text == '"John"'


def test_a_user_keeps_so_many_and_no_more() -> None:
    names = [f"n{number:02}" for number in range(MAX_DOCUMENTS)]
    assert {call("POST", f"/documents/{name}", body="1").status for name in names} == {201}
    more = call("POST", "/documents/more", body="1")
    assert (more.status, more.document) == (409, {"error": "No more than 20 documents can be kept."})
    assert call("GET", "/documents/more").status == 404
    assert call("GET", "/documents").document == {"documents": names}
    # One that is there can still be changed, and others are not held up.
    assert call("POST", "/documents/n00", body="2").status == 200
    assert call("POST", "/documents/n00", body="1", claims=id_claims(JOHN)).status == 201


NAMES = ["a", "A-z_0.9", "...", "a..b", ".a", "n" * 64]
NO_NAMES = [
    "",
    ".",
    "..",
    "n" * 65,
    "a b",
    "a%2Fb",
    "%61",
    "é",
    "a/b",
    "a/",
    "/a",
    "#names",
    "a\n",
    "a\x00",
    "٣",
    "a:b",
]


@pytest.mark.parametrize("name", NAMES)
def test_takes_a_name(name: str) -> None:
    assert call("POST", f"/documents/{name}", body="1").status == 201
    assert call("GET", f"/documents/{name}").text == "1"


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refuses_what_is_no_name(table: MemoryTable, name: str, method: str) -> None:
    answer = call(method, f"/documents/{name}", body="1")
    assert answer.status == 400
    assert answer.document["error"].startswith("A document's name is 1 to 64 of ")
    assert table.keys == []


def test_a_body_may_be_so_large() -> None:
    largest = json.dumps("é" * 8_191, ensure_ascii=False)
    assert len(largest.encode()) == MAX_BODY_BYTES
    assert call("POST", "/documents/notes", body=largest).status == 201
    assert call("GET", "/documents/notes").text == largest


@pytest.mark.parametrize("kind", EVENTS)
def test_a_larger_one_is_refused(table: MemoryTable, kind: str) -> None:
    larger = json.dumps("é" * 8_191, ensure_ascii=False) + " "
    answer = answered(EVENTS[kind]("POST", "/documents/notes", claims=id_claims(), body=larger))
    assert (answer.status, answer.document) == (413, {"error": "A document has at most 16384 bytes."})
    assert table.keys == []


JSON = ["null", "0", '""', "[]", "{}", ' {"a": [1, {"a": 2}]} \n', "1e400", "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH]
NO_JSON = [
    None,
    "",
    " ",
    "{",
    "{'a': 1}",
    "[1,]",
    "1 2",
    "NaN",
    "[Infinity]",
    "-Infinity",
    '{"a": 1, "a": 2}',
    '{"b": {"a": 1, "\\u0061": 2}}',
    "\ufeff{}",
    '"a\nb"',
    "9" * 5_000,
    "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "[" * 8_000,
    '"\ud800"',
]


@pytest.mark.parametrize("text", JSON)
def test_takes_json(text: str) -> None:
    assert call("POST", "/documents/notes", body=text).status == 201
    assert call("GET", "/documents/notes").text == text


@pytest.mark.parametrize("text", NO_JSON)
def test_refuses_what_is_no_strict_json(table: MemoryTable, text: str | None) -> None:
    answer = call("POST", "/documents/notes", body=text)
    assert answer.status == 400
    assert answer.document["error"].startswith("The body ")
    assert table.keys == []


@pytest.mark.parametrize("body", ["/w==", "not base64", "AA=A"])
def test_refuses_bytes_that_are_no_text(body: str) -> None:
    event = EVENTS["http"]("POST", "/documents/notes", claims=id_claims(), body="1") | {"body": body}
    assert answered(event).status == 400


def put(table: MemoryTable, text: str = "mine") -> int:
    return call("POST", "/documents/notes", body=json.dumps(text)).status


def test_who_is_slower_by_a_hair_writes_over_the_faster_one(table: MemoryTable) -> None:
    """Another call makes the document between the look for it and the transaction."""

    def meanwhile(operation: str) -> None:
        assert operation == "TransactWriteItems"
        put(table, "theirs")

    table.before = [lambda _: None, meanwhile]
    assert put(table) == 200
    assert call("GET", "/documents/notes").text == '"mine"'
    assert call("GET", "/documents").document == {"documents": ["notes"]}


@pytest.mark.parametrize(
    "conflict",
    [
        cancelled("TransactionConflict", "None"),
        cancelled("None", "TransactionConflict"),
        cancelled("TransactionConflict", "TransactionConflict"),
    ],
    ids=str,
)
def test_conflicts_are_tried_again(table: MemoryTable, conflict: Exception) -> None:
    table.before = [lambda _: None, raising(conflict), lambda _: None, raising(conflict)]
    assert put(table) == 201
    assert call("GET", "/documents").document == {"documents": ["notes"]}


def test_a_transaction_in_the_way_of_an_overwrite_is_waited_for(table: MemoryTable) -> None:
    put(table, "theirs")
    table.before = [raising(error("PutItem", "TransactionConflictException"))]
    assert put(table) == 200
    assert call("GET", "/documents/notes").text == '"mine"'


def test_conflicts_without_end_are_given_up(table: MemoryTable) -> None:
    nothing: Callable[[str], None] = lambda _: None  # noqa: E731
    table.before = [nothing, raising(cancelled("None", "TransactionConflict"))] * 6
    answer = call("POST", "/documents/notes", body="1")
    assert (answer.status, answer.document) == (503, {"error": "Too many changes at the same time. Try again."})
    assert table.before == []
    assert table.items == {}


def test_a_document_that_is_there_is_not_taken_for_one_too_many(table: MemoryTable) -> None:
    """Both conditions fail where the faster call took the last place for the same name."""
    put(table, "theirs")
    table.before = [
        raising(error("PutItem", "ConditionalCheckFailedException")),
        raising(cancelled("ConditionalCheckFailed", "ConditionalCheckFailed")),
    ]
    assert put(table) == 200


@pytest.mark.parametrize(
    "failure",
    [
        cancelled("None", "ThrottlingError"),
        cancelled("ValidationError", "None"),
        error("TransactWriteItems", "TransactionCanceledException"),
        error("TransactWriteItems", "AccessDeniedException"),
        error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=[{"Code": "None"}]),
        ReadTimeoutError(endpoint_url="https://dynamodb.example"),
    ],
    ids=str,
)
def test_what_else_goes_wrong_is_told_and_leaves_nothing_half_done(table: MemoryTable, failure: Exception) -> None:
    table.before = [lambda _: None, raising(failure)]
    assert put(table) == 500
    assert table.items == {}


def test_a_subject_is_the_partition_of_every_item(table: MemoryTable) -> None:
    put(table)
    call("GET", "/documents")
    assert {user for user, _ in table.keys} == {JANE}
    assert set(table.items) == {(JANE, "notes"), (JANE, "#names")}
