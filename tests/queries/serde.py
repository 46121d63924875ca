"""Reads files the way the synthesized Glue table says: its SerDe, columns, types and projected partitions.

What it does not know, it refuses. What it follows:
- LazySimpleSerDe: a value that does not fit its column's type is NULL, surplus fields are dropped
  (https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html).
- OpenX: "case.insensitive … default is TRUE … converts all uppercase columns to lowercase"
  (https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html). One document a line.
- Hive's JsonSerDe behind CloudTrail's input format: the records of a file's `Records`; "fields … listed as type STRING
  … but are STRUCT data type used in JSON" become their JSON text
  (https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html).
- Partition projection: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlglot import exp

Row = dict[str, Any]
Table = dict[str, Any]
"""`TableInput` of the template."""

_TEXT = "org.apache.hadoop.mapred.TextInputFormat"
_KNOWN_PARAMETERS = {"EXTERNAL", "skip.header.line.count", "storage.location.template"}
_PROJECTION = {
    "projection.enabled": r"true",
    "projection.day.type": r"date",
    "projection.day.format": r"yyyy/MM/dd",
    "projection.day.interval": r"1",
    "projection.day.interval.unit": r"DAYS",
    "projection.day.range": r"NOW-\d+YEARS,NOW",
}


def read(table: Table, files: Mapping[str, str], *, now: datetime) -> list[Row]:
    """All rows of all files (by their S3 URI) that the table's location or its projected partitions hold."""
    rows: list[Row] = []
    for folder, partition in _folders(table, now):
        for uri, text in files.items():
            if uri.startswith(folder):
                rows += [{**row, **partition} for row in read_file(table, text)]
    return rows


def read_file(table: Table, text: str) -> Iterator[Row]:
    """The rows of one file."""
    storage = table["StorageDescriptor"]
    serde, parameters = storage["SerdeInfo"]["SerializationLibrary"], storage["SerdeInfo"]["Parameters"]
    columns = {column["Name"]: kind_of(column["Type"]) for column in storage["Columns"]}
    match storage["InputFormat"], serde:
        case (input_format, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe") if input_format == _TEXT:
            assert set(parameters) == {"field.delim", "serialization.format"}
            skipped = int(table["Parameters"].get("skip.header.line.count", "0"))
            for line in text.splitlines()[skipped:]:
                fields = line.split(parameters["field.delim"])
                yield {
                    name: _from_text(kind, fields[index]) if index < len(fields) else None
                    for index, (name, kind) in enumerate(columns.items())
                }
        case (input_format, "org.openx.data.jsonserde.JsonSerDe") if input_format == _TEXT:
            assert parameters == {}
            for line in text.splitlines():
                yield _record(columns, json.loads(line))
        case ("com.amazon.emr.cloudtrail.CloudTrailInputFormat", "org.apache.hive.hcatalog.data.JsonSerDe"):
            assert parameters == {}
            for record in json.loads(text)["Records"]:
                yield _record(columns, record)
        case unknown:
            raise AssertionError(f"this reader does not know {unknown}")


def kind_of(hive_type: str) -> exp.DataType:
    """A column's type, by Hive's grammar."""
    return exp.DataType.build(hive_type, dialect="hive")


def _folders(table: Table, now: datetime) -> Iterator[tuple[str, Row]]:
    parameters = dict(table["Parameters"])
    assert set(parameters) <= _KNOWN_PARAMETERS | set(_PROJECTION), parameters
    if "PartitionKeys" not in table:
        yield table["StorageDescriptor"]["Location"], {}
        return
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    for name, pattern in _PROJECTION.items():
        assert re.fullmatch(pattern, parameters[name]), name
    years = int(re.findall(r"\d+", parameters["projection.day.range"])[0])
    day = now.date().replace(year=now.year - years)
    while day <= now.date():
        value = f"{day:%Y/%m/%d}"
        yield parameters["storage.location.template"].replace("${day}", value), {"day": value}
        day += timedelta(days=1)


def _record(columns: Mapping[str, exp.DataType], record: Mapping[str, Any]) -> Row:
    lower = {key.lower(): value for key, value in record.items()}
    return {name: _from_json(kind, lower.get(name)) for name, kind in columns.items()}


def _from_json(kind: exp.DataType, value: Any) -> Any:
    if value is None:
        return None
    match kind.this:
        case exp.DataType.Type.STRUCT:
            members = {key.lower(): member for key, member in value.items()}
            return {
                field.this.name: _from_json(field.args["kind"], members.get(field.this.name))
                for field in kind.expressions
            }
        case exp.DataType.Type.ARRAY:
            return [_from_json(kind.expressions[0], element) for element in value]
        case exp.DataType.Type.MAP:
            return {key: _from_json(kind.expressions[1], element) for key, element in value.items()}
        case exp.DataType.Type.TEXT | exp.DataType.Type.VARCHAR:
            return value if isinstance(value, str) else json.dumps(value)
        case exp.DataType.Type.INT | exp.DataType.Type.BIGINT:
            return int(value)
        case unknown:
            raise AssertionError(f"this reader does not know {unknown}")


def _from_text(kind: exp.DataType, text: str) -> Any:
    try:
        match kind.this:
            case exp.DataType.Type.TEXT | exp.DataType.Type.VARCHAR:
                return text
            case exp.DataType.Type.INT | exp.DataType.Type.BIGINT:
                return int(text)
            case exp.DataType.Type.FLOAT:
                return float(text)
            case exp.DataType.Type.DATE:
                return date.fromisoformat(text)
    except ValueError:
        return None
    raise AssertionError(f"this reader does not know {kind}")
