"""The address of whoever runs the command."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cognito_proxy.top.own_address import NotTold, own_address


@contextmanager
def saying(text: bytes) -> Iterator[str]:
    """A server that says this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_is_what_aws_says() -> None:
    with saying(b"192.0.2.7\n") as url:
        assert own_address(url) == "192.0.2.7"


@pytest.mark.parametrize("text", [b"", b"<html>sign in to this network</html>", b"1" * 500])
def test_what_is_no_address_is_not_believed(text: bytes) -> None:
    with saying(text) as url, pytest.raises(NotTold, match="does not tell"):
        own_address(url)


def test_who_does_not_speak_http_tells_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"garbage\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(NotTold, match="was not reached"):
            own_address(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()


def test_nobody_there_is_said() -> None:
    with pytest.raises(NotTold, match="was not reached"):
        own_address("http://127.0.0.1:9/")
