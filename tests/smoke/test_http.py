"""HTTP as the checks send it, against a server on loopback; and what is missing without requests."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cognito_proxy.smoke.http import Http, NoAnswer

ROOT = Path(__file__).resolve().parents[2]


def _request(connection: socket.socket) -> bytes:
    """All of it: head and body may come in two pieces."""
    request = connection.recv(65_536)
    while True:
        head, end, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            return request
        request += connection.recv(65_536)


@pytest.fixture
def serve():
    """A server that answers once with these bytes; gives its URL, and what it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []
    threads = []

    def start(answer: bytes):
        def once():
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                received.append(_request(connection))
                connection.sendall(answer)

        threads.append(threading.Thread(target=once))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/", received

    yield start
    for thread in threads:
        thread.join()
    listener.close()


@pytest.fixture
def http(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    http = Http(user_agent="smoke", through_proxies=False)
    yield http
    http.close()


def test_a_header_that_comes_twice_is_two_values(serve, http):
    """Browsers refuse two allowed origins, so a check must see both."""
    headers = b"Access-Control-Allow-Origin: a\r\nAccess-Control-Allow-Origin: b\r\n"
    url, _ = serve(b"HTTP/1.1 200 OK\r\n" + headers + b"Content-Length: 2\r\n\r\n{}")
    assert http.send(url).headers["access-control-allow-origin"] == ("a", "b")


def test_sends_the_operation_and_nothing_of_its_own_but_the_user_agent(serve, http):
    url, received = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    http.call(url, "GetUser", {"AccessToken": "x"})
    head, _, body = received[0].partition(b"\r\n\r\n")
    names = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
    assert names <= {
        b"host", b"user-agent", b"accept", b"accept-encoding", b"content-type", b"content-length", b"x-amz-target"
    }  # fmt: skip
    assert b"x-amz-target: awscognitoidentityproviderservice.getuser" in head.lower()
    assert body == b'{"AccessToken": "x"}'


def test_a_redirect_is_an_answer(serve, http):
    url, _ = serve(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
    assert http.send(url).status == 302


@pytest.mark.parametrize("answer", [b"", b"no http", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"])
def test_what_ends_early_is_no_answer(serve, http, answer):
    url, _ = serve(answer)
    with pytest.raises(NoAnswer) as raised:
        http.send(url)
    assert "127.0.0.1" not in str(raised.value)


WITHOUT_REQUESTS = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "requests":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from cognito_proxy.cli import main
main()
"""


def without_requests(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_REQUESTS, *arguments],
        env={"PYTHONPATH": str(ROOT), "AWS_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_other_commands_go_without_requests():
    told = without_requests("ip", "list")
    assert (told.returncode, told.stderr) == (
        2,
        "error: give --stack, the proxy's CloudFormation stack, --web-acl-arn, or --local\n",
    )


def test_smoke_says_how_to_install_it():
    told = without_requests("smoke", "--endpoint", "https://127.0.0.1:9/", "--client-id", "x", "--region", "eu-west-1")
    install = f"{sys.executable} -m pip install 'requests>=2.32'"
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"error: requests is not installed; run: {install}\n"
