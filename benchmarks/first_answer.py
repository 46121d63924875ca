"""The first answer after a cold start, ten milliseconds from AWS's services, with INIT warming and without.

Each sample is a process of its own; the subjects take turns, so that a slow moment of the machine hits all of them.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.far_upstream import HOST
from benchmarks.timing import Timing

ROOT = Path(__file__).resolve().parents[1]
WARMED = "with INIT warming"
WITHOUT = "without"
SERIALLY = "without, one after the other"
_SUBJECTS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    WARMED: ({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, ()),
    WITHOUT: ({}, ()),
    SERIALLY: ({}, ("serially",)),
}


def measure(environment: Mapping[str, str], *, rounds: int = 30) -> tuple[dict[str, Timing], dict[str, Timing]]:
    """For each subject the time of the first answer, and that of INIT before it."""
    answers: dict[str, list[float]] = {name: [] for name in _SUBJECTS}
    inits: dict[str, list[float]] = {name: [] for name in _SUBJECTS}
    with _far_upstream() as there:
        for round_number in range(rounds + 1):
            for name, (variables, arguments) in _SUBJECTS.items():
                init, answer = _one({**environment, **there, **variables}, arguments)
                if round_number:  # the first round writes and warms the bytecode and file caches
                    inits[name].append(init)
                    answers[name].append(answer)
    return _timings(answers), _timings(inits)


def _timings(seconds: Mapping[str, list[float]]) -> dict[str, Timing]:
    return {name: Timing.of(samples) for name, samples in seconds.items()}


@contextmanager
def _far_upstream() -> Iterator[dict[str, str]]:
    """The variables that lead there."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.far_upstream", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
            assert process.stdout is not None  # noqa: S101 - for the type checker
            assert process.stdin is not None  # noqa: S101
            port, bundle = process.stdout.readline().rstrip("\n").split(" ", 1)
            yield {"AWS_ENDPOINT_URL": f"https://{HOST}:{int(port)}", "AWS_CA_BUNDLE": bundle}
            process.stdin.close()


def _one(environment: Mapping[str, str], arguments: tuple[str, ...]) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.cold_init", *arguments]
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, timeout=60
    )
    told = next((line for line in done.stdout.splitlines() if line.startswith("ANSWERED ")), None)
    if told is None:
        raise RuntimeError("the handler did not answer as it should")
    _, init, answer = told.split(" ")
    return float(init), float(answer)
