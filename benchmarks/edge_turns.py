"""Warm edge requests that take turns, so that whatever else the machine does meets all of them alike."""

import contextlib
import io
import json
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.timing import Timing


def take_turns(events: Mapping[str, dict[str, Any]], *, rounds: int) -> dict[str, list[float]]:
    """Seconds that the handler takes for each event, by the event's name; what it logs is thrown away.

    Raises:
        RuntimeError: the handler answered an event itself.
    """
    from proxy import edge  # noqa: PLC0415 - reads the environment that the caller has set

    texts = {name: json.dumps(event) for name, event in events.items()}
    seconds: dict[str, list[float]] = {name: [] for name in events}
    services: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as log:
        for name, text in texts.items():  # a warm function has read its settings and its secret
            edge.handler(json.loads(text), None)
            services[name] = edge._cached
        for _ in range(rounds):
            for name, text in texts.items():
                event = json.loads(text)
                edge._cached = services[name]
                started = time.perf_counter()
                answer = edge.handler(event, None)
                seconds[name].append(time.perf_counter() - started)
                if "status" in answer:
                    raise RuntimeError("the handler did not forward as it should")
            log.seek(0)
            log.truncate()
    return seconds


def timings(seconds: Mapping[str, list[float]]) -> dict[str, Timing]:
    """What they amount to."""
    return {name: Timing.of(samples) for name, samples in seconds.items()}
