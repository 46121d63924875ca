"""Shows, redacted, what went over the wire: what the client sent, and what the proxy made of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from local.screen.exchanges import member
from local.simulators.common.journal import Call
from local.simulators.common.redaction import REDACTED

_TOLD = frozenset({"AuthFlow", "ChallengeName", "IpAddress", "ServerName", "ServerPath", "USERNAME", "Username"})
"""Members whose value helps a reader; the others' names say enough."""

_MOVED = {"RefreshToken": ("AuthParameters", "REFRESH_TOKEN"), "DeviceKey": ("AuthParameters", "DEVICE_KEY")}
"""Members of GetTokensFromRefreshToken, and where the client's InitiateAuth has their values."""

_ADDED = "bold green"
_REMOVED = "dim"
_Piece = str | tuple[str, str]


def wire_table(viewer: Sequence[Call], cognito: Sequence[Call]) -> Table:
    """Three rows for each exchange: the client's request, what the proxy sent on, and the answer."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for index in range(max(len(viewer), len(cognito))):
        sent = viewer[index] if index < len(viewer) else None
        passed_on = cognito[index] if index < len(cognito) else None
        for label, content in exchange_rows(sent, passed_on):
            table.add_row(Text(f"    {label}", style="dim"), content)
    return table


def shape(calls: Sequence[Call]) -> object:
    """Equal for calls that look alike in the table."""
    return [(call.operation, str(call.body), call.status, call.error_type) for call in calls]


def exchange_rows(sent: Call | None, passed_on: Call | None) -> Iterator[tuple[str, Text]]:
    """Label and content: the client's request, what the proxy sent on, and the answer."""
    if sent:
        yield "client → proxy", _request(sent, sent)
    if passed_on:
        yield ("proxy → Cognito" if sent else "client → Cognito"), _request(sent or passed_on, passed_on)
    answered = passed_on or sent
    if answered:
        yield "answer", _answer(answered)


def _request(before: Call, call: Call) -> Text:
    renamed = call.operation != before.operation
    return Text.assemble(
        (call.operation or call.method, _ADDED if renamed else "cyan"),
        (" <signed>", _ADDED) if call.signed and not before.signed else "",
        " ",
        *_document(before.body, call.body),
    )


def _answer(call: Call) -> Text:
    if call.error_type:
        return Text.assemble((f"{call.status} {call.error_type}", "yellow"))
    return Text.assemble(f"{call.status} ", *_document(call.answer, call.answer))


def _document(before: Any, after: Any) -> Iterator[_Piece]:
    """The members of `after`; what `before` has not is marked as added, what it alone has as removed."""
    if not isinstance(after, dict):
        yield "…"
        return
    known = before if isinstance(before, dict) else {}
    yield "{"
    for index, name in enumerate([*after, *(name for name in known if name not in after)]):
        yield ", " if index else ""
        if name not in after:
            yield (f"{name} <removed>", _REMOVED)
        elif name not in known and member(before, *_MOVED.get(name, ())):
            yield f"{name} <moved>"
        elif name not in known:
            yield (f"{name} <added>", _ADDED)
            if isinstance(after[name], dict):
                yield " "
                yield from _document(after[name], after[name])
        else:
            yield from _member(name, known[name], after[name])
    yield "}"


def _member(name: str, before: Any, after: Any) -> Iterator[_Piece]:
    yield name
    if isinstance(after, dict):
        yield " "
        yield from _document(before, after)
    elif name in _TOLD and after != REDACTED:
        yield f"={after}"
