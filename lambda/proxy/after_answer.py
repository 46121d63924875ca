"""Work that is done after the answer was handed back, and before Lambda freezes the function.

A frozen function runs no thread: "Even if you create a thread for running a task in the background, the Lambda service
freezes the runtime environment once the handler returns, causing the thread to freeze until the next invocation", which
may never come. What Lambda waits for is an extension. This is an internal one: a thread of the function's own process
that registers for INVOKE, and with each `next` says that it is done with the call before. Lambda freezes "when the
runtime and each extension have completed", and hands the answer back "as soon as the function code is complete without
waiting for the included extensions to finish".

- https://aws.amazon.com/blogs/compute/running-code-after-returning-a-response-from-an-aws-lambda-function/
- https://aws.amazon.com/blogs/compute/performance-and-functionality-improvements-for-aws-lambda-extensions/
- https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (phases, time-outs, what is billed)
- https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html (register, next)

Where there is no Extensions API (an emulator, a test) or it refuses us, the work is done at once, before the answer: it
is slower, and nothing is lost. docs/decisions/0013-after-the-answer.md has the whole story.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from os import environ
from queue import Empty, SimpleQueue
from typing import NamedTuple

from proxy.call import Call
from proxy.connection import ConnectionFailed, Endpoint
from proxy.output import write_counts

MAX_SECONDS = 4.0
"""That the work of one call may take, after the answer or before it. Meanwhile this function takes no other call."""

MAX_WAITING = 16
"""Pieces of work of one call; those beyond it are dropped, and counted."""

_RESERVE_SECONDS = 0.3
"""Before the function's own end: Lambda's time-out counts extensions in, and would throw the whole environment away."""

_PAUSE_SECONDS = 0.002
"""Left to the runtime to send the answer off before anything else is done, be it to say that there is nothing to do:
both share one interpreter, and often less than one processor. docs/measurements.md has what it is good for."""

_REGISTER_SECONDS = 1.0
_FOREVER_SECONDS = 7 * 24 * 3600.0
"""`next` answers when the next call comes ("do not set a timeout on the GET call, as the extension can be suspended for
a period of time until there is an event to return"). No environment lives as long."""

_API = "/2020-01-01/extension"
_NAME = "cognito-proxy"


class Report(NamedTuple):
    """How work says what went wrong with it."""

    add: Callable[[str], None]
    """Count one more of a name in `proxy.metrics.COUNTED`."""
    problem: Callable[[str], None]
    """What an operator must know: a fixed text or a type of error."""


Work = Callable[[Report, float], None]
"""Is called with a report and with a deadline in seconds of `time.monotonic()`, which may have passed: then it has to
say what it could not do. It runs on a thread of its own, one piece after the other."""


class _Turn(NamedTuple):
    """What one call leaves to be done; without work, too, since the extension waits for each call."""

    invocation: str
    waiting: deque[Work]


class AfterAnswer:
    """One lives as long as the execution environment does."""

    def __init__(self) -> None:
        """Not yet started: work is done at once."""
        self._waiting: deque[Work] = deque()
        self._turns: SimpleQueue[_Turn] = SimpleQueue()
        self._extension: _Extension | None = None

    def start(self) -> None:
        """Register with Lambda, which is possible in the INIT phase only; where it is not, all stays as it is.

        From here on each call of the function must end with `release`.
        """
        api = environ.get("AWS_LAMBDA_RUNTIME_API")
        if not api:
            return
        extension = _Extension(api)
        try:
            extension.register()
        except (ConnectionFailed, ValueError):
            extension.close()
            return
        self._extension = extension
        threading.Thread(target=self._run, args=(extension,), name="after the answer", daemon=True).start()

    @property
    def is_after(self) -> bool:
        """Whether work is done after the answer, and not before."""
        return self._extension is not None

    def do(self, work: Work, call: Call, *, lost: str, deadline: float) -> None:
        """Have a piece of work done, after the answer where that is possible, else now.

        Args:
            work: what to do.
            call: takes the report of what is done now, before its line is written.
            lost: what to count where there is no place for it; a name in `proxy.metrics.COUNTED`.
            deadline: the answer's, for what is done now.
        """
        if self._extension is None:
            work(Report(call.count, call.problems.append), min(deadline, time.monotonic() + MAX_SECONDS))
        elif len(self._waiting) < MAX_WAITING:
            self._waiting.append(work)
        else:
            call.count(lost)
            call.problems.append("after the answer: no place for more work")

    def release(self, invocation: str) -> None:
        """The answer is ready: what waits may be done. `invocation` is Lambda's own id of it."""
        if self._extension is not None or self._waiting:
            waiting, self._waiting = self._waiting, deque()
            self._turns.put(_Turn(invocation, waiting))
            if self._extension is None:  # it ended since the work came in
                self._finish()

    def _run(self, extension: _Extension) -> None:
        """The thread: wait for a call, for its answer, work, and say so. It ends only where Lambda does not answer."""
        try:
            while True:
                invocation, ends = extension.next()
                self._work_until(invocation, ends - _RESERVE_SECONDS)
        except Exception as error:
            self._extension = None  # from now on, before the answer
            _report({}, [f"after the answer: the extension ended ({type(error).__name__})"])
            self._finish()
        finally:
            extension.close()

    def _work_until(self, invocation: str, ends: float) -> None:
        """Work off the turns up to the one of this call; what an earlier call left is done on the way."""
        while True:
            try:
                turn = self._turns.get(timeout=max(0.0, ends - time.monotonic()))
            except Empty:  # the handler overran: Lambda is about to end all of this
                return
            time.sleep(_PAUSE_SECONDS)
            if turn.waiting:
                _work_off(turn.waiting, min(ends, time.monotonic() + MAX_SECONDS))
            if turn.invocation == invocation:
                return

    def _finish(self) -> None:
        """Work off what is there without an extension; both threads may come here."""
        with contextlib.suppress(Empty):
            while True:
                _work_off(self._turns.get_nowait().waiting, time.monotonic() + MAX_SECONDS)


def _work_off(waiting: deque[Work], deadline: float) -> None:
    counts: dict[str, int] = {}
    problems: list[str] = []

    def count(name: str) -> None:
        counts[name] = counts.get(name, 0) + 1

    for work in waiting:
        try:
            work(Report(count, problems.append), deadline)
        except Exception as error:  # a fault of ours costs the other work nothing
            problems.append(f"after the answer: unexpected {type(error).__name__}")
    if counts or problems:
        _report(counts, problems)


def _report(counts: dict[str, int], problems: list[str]) -> None:
    write_counts("regional", counts, problems)


class _Extension:
    """What Lambda's Extensions API takes of an internal extension."""

    def __init__(self, api: str) -> None:
        """`api`: host and port.

        Raises:
            ValueError: it is no such.
        """
        self._endpoint = Endpoint(f"http://{api}")
        self._id = ""

    def register(self) -> None:
        """For INVOKE alone: for SHUTDOWN Lambda takes external extensions only.

        Raises:
            ConnectionFailed: it did not work, whatever the cause.
        """
        response = self._endpoint.post(
            {"Lambda-Extension-Name": _NAME, "content-type": "application/json"},
            b'{"events":["INVOKE"]}',
            deadline=time.monotonic() + _REGISTER_SECONDS,
            path=f"{_API}/register",
        )
        self._id = response.headers.get("lambda-extension-identifier", "")
        if response.status != 200 or not self._id:
            raise ConnectionFailed("the extension was not registered")

    def next(self) -> tuple[str, float]:
        """Say that this extension is done, and wait for the next call.

        Returns:
            Lambda's id of the call, and when Lambda ends it in seconds of `time.monotonic()`.

        Raises:
            ConnectionFailed, ValueError, KeyError, TypeError: no event came back.
        """
        response = self._endpoint.get(
            {"Lambda-Extension-Identifier": self._id},
            deadline=time.monotonic() + _FOREVER_SECONDS,
            path=f"{_API}/event/next",
        )
        if response.status != 200:
            raise ConnectionFailed("no event")
        event = json.loads(response.body)
        return str(event["requestId"]), time.monotonic() + event["deadlineMs"] / 1000 - time.time()

    def close(self) -> None:
        """Close the connection."""
        self._endpoint.close()
