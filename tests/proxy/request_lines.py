"""The lines that the function writes, read as strictly as whoever builds on them may."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from proxy.request_line import MAX_LINE_BYTES
from tests.proxy.json_schema import faults

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "schemas" / "request-line.json"

Line = dict[str, Any]


@cache
def request_line_schema() -> Any:
    """The published schema of a line."""
    return json.loads(SCHEMA_FILE.read_text("utf-8"))


def lines_of(written: str) -> list[Line]:
    """Every line of what was written, each whole, bounded, without control characters and as the schema says."""
    assert written == "" or written.endswith("\n")
    return [line_of(line) for line in written.split("\n")[:-1]]


def line_of(text: str) -> Line:
    """One line."""
    assert len(text) < MAX_LINE_BYTES
    assert text.isascii()
    assert text.isprintable()
    line: Line = json.loads(text, object_pairs_hook=_once)
    assert not list(faults(request_line_schema(), line))
    assert not list(metric_faults(line))
    return line


def brief(line: Line) -> Line:
    """What was called and how it ended."""
    return {name: line[name] for name in ("operation", "outcome", "reason", "error", "request_id") if name in line}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    assert len(members) == len(pairs), "a member twice"
    return members


# What AWS's specification says of a document, in its text (limits) and its JSON schema (shapes), as of 2026-11:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
# Dimension values: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
_NAME = {"type": "string", "minLength": 1, "maxLength": 255}
_UNITS = (
    "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits "
    "Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second "
    "Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None"
)
_DEFINITION = {
    "type": "object",
    "required": ["Name"],
    "additionalProperties": False,
    "properties": {"Name": _NAME, "Unit": {"enum": _UNITS.split()}, "StorageResolution": {"enum": [1, 60]}},
}
_DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "additionalProperties": False,
    "properties": {
        "Namespace": _NAME,
        "Dimensions": {
            "type": "array",
            "minItems": 1,
            # 30 now; it was 9, and readers of that age exist.
            "items": {"type": "array", "minItems": 0, "maxItems": 9, "items": _NAME},
        },
        "Metrics": {"type": "array", "maxItems": 100, "items": _DEFINITION},
    },
}
EMBEDDED_METRIC_FORMAT = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {"type": "array", "items": _DIRECTIVE},
            },
        }
    },
}
_MAX_DIMENSION_VALUE = 1024


def metric_faults(line: Line) -> list[str]:
    """What CloudWatch would find wrong with the metrics of a line; nothing if it would take them all."""
    found = list(faults(EMBEDDED_METRIC_FORMAT, line))
    if found:
        return found
    for directive in line["_aws"]["CloudWatchMetrics"]:
        if directive["Namespace"].startswith("AWS/") or not re.fullmatch(r"[\w.\-/#:]+", directive["Namespace"]):
            found.append(f"namespace {directive['Namespace']}")
        found += [
            f"dimension {name}"
            for name in {name for names in directive["Dimensions"] for name in names}
            if not _is_dimension(line.get(name))
        ]
        found += [
            f"metric {definition['Name']}"
            for definition in directive["Metrics"]
            if type(line.get(definition["Name"])) not in (int, float)
        ]
    return found


def _is_dimension(value: Any) -> bool:
    """The target of a dimension must be a text, and ASCII with at least one sign that is no white space."""
    return isinstance(value, str) and value.isascii() and 0 < len(value.strip()) <= len(value) <= _MAX_DIMENSION_VALUE


def series(line: Line) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """The custom metrics that a line adds to: name, and dimensions with their values."""
    return {
        (definition["Name"], tuple((name, line[name]) for name in dimensions))
        for directive in line["_aws"]["CloudWatchMetrics"]
        for dimensions in directive["Dimensions"]
        for definition in directive["Metrics"]
    }
