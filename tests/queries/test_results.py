"""docs/query-results.md is what the queries find today."""

from pathlib import Path

import pytest

from tests.queries.results import page


@pytest.mark.proves("sample-results")
def test_the_page_of_samples_is_what_the_queries_find() -> None:
    """Make it anew with the command that stands on it."""
    file = Path(__file__).resolve().parents[2] / "docs" / "query-results.md"
    assert file.read_text(encoding="utf-8") == page()
