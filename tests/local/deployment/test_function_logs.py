"""All events of a log group, though the emulator gives the first 10,000 only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.deployment import function_logs
from local.deployment.function_logs import log_events


@dataclass
class Logs:
    """FilterLogEvents as the emulator has it: by time, so many, and no token."""

    events: list[dict[str, Any]]
    most: int
    asked: list[int] = field(default_factory=list)

    def get_paginator(self, _: str) -> "Logs":
        return self

    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(given["startTime"])
        assert len(self.asked) < 100
        found = [event for event in self.events if event["timestamp"] >= given["startTime"]]
        yield {"events": found[: self.most]}


def told(times: list[int], monkeypatch: pytest.MonkeyPatch, *, since: int = 0) -> tuple[list[int], int]:
    monkeypatch.setattr(function_logs, "MOST_AT_ONCE", 4)
    logs = Logs([{"timestamp": at, "message": str(number)} for number, at in enumerate(times)], 4)
    return [int(event["message"]) for event in log_events(logs, "g", since_ms=since)], len(logs.asked)


@pytest.mark.parametrize("times", [[], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 2, 2, 3, 3, 4]])
def test_each_event_is_told_once_in_its_order(times: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(times, monkeypatch)[0] == list(range(len(times)))


def test_begins_where_one_wants_it_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told([1, 2, 3, 4, 5, 6, 7], monkeypatch, since=3)[0] == [2, 3, 4, 5, 6]


def test_ends_where_one_moment_has_more_than_it_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = told([1, 5, 5, 5, 5, 5, 5], monkeypatch)
    assert (found, asked) == ([0, 1, 2, 3, 4], 2)
