"""One sample of each query's result, from the planted hour.

`python -m tests.queries.results > docs/query-results.md`
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from cognito_proxy.queries import texts
from local.simulators.logs_insights import language
from tests.queries import traffic
from tests.queries.planted import planted, planted_log_groups

_ROWS = 3
_WIDTH = 96
_TITLES = {"athena": "Athena", "insights": "CloudWatch Logs Insights"}
_HEAD = """# What the queries find

Samples of [the queries](queries.md): the first rows of each, over an hour of synthetic logs with
planted attacks, by the engines of the tests (DuckDB; an evaluator of Logs Insights' language).
Addresses are from ranges for documentation, tests and private use; the hashes are of a test's key.
This page is made by `python -m tests.queries.results > docs/query-results.md`.
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(_sections())


def _sections() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        engine = planted(Path(folder))
        for source in texts.ATHENA_SOURCES:
            for name in texts.names("athena", source):
                text = texts.athena_query(
                    source, name, since=traffic.SINCE, until=traffic.UNTIL, by_day=source != "cloudfront"
                )
                yield _section("athena", f"{source}/{name}", text, engine.run(text))
    groups = planted_log_groups()
    for source in texts.INSIGHTS_SOURCES:
        for name in texts.names("insights", source):
            text = texts.insights_query(source, name)
            yield _section("insights", f"{source}/{name}", text, language.run(text, groups[source]))


def _section(language: str, name: str, text: str, rows: list[dict[str, Any]]) -> str:
    found = [_shown(row) for row in rows[:_ROWS]]
    assert found, name
    widths = {key: max(len(key), *(len(_cell(row[key])) for row in found)) for key in found[0]}
    lines = ["  ".join(key.ljust(width) for key, width in widths.items())]
    lines += ["  ".join(_cell(row[key]).ljust(width) for key, width in widths.items()) for row in found]
    table = "".join(f"    {line.rstrip()[:_WIDTH]}\n" for line in lines)
    more = f"    … {len(rows)} rows in all\n" if len(rows) > _ROWS else ""
    return f"\n## {_TITLES[language]}: {name}\n\n{_wrapped(texts.description(text))}\n\n{table}{more}"


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row["shown"]} if "shown" in row else row


def _cell(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _wrapped(text: str) -> str:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > _WIDTH:
            lines.append("")
        lines[-1] += f"{word} "
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
