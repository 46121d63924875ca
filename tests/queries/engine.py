"""Athena's SQL in DuckDB: parsed in Athena's dialect by SQLGlot, written in DuckDB's, and run there.

It cannot check SerDe and partition projection (`serde.py` follows the documents instead), Glue's types beyond what
DuckDB has, limits of a workgroup, what Athena prunes, and functions that differ where SQLGlot does not know. Known to
differ, and translated here: `$1` in a replacement is `\\1` in DuckDB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from tests.queries.serde import Row, Table, kind_of


class Engine:
    """A database with the tables of a template."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
        self._connection.execute("SET TimeZone = 'UTC'")

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        """Make the table with its declared types, and put the rows in."""
        kinds = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
        kinds |= {key["Name"]: key["Type"] for key in table.get("PartitionKeys", [])}
        types = {name: kind_of(kind).sql("duckdb") for name, kind in kinds.items()}
        file = self._folder / f"{table['Name']}.ndjson"
        file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
        columns = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind in types.items())
        self._connection.execute(
            f"CREATE TABLE {table['Name']} AS "  # noqa: S608 - names of our own
            f"SELECT * FROM read_json('{file}', format = 'newline_delimited', columns = {{{columns}}})"
        )
        found = self._connection.execute(f"SELECT count(*) FROM {table['Name']}").fetchone()  # noqa: S608
        assert found == (len(rows),)

    def load_parquet(self, name: str, file: Path, day: str) -> None:
        """Make a table of a Parquet file in the folder of a day."""
        self._connection.execute(f"CREATE TABLE {name} AS SELECT *, '{day}' AS day FROM '{file}'")  # noqa: S608

    def run(self, athena: str) -> list[dict[str, Any]]:
        """The rows that a query in Athena's SQL finds."""
        found = self._connection.execute(to_duckdb(athena))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def to_duckdb(athena: str) -> str:
    """One SELECT, translated; what SQLGlot knows to have no counterpart is an error."""
    (tree,) = sqlglot.parse(athena, read="athena")
    assert isinstance(tree, exp.Select)
    for call in tree.find_all(exp.RegexpReplace):
        replacement = call.args["replacement"]
        replacement.set("this", re.sub(r"\$(\d)", r"\\\1", replacement.this))
    return tree.sql("duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
