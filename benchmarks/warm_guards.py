"""What a guard that does nothing adds to a warm regional call: the handler with and without, taking turns."""

import contextlib
import io
import json
import os
import time
from typing import Any

from benchmarks.events import SETTINGS, regional_event
from benchmarks.timing import Timing

_FUNCTIONS = {
    "without a guard": (),
    "with check": ("check",),
    "with check and seen": ("check", "seen"),
}


class _Context:
    """Lambda's context with all the time in the world."""

    def get_remaining_time_in_millis(self) -> int:
        return 28_000


def measure(*, rounds: int = 3000) -> dict[str, Timing]:
    """Each round calls every one once, so that all of them meet the same machine."""
    from proxy import regional  # noqa: PLC0415 - reads the environment that the caller has set

    event = regional_event()
    services: dict[str, Any] = {}
    samples: dict[str, list[float]] = {name: [] for name in _FUNCTIONS}
    with contextlib.redirect_stdout(io.StringIO()) as log:
        for name, functions in _FUNCTIONS.items():
            os.environ["PROXY_SETTINGS"] = json.dumps(json.loads(SETTINGS) | _part(functions))
            regional.handler(event, _Context())  # a warm function has its secret and its connection
            services[name] = os.environ["PROXY_SETTINGS"], regional._cached
        for _ in range(rounds):
            for name, (settings, service) in services.items():
                os.environ["PROXY_SETTINGS"], regional._cached = settings, service
                started = time.perf_counter()
                answer = regional.handler(event, _Context())
                samples[name].append(time.perf_counter() - started)
                if answer["statusCode"] != 200:
                    raise RuntimeError("the handler did not answer as it should")
            log.seek(0)
            log.truncate()
    bare, *guarded = samples
    # Of the same round each, since a busy machine changes from one to the next.
    added = {
        f"added {name}": Timing.of([mine - without for mine, without in zip(samples[name], samples[bare], strict=True)])
        for name in guarded
    }
    return {bare: Timing.of(samples[bare])} | added


def _part(functions: tuple[str, ...]) -> dict[str, Any]:
    if not functions:
        return {}
    return {"guards": {"module": "benchmarks.trivial_guard", "functions": list(functions), "seconds": 0.5}}
