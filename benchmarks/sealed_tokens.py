"""What sealed access tokens add: to a refresh, to a call with a token, to a cold start. With and without take turns.

`python -m benchmarks sealed` measures this alone.
"""

import contextlib
import io
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.cold_start import one
from benchmarks.events import SETTINGS, refresh_event, regional_call
from benchmarks.timing import Timing
from benchmarks.upstream import ACCESS_TOKEN

SEALED = {"sealed_tokens": {"secret_arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys-AbCdEf"}}


class _Context:
    """Lambda's context with all the time in the world."""

    def get_remaining_time_in_millis(self) -> int:
        return 28_000


def measure(*, rounds: int = 2000) -> dict[str, Timing]:
    """What sealing adds to a refresh, and opening to a call: the differences within each round."""
    from proxy import regional  # noqa: PLC0415 - reads the environment that the caller has set

    refresh = refresh_event()
    services: dict[bool, Any] = {}
    added: dict[str, list[float]] = {"added to a refresh": [], "added to a call with a token": []}
    with contextlib.redirect_stdout(io.StringIO()) as log:
        for is_on in (False, True):
            os.environ["PROXY_SETTINGS"] = json.dumps(json.loads(SETTINGS) | (SEALED if is_on else {}))
            answered = regional.handler(refresh, _Context())  # a warm function has its secrets and its connections
            services[is_on] = os.environ["PROXY_SETTINGS"], regional._cached
        sealed = json.loads(answered["body"])["AuthenticationResult"]["AccessToken"]
        calls = {
            "added to a refresh": {False: refresh, True: refresh},
            "added to a call with a token": {
                False: regional_call("GetUser", {"AccessToken": ACCESS_TOKEN}),
                True: regional_call("GetUser", {"AccessToken": sealed}),
            },
        }
        for _ in range(rounds):
            for name, events in calls.items():
                took = {}
                for is_on, (settings, service) in services.items():
                    os.environ["PROXY_SETTINGS"], regional._cached = settings, service
                    started = time.perf_counter()
                    answer = regional.handler(events[is_on], _Context())
                    took[is_on] = time.perf_counter() - started
                    if answer["statusCode"] != 200:
                        raise RuntimeError("the handler did not answer as it should")
                added[name].append(took[True] - took[False])
            log.seek(0)
            log.truncate()
    return {name: Timing.of(values) for name, values in added.items()}


def measure_cold(environment: Mapping[str, str], *, rounds: int = 15) -> dict[str, Timing]:
    """From the start of an interpreter to the answer to a refresh, without and with; each time a process of its own."""
    settings = {"without sealed tokens": {}, "with sealed tokens": SEALED}
    samples: dict[str, list[float]] = {name: [] for name in settings}
    for round_number in range(rounds + 1):
        for name, more in settings.items():
            text = json.dumps(json.loads(SETTINGS) | more)
            seconds = one("benchmarks.cold_refresh", {**environment, "PROXY_SETTINGS": text})
            if round_number:  # the first round writes and warms the bytecode and file caches
                samples[name].append(seconds)
    return {name: Timing.of(values) for name, values in samples.items()}
