"""A program that ends with whoever started it, and takes along what it started itself."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local.deployment import follow_parent
from tests.local.processes import processes_in_group

FOLLOWING = [sys.executable, "-P", follow_parent.__file__, "-m", "some_program"]
STARTS_A_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, sys.stdin.read() == "", __name__, flush=True)
time.sleep(60)
"""


@contextmanager
def _started(folder: Path, command: list[str]) -> Iterator[subprocess.Popen[str]]:
    (folder / "some_program.py").write_text(STARTS_A_CHILD)
    with subprocess.Popen(
        command,
        env={"PYTHONPATH": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as program:
        try:
            yield program
        finally:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)


def test_ends_with_all_that_it_started_when_the_pipe_closes(tmp_path: Path) -> None:
    with _started(tmp_path, FOLLOWING) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        child, read_nothing, name = program.stdout.readline().split()
        assert (read_nothing, name) == ("True", "__main__")
        time.sleep(0.3)
        assert set(processes_in_group(program.pid)) == {program.pid, int(child)}, "as long as it is open"
        program.stdin.close()
        assert program.wait(5) == -signal.SIGKILL
        deadline = time.monotonic() + 5
        while processes_in_group(program.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_in_group(program.pid) == []


def test_refuses_to_end_the_group_of_whoever_started_it(tmp_path: Path) -> None:
    # The shell leads the group, not what it runs.
    with _started(tmp_path, ["/bin/sh", "-c", f"{shlex.join(FOLLOWING)}; echo $?"]) as shell:
        output, _ = shell.communicate(timeout=10)
    assert output == "this ends its process group with itself, so it needs one of its own\n1\n"
