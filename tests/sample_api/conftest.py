"""The function with its settings, and a table in memory."""

import json

import pytest

from sample_api import documents, handler
from tests.sample_api.calls import SETTINGS
from tests.sample_api.memory_table import MemoryTable


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> MemoryTable:
    """What the function takes for DynamoDB; it does not wait between tries."""
    made = MemoryTable()
    monkeypatch.setenv(handler.SETTINGS, json.dumps(SETTINGS))
    monkeypatch.setattr(handler, "_dynamodb", lambda: made)
    monkeypatch.setattr(documents, "_FIRST_PAUSE_SECONDS", 0)
    return made
