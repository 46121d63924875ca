"""Paths and methods, as both kinds of API say them."""

from typing import Any

import pytest

from tests.sample_api.calls import EVENTS, answered, call, http_event, id_claims
from tests.sample_api.memory_table import MemoryTable

pytestmark = pytest.mark.usefixtures("table")


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize(
    "path", ["/nothing", "/Documents", "/documentsnotes", "/prod", "/prod/documents", "//documents"]
)
def test_says_that_there_is_nothing(kind: str, path: str) -> None:
    answer = answered(EVENTS[kind]("GET", path, claims=id_claims()))
    assert (answer.status, answer.document) == (404, {"error": "There is nothing at this path."})


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize(("path", "methods"), [("/", "GET"), ("/documents", "GET"), ("/documents/notes", "GET, POST")])
def test_says_which_methods_a_path_knows(kind: str, path: str, methods: str) -> None:
    answer = answered(EVENTS[kind]("DELETE", path, claims=id_claims()))
    assert (answer.status, answer.document) == (405, {"error": "This path does not know the method."})
    assert answer.headers["allow"] == methods


@pytest.mark.parametrize("stage", ["prod", "documents"])
def test_a_stage_before_the_path_is_no_part_of_it(stage: str) -> None:
    """A route of the HTTP API's own has no `{proxy+}`, and a stage that is not the default one stands in the path."""
    assert call("POST", "/documents/notes", body="1").status == 201
    event: dict[str, Any] = http_event("GET", "/documents/notes", claims=id_claims())
    event |= {"rawPath": f"/{stage}/documents/notes", "pathParameters": {"name": "notes"}}
    event["requestContext"]["stage"] = stage
    assert answered(event).text == "1"


def test_a_route_of_its_own_on_the_default_stage_needs_no_greedy_part() -> None:
    call("POST", "/documents/notes", body="1")
    event = http_event("GET", "/documents/notes", claims=id_claims())
    del event["pathParameters"]
    assert answered(event).text == "1"


def test_every_answer_has_the_headers_of_all_answers(table: MemoryTable) -> None:
    answers = [call("GET", path) for path in ("/", "/documents", "/documents/none", "/nothing")]
    answers += [call("POST", "/documents/a", body="1"), call("POST", "/documents/a", body="{"), call("PUT", "/")]
    table.before = [lambda _: 1 / 0]  # type: ignore[list-item, return-value]
    answers.append(call("GET", "/documents"))
    assert [answer.status for answer in answers] == [200, 200, 404, 404, 201, 400, 405, 500]
    for answer in answers:
        assert answer.headers.items() >= {
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("strict-transport-security", "max-age=63072000"),
        }
