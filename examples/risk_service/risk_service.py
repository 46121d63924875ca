"""Ask a risk service over HTTPS before a sign-in or a sign-up goes on.

The service gets a POST with a JSON object (`operation`, `address`, `user_agent`, and `user`, a hash of the username).
It answers with a score, `{"score": 0}` to `{"score": 100}`. From `refuse_from` on the call is refused; the pool's
triggers are told the score as `risk`. The connection is kept: a handshake costs several times what a question does.

Without an answer within `milliseconds` the call goes on, and the triggers are told `unknown`: a service that is down
must not lock users out. For the contrary let `UNANSWERED` be a `Reject`.

Deploy it with the properties in `guards.json`, whose time is longer than `milliseconds`. The service's own settings
stand in `risk_service.json`; `RISK_URL` in the function's environment counts before the URL there (regional only).
"""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cognito_proxy_guards import Call, Reject

SETTINGS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

UNANSWERED: Reject | None = None
"""What becomes of a call that the service gave no score for."""

_MAX_ANSWER_BYTES = 4096
_MAX_IDLE_SECONDS = 20.0
"""A function is frozen between calls, and does not see that the other side has closed."""


class RiskService:
    """The service, and the connections to it that idle; mostly there is one.

    A run that came too late for its call may still be under way when the next begins, so a connection belongs to one
    run at a time: whoever asks takes it out, and puts it back once the answer has been read to its end.
    """

    def __init__(self, url: str, *, seconds: float, trust: ssl.SSLContext | None = None) -> None:
        """`url` begins with https. `trust`: whose certificates are believed. Default: those that the system trusts."""
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.hostname is None:
            raise ValueError("url must begin with https:// and name a host")
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path or "/"
        self._seconds = seconds
        self._trust = trust or ssl.create_default_context()
        self._idle: deque[tuple[http.client.HTTPSConnection, float]] = deque(maxlen=1)

    def score(self, question: Mapping[str, str]) -> int | None:
        """From 0 to 100; None where the service gives none in time."""
        deadline = time.monotonic() + self._seconds
        body = json.dumps(question).encode()
        try:
            kept = self._take()
            if kept is not None:
                try:
                    return _score(self._ask(kept, body, deadline))
                except TimeoutError:
                    raise
                except OSError:
                    pass  # the other side has closed it meanwhile; a question may be asked twice
            return _score(self._ask(self._connect(deadline), body, deadline))
        except (OSError, http.client.HTTPException, ValueError):
            return None

    def close(self) -> None:
        """Close what idles."""
        while self._idle:
            self._idle.pop()[0].close()

    def _take(self) -> http.client.HTTPSConnection | None:
        try:
            connection, since = self._idle.pop()
        except IndexError:
            return None
        if time.time() - since <= _MAX_IDLE_SECONDS:
            return connection
        connection.close()
        return None

    def _connect(self, deadline: float) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=_left(deadline), context=self._trust)
        connection.connect()
        return connection

    def _ask(self, connection: http.client.HTTPSConnection, body: bytes, deadline: float) -> bytes:
        try:
            connection.sock.settimeout(_left(deadline))
            connection.response_class = partial(_response, deadline)  # type: ignore[assignment] # as it is called
            connection.request("POST", self._path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read(_MAX_ANSWER_BYTES + 1)
            if response.status != http.HTTPStatus.OK or len(answer) > _MAX_ANSWER_BYTES:
                raise ValueError("no score")
        except BaseException:
            connection.close()
            raise
        response.close()
        if connection.sock is not None:  # http.client has closed it where the service says so
            self._idle.append((connection, time.time()))
        return answer


class _Until(io.RawIOBase):
    """What a socket receives until a deadline: each read gets what is left, so one who drips has no more time."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = connected, deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client` asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)


def _response(deadline: float, connected: socket.socket, **more: Any) -> http.client.HTTPResponse:
    return http.client.HTTPResponse(_Until(connected, deadline), **more)  # type: ignore[arg-type] # as it is read


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _score(answer: bytes) -> int | None:
    document = json.loads(answer)
    score = document.get("score") if isinstance(document, dict) else None
    return score if type(score) is int and 0 <= score <= 100 else None


_service = RiskService(os.environ.get("RISK_URL") or SETTINGS["url"], seconds=SETTINGS["milliseconds"] / 1000)


def check(call: Call) -> Reject | None:
    """Refuse what the service finds too risky; tell the triggers what it said."""
    user = hashlib.sha256((call.username or "").encode()).hexdigest()
    score = _service.score(
        {"operation": call.operation, "address": call.address, "user_agent": call.user_agent, "user": user}
    )
    if score is None:
        call.tell_triggers("risk", "unknown")
        return UNANSWERED
    if score >= SETTINGS["refuse_from"]:
        return Reject("This sign-in looks unusual. Please try again later.", type="NotAuthorizedException")
    call.tell_triggers("risk", str(score))
    return None
