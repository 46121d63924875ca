"""The function's lines on the screen: each once, short, without names and addresses; and a minute's metrics."""

from __future__ import annotations

import json
from typing import Any

from local.screen.function_lines import SUMMARY_SECONDS, FunctionLines, shortened, summary
from local.simulators.logs_insights.stand_in import LogLine

CALL: dict[str, Any] = {
    "operation": "InitiateAuth",
    "outcome": "denied",
    "error": "NotAuthorizedException",
    "status": 400,
    "Latency": 12.4,
    "UpstreamLatency": 9.1,
    "cold_start": True,
    "username": "sentinel-name",
    "address": "192.0.2.1",
    "Requests": 1,
    "Throttles": 0,
    "Errors": 0,
}


class Log:
    """Lines that come in, a clock, and what was told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.lines: list[LogLine] = []
        self.told: list[str] = []
        self.shown = FunctionLines(self.read, self.told.append, now=lambda: self.now)

    def read(self, since_ms: int) -> list[LogLine]:
        return [line for line in self.lines if line.at_ms >= since_ms]

    def add(self, message: str) -> None:
        self.lines.append(LogLine(at_ms=int(self.now * 1000), message=message))


def test_a_line_is_short_and_names_nobody() -> None:
    assert shortened(CALL) == "log: InitiateAuth denied NotAuthorizedException 400 12.4 ms (9.1 at Cognito) cold start"


def test_each_line_is_told_once_and_only_those_of_calls() -> None:
    log = Log()
    log.add("START RequestId: x")
    log.add(json.dumps(CALL))
    log.shown.look()
    log.shown.look()
    log.now += 1
    # Of the same moment as one that was seen, and late.
    log.lines.append(LogLine(at_ms=log.lines[1].at_ms, message=json.dumps({**CALL, "operation": "SignUp"})))
    log.shown.look()
    assert [line.split()[1] for line in log.told] == ["InitiateAuth", "SignUp"]


def test_what_was_there_before_is_not_told() -> None:
    log = Log()
    log.lines.append(LogLine(at_ms=int(log.now * 1000) - 1, message=json.dumps(CALL)))
    log.shown.look()
    assert log.told == []


def test_a_minute_with_calls_is_summed_up_and_one_without_is_not() -> None:
    log = Log()
    log.add(json.dumps(CALL))
    log.shown.look()
    log.now += SUMMARY_SECONDS
    log.shown.look()
    log.now += SUMMARY_SECONDS
    log.shown.look()
    assert log.told[1:] == ["metrics: 1 requests, p99 12 ms"]


def test_the_summary_has_what_the_metrics_have() -> None:
    calls = [{**CALL, "Latency": float(number), "Refusals": 1, "Throttles": number % 2} for number in range(1, 101)]
    assert summary(calls) == "metrics: 100 requests, 100 refused, 50 throttled, p99 99 ms"
