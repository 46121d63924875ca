"""The screen of `make local`: a pipe, a terminal, and one that nobody reads."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from local import stopping
from local.paths import ROOT
from local.screen.screen import Screen
from local.stopping import Stopped
from tests.local.sample_calls import a_call, an_exchange

CALL = an_exchange(
    a_call("SignUp", {"Username": "alice"}),
    a_call("SignUp", {"Username": "alice", "SecretHash": "<redacted>"}, answer={"CodeDeliveryDetails": {"a": "b"}}),
)

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="pipes of a chosen size and /dev/full are Linux's")

SHOWS = """
from tests.local.screen.test_screen import CALL
from local.screen.screen import Screen
screen = Screen()
screen.say("READY http://127.0.0.1:1/")
screen.explain("Rates", "one " * 40)
screen.tell(CALL)
screen.show(seconds=1)
"""


def _on_a_terminal(columns: int, **environment: str) -> str:
    """What SHOWS writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": str(columns), **environment}
    done = subprocess.run(
        [sys.executable, "-c", SHOWS], cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, timeout=60, check=True
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        text = terminal.read(65_536).decode()
    assert done.returncode == 0
    return text


def test_in_a_pipe_each_call_is_one_plain_line() -> None:
    file = StringIO()
    screen = Screen(file=file)
    screen.tell(CALL)
    screen.show(seconds=0)
    assert file.getvalue().splitlines() == [
        "12:03:11  SignUp alice: secret hash added  200  12 ms",
        "12:03:11  code for alice: 123456 (sign-up; Cognito would send it by e-mail)",
    ]


def test_in_a_pipe_nothing_is_wrapped() -> None:
    file = StringIO()
    screen = Screen(file=file)
    screen.say("x" * 500)
    screen.explain("label", "word " * 100)
    assert len(file.getvalue().splitlines()) == 2


@pytest.mark.parametrize("columns", [80, 200])
def test_on_a_terminal_lines_are_as_wide_as_it_is(columns: int) -> None:
    text = _on_a_terminal(columns, NO_COLOR="1")
    lines = text.splitlines()
    assert lines[0] == "READY http://127.0.0.1:1/"
    assert all(len(line) <= columns for line in lines)
    (call,) = (line for line in lines if "secret hash added" in line)
    assert call.startswith("12:03:11  SignUp alice: secret hash added")
    assert call.split()[-3:] == ["200", "12", "ms"]


def test_colours_only_on_a_terminal_and_none_with_no_color() -> None:
    assert "\x1b[3" in _on_a_terminal(80)
    assert "\x1b[3" in _on_a_terminal(80, NO_COLOR="")
    assert "\x1b" not in _on_a_terminal(80, NO_COLOR="1")
    assert "\x1b" not in _on_a_terminal(80, TERM="dumb")


def test_what_a_client_sends_is_text_and_no_markup() -> None:
    file = StringIO()
    screen = Screen(file=file)
    screen.tell(an_exchange(a_call("SignUp", {"Username": "[bold]ada[/bold]"}, status=400)))
    screen.show(seconds=0)
    assert "[bold]ada[/bold]" in file.getvalue()


def test_asks_whether_there_is_such_a_user() -> None:
    file = StringIO()
    screen = Screen(file=file)
    screen.is_user = lambda name: name != "ghost"
    call = a_call("ForgotPassword", {"Username": "ghost"}, answer={"CodeDeliveryDetails": {"a": "b"}})
    screen.tell(an_exchange(call, call))
    screen.show(seconds=0)
    assert "654321" not in file.getvalue()
    assert "no code for ghost" in file.getvalue()


def test_never_makes_a_call_wait_and_tells_how_many_it_left_out() -> None:
    file = StringIO()
    screen = Screen(file=file)
    for _ in range(1_500):
        screen.tell(CALL)
    for _ in range(1_000):
        screen.show(seconds=0)
    lines = file.getvalue().splitlines()
    assert len(lines) == 2_001
    assert lines[-1].strip() == "500 more calls, which came faster than they could be shown"


def test_ends_the_run_when_nobody_reads_any_more(tmp_path: Path) -> None:
    program = f"""
from local import stopping
from local.screen.screen import Screen
screen = Screen()
screen.say("first")
input()
for _ in range(3):
    screen.say("x" * 100_000)
try:
    stopping.checkpoint()
except stopping.Stopped:
    open({str(tmp_path / "stopped")!r}, "w").close()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stderr is not None
    with process:
        assert process.stdout.readline() == "first\n"
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.close()
        errors = process.stderr.read()
        assert process.wait(timeout=30) == 0
    assert errors == ""
    assert (tmp_path / "stopped").exists()


def _say_for_ever(screen: Screen) -> None:
    for _ in range(10_000):
        screen.say("x" * 500)


@ON_LINUX
def test_a_reader_that_does_not_read_keeps_nobody_from_stopping() -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4_096)
    signal.signal(signal.SIGALRM, lambda *_: stopping.request())
    signal.setitimer(signal.ITIMER_REAL, 1)
    with os.fdopen(reading, "rb"), os.fdopen(writing, "w") as file:
        screen = Screen(file=file)
        try:
            with pytest.raises(Stopped):
                _say_for_ever(screen)
            screen.farewell("stopping")
        finally:
            stopping._Note.taken = False


@ON_LINUX
def test_a_disk_that_is_full_ends_the_run_too() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        screen = Screen(file=full)
        try:
            screen.say("no room")
            with pytest.raises(Stopped):
                stopping.checkpoint()
        finally:
            stopping._Note.taken = False
