"""Chromium, driven by one Node.js process (`driver.mjs`): one page for each story."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.e2e.browser.site import Site
from tests.e2e.deployment import Deployment
from tests.e2e.story import Person, Report

_FOLDER = Path(__file__).parent
_NODE = Path(sys.executable).parent / "node"
_START_SECONDS = 90
"""The first start unpacks the browser."""
_ANSWER_SECONDS = 70
"""More than the driver gives a job."""
_END_SECONDS = 15

OTHER_BROWSER = "CHROMIUM"
"""Variable that names another Chromium program. Default: - the one that the npm packages carry."""


class BrowserError(Exception):
    """The browser does not start, or a page came to no end. One line."""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A story as a page told it."""

    reports: tuple[Report, ...]
    """One for each step, in order."""
    shown: str
    """The text that a user sees on the page afterwards."""
    complaints: str
    """What the browser wrote to its console."""

    @property
    def errors(self) -> list[str | None]:
        """Name of each step's error; None for a step that succeeded."""
        return [report.get("error_name") for report in self.reports]


class Browser:
    """A browser that is up."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._jobs: IO[str] = process.stdin
        self._lines: queue.Queue[str] = queue.Queue()
        # Ends with the process, whose output it reads.
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), name="browser", daemon=True)
        self._reader.start()

    def tell(
        self,
        client: str,
        *,
        origin: str,
        deployment: Deployment,
        person: Person,
        steps: tuple[str, ...],
    ) -> Telling:
        """Open a page of `origin` in which the client takes the steps.

        Raises:
            BrowserError: the page failed, which is something else than a step that fails.
        """
        config = deployment.as_config() | person.as_config() | {"steps": steps}
        # A driver that has ended is told of below.
        with suppress(BrokenPipeError):
            self._jobs.write(json.dumps({"url": f"{origin}/page.html?client={client}", **config}) + "\n")
            self._jobs.flush()
        reports: list[Report] = []
        while "finished" not in (line := self.next_line(_ANSWER_SECONDS)):
            reports.append(line)
        if not line["finished"]:
            raise BrowserError(f"{client} in Chromium: {line['reason']}")
        return Telling(reports=tuple(reports), shown=line["shown"], complaints="\n".join(line["console"]))

    def next_line(self, seconds: float) -> Mapping[str, Any]:
        """What the driver says next. Raises BrowserError when it ended, or says nothing in time."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise BrowserError(f"the browser's driver said nothing for {seconds:g} seconds") from None
        if not line:
            self._lines.put(line)
            raise BrowserError("the browser's driver has ended")
        said: dict[str, Any] = json.loads(line)
        return said

    def close(self) -> None:
        """End the browser, and its driver with it."""
        with suppress(BrokenPipeError):
            self._jobs.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_END_SECONDS)

    def _read(self, output: IO[str]) -> None:
        with output:
            for line in output:
                self._lines.put(line)
        self._lines.put("")


@contextmanager
def open_browser(site: Site, *, log_file: Path) -> Iterator[Browser]:
    """Put the pages into the site's folder and start the browser; both end with the block.

    `log_file` takes what the driver writes to stderr; its folder is the browser's home.
    Raises BrowserError with the reason when nothing starts.
    """
    # No credentials, no proxies, no options of the caller's, and nothing of his home folder.
    environment = {"PATH": os.defpath, "HOME": str(log_file.parent)}
    if OTHER_BROWSER in os.environ:
        environment[OTHER_BROWSER] = os.environ[OTHER_BROWSER]
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(_NODE), "driver.mjs", str(site.folder)],
            cwd=_FOLDER,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    browser = Browser(process)
    try:
        _await_start(browser, log_file)
        yield browser
    finally:
        browser.close()


def _await_start(browser: Browser, log_file: Path) -> None:
    try:
        browser.next_line(_START_SECONDS)
    except BrowserError as error:
        raise BrowserError(f"Chromium does not start: {_reason(log_file) or error}") from None


def _reason(log_file: Path) -> str:
    """The driver's only line; of a stack trace of Node.js, the one that names the error."""
    lines = [line for line in log_file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return next((line for line in lines if "Error: " in line), lines[-1] if lines else "")
