"""Runs several operations at once, one step at a time, in an order that a test chooses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.list_edits.memory_stores import Crash

_SECONDS = 10


@dataclass
class Interleaving:
    """Each operation runs in a thread of its own and waits before each step until it is its turn.

    `choices` says whose turn it is (modulo those that wait); afterwards the first that waits goes on. `crash` is an
    operation and the number of its step before which it dies.
    """

    choices: Iterable[int] = ()
    crash: tuple[int, int] | None = None
    _me: threading.local = field(default_factory=threading.local)

    def step(self, _name: str = "") -> None:
        """Wait for one's turn; outside of an operation it is always one's turn."""
        runner: _Runner | None = getattr(self._me, "runner", None)
        if runner is not None:
            runner.pause()

    def run(self, operations: list[Callable[[], object]]) -> list[int]:
        """Run them to their ends. Gives the numbers of those that died of the crash; other errors are raised."""
        runners = [
            _Runner(operation, self._me, self.crash[1] if self.crash and self.crash[0] == number else None)
            for number, operation in enumerate(operations)
        ]
        choices = iter(self.choices)
        for runner in runners:
            runner.start()
        while waiting := [runner for runner in runners if not runner.done]:
            waiting[next(choices, 0) % len(waiting)].go()
        for runner in runners:
            runner.thread.join(_SECONDS)
            if runner.error is not None and not isinstance(runner.error, Crash):
                raise runner.error
        return [number for number, runner in enumerate(runners) if runner.error is not None]


class _Runner:
    def __init__(self, operation: Callable[[], object], me: threading.local, crash_before: int | None) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.done = False
        self.error: BaseException | None = None
        self._operation = operation
        self._me = me
        self._crash_before = crash_before
        self._steps = 0
        self._may_go = threading.Semaphore(0)
        self._waits = threading.Semaphore(0)

    def start(self) -> None:
        self.thread.start()
        assert self._waits.acquire(timeout=_SECONDS)

    def go(self) -> None:
        self._may_go.release()
        assert self._waits.acquire(timeout=_SECONDS)

    def pause(self) -> None:
        if self._steps == self._crash_before:
            raise Crash
        self._steps += 1
        self._waits.release()
        assert self._may_go.acquire(timeout=_SECONDS)

    def _run(self) -> None:
        self._me.runner = self
        try:
            self._operation()
        except BaseException as error:
            self.error = error
        self.done = True
        self._waits.release()


def cycle(numbers: list[int]) -> Iterator[int]:
    """The same order again and again."""
    while numbers:
        yield from numbers
