"""The planted hour, loaded: in the deployed tables, and in log groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.simulators.logs_insights import language
from tests.queries import log_formats, templates, traffic
from tests.queries.engine import Engine
from tests.queries.log_formats import compact
from tests.queries.serde import read
from tests.queries.traffic import Call

_SHAPES: dict[str, Callable[[Call], dict[str, Any] | None]] = {
    "function": log_formats.function_line,
    "access-log": log_formats.access_log_line,
    "waf": log_formats.waf_record,
    "cloudtrail": log_formats.cloudtrail_record,
}


def planted(folder: Path) -> Engine:
    """The deployed tables over buckets with all logs, each file in the folder of its day."""
    engine = Engine(folder)
    calls = traffic.calls()
    records = [record for call in calls if (record := log_formats.cloudtrail_record(call))]
    records += log_formats.foreign_records(traffic.SINCE + timedelta(minutes=33))
    files = {
        "s3://example-logs/cdn/EMLARXS9EXAMPLE.2026-11-20-10.RT4KCN4SGK9.gz": log_formats.cloudfront_file(calls),
        "s3://aws-waf-logs-example/AWSLogs/111122223333/WAFLogs/eu-west-1/proxy/2026/11/20/10/05/a.log.gz": json_lines(
            log_formats.waf_record(call) for call in calls
        ),
        "s3://example-logs/trail/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/20/a.json.gz": compact(
            {"Records": records}
        ),
    }
    for table in templates.tables().values():
        engine.load(table, read(table, files, now=traffic.UNTIL))
    return engine


def planted_log_groups() -> dict[str, list[language.Event]]:
    """Every log group's events of the hour, which is what a run's two times choose."""
    calls = [call for call in traffic.calls() if traffic.SINCE <= call.at < traffic.UNTIL]
    events = {
        source: [language.event(call.at, compact(line)) for call in calls if (line := shape(call))]
        for source, shape in _SHAPES.items()
    }
    at = traffic.SINCE + timedelta(minutes=33)
    events["cloudtrail"] += [language.event(at, compact(record)) for record in log_formats.foreign_records(at)]
    events["function"] += [language.event(at, compact(line)) for line in log_formats.lines_without_hashes()]
    return events


def json_lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(compact(record) + "\n" for record in records)
