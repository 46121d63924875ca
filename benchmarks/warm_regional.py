"""What the warm regional handler adds to a bare round trip over a kept-alive connection to the same server."""

import contextlib
import io
import json
import os
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from benchmarks.events import BODY, SETTINGS, regional_event
from benchmarks.timing import Timing
from benchmarks.upstream import COGNITO_ANSWER


class _Context:
    """Lambda's context with all the time in the world."""

    def get_remaining_time_in_millis(self) -> int:
        return 28_000


_LIMITS = {
    "table": "Counters",
    "attempts": 1_000_000,
    "network_attempts": 1_000_000,
    "window": 1200,
    "remembered": 1200,
}
_ROWS: dict[str, dict[str, Any]] = {
    "the same through the warm handler": {},
    "the same, without its line": {"log": "none"},
    "the same, with limits a user": {"user_limits": _LIMITS},
}
"""What is measured, and what its settings have besides."""


def measure(endpoint: str, *, rounds: int = 5000) -> dict[str, Timing]:
    """Bare round trip, and the handler from event to answer, without and with what is asked for, taking turns."""
    from proxy import regional  # noqa: PLC0415 - reads the environment that the caller has set

    port = urlsplit(endpoint).port or 0
    event = regional_event()
    bare: list[float] = []
    services: dict[str, Any] = {}
    handled: dict[str, list[float]] = {row: [] for row in _ROWS}
    with socket.create_connection(("127.0.0.1", port)) as connection, contextlib.redirect_stdout(io.StringIO()) as log:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for row, more in _ROWS.items():
            os.environ["PROXY_SETTINGS"] = json.dumps(json.loads(SETTINGS) | more)
            regional.handler(event, _Context())  # a warm function has its secret and its connection
            services[row] = os.environ["PROXY_SETTINGS"], regional._cached
        for _ in range(rounds):
            started = time.perf_counter()
            _round_trip(connection)
            bare.append(time.perf_counter() - started)
            for row, (settings, service) in services.items():
                os.environ["PROXY_SETTINGS"], regional._cached = settings, service
                started = time.perf_counter()
                answer = regional.handler(event, _Context())
                handled[row].append(time.perf_counter() - started)
                if answer["statusCode"] != 200:
                    raise RuntimeError("the handler did not answer as it should")
            log.seek(0)
            log.truncate()
    return {"bare keep-alive round trip": Timing.of(bare)} | {row: Timing.of(handled[row]) for row in _ROWS}


_WIRE = f"POST / HTTP/1.1\r\nhost: upstream\r\ncontent-length: {len(BODY)}\r\n\r\n".encode() + BODY


def _round_trip(connection: socket.socket) -> None:
    connection.sendall(_WIRE)
    received = 0
    while received < len(COGNITO_ANSWER):
        received += len(connection.recv(65536))
