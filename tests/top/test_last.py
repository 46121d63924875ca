"""The file of the last run: its owner alone may read it, and what is not in it is not believed."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cognito_proxy.top.last import keep, last, last_file, proxy_key
from cognito_proxy.top.look import Answer
from cognito_proxy.top.questions import Kind, Subject
from cognito_proxy.top.rows import Finding, Row
from cognito_proxy.top.running import Window

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROW = Row(
    who="192.0.2.1",
    kind=Kind.ADDRESS,
    findings=(Finding(count=77, measure="blocked", query="waf/addresses-with-most-blocks"),),
)
KEY = proxy_key(stack="Proxy", region="eu-west-1", local=False)


def an_answer(*rows: Row) -> Answer:
    return Answer(
        subject=Subject.ADDRESSES,
        window=Window(since=AT - timedelta(hours=1), until=AT),
        rows=rows,
        asked=[],
        bytes_scanned=0,
        problems=[],
    )


@pytest.mark.proves("top-table-kept")
def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "a" / "last.json"
    keep(an_answer(ROW), proxy=KEY, at=AT, file=file)
    found = last(file)
    assert found is not None
    assert (found.at, found.proxy, list(found.rows)) == (AT, KEY, [ROW])
    assert found.window.until == AT
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 99}', '{"version": 1, "at": 3}'])
def test_a_file_of_another_kind_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "last.json"
    file.write_text(text)
    assert last(file) is None


def test_whether_a_row_can_be_blocked_is_not_taken_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "last.json"
    keep(an_answer(Row(who="0.0.0.0/0", kind=Kind.USERNAME, findings=ROW.findings)), proxy=KEY, at=AT, file=file)
    document = json.loads(file.read_text())
    document["rows"][0]["can_be_blocked"] = True
    file.write_text(json.dumps(document))
    found = last(file)
    assert found is not None
    assert found.rows[0].block is None


@pytest.mark.parametrize("findings", [[], [{"count": float("inf"), "measure": "m", "query": "q"}], "x"])
def test_a_row_without_evidence_makes_it_no_file_of_this_kind(tmp_path: Path, findings: object) -> None:
    file = tmp_path / "last.json"
    keep(an_answer(ROW), proxy=KEY, at=AT, file=file)
    document = json.loads(file.read_text())
    document["rows"][0]["findings"] = findings
    file.write_text(json.dumps(document))
    assert last(file) is None


def test_a_list_where_the_proxy_should_be_makes_it_none(tmp_path: Path) -> None:
    file = tmp_path / "last.json"
    keep(an_answer(ROW), proxy=KEY, at=AT, file=file)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"proxy": []}))
    assert last(file) is None


def test_it_is_in_the_users_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert last_file() == tmp_path / "cognito-proxy" / "top" / "last.json"
