"""Commands of the documents, run in bash as somebody pastes them: what they print, and what `ps` would have shown."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

_SECONDS = 150

# What any program is told stands in a file afterwards; then the program itself takes over.
_SHIM = """#!/bin/sh
printf '%s\\n' "$@" >> {log}
exec {program} "$@"
"""


class Shell:
    """A bash in a folder, with these programs and nothing of the caller's environment.

    A test that needs a program which is not on the machine is skipped, and says so.
    """

    def __init__(self, folder: Path, *, programs: Sequence[str]) -> None:
        self._folder = folder
        self._log = folder / "arguments.log"
        self._shims = folder / "programs"
        self._bash = _found("bash")
        self._shims.mkdir()
        self._log.touch()
        for name in programs:
            shim = self._shims / name
            shim.write_text(_SHIM.format(log=self._log, program=_found(name)), encoding="utf-8")
            shim.chmod(0o755)

    def run(self, script: str, *, answers: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """Run a script that must succeed; `answers` are what somebody types, a line each."""
        finished = subprocess.run(
            [self._bash, "-euo", "pipefail", "-c", script],
            cwd=self._folder,
            env={"PATH": f"{self._shims}:{os.defpath}", "HOME": str(self._folder), "AWS_EC2_METADATA_DISABLED": "true"},
            input="".join(f"{answer}\n" for answer in answers),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished

    def arguments(self) -> str:
        """Every argument of every one of the programs so far, a line each."""
        return self._log.read_text(encoding="utf-8")


def _found(program: str) -> str:
    # The AWS command line comes with requirements.txt, as Python does; the others are the machine's.
    beside = str(Path(sys.executable).parent)
    found = shutil.which(program, path=os.pathsep.join([beside, os.environ.get("PATH", os.defpath)]))
    if found is None:
        pytest.skip(f"{program} is not on this machine, and what is tried needs it")
    return found
