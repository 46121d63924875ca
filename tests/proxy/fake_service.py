"""An AWS JSON service on loopback whose behaviour is scripted request by request, and which records what it got.

What a test does not script is answered with 200 and `{}`. A behaviour is a function of the `Exchange` at hand; it
returns whether the connection is kept.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived."""

    connection: int
    """Number of the connection that carried it, from 1."""
    raw: bytes
    request_line: str
    headers: Mapping[str, list[str]]
    body: bytes

    def header(self, name: str) -> str:
        """The only value of a header."""
        (value,) = self.headers[name]
        return value

    @property
    def document(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def operation(self) -> str:
        """The operation that X-Amz-Target names."""
        return self.header("x-amz-target").rpartition(".")[2]


@dataclass(slots=True)
class Exchange:
    """One request and the means to answer it."""

    service: FakeService
    socket: socket.socket
    request: Received

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the test."""
        self.service.stopping.wait(seconds)


Behaviour = Callable[[Exchange], bool]


def http(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """An ordinary answer as bytes."""
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/x-amz-json-1.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answer(document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Behaviour:
    """An ordinary answer."""
    return raw(http(status, json.dumps(document).encode(), headers))


def error(error_type: str, message: str, *, status: int = 400) -> Behaviour:
    """An error as Cognito gives it."""
    return answer(
        {"__type": error_type, "message": message},
        status=status,
        headers={"x-amzn-ErrorType": f"{error_type}:", "x-amzn-ErrorMessage": message, "x-amzn-RequestId": "cognito-1"},
    )


def raw(data: bytes, *, then_close: bool = False) -> Behaviour:
    """These very bytes."""

    def behave(exchange: Exchange) -> bool:
        exchange.send(data)
        return not then_close

    return behave


def drip(data: bytes, *, every: float) -> Behaviour:
    """One byte at a time: each arrives in good time, the whole never does."""

    def behave(exchange: Exchange) -> bool:
        for byte in data:
            exchange.send(bytes([byte]))
            exchange.pause(every)
        return True

    return behave


def stall(exchange: Exchange) -> bool:
    """Read the request and say nothing."""
    exchange.pause(_TIMEOUT_SECONDS)
    return False


def close(exchange: Exchange) -> bool:
    """Read the request and hang up."""
    return False


HASH_REFUSED = error("NotAuthorizedException", "Unable to verify secret hash for client 1example23456789")
"""What Cognito says when the secret is no longer the one that the hash was made of."""


@dataclass(slots=True)
class FakeService:
    """The service; use it as a context manager."""

    tls: ssl.SSLContext | None = None
    drop_connections: bool = False
    """Accept and hang up at once, before a byte is read."""
    greeting: bytes = b""
    """Sent in the clear on accepting, before anything was asked."""
    stall_reading: bool = False
    """Never read what is sent."""
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    handshakes: int = 0
    """TLS handshakes that came to an end."""
    plaintext: bytearray = field(default_factory=bytearray)
    """Everything that arrived, whole requests or not."""
    stopping: threading.Event = field(default_factory=threading.Event)
    _script: deque[Behaviour] = field(default_factory=deque)
    _listener: socket.socket = field(default_factory=lambda: _listening(0))
    _threads: list[threading.Thread] = field(default_factory=list)
    _sockets: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    default: Behaviour = field(default_factory=lambda: answer({}))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"https://localhost:{self.port}" if self.tls else f"http://127.0.0.1:{self.port}"

    def script(self, *behaviours: Behaviour) -> None:
        """What to do with the next requests, in this order."""
        self._script.extend(behaviours)

    def hang_up(self) -> None:
        """Close every connection, and be sure that the other side can see it."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for connected in sockets:
            _shut(connected)

    def go_away(self) -> None:
        """Refuse connections and close those that are there. The port stays ours: a second socket holds it."""
        listener, self._listener = self._listener, socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._listener.bind(listener.getsockname())
        _shut(listener)
        listener.close()
        self.hang_up()

    def come_back(self) -> None:
        """Listen again, on the same port."""
        holder, self._listener = self._listener, _listening(self.port)
        holder.close()
        self._start(self._accept)

    def __enter__(self) -> FakeService:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        _shut(self._listener)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(_TIMEOUT_SECONDS)
            assert not thread.is_alive()

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        listener = self._listener
        while not self.stopping.is_set():
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.drop_connections:
                connected.close()
                continue
            connected.settimeout(_TIMEOUT_SECONDS)
            connected.sendall(self.greeting)
            self._start(self._serve, connected, self.connections)

    def _serve(self, connected: socket.socket, number: int) -> None:
        try:
            if self.tls:
                connected = self.tls.wrap_socket(connected, server_side=True)
                self.handshakes += 1
            with self._lock:
                self._sockets.append(connected)
            if self.stopping.is_set():  # it came while the test ended
                return
            if self.stall_reading:
                self.stopping.wait(_TIMEOUT_SECONDS)
            while (request := self._read(connected, number)) and self._behave(connected, request):
                pass
        except OSError:
            pass
        finally:
            with self._lock:
                if connected in self._sockets:
                    self._sockets.remove(connected)
            connected.close()

    def _behave(self, connected: socket.socket, request: Received) -> bool:
        with self._lock:
            self.received.append(request)
            behaviour = self._script.popleft() if self._script else self.default
        return behaviour(Exchange(self, connected, request))

    def _read(self, connected: socket.socket, number: int) -> Received | None:
        data = bytearray()
        while b"\r\n\r\n" not in data:
            if not self._more(connected, data):
                return None
        head, _, body = bytes(data).partition(b"\r\n\r\n")
        request_line, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), []).append(value.strip())
        while len(body) < int(headers["content-length"][0]):
            if not self._more(connected, data):
                return None
            body = bytes(data[len(head) + 4 :])
        return Received(number, bytes(data), request_line, headers, body)

    def _more(self, connected: socket.socket, data: bytearray) -> bool:
        received = connected.recv(65536)
        data += received
        self.plaintext += received
        return bool(received)


def _listening(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), reuse_port=True)


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
