"""Running code of a user's own for a bounded time, whatever it does.

A thread cannot be killed. So foreign code runs in a worker thread, and the call waits for it only as long as it may.
What comes too late is dropped, and its worker ends as soon as the code gives it back. Until then it is stuck: at most
`MAX_STUCK` are, and while there are so many no code is run at all. A stuck worker takes processor time of later calls;
between calls it is frozen with the function. Code that keeps Python's global lock (a C extension) stops everything.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

MAX_STUCK = 4
"""Workers that may be stuck at the same time."""


class NoResult(Exception):
    """The code did not come to its end, or ended with an exception. The message holds nothing of the code's own but
    the name of the exception's type: its text could hold anything."""


class Workers:
    """Threads that wait for work. Usually there is one; safe to use from several threads."""

    def __init__(self) -> None:
        self._idle: deque[_Worker] = deque()
        self._stuck: list[_Worker] = []
        self._lock = threading.Lock()

    def run(self, function: Callable[..., object], *arguments: object, seconds: float) -> Any:
        """What the function gives.

        Raises:
            NoResult: it raised, whatever it was (`SystemExit`, too), took longer, or too many are stuck.
        """
        if seconds <= 0:
            raise NoResult("no time left")
        worker = self._take()
        job = _Job(function, arguments)
        worker.jobs.put(job)
        if not job.done.acquire(timeout=seconds):
            self._give_up(worker)
            raise NoResult("overran its time")
        self._idle.append(worker)
        if job.failure is not None:
            raise NoResult(f"raised {job.failure}")
        return job.result

    def close(self) -> None:
        """Let those that wait for work end."""
        while self._idle:
            self._idle.pop().jobs.put(None)

    def _take(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        with self._lock:
            self._stuck = [worker for worker in self._stuck if worker.thread.is_alive()]
            if len(self._stuck) >= MAX_STUCK:
                raise NoResult("was not run, since earlier runs never ended")
        return _Worker()

    def _give_up(self, worker: _Worker) -> None:
        worker.jobs.put(None)  # it ends when it comes to this
        with self._lock:
            self._stuck.append(worker)


class _Job:
    """A function to run, and what came of it."""

    __slots__ = ("arguments", "done", "failure", "function", "result")

    def __init__(self, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
        self.function = function
        self.arguments = arguments
        self.result: Any = None
        self.failure: str | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def run(self) -> None:
        try:
            self.result = self.function(*self.arguments)
        except BaseException as error:  # SystemExit ends a guard's run, never the function
            self.failure = name_of(type(error))
        finally:
            self.done.release()


class _Worker:
    """A thread that runs one job after the other until it is given None."""

    __slots__ = ("jobs", "thread")

    def __init__(self) -> None:
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()
        # A daemon: one that is stuck must not keep the process from ending.
        self.thread = threading.Thread(target=_work, args=(self.jobs,), name="guard", daemon=True)
        self.thread.start()


def _work(jobs: SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job.run()
        del job  # what a guard was shown does not wait here for the next call


def name_of(kind: type) -> str:
    """A type's name for the log, as far as it is one."""
    name = kind.__name__
    return name[:64] if name.isidentifier() and name.isascii() else "an unnamed exception"
