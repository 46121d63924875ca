"""`cognito-proxy top`: who is behind a spike?"""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cognito_proxy.cli.aws import Aws, AwsError, as_command_error, explained
from cognito_proxy.cli.errors import NOT_ALL_REACHED, CommandError, WrongUsage
from cognito_proxy.cli.local_run import find_local_run
from cognito_proxy.cli.options import Json, Local, Region, Stack, target
from cognito_proxy.cli.times import iso, seconds_of
from cognito_proxy.smoke.stack import NoSuchStack
from cognito_proxy.smoke.target import NotAProxy, Target, local_target, stack_target
from cognito_proxy.top.last import keep, proxy_key
from cognito_proxy.top.look import Answer, NothingToAsk, Seen, look
from cognito_proxy.top.places import Places, find_places
from cognito_proxy.top.questions import Kind, Subject
from cognito_proxy.top.running import MOST_ROWS, Window

_LONGEST_WINDOW_DAYS = 30
_MOST_SECONDS = 900
_WIDTH_OF_FILES = 240
_HASHES = frozenset({Kind.ADDRESS_HASH, Kind.PREFIX_HASH, Kind.USERNAME_HASH})

Who = Annotated[Subject, typer.Argument(help="Who is looked for.", show_default=True)]
Since = Annotated[str, typer.Option(metavar="TIME", help="How far back: 30m, 1h, 7d; up to 30d.")]
Most = Annotated[int, typer.Option(metavar="N", min=1, max=MOST_ROWS, help="How many rows to show.")]
Timeout = Annotated[
    int, typer.Option(metavar="SECONDS", min=5, max=_MOST_SECONDS, help="Stop queries that take longer.")
]


def top(
    context: typer.Context,
    subject: Who = Subject.ADDRESSES,
    *,
    since: Since = "1h",
    most: Most = 20,
    timeout: Timeout = 120,
    stack: Stack = None,
    region: Region = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Name who is behind a spike, by the saved queries over the proxy's logs. Changes nothing.

    What it read is charged by AWS; it says how much that was. `cognito-proxy ip block --from-top N` blocks the first N
    rows, and `--row N` one of them.
    """
    until = datetime.now(tz=UTC).replace(microsecond=0)
    window = Window(since=until - timedelta(seconds=_window_seconds(since)), until=until)
    meant = target(context, stack=stack, region=region, local=local)
    proxy = _proxy(meant.aws, meant.stack, local=local)
    clients = meant.aws.client
    places = find_places(clients, proxy)
    try:
        with _progress(silent=as_json) as progress:
            answer = look(clients, places, subject, window=window, most=most, seconds=float(timeout), progress=progress)
    except NothingToAsk as error:
        raise CommandError(str(error)) from None
    if not answer.asked and answer.problems:
        name, problem = answer.problems[0]
        raise as_command_error(problem) if isinstance(problem, AwsError) else CommandError(f"{name}: {problem}")
    _remember(answer, proxy)
    _tell(answer, places, as_json=as_json)


def _window_seconds(since: str) -> int:
    return seconds_of(since, option="--since", longest_days=_LONGEST_WINDOW_DAYS)


def _proxy(aws: Aws, stack: str | None, *, local: bool) -> Target:
    """The deployed proxy, with what its stack holds."""
    if stack is None:
        raise WrongUsage("give --stack, the proxy's CloudFormation stack, or --local")
    try:
        if local:
            return local_target(aws.client, find_local_run().file)
        if aws.region is None:
            raise WrongUsage("no Region; give --region or set AWS_REGION")
        return stack_target(aws.client, stack, region=aws.region)
    except (NoSuchStack, NotAProxy) as error:
        raise CommandError(str(error)) from None


@contextmanager
def _progress(*, silent: bool) -> Iterator[Callable[[Seen], None]]:
    """A line that changes, on a terminal only."""
    console = Console(stderr=True)
    if silent or not console.is_terminal:
        yield lambda _: None
        return
    with console.status("asking") as status:
        yield lambda seen: status.update(
            f"{seen.ended} of {seen.queries} queries ended, {size(seen.bytes_scanned)} read"
        )


def _remember(answer: Answer, proxy: Target) -> None:
    if proxy.stack is not None:
        key = proxy_key(stack=proxy.stack.name, region=proxy.stack.region, local=proxy.is_local)
        try:
            keep(answer, proxy=key, at=datetime.now(tz=UTC))
        except OSError as error:
            typer.echo(f"warning: {error.filename}: {error.strerror}; ip block cannot use these rows", err=True)


def _tell(answer: Answer, places: Places, *, as_json: bool) -> None:
    if as_json:
        typer.echo(_as_json(answer))
    elif answer.rows:
        console = Console()
        if not console.is_terminal:
            console.width = max(console.width, _WIDTH_OF_FILES)
        console.print(_as_table(answer))
    else:
        typer.echo(f"nobody is above the queries' thresholds since {iso(_seconds(answer.window.since))}")
    if not as_json:
        typer.echo(f"{len(answer.asked)} queries read {size(answer.bytes_scanned)}: {', '.join(answer.asked)}")
    for note in (*places.notes, *_hints(answer, places)):
        typer.echo(f"warning: {note}", err=True)
    for name, problem in answer.problems:
        words = explained(problem) if isinstance(problem, AwsError) else str(problem)
        typer.echo(f"warning: {name}: {words}", err=True)
    if answer.problems or places.notes:
        raise typer.Exit(NOT_ALL_REACHED)


def _hints(answer: Answer, places: Places) -> Iterator[str]:
    """What to do where all that is known are hashes."""
    blockable = answer.subject in (Subject.ADDRESSES, Subject.PREFIXES)
    if blockable and answer.rows and all(row.kind in _HASHES for row in answer.rows) and not places.plain:
        yield (
            "these rows are keyed hashes, which nobody can block; the firewall's log has addresses of what it stopped "
            "or counted, and log_plain=true logs them in the function's lines"
        )


def _as_table(answer: Answer) -> Table:
    since, until = answer.window.since, answer.window.until
    table = Table(title=f"{answer.subject.value}, {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC")
    for column in ("row", "who", "what it is", "why", "block"):
        table.add_column(column, overflow="fold")
    for number, row in enumerate(answer.rows, start=1):
        cells = (
            str(number),
            row.who,
            row.kind.value,
            "; ".join(finding.told for finding in row.findings),
            "yes" if row.block else "no",
        )
        # As text: a username is no markup.
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _as_json(answer: Answer) -> str:
    document = {
        "subject": answer.subject.value,
        "since": iso(_seconds(answer.window.since)),
        "until": iso(_seconds(answer.window.until)),
        "rows": [{"row": number, **row.fields} for number, row in enumerate(answer.rows, start=1)],
        "asked": list(answer.asked),
        "not_answered": [name for name, _ in answer.problems],
        "bytes_scanned": answer.bytes_scanned,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _seconds(moment: datetime) -> int:
    return math.floor(moment.timestamp())


def size(count: int) -> str:
    """Bytes, for people."""
    value, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.0f} bytes" if units[0] == "bytes" else f"{value:.1f} {units[0]}"
