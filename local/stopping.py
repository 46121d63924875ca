"""Ctrl-C, SIGTERM and SIGHUP (a closed terminal): noted at once, heeded where nothing is half done.

An exception out of a signal handler can strike anywhere: between the start of a process and the line that remembers
its id, or in a finalizer, where Python prints it and forgets it. So the handler takes a note and nothing else, however
often it is called. `checkpoint` and `pause`, which stand wherever a run waits, turn the note into `Stopped`; from there
on everything ends in order, and nothing interrupts that.
"""

import signal
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody wants the run to end. Unwinds like an exception, so that everything ends in order."""


class _Note:
    taken = False


def heed_signals() -> None:
    """From now on `checkpoint` knows of signals. For the main thread of a program that runs nothing else."""
    _Note.taken = False
    for number in SIGNALS:
        signal.signal(number, _take_note)


def request() -> None:
    """Do what a signal does."""
    _Note.taken = True


def checkpoint() -> None:
    """Raises Stopped when a signal has come. Without `heed_signals` none ever has."""
    if _Note.taken:
        raise Stopped


def pause(seconds: float) -> None:
    """Sleep, and raise Stopped when a signal has come by then. For short waits: it does not wake up early."""
    checkpoint()
    time.sleep(seconds)
    checkpoint()


def _take_note(_number: int, _frame: FrameType | None) -> None:
    request()
