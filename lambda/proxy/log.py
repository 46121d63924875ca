"""What is written down of a call: operation, outcome, request id. Nothing that a client sent is ever part of it."""

from __future__ import annotations

import json
import sys


def write_call(*, operation: str | None, outcome: str, request_id: str) -> None:
    """One line for each call. `operation` is a name from the table, or None where the call named no such one."""
    _write({"operation": operation or "unknown", "outcome": outcome, "request_id": request_id})


def write_problem(problem: str, *, request_id: str = "") -> None:
    """What an operator must know: a broken setting, an unreachable service. Fixed texts and types of errors only."""
    _write({"problem": problem, "request_id": request_id})


def _write(line: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
