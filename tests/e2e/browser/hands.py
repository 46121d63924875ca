"""A person at a page in Chromium (`hands.mjs`): types, clicks, looks."""

from pathlib import Path
from typing import Any

from tests.e2e.browser.driver import BrowserError, Driver

_ANSWER_SECONDS = 60
"""More than the page's own waiting."""

SERIOUS = ("serious", "critical")
"""Impacts of axe-core's findings that keep people out."""


class Hands(Driver):
    """One page at a time. What is looked for is waited for; BrowserError says what was not there."""

    def do(self, job: str, **details: Any) -> Any:
        """Have something done. Gives what there is to tell of it."""
        self.write({"do": job, **details})
        answer = self.next_line(_ANSWER_SECONDS)
        if not answer["ok"]:
            raise BrowserError(f"{job} {details.get('name') or details.get('text') or ''}: {answer['reason']}")
        return answer["value"]

    def open(self, url: str, **size: int) -> None:
        """Open a page in a browser that remembers nothing."""
        self.do("open", url=url, **size)

    def enter(self, label: str, value: str) -> None:
        """Enter a value into the field of this label."""
        self.do("fill", label=label, value=value)

    def click(self, name: str) -> None:
        """Press the button of this name."""
        self.do("click", name=name)

    def at(self, heading: str) -> str:
        """Wait for the view of this heading. Gives what has the focus."""
        return str(self.do("heading", text=heading))

    def sees(self, selector: str, text: str) -> None:
        """Wait for an element that holds the text."""
        self.do("has", selector=selector, text=text)

    def text(self, selector: str) -> str:
        """What an element says."""
        return str(self.do("text", selector=selector))

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.do("press", key=key)

    def focused(self) -> str:
        """Tag and label of what has the focus."""
        return str(self.do("focused"))

    def barriers(self) -> list[str]:
        """axe-core's findings of serious or above."""
        findings: list[str] = self.do("findings")
        return [finding for finding in findings if finding.split()[0] in SERIOUS]

    def overflow(self) -> int:
        """How many pixels one would have to scroll sideways."""
        return int(self.do("overflow"))

    def picture(self, path: Path, *, of: str, hidden: tuple[str, ...] = ()) -> None:
        """Take a picture of an element; what is `hidden` is painted over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.do("picture", path=str(path), of=of, hidden=hidden)
