"""What the warm regional handler adds to a bare round trip over a kept-alive connection to the same server."""

import contextlib
import io
import socket
import time
from urllib.parse import urlsplit

from benchmarks.events import BODY, regional_event
from benchmarks.timing import Timing
from benchmarks.upstream import COGNITO_ANSWER


class _Context:
    """Lambda's context with all the time in the world."""

    def get_remaining_time_in_millis(self) -> int:
        return 28_000


def measure(endpoint: str, *, rounds: int = 5000) -> dict[str, Timing]:
    """Bare round trip, and the handler from event to answer, taking turns."""
    from proxy.regional import handler  # noqa: PLC0415 - reads the environment that the caller has set

    port = urlsplit(endpoint).port or 0
    event = regional_event()
    bare: list[float] = []
    handled: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as connection, contextlib.redirect_stdout(io.StringIO()) as log:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handler(event, _Context())
        for _ in range(rounds):
            started = time.perf_counter()
            _round_trip(connection)
            bare.append(time.perf_counter() - started)
            started = time.perf_counter()
            answer = handler(event, _Context())
            handled.append(time.perf_counter() - started)
            if answer["statusCode"] != 200:
                raise RuntimeError("the handler did not answer as it should")
            log.seek(0)
            log.truncate()
    return {"bare keep-alive round trip": Timing.of(bare), "the same through the warm handler": Timing.of(handled)}


_WIRE = f"POST / HTTP/1.1\r\nhost: upstream\r\ncontent-length: {len(BODY)}\r\n\r\n".encode() + BODY


def _round_trip(connection: socket.socket) -> None:
    connection.sendall(_WIRE)
    received = 0
    while received < len(COGNITO_ANSWER):
        received += len(connection.recv(65536))
