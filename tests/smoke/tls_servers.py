"""TLS servers on loopback that go by a host name of one's own."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from tests.proxy.certificate_authority import Authority


class TlsServers:
    """Those of one certificate authority, which `ssl.create_default_context` trusts while `hosts` lasts."""

    def __init__(self, folder: Path) -> None:
        self._authority = Authority(folder)
        self._ends = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listeners: list[socket.socket] = []
        self.ports: dict[str, int] = {}
        """By the name that they are called by: where connections to its port 443 go."""

    def start(self, *, oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2, host: str) -> int:
        """Start one with a certificate for that name; gives its port."""
        context = self._authority.server(host)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = oldest
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.1)
        self._listeners.append(listener)
        self._threads.append(threading.Thread(target=self._accept, args=(listener, context)))
        self._threads[-1].start()
        return int(listener.getsockname()[1])

    def _accept(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        while not self._ends.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                connection.settimeout(5)
                with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(1)

    @contextmanager
    def hosts(self, *names: str) -> Iterator[None]:
        """These names lead to loopback, and nowhere else."""
        connect, context_of = socket.create_connection, ssl.create_default_context

        def to_loopback(where: tuple[str, int], *arguments: Any, **more: Any) -> socket.socket:
            host, port = where
            return connect(("127.0.0.1", self.ports.get(host, port)) if host in names else where, *arguments, **more)

        def trusting() -> ssl.SSLContext:
            return context_of(cafile=str(self._authority.bundle))

        with (
            mock.patch.object(socket, "create_connection", to_loopback),
            mock.patch.object(ssl, "create_default_context", trusting),
        ):
            yield

    def stop(self) -> None:
        """End all of them."""
        self._ends.set()
        for thread in self._threads:
            thread.join()
        for listener in self._listeners:
            listener.close()
