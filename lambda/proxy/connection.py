"""HTTP/1.1 over kept-alive connections: as much of it as calling an AWS JSON service takes, and no more.

Written here and not taken from `http.client` because it stands on the path of every sign-in: that module parses
headers with the e-mail package, which costs more than all the rest of a warm request, and it gives each read a
timeout of its own, so that an upstream that drips keeps a function busy until it is killed.

Three rules: a connection that the other side has closed, or that has idled for too long, is noticed before anything
is sent; once a byte has been sent, a request is never sent again; no read or write outlasts the caller's deadline.

RFC 9112, https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from os import environ
from select import POLLIN, POLLOUT, poll
from string import hexdigits
from threading import Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

MAX_IDLE_SECONDS = 20.0
"""A connection that has idled longer is not used again. A function is frozen between calls and sees no close while it
is; the services close after a minute or so, and some network address translators earlier."""

MAX_CONNECT_SECONDS = 3.0
"""For one address; a second one may then still be tried."""

MAX_RESPONSE_BYTES = 6 * 1024 * 1024
"""What Lambda can hand back; Cognito's answers have a few kilobytes."""

_MAX_HEAD_BYTES = 64 * 1024
_MAX_LENGTH_DIGITS = 15
_HEX_DIGITS = hexdigits.encode("ascii")
_MAX_IDLE_CONNECTIONS = 8
_CHUNK = 64 * 1024


class ConnectionFailed(Exception):
    """The exchange did not come to an answer. The message names the step that failed and holds no data."""

    unsent = False
    """Whether it is certain that the other side got nothing of the request."""


class DeadlinePassed(ConnectionFailed):
    """There was no time left."""


class Response(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names. Of a repeated header the values are joined with a comma."""
    body: bytes


class Endpoint:
    """Where a service lives, and the idle connections to it. Safe to use from several threads."""

    def __init__(self, url: str, *, path: str = "/", longest_answer: int = MAX_RESPONSE_BYTES) -> None:
        """
        Args:
            url: `https://host[:port]`, or `http://…` for a service on the same machine.
            path: What is posted to: a constant of ours, never anything of a caller's.
            longest_answer: Bytes of a body, above which an answer counts as none. Default: 6 MB.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("an endpoint must be http(s)://host[:port]")
        if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
            raise ValueError("a path must begin with a slash, and be of printable ASCII without spaces")
        self.host_header = parts.netloc
        self._post = f"POST {path}"
        self._after_start = f" HTTP/1.1\r\nhost: {self.host_header}\r\ncontent-length: "
        self._longest_answer = longest_answer
        self._tls = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self._idle: deque[_Connection] = deque()
        self._opening: _Opening | None = None

    def post(
        self,
        headers: Mapping[str, str],
        body: bytes,
        *,
        deadline: float,
        path: str | None = None,
        connect_by: float | None = None,
    ) -> Response:
        """Send a `POST` and read the answer.

        Args:
            headers: without Host and Content-Length, which are added.
            body: as it goes out.
            deadline: in seconds of `time.monotonic()`.
            path: where to. Default: - the endpoint's own.
            connect_by: when a connection must be there, for somebody who then goes elsewhere. Default: the deadline.

        Raises:
            DeadlinePassed: no answer in time.
            ConnectionFailed: no connection, or one that broke off; the request may have been processed.
        """
        return self._exchange(self._post if path is None else f"POST {path}", headers, body, deadline, connect_by)

    def get(self, headers: Mapping[str, str], *, deadline: float, path: str) -> Response:
        """Send `GET` and read the answer; otherwise as `post`."""
        return self._exchange(f"GET {path}", headers, b"", deadline)

    def _exchange(
        self,
        start: str,
        headers: Mapping[str, str],
        body: bytes,
        deadline: float,
        connect_by: float | None = None,
    ) -> Response:
        until = deadline if connect_by is None else connect_by
        try:
            connection = self._take() or self._opened_meanwhile(until) or self._connect(until)
        except ConnectionFailed as error:
            error.unsent = True
            raise
        try:
            response, reusable = connection.exchange(self._serialize(start, headers, body), deadline)
        except BaseException:
            connection.close()
            raise
        if reusable and len(self._idle) < _MAX_IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()
        return response

    def open(self, *, deadline: float) -> None:
        """Have a connection at hand, for a request that is still to come.

        Raises:
            DeadlinePassed, ConnectionFailed: see `post`.
        """
        self._idle.append(self._take() or self._connect(deadline))

    def open_meanwhile(self, *, deadline: float) -> None:
        """Begin to open a connection, unless one idles or is being opened, and return at once.

        It is for the call with this very deadline (its `connect_by`, where it has one): its `post` waits for what began
        earlier, and so never longer than for a connection that it would open itself; a failure is that call's, too. No
        other call waits for it.
        """
        idle = self._take()
        if idle is not None:
            self._idle.append(idle)
        elif self._opening is None or self._opening.is_over:
            with suppress(RuntimeError):  # no thread to be had: then the call opens its own
                self._opening = _Opening(self, deadline)

    def close(self) -> None:
        """Close what idles; what is being opened, too, for which it waits."""
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.end()
        while self._idle:
            self._idle.pop().close()

    def _serialize(self, start: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = [f"{start}{self._after_start}{len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) + 1 or "\0" in head or head.count("\r") != len(lines) + 1:
            raise ConnectionFailed("a header value holds a line break")
        return head.encode("latin-1", "replace") + b"\r\n\r\n" + body

    def _take(self) -> _Connection | None:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if connection.is_usable():
                return connection
            connection.close()
        return None

    def _opened_meanwhile(self, deadline: float) -> _Connection | None:
        opening, self._opening = self._opening, None
        if opening is None or opening.deadline != deadline:
            return None
        opening.wait()
        return self._take()

    def _connect(self, deadline: float) -> _Connection:
        plain = self._connect_tcp(deadline)
        if not self._tls:
            return _Connection(plain, self._longest_answer)
        try:
            plain.settimeout(_remaining(deadline))
            tls = _tls_context().wrap_socket(plain, server_hostname=self._host)
            return _Connection(tls, self._longest_answer)
        except BaseException as error:
            plain.close()
            raise _tls_failure(error) from None

    def _connect_tcp(self, deadline: float) -> socket.socket:
        """Try each address in turn; `socket.create_connection` would give the whole time to every one of them."""
        failure: Exception | None = None
        try:
            addresses = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ConnectionFailed(f"the host name did not resolve ({type(error).__name__})") from None
        for family, kind, protocol, _, address in addresses:
            try:
                return _connected(socket.socket(family, kind, protocol), address, deadline)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError) and time.monotonic() >= deadline:
            raise DeadlinePassed("connecting took too long")
        raise ConnectionFailed(f"connecting failed ({type(failure).__name__})")


class _Opening:
    """A connection that a thread of its own opens, for one call."""

    def __init__(self, endpoint: Endpoint, deadline: float) -> None:
        self.deadline = deadline
        self._endpoint = endpoint
        self._failure: Exception | None = None
        self._thread = Thread(target=self._open, daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether it came to its end, good or bad."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Until the connection idles at the endpoint.

        Raises:
            DeadlinePassed, ConnectionFailed: see `Endpoint.post`.
        """
        self._thread.join(_remaining(self.deadline))
        if self._failure is not None:
            raise self._failure
        if not self.is_over:
            raise DeadlinePassed("connecting took too long")

    def end(self) -> None:
        """Until the connection idles at the endpoint, or there is none, or no time left."""
        self._thread.join(max(0.0, self.deadline - time.monotonic()))

    def _open(self) -> None:
        try:
            self._endpoint.open(deadline=self.deadline)
        except Exception as error:  # it is for whoever waits
            self._failure = error


def _connected(plain: socket.socket, address: Any, deadline: float) -> socket.socket:
    try:
        plain.settimeout(min(_remaining(deadline), MAX_CONNECT_SECONDS))
        plain.connect(address)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        plain.close()
        raise
    return plain


def _tls_failure(error: BaseException) -> BaseException:
    match error:
        case TimeoutError():
            return DeadlinePassed("the TLS handshake took too long")
        case ssl.SSLCertVerificationError():
            return ConnectionFailed(f"the server's certificate is not valid ({error.verify_message})")
        case OSError():
            return ConnectionFailed(f"the TLS handshake failed ({type(error).__name__})")
        case _:
            return error


class _Connection:
    """A socket that never blocks: each wait is one poll with what is left of the deadline.

    A socket with a timeout of its own would poll before every read and write, and a changed timeout is a system call,
    too; docs/measurements.md has what these cost.
    """

    __slots__ = ("_buffer", "_idle_since", "_longest_answer", "_poll", "_socket")

    def __init__(self, connected: socket.socket, longest_answer: int) -> None:
        connected.settimeout(0)
        self._longest_answer = longest_answer
        self._socket = connected
        self._poll = poll()
        self._poll.register(connected, POLLIN)
        self._buffer = bytearray()
        self._idle_since = time.time()

    def close(self) -> None:
        self._socket.close()

    def is_usable(self) -> bool:
        """Whether the other side still listens, as far as can be told without sending."""
        # Wall clock, and not a monotonic one, which may stand still while the function is frozen.
        if not 0 <= time.time() - self._idle_since < MAX_IDLE_SECONDS:
            return False
        try:
            self._socket.recv(1)  # reads over TLS session tickets; bytes or an end mean that it is of no more use
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass
        return False

    def exchange(self, request: bytes, deadline: float) -> tuple[Response, bool]:
        """The answer, and whether the connection can serve another request."""
        try:
            self._send(request, deadline)
            self._wait(POLLIN, deadline)
            status, version, headers = self._read_head(deadline)
            while status < 200:  # interim answers, RFC 9110 section 15.2
                status, version, headers = self._read_head(deadline)
            body, delimited = self._read_body(status, headers, deadline)
        except OSError as error:
            raise ConnectionFailed(f"the connection broke ({type(error).__name__})") from None
        self._idle_since = time.time()
        closing = "close" in headers.get("connection", "").lower() or version != b"HTTP/1.1"
        return Response(status, headers, body), delimited and not closing and not self._buffer

    def _read_head(self, deadline: float) -> tuple[int, bytes, dict[str, str]]:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _MAX_HEAD_BYTES:
                raise ConnectionFailed("the answer's head is too long")
            self._receive(deadline)
        status_line, *lines = bytes(self._buffer[:end]).split(b"\r\n")
        del self._buffer[: end + 4]
        version, _, rest = status_line.partition(b" ")
        code = rest[:3]
        if not version.startswith(b"HTTP/1.") or not code.isdigit() or len(code) != 3:
            raise ConnectionFailed("the answer is not HTTP/1.1")
        headers: dict[str, str] = {}
        for line in lines:
            raw_name, colon, raw_value = line.partition(b":")
            if not colon or raw_name.strip() != raw_name or not raw_name:
                raise ConnectionFailed("the answer has a malformed header")
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return int(code), version, headers

    def _read_body(self, status: int, headers: Mapping[str, str], deadline: float) -> tuple[bytes, bool]:
        """The body, and whether its end was told (and not just the end of the connection)."""
        if status in (204, 304):
            return b"", True
        if "transfer-encoding" in headers:
            if headers["transfer-encoding"].lower() != "chunked" or "content-length" in headers:
                raise ConnectionFailed("the answer's length is ambiguous")
            return self._read_chunks(deadline), True
        if "content-length" in headers:
            length = headers["content-length"]
            if not (length.isascii() and length.isdigit() and len(length) <= _MAX_LENGTH_DIGITS):
                raise ConnectionFailed("the answer's length is not a number")
            return self._read_exactly(int(length), deadline), True
        while self._receive(deadline, end_allowed=True):
            pass
        return self._take_from_buffer(len(self._buffer)), False

    def _read_chunks(self, deadline: float) -> bytes:
        body = bytearray()
        while size := self._read_chunk_size(deadline):
            if len(body) + size > self._longest_answer:
                raise ConnectionFailed("the answer is too long")
            body += self._read_exactly(size, deadline)
            if self._read_exactly(2, deadline) != b"\r\n":
                raise ConnectionFailed("the answer has a malformed chunk")
        while self._read_line(deadline):  # trailers
            pass
        return bytes(body)

    def _read_chunk_size(self, deadline: float) -> int:
        digits = self._read_line(deadline).partition(b";")[0].strip()
        if not 0 < len(digits) <= _MAX_LENGTH_DIGITS or digits.strip(_HEX_DIGITS):
            raise ConnectionFailed("the answer has a malformed chunk")
        return int(digits, 16)

    def _read_line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _MAX_HEAD_BYTES:
                raise ConnectionFailed("the answer has an endless line")
            self._receive(deadline)
        line = self._take_from_buffer(end)
        del self._buffer[:2]
        return line

    def _read_exactly(self, length: int, deadline: float) -> bytes:
        if length > self._longest_answer:
            raise ConnectionFailed("the answer is too long")
        while len(self._buffer) < length:
            self._receive(deadline)
        return self._take_from_buffer(length)

    def _take_from_buffer(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken

    def _receive(self, deadline: float, *, end_allowed: bool = False) -> bool:
        received = self._read(deadline)
        if not received and not end_allowed:
            raise ConnectionFailed("the connection was closed before the answer's end")
        self._buffer += received
        if len(self._buffer) > self._longest_answer + _MAX_HEAD_BYTES:
            raise ConnectionFailed("the answer is too long")
        return bool(received)

    def _send(self, data: bytes, deadline: float) -> None:
        unsent = memoryview(data)
        while unsent:
            _remaining(deadline)
            try:
                unsent = unsent[self._socket.send(unsent) :]
            except ssl.SSLWantReadError:
                self._wait(POLLIN, deadline)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(POLLOUT, deadline)

    def _read(self, deadline: float) -> bytes:
        while True:
            _remaining(deadline)
            try:
                return self._socket.recv(_CHUNK)
            except ssl.SSLWantWriteError:
                self._wait(POLLOUT, deadline)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._wait(POLLIN, deadline)

    def _wait(self, event: int, deadline: float) -> None:
        self._poll.modify(self._socket, event)
        if not self._poll.poll(_remaining(deadline) * 1000):
            raise DeadlinePassed("no answer in time")


def _remaining(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise DeadlinePassed("no time left")
    return seconds


_context: ssl.SSLContext | None = None
_context_lock = Lock()


def _tls_context() -> ssl.SSLContext:
    """One for all, made when the first connection needs it. AWS_CA_BUNDLE is honoured as the SDKs do."""
    global _context  # noqa: PLW0603 - reading the certificates takes longer than a request
    with _context_lock:  # of two connections that are opened at the same time, one reads them
        if _context is None:
            context = ssl.create_default_context(cafile=environ.get("AWS_CA_BUNDLE"))
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            _context = context
    return _context
