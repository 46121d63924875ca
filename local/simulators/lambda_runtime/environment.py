"""One execution environment: a process with the function in it, its two APIs, and a freeze (SIGSTOP) between calls.

Its rules, each with where it is written:

- INIT ends when the runtime and each extension have asked for `next`; then only is a call handed out.
- An extension registers during INIT and not later; an internal one for INVOKE, and never for SHUTDOWN.
- A call goes to the runtime and to each extension at the same time. The caller has the answer as soon as the runtime
  has handed it back. The environment is frozen when the runtime and each extension have asked for `next` again.
- The function's time-out counts the extensions in: who has not asked for `next` until then is killed.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://github.com/aws/aws-lambda-runtime-interface-emulator (`ShutdownEventNotSupportedForInternalExtension`)
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

RUNTIME = (sys.executable, str(Path(__file__).with_name("runtime.py")))
"""Our own least runtime; AWS's is `python -m awslambdaric`."""

_WAIT_SECONDS = 20.0


class LambdaEnvironment:
    """Use it as a context manager; it is warm once it is entered."""

    def __init__(
        self,
        handler: str,
        *,
        folder: Path,
        environment: Mapping[str, str],
        runtime: Sequence[str] = RUNTIME,
        timeout_seconds: float = 15.0,
        extensions: bool = True,
    ) -> None:
        """
        Args:
            handler: `module.function`.
            folder: the asset's root.
            environment: variables of the function's.
            runtime: the command in front of the handler. Default: our own.
            timeout_seconds: the function's.
            extensions: whether there is an Extensions API. Default: there is.
        """
        self.output: list[str] = []
        """Lines that the function has written."""
        self.deaths: list[str] = []
        """Why the environment was ended before its time."""
        self._command = [*runtime, handler]
        self._folder, self._environment = folder, dict(environment)
        self._timeout, self._with_extensions = timeout_seconds, extensions
        self._changed = threading.Condition()
        self._extensions: dict[str, bool] = {}  # whether it waits for `next`
        self._events: dict[str, bytes] = {}  # what a waiting one is to get
        self._runtime_waits = False
        self._initialized = False
        self._frozen = False
        self._invocation: tuple[str, bytes, int] | None = None
        self._answer: bytes | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
        self._server.daemon_threads = True
        cast("Any", self._server).environment = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        host, port = self._server.server_address[:2]
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(self._folder),
                "PYTHONDONTWRITEBYTECODE": "1",
                "AWS_LAMBDA_RUNTIME_API": f"{host!s}:{port}",
                **self._environment,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self.wait_until_frozen():
            self.__exit__(None, None, None)
            raise RuntimeError("the function did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        self._server.shutdown()
        self._server.server_close()
        self._reader.join(_WAIT_SECONDS)

    def end(self) -> None:
        """Lambda ends the environment without a word, as it does with one that idles."""
        self._process.kill()
        self._process.wait(_WAIT_SECONDS)
        with self._changed:
            self._changed.notify_all()

    def invoke(self, event: object) -> Any:
        """Thaw the environment and hand it a call; the answer, as soon as the runtime has handed it back."""
        return json.loads(self.timed(event)[0])

    def timed(self, event: object) -> tuple[bytes, float]:
        """The same, unread, and the seconds from the call to the answer."""
        if not self.wait_until_frozen():
            raise RuntimeError("the environment is not ready for a call")
        body, invocation = json.dumps(event).encode(), str(uuid.uuid4())
        ends = time.time() + self._timeout
        told = {"eventType": "INVOKE", "deadlineMs": int(ends * 1000), "requestId": invocation}
        with self._changed:
            self._answer, self._frozen = None, False
            started = time.perf_counter()
            os.kill(self._process.pid, signal.SIGCONT)
            self._invocation, self._runtime_waits = (invocation, body, int(ends * 1000)), False
            for name in self._extensions:
                self._extensions[name] = False
                self._events[name] = json.dumps(told).encode()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._answer is not None or self._ended(), self._timeout)
            seconds = time.perf_counter() - started
            answer = self._answer
        threading.Thread(target=self._watch, args=(invocation, ends), daemon=True).start()
        if answer is None:
            raise RuntimeError("no answer")
        return answer, seconds

    def wait_until_frozen(self, seconds: float = _WAIT_SECONDS) -> bool:
        """Whether it is frozen by then."""
        with self._changed:
            return self._changed.wait_for(lambda: self._frozen or self._ended(), seconds) and not self._ended()

    @property
    def is_frozen(self) -> bool:
        """Whether it is at this moment."""
        return self._frozen

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def _watch(self, invocation: str, ends: float) -> None:
        """The function's time-out, extensions counted in."""
        with self._changed:
            current = self._invocation
            done = self._changed.wait_for(
                lambda: self._frozen or self._ended() or self._invocation is not current, max(0.0, ends - time.time())
            )
        if not done:
            self.deaths.append(f"Task timed out: {invocation}")
            self.end()

    def _read(self) -> None:
        with cast("Any", self._process.stdout) as lines:
            for line in lines:
                self.output.append(line)

    # What the two APIs do.

    def next_invocation(self) -> tuple[str, bytes, int] | None:
        """For the runtime: wait for a call."""
        with self._changed:
            self._runtime_waits = True
            before = self._invocation
            self._freeze_if_done()
            self._changed.wait_for(lambda: self._invocation is not before or self._ended())
            return None if self._ended() else self._invocation

    def answered(self, body: bytes) -> None:
        """For the runtime: the answer goes to the caller."""
        with self._changed:
            self._answer = body
            self._changed.notify_all()

    def register(self, body: bytes) -> tuple[int, dict[str, str]]:
        """For an internal extension."""
        with self._changed:
            events = json.loads(body)["events"]
            if not self._with_extensions or self._initialized or set(events) - {"INVOKE"}:
                return 403, {}
            name = str(uuid.uuid4())
            self._extensions[name] = False
            return 200, {"Lambda-Extension-Identifier": name}

    def next_event(self, name: str) -> bytes | None:
        """For an extension: it is done; wait for a call."""
        with self._changed:
            if name not in self._extensions:
                return None
            self._extensions[name] = True
            self._freeze_if_done()
            self._changed.wait_for(lambda: name in self._events or self._ended())
            return None if self._ended() else self._events.pop(name)

    def _freeze_if_done(self) -> None:
        if self._runtime_waits and all(self._extensions.values()) and not self._frozen and not self._ended():
            os.kill(self._process.pid, signal.SIGSTOP)
            self._initialized = self._frozen = True
            self._changed.notify_all()


class _Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def _environment(self) -> LambdaEnvironment:
        return cast("LambdaEnvironment", cast("Any", self.server).environment)

    def do_GET(self) -> None:
        if self.path == "/2020-01-01/extension/event/next":
            event = self._environment.next_event(self.headers.get("Lambda-Extension-Identifier", ""))
            self._send(403 if event is None else 200, event or b"{}")
            return
        invocation = self._environment.next_invocation()
        if invocation is None:
            self.close_connection = True
            return
        name, body, ends = invocation
        self._send(
            200,
            body,
            {
                "Lambda-Runtime-Aws-Request-Id": name,
                "Lambda-Runtime-Deadline-Ms": str(ends),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:111122223333:function:proxy",
                "Content-Type": "application/json",
            },
        )

    def do_POST(self) -> None:
        # The runtime streams an answer in chunks; a buffered one has a length.
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/2020-01-01/extension/register":
            status, headers = self._environment.register(body)
            self._send(status, b"{}", headers)
            return
        self._environment.answered(body)
        self._send(202, b"{}")

    def _chunk(self) -> bytes:
        chunk = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return chunk

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""
