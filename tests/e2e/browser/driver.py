"""A Node.js process with a browser in it: takes jobs as JSON lines, and answers in JSON lines."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Self

_FOLDER = Path(__file__).parent
_NODE = Path(sys.executable).parent / "node"
_START_SECONDS = 90
"""The first start unpacks the browser."""
_END_SECONDS = 15

OTHER_BROWSER = "CHROMIUM"
"""Variable that names another Chromium program. Default: - the one that the npm packages carry."""


class BrowserError(Exception):
    """The browser does not start, or a page came to no end. One line."""


class Driver:
    """A process that is up."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._jobs: IO[str] = process.stdin
        self._lines: queue.Queue[str] = queue.Queue()
        # Ends with the process, whose output it reads.
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), name="browser", daemon=True)
        self._reader.start()

    @classmethod
    @contextmanager
    def started(cls, script: str, arguments: Sequence[str] = (), *, log_file: Path) -> Iterator[Self]:
        """Start one of the scripts beside this file; it ends with the block.

        `log_file` takes what it writes to stderr; its folder is the browser's home.
        Raises BrowserError with the reason when nothing starts.
        """
        # No credentials, no proxies, no options of the caller's, and nothing of his home folder.
        environment = {"PATH": os.defpath, "HOME": str(log_file.parent)}
        if OTHER_BROWSER in os.environ:
            environment[OTHER_BROWSER] = os.environ[OTHER_BROWSER]
        with log_file.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [str(_NODE), script, *arguments],
                cwd=_FOLDER,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        driver = cls(process)
        try:
            _await_start(driver, log_file)
            yield driver
        finally:
            driver.close()

    def write(self, job: Mapping[str, Any]) -> None:
        """Give it a job. A driver that has ended is told of by `next_line`."""
        with suppress(BrokenPipeError):
            self._jobs.write(json.dumps(job) + "\n")
            self._jobs.flush()

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


def _await_start(driver: Driver, log_file: Path) -> None:
    try:
        driver.next_line(_START_SECONDS)
    except BrowserError as error:
        raise BrowserError(f"Chromium does not start: {_reason(log_file) or error}") from None


def _reason(log_file: Path) -> str:
    """The driver's only line; of a stack trace of Node.js, the one that names the error."""
    lines = [line for line in log_file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return next((line for line in lines if "Error: " in line), lines[-1] if lines else "")
