"""The function's package in a process, run as Lambda runs it: AWS's own runtime client and a Runtime API of the tests'.

What happens before the client asks for the first event is INIT. Between two events Lambda freezes the process; here a
signal does. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import proxy
from local.simulators.cloudfront.package import FunctionPackage

_SECONDS = 20.0
_API = "/2018-06-01/runtime"


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """The process was ended in the middle of a question: what tests are about shows elsewhere."""


class ExecutionEnvironment:
    """One execution environment; use it as a context manager. `variables` are those that the test is about."""

    def __init__(self, variables: Mapping[str, str], *, handler: str = "proxy.regional.handler") -> None:
        self._handler = handler
        self._variables = dict(variables)
        self._package = FunctionPackage(Path(proxy.__file__).parents[1])
        self._events: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()
        self._asked = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._api())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._log = tempfile.NamedTemporaryFile()  # noqa: SIM115 - closed with this
        self._process: subprocess.Popen[bytes] | None = None
        self.init_seconds = 0.0
        """From the start of the process to its first question for an event."""

    @property
    def written(self) -> str:
        """What the function has written so far."""
        return Path(self._log.name).read_text("utf-8")

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """The handler's answer."""
        self._events.put(("request-1", json.dumps(event).encode()))
        return self._answers.get(timeout=_SECONDS)

    def freeze(self) -> None:
        """Stop the process where it stands."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self._thread.start()
        started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-B", "-m", "awslambdaric", self._handler],
            cwd=self._package.task_root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            assert self._asked.wait(_SECONDS), self.written
        except BaseException:
            self.__exit__()
            raise
        self.init_seconds = time.monotonic() - started
        return self

    def __exit__(self, *_: object) -> None:
        self._events.put(None)
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS)
        self._server.shutdown()
        self._thread.join(_SECONDS)
        self._server.server_close()
        self._log.close()
        self._package.close()

    def _environment(self) -> dict[str, str]:
        return {
            "_HANDLER": self._handler,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_NAME": "proxy",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "dummy-secret-access-key",
            "LAMBDA_TASK_ROOT": str(self._package.task_root),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self._package.runtime_dir),
            **self._variables,
        }

    def _api(self) -> type[BaseHTTPRequestHandler]:
        environment = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                assert self.path == f"{_API}/invocation/next"
                environment._asked.set()
                event = environment._events.get()
                if event is None:
                    self.close_connection = True
                    return
                self._answer(
                    event[1],
                    {
                        "Lambda-Runtime-Aws-Request-Id": event[0],
                        "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 15) * 1000)),
                        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:000000000000:function:proxy",
                        "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
                        "Content-Type": "application/json",
                    },
                )

            def do_POST(self) -> None:
                environment._answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self._answer(b"{}", {})

            def _answer(self, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Api
