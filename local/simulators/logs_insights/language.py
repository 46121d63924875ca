"""Evaluates the part of CloudWatch Logs Insights' language that the saved queries use, and refuses all else.

No engine of it exists outside of AWS. So this follows the documents:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html and the pages of its commands.

- Commands are separated by `|`; lines that begin with `#` are ignored.
- Fields of a JSON event are discovered, nested ones with dots, elements of arrays by number; up to 200 of an event
  (CWL_AnalyzeLogData-discoverable-fields: "CloudWatch Logs Insights can extract a maximum of 200 log event fields").
- `filter` with `= != < <= > >=`, `and`, `or`, `in [...]`, `like /regex/` (matches anywhere), `ispresent()`.
- `parse field /regex/` makes a field of each named group; where nothing matches, none.
- `stats` with `count(*)`, `count_distinct()` and `pct()`, by fields and `bin()`. Only its own columns are left.
- `sort field desc`, `limit`.

What the documents leave open, it refuses: comparing the order of a text and a number, and look-around in a regular
expression (the engine is Hyperscan, which has none).
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

Event = dict[str, Any]
Row = dict[str, Any]

SHOWN = "shown"
"""Of a row: the names that `fields` shows."""

MAX_FIELDS = 200
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"[^"]*")|(?P<regex>/(?:[^/\\]|\\.)+/)|(?P<number>\d+(?:\.\d+)?(?![\w.]))'
    r"|(?P<name>[@A-Za-z_][\w.@]*)|(?P<period>\d+[smhd])|(?P<sign>!=|<=|>=|[=<>()\[\],|*]))"
)
_WORDS = {"and", "or", "in", "like", "as", "by", "desc", "asc"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class NotModelled(Exception):
    """Something that this evaluator does not know."""


@dataclass(frozen=True)
class Token:
    """A word of a query."""

    kind: str
    text: str


def event(at: datetime, message: str) -> Event:
    """A log event, with the fields that are discovered in it."""
    found: Event = {"@timestamp": at, "@message": message}
    if message.startswith("{"):
        found.update(islice(_flattened(json.loads(message), ""), MAX_FIELDS))
    return found


def run(query: str, events: Iterable[Event]) -> list[Row]:
    """The rows that a query shows."""
    rows: list[Row] = list(events)
    for command in commands(query):
        rows = command(rows)
    return rows


def commands(query: str) -> list[Callable[[list[Row]], list[Row]]]:
    """What a query does, step by step.

    Raises:
        NotModelled: it has something that is not known here.
    """
    return list(_commands(query))


def _flattened(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in members:
            yield from _flattened(member, f"{path}.{key}" if path else str(key))
    elif value is not None:
        yield path, value


def _tokens(query: str) -> list[Token]:
    text = "\n".join(line for line in query.splitlines() if not line.lstrip().startswith("#")).strip()
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotModelled(f"cannot read {text[at : at + 30]!r}")
        kind, word = match.lastgroup, match[match.lastgroup]
        found.append(Token("word" if kind == "name" and word in _WORDS else kind, word))
        at = match.end()
    return found


def _commands(query: str) -> Iterator[Callable[[list[Row]], list[Row]]]:
    part: list[Token] = []
    for token in [*_tokens(query), Token("sign", "|")]:
        if token == Token("sign", "|"):
            yield _Command(part).parse()
            part = []
        else:
            part.append(token)


class _Command:
    """One command, read from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = list(tokens)

    def parse(self) -> Callable[[list[Row]], list[Row]]:
        name = self._take("name").text
        known = {
            "fields": self._fields,
            "filter": self._filter,
            "parse": self._parse,
            "stats": self._stats,
            "sort": self._sort,
            "limit": self._limit,
        }
        if name not in known:
            raise NotModelled(f"the command {name} is not known here")
        command = known[name]()
        if self._tokens:
            raise NotModelled(f"{name}: {self._tokens[0].text!r} was not expected")
        return command

    def _next(self) -> Token:
        return self._tokens[0] if self._tokens else Token("end", "")

    def _take(self, kind: str, text: str | None = None) -> Token:
        token = self._next()
        if token.kind != kind or text not in (None, token.text):
            raise NotModelled(f"{text or kind} was expected, not {token.text!r}")
        return self._tokens.pop(0)

    def _has(self, kind: str, text: str) -> bool:
        if self._next() != Token(kind, text):
            return False
        self._tokens.pop(0)
        return True

    def _list(self, element: Callable[[], Any]) -> list[Any]:
        found = [element()]
        while self._has("sign", ","):
            found.append(element())
        return found

    def _name(self) -> str:
        return self._take("name").text

    def _fields(self) -> Callable[[list[Row]], list[Row]]:
        # Shows them; later commands still know all others, which matters to none of the saved queries.
        names = self._list(self._name)
        return lambda rows: [{**row, SHOWN: names} for row in rows]

    def _filter(self) -> Callable[[list[Row]], list[Row]]:
        condition = self._either()
        return lambda rows: [row for row in rows if condition(row)]

    def _either(self) -> Callable[[Row], bool]:
        parts = [self._both()]
        while self._has("word", "or"):
            parts.append(self._both())
        return lambda row: any(part(row) for part in parts)

    def _both(self) -> Callable[[Row], bool]:
        parts = [self._condition()]
        while self._has("word", "and"):
            parts.append(self._condition())
        return lambda row: all(part(row) for part in parts)

    def _condition(self) -> Callable[[Row], bool]:
        name = self._name()
        if self._has("sign", "("):
            if name != "ispresent":
                raise NotModelled(f"the function {name} is not known here")
            field = self._name()
            self._take("sign", ")")
            return lambda row: field in row
        if self._has("word", "like"):
            pattern = _regex(self._take("regex").text)
            return lambda row: name in row and pattern.search(str(row[name])) is not None
        if self._has("word", "in"):
            self._take("sign", "[")
            values = self._list(self._value)
            self._take("sign", "]")
            return lambda row: row.get(name) in values
        sign, value = self._take("sign").text, self._value()
        return lambda row: _compare(row.get(name), sign, value)

    def _value(self) -> str | float:
        token = self._next()
        if token.kind == "number":
            return float(self._take("number").text)
        return self._take("text").text[1:-1]

    def _parse(self) -> Callable[[list[Row]], list[Row]]:
        field, pattern = self._name(), _regex(self._take("regex").text)
        if not pattern.groupindex:
            raise NotModelled("parse needs a named group")

        def parsed(row: Row) -> Row:
            found = pattern.search(str(row[field])) if field in row else None
            return {**row, **(found.groupdict() if found else {})}

        return lambda rows: [parsed(row) for row in rows]

    def _stats(self) -> Callable[[list[Row]], list[Row]]:
        columns: list[tuple[str, Callable[[list[Row]], Any]]] = self._list(self._aggregate)
        self._take("word", "by")
        keys: list[tuple[str, Callable[[Row], Any]]] = self._list(self._key)

        def grouped(rows: list[Row]) -> list[Row]:
            groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
            for row in rows:
                groups[tuple(key(row) for _, key in keys)].append(row)
            return [
                {
                    **dict(zip((name for name, _ in keys), found, strict=True)),
                    **{name: column(members) for name, column in columns},
                }
                for found, members in groups.items()
            ]

        return grouped

    def _aggregate(self) -> tuple[str, Callable[[list[Row]], Any]]:
        function = self._name()
        self._take("sign", "(")
        column: Callable[[list[Row]], Any]
        if function == "count":
            self._take("sign", "*")
            column = len
        elif function == "count_distinct":
            column = _distinct(self._name())
        elif function == "pct":
            field = self._name()
            self._take("sign", ",")
            column = _percentile(field, float(self._take("number").text))
        else:
            raise NotModelled(f"the function {function} is not known here")
        self._take("sign", ")")
        self._take("word", "as")
        return self._name(), column

    def _key(self) -> tuple[str, Callable[[Row], Any]]:
        name = self._name()
        if not self._has("sign", "("):
            return name, lambda row: row.get(name)
        if name != "bin":
            raise NotModelled(f"the function {name} is not known here")
        period = self._take("period").text
        self._take("sign", ")")
        seconds = int(period[:-1]) * _SECONDS[period[-1]]
        return f"bin({period})", lambda row: _floor(row["@timestamp"], seconds)

    def _sort(self) -> Callable[[list[Row]], list[Row]]:
        field = self._name()
        self._take("word", "desc")
        return lambda rows: sorted(rows, key=lambda row: row[field], reverse=True)

    def _limit(self) -> Callable[[list[Row]], list[Row]]:
        most = int(self._take("number").text)
        return lambda rows: rows[:most]


def _regex(text: str) -> re.Pattern[str]:
    pattern = text[1:-1]
    if re.search(r"\(\?(?:[=!]|<[=!])", pattern):
        raise NotModelled(f"look-around is not known here: {pattern}")
    return re.compile(pattern.replace("(?<", "(?P<"))


def _compare(found: Any, sign: str, value: str | float) -> bool:
    if found is None:
        return False
    if sign in ("=", "!="):
        return bool((found == value) == (sign == "="))
    if isinstance(found, str) or isinstance(value, str):
        raise NotModelled(f"the order of {found!r} and {value!r} is not documented")
    orders = {"<": found < value, "<=": found <= value, ">": found > value, ">=": found >= value}
    return bool(orders[sign])


def _distinct(field: str) -> Callable[[list[Row]], int]:
    return lambda rows: len({row[field] for row in rows if field in row})


def _percentile(field: str, percent: float) -> Callable[[list[Row]], Any]:
    def column(rows: list[Row]) -> Any:
        values = sorted(row[field] for row in rows if field in row)
        return values[max(0, math.ceil(len(values) * percent / 100) - 1)] if values else None

    return column


def _floor(at: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, tz=UTC)
