"""`make bench`."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import (
    cold_start,
    first_answer,
    sealed_tokens,
    warm_edge,
    warm_guards,
    warm_many_clients,
    warm_regional,
    warm_user_events,
)
from benchmarks.events import REGION, SETTINGS
from benchmarks.timing import Timing

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def _upstream() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.upstream"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        assert process.stdin is not None  # noqa: S101
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


def _environment(endpoint: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")]),
        "PROXY_SETTINGS": SETTINGS,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_SESSION_TOKEN": "token",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _print(title: str, timings: dict[str, Timing], unit: str) -> list[Timing]:
    print(f"\n{title}")
    for name, timing in timings.items():
        print(f"  {name:<36} {timing.text(unit)}")
    return list(timings.values())


def _sealed_tokens(environment: dict[str, str]) -> None:
    _print("Sealed access tokens, warm", sealed_tokens.measure(), "µs")
    without, sealed = _print("Cold start with a refresh", sealed_tokens.measure_cold(environment), "ms")
    print(f"  added by sealed tokens {(sealed.median - without.median) * 1e3:.0f} ms")


def main() -> None:
    """Measure and print; with the word `sealed`, sealed tokens alone."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; median (quartiles, samples), loopback, no TLS")
    with _upstream() as endpoint:
        environment = _environment(endpoint)
        os.environ.update(environment)
        sys.path.insert(0, str(ROOT / "lambda"))
        if sys.argv[1:] == ["sealed"]:
            _sealed_tokens(environment)
            return
        regional, edge, boto3 = _print("Cold start, interpreter to first answer", cold_start.measure(environment), "ms")
        print(
            f"  ratios {regional.median / boto3.median:.2f} and {edge.median / boto3.median:.2f} (goal: at most 0.25)"
        )
        answers, inits = first_answer.measure(environment)
        _print("First answer after a cold start, 10 ms of network each way, TLS; INIT not counted", answers, "ms")
        _print("INIT before it: imports, and the warming", inits, "ms")
        saved = 1 - answers[first_answer.WARMED].median / answers[first_answer.WITHOUT].median
        print(f"  saved by INIT warming {saved:.0%} (goal: at least 25%)")
        bare, handled, lineless, limited = _print("Warm regional request", warm_regional.measure(endpoint), "µs")
        print(f"  added by the handler {(handled.median - bare.median) * 1e6:.1f} µs (goal: at most 90)")
        print(f"  added by the line of the log {(handled.median - lineless.median) * 1e6:.1f} µs (goal: at most 15)")
        print(f"  added by limits a user {(limited.median - handled.median) * 1e6:.1f} µs, a call of DynamoDB included")
        _print("Warm regional request, with a guard that does nothing", warm_guards.measure(), "µs")
        edge_rows = warm_edge.measure() | warm_edge.measure_botocore()
        plain, lineless, signed, _ = _print("Warm edge request, event in to event out", edge_rows, "µs")
        print(f"  added by the line of the log {(plain.median - lineless.median) * 1e6:.1f} µs (goal: at most 15)")
        print(f"  added by signing {(signed.median - plain.median) * 1e6:.1f} µs (goal: at most 30)")
        one, forty = _print("Warm edge request, by number of app clients", warm_many_clients.measure(), "µs")
        print(f"  ratio {forty.median / one.median:.2f} (goal: at most 1.5)")
        rows, added = warm_user_events.measure(environment)
        _print("Call in an execution environment, thaw to answer", rows, "ms")
        for name, seconds in added.items():
            print(f"  added {name}, median of pairs: {seconds * 1e3:.2f} ms (goal: at most 1)")
        _sealed_tokens(environment)


if __name__ == "__main__":
    main()
