"""The table of docs/events.md against the function's own."""

import re

from proxy import event_bus
from proxy.after_answer import MAX_SECONDS, MAX_WAITING
from proxy.user_events import CHALLENGES, CHANGES, UNCHANGED
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
DECISION = " ".join((ROOT / "docs" / "decisions" / "0013-after-the-answer.md").read_text(encoding="utf-8").split())


def test_the_page_has_every_operation_with_its_type() -> None:
    rows = dict(re.findall(r"^\| (\w+(?:, \w+)?) \| ([^|]+?) \|", PAGE, re.MULTILINE))
    told = {name: row.detail_type for name, row in CHANGES.items()}
    told |= {f"RespondToAuthChallenge, {name}": row.detail_type for name, row in CHALLENGES.items()}
    assert {name: rows.get(name) for name in (told | UNCHANGED)} == told | dict(UNCHANGED)


def test_the_page_says_who_it_was_by_the_token_where_there_is_one() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| [^|]+ \| ([^|]+?) \|", PAGE, re.MULTILINE))
    assert {name for name, row in CHANGES.items() if row.by_token} == {
        name for name in CHANGES if rows[name] == "`sub`"
    }


def test_numbers_are_the_code_s() -> None:
    bus_seconds = MAX_SECONDS - event_bus.QUEUE_ATTEMPTS * event_bus._QUEUE_SECONDS
    assert f"up to three attempts in {bus_seconds:.1f} seconds" in PAGE
    assert event_bus.MAX_ATTEMPTS == 3
    assert f"{MAX_WAITING} pieces a call, a deadline of {MAX_SECONDS:.0f} seconds" in DECISION
    assert f"{event_bus._SHORT_SECONDS} seconds a call" in DECISION
    assert event_bus.REST_SECONDS == 5  # "for five seconds"
    assert "a call for five seconds" in DECISION
