"""docs/operations.md: its table of errors has what the proxy answers, and each of its causes has an entry."""

from __future__ import annotations

import re

import pytest

from proxy.errors import (
    CountersDown,
    GuardUnavailable,
    HumanCheckFailed,
    HumanCheckRequired,
    HumanCheckUnavailable,
    ProxyError,
    TooManyAttempts,
    TooManyMessages,
)
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Sign-ins fail for everybody")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in SECTION.splitlines()
    if line.startswith("   | ") and "`__type`" not in line
]
COGNITOS_OWN = {"Unable to verify secret hash", "User pool client does not exist"}
OF_INTERCEPTORS = (
    (CountersDown, "Attempts cannot be counted", "counters"),
    (CountersDown, "Messages cannot be counted", "counters"),
    (GuardUnavailable, "The call could not be checked", "a guard"),
    (HumanCheckUnavailable, "The human check is not available", "the provider"),
    (HumanCheckRequired, "This operation needs a token", "a token"),
    (HumanCheckFailed, "The token of the human check", "a token"),
    (TooManyAttempts, "Too many attempts. Try again in", "limits a user"),
    (TooManyMessages, "Too many messages were sent.", "a ceiling"),
)


@pytest.mark.parametrize(("error", "message", "cause"), OF_INTERCEPTORS, ids=str)
def test_has_what_stands_around_calls_answers(error: type[ProxyError], message: str, cause: str) -> None:
    assert [f"{error.status} {error.type}", message, cause] in ROWS


@pytest.mark.parametrize("message", sorted({row[1] for row in ROWS} - {""} - COGNITOS_OWN))
def test_somebody_answers_each_message(message: str) -> None:
    folders = (ROOT / "lambda" / "proxy", ROOT / "cognito_proxy" / "firewall", ROOT / "cognito_proxy" / "proxies")
    assert any(message in file.read_text(encoding="utf-8") for folder in folders for file in folder.rglob("*.py"))


@pytest.mark.parametrize("cause", sorted({row[2] for row in ROWS}))
def test_each_cause_has_an_entry(cause: str) -> None:
    entries = re.findall(r"^   - \*\*([^*]+?)\.?\*\*", SECTION, re.MULTILINE)
    assert cause.lower() in [entry.lower() for entry in entries]
