"""What a signal does, and what it does not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from local import stopping
from local.paths import ROOT
from local.stopping import SIGNALS, Stopped


@pytest.fixture
def heeding() -> Iterator[None]:
    """Signals are heeded, and this process's own handlers come back."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    stopping.heed_signals()
    yield
    stopping.heed_signals()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_nothing_stops_without_a_signal(heeding: None) -> None:
    stopping.checkpoint()
    stopping.pause(0)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_only_takes_a_note_however_often_it_comes(heeding: None, number: signal.Signals) -> None:
    for _ in range(3):
        os.kill(os.getpid(), number)
    with pytest.raises(Stopped):
        stopping.checkpoint()
    with pytest.raises(Stopped):
        stopping.checkpoint()


def test_a_pause_ends_with_the_note(heeding: None) -> None:
    signal.signal(signal.SIGALRM, lambda *_: stopping.request())
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    with pytest.raises(Stopped):
        stopping.pause(0.05)


def test_stopping_is_none_of_the_errors_that_a_library_may_swallow() -> None:
    assert not issubclass(Stopped, Exception)


def test_a_signal_is_heeded_before_the_long_imports() -> None:
    """Otherwise Ctrl-C in the first second would show a traceback out of somebody's module."""
    program = "import sys, local, local.stopping; print([m for m in ('aiohttp', 'boto3', 'rich') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_signal_during_the_imports_ends_it_without_a_word() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _STOPPED_WHILE_IMPORTING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    started = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "READY" not in out
    assert time.monotonic() - started < 30


# The signal comes with the first module that only the command needs.
_STOPPED_WHILE_IMPORTING = """
import os, runpy, signal, sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "local.command":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
sys.argv = ["local"]
runpy.run_module("local", run_name="__main__")
"""
