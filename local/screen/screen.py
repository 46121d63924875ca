"""What `make local` shows: progress, then a line for each call. Colours on a terminal only, and none with NO_COLOR."""

import os
import select
import sys
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local import stopping
from local.screen.call_lines import CallLine, Tone, code_words, line_of
from local.screen.codes import sent_code
from local.screen.exchanges import Exchange

_MOST_WAITING = 1_000
_WIDEST = 120
_LOOK_SECONDS = 0.2

_STYLES = {Tone.GOOD: "green", Tone.QUIET: "dim", Tone.REFUSED: "yellow", Tone.DIRECT: "bold red"}


@dataclass(frozen=True)
class Aside:
    """A sentence that is no news to worry about."""

    text: str
    style: str = ""
    """Default: - dim, and below the times."""


class Screen:
    """Takes exchanges from any thread, and prints them in its own.

    A terminal may take its time (Ctrl-S, a pager): calls do not wait for it. Of more than 1,000 calls that wait to be
    shown, the latest are left out, and their number is told.
    """

    def __init__(self, *, file: IO[str] | None = None) -> None:
        self.is_user: Callable[[str], bool] = lambda _: True
        """Asked whether a name is a user's, where Cognito may only pretend that it is."""
        # https://no-color.org: any text that is not empty. Rich would keep bold and dim.
        plain = bool(os.environ.get("NO_COLOR"))
        self._console = _Console(
            file=file or sys.stdout, highlight=False, color_system=None if plain else "auto", no_color=plain
        )
        self._waiting: Queue[Exchange | Aside | CallLine | str] = Queue(_MOST_WAITING)
        self._left_out = 0

    def say(self, text: str, style: str = "") -> None:
        """Print a line, as long as it is: a terminal wraps it, and a copy of it is one line."""
        self._print(Text(text, style=style))

    def explain(self, label: str, text: str) -> None:
        """Print what something is; a terminal gets it wrapped between words."""
        content = Text.assemble((label, "bold"), ": " if label and text else "", text)
        if not self._console.is_terminal:
            self._print(content)
            return
        row = Table.grid(pad_edge=False)
        row.width = min(self._console.width, _WIDEST)
        row.add_column(overflow="fold")
        row.add_row(content)
        self._print(row)

    def tell(self, news: Exchange | Aside | CallLine | str) -> None:
        """Take a call of the proxy, one of something beside it, or a sentence about something else."""
        try:
            self._waiting.put_nowait(news)
        except Full:
            self._left_out += 1

    def show(self, *, seconds: float) -> None:
        """Print what comes next. Waits for it at most so long."""
        try:
            news = self._waiting.get(timeout=seconds)
        except Empty:
            return
        if isinstance(news, str):
            self.say(news, "bold red")
        elif isinstance(news, Aside):
            self.say(news.text if news.style else f"          {news.text}", news.style or "dim")
        elif isinstance(news, CallLine):
            self._print_line(news)
        else:
            self._show(news)
        if self._waiting.empty() and self._left_out:
            left_out, self._left_out = self._left_out, 0
            self.say(f"          {left_out} more calls, which came faster than they could be shown", "dim")

    def _show(self, exchange: Exchange) -> None:
        self._print_line(line_of(exchange))
        sent = sent_code(exchange, self.is_user)
        if sent is not None:
            self._print_code(exchange.time, code_words(sent), "bold cyan" if sent.code else "dim")

    def _print_line(self, line: CallLine) -> None:
        self._print(_row(line, self._console.width) if self._console.is_terminal else Text(line.plain))

    def _print_code(self, time: str, words: str, style: str) -> None:
        if not self._console.is_terminal:
            self.say(f"{time}  {words}")
            return
        row = _grid(self._console.width)
        row.add_column(ratio=1, overflow="fold", style=style)
        row.add_row(time, words)
        self._print(row)

    def farewell(self, text: str) -> None:
        """Print a last line, if somebody still reads."""
        if self._takes_more(seconds=0):
            self.say(text)

    def _print(self, content: Text | Table) -> None:
        while not self._takes_more(seconds=_LOOK_SECONDS):
            stopping.checkpoint()
        try:
            self._console.print(content, soft_wrap=isinstance(content, Text))
        except OSError:
            self._console.on_broken_pipe()

    def _takes_more(self, *, seconds: float) -> bool:
        """Whether a line can be written without waiting: to write where nobody reads would wait, and heed no signal.

        A pipe that is ready takes PIPE_BUF bytes (4,096 on Linux), and no line is that long (pipe(7)).
        """
        try:
            return bool(select.select([], [self._console.file], [], seconds)[1])
        except (OSError, ValueError):
            # No file of the system's, or closed: writing will tell.
            return True


class _Console(Console):
    """A console that ends the run when nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        """What is still to be printed goes nowhere; else Python complains at its end."""
        stopping.request()
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


def _grid(width: int) -> Table:
    """A row of a terminal that begins with the time; the other columns are to be added."""
    row = Table.grid(padding=(0, 2), pad_edge=False)
    row.width = min(width, _WIDEST)
    row.add_column(no_wrap=True, style="dim")
    return row


def _row(line: CallLine, width: int) -> Table:
    """The line as a terminal shows it: what is too long goes on below itself."""
    style = _STYLES[line.tone]
    row = _grid(width)
    row.add_column(ratio=1, overflow="fold")
    row.add_column(no_wrap=True, justify="right", style=style)
    row.add_column(no_wrap=True, justify="right", style="dim", min_width=7)
    what = Text.assemble((line.subject, "bold"), ": ", (line.what, style))
    row.add_row(line.time, what, str(line.status), f"{line.milliseconds} ms")
    return row
