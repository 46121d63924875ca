"""From the start of an interpreter to the first answer, the secret fetched on the way.

Each sample is a process of its own. Ours and one that does the same with boto3 take turns, so that a slow moment of
the machine hits both.
"""

import subprocess
import sys
import time
from collections.abc import Mapping

from benchmarks.timing import Timing

SUBJECTS = {
    "this proxy, regional": "benchmarks.cold_regional",
    "this proxy, edge": "benchmarks.cold_edge",
    "the same with boto3": "benchmarks.cold_boto3",
}


def measure(environment: Mapping[str, str], *, rounds: int = 15) -> dict[str, Timing]:
    """One timing a subject."""
    samples: dict[str, list[float]] = {name: [] for name in SUBJECTS}
    for round_number in range(rounds + 1):
        for name, module in SUBJECTS.items():
            seconds = one(module, environment)
            if round_number:  # the first round writes and warms the bytecode and file caches
                samples[name].append(seconds)
    return {name: Timing.of(values) for name, values in samples.items()}


def one(module: str, environment: Mapping[str, str]) -> float:
    """One process from its start to its answer, in seconds."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", module], env=dict(environment), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        lines = iter(process.stdout.readline, b"")
        answered = next((time.perf_counter() for line in lines if line == b"ANSWERED\n"), None)
        process.communicate()
    if answered is None:
        raise RuntimeError(f"{module} did not answer")
    return answered - started
