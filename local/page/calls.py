"""What the side panel of the page is told of each call: the screen's line, and the redacted messages."""

import threading
from collections import deque
from itertools import pairwise
from typing import Any

from rich.text import Text

from local.screen.call_lines import line_of
from local.screen.exchanges import Exchange
from local.wire import exchange_rows

_CAPACITY = 200

_MARKS = {"bold green": "added", "dim": "removed"}
"""Style of a piece → what the page marks it as."""


class CallFeed:
    """The latest 200 calls, numbered from 1. Fill and read it from any thread.

    It holds what the screen shows and no more. The codes stay on the terminal.
    """

    def __init__(self) -> None:
        self._calls: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_CAPACITY)
        self._last = 0
        self._lock = threading.Lock()

    def take(self, exchange: Exchange) -> None:
        """Add a call; a browser's preflight tells nothing that the proxy changed."""
        if exchange.came.method == "OPTIONS":
            return
        told = _told(exchange)
        with self._lock:
            self._last += 1
            self._calls.append((self._last, told))

    def since(self, number: int) -> dict[str, Any]:
        """The calls after that number, oldest first, and the number of the last."""
        with self._lock:
            calls = [told for own, told in self._calls if own > number]
            return {"calls": calls, "last": self._last}


def _told(exchange: Exchange) -> dict[str, Any]:
    line = line_of(exchange)
    sent, passed_on = (None, exchange.came) if exchange.direct else (exchange.came, exchange.went_on)
    return {
        "time": line.time,
        "subject": line.subject,
        "what": line.what,
        "status": line.status,
        "milliseconds": line.milliseconds,
        # A screen reader reads the word.
        "wire": [
            {"label": label.replace("→", "to"), "pieces": _pieces(content)}
            for label, content in exchange_rows(sent, passed_on)
        ],
    }


def _pieces(content: Text) -> list[dict[str, str]]:
    """The text in pieces of one style; the spans of these texts do not overlap."""
    bounds = sorted({0, len(content), *(end for span in content.spans for end in (span.start, span.end))})
    styles = {span.start: str(span.style) for span in content.spans if span.end > span.start}
    return [
        {"text": content.plain[start:end], "mark": _MARKS.get(styles.get(start, ""), "")}
        for start, end in pairwise(bounds)
    ]
