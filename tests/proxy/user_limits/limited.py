"""A regional function with limits a user, at a time of day that a test sets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy import regional
from tests.proxy.sample_requests import SETTINGS_DOCUMENT

LIMITED = "TooManyRequestsException"
PART: dict[str, Any] = {
    "table": "Counters",
    "attempts": 4,
    "network_attempts": 1000,
    "window": 1200,
    "remembered": 30 * 86_400,
}


class Clock:
    """The time of day, for whoever counts."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def switch_on(monkeypatch: pytest.MonkeyPatch, **part: Any) -> None:
    new_environment()
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT | {"user_limits": PART | part}))


def new_environment() -> None:
    """What the execution environment knew is forgotten."""
    if regional._cached is not None:
        regional._cached[1].close()
        regional._cached = None
