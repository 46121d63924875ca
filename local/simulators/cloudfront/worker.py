"""One execution environment: a process with the Lambda runtime client, behind a Runtime API of its own.

The API is that of the AWS Lambda Developer Guide, runtimes-api: next invocation, response, error, initialization error.
Each worker has a port to itself, since the runtime client knows nothing but an address.
"""

import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.simulators.cloudfront.environment import FunctionSettings, function_environment
from local.simulators.cloudfront.package import FunctionPackage

_INIT_SECONDS = 10
_STOP_SECONDS = 2
_MAX_ANSWER = 6 * 2**20
_API = "/2018-06-01/runtime"
_ACCEPTED = 202

LogSink = Callable[[str], None]
"""Takes one line that the function wrote."""


class FunctionFailedError(Exception):
    """The function did not answer: it crashed, failed to start or ran out of time. Its text holds no request data."""


@dataclass(frozen=True, kw_only=True)
class _Invocation:
    request_id: str
    event: bytes
    deadline_ms: int
    answer: asyncio.Future[Any]


class Worker:
    """Runs one invocation at a time."""

    def __init__(
        self, settings: FunctionSettings, package: FunctionPackage, *, credentials: Mapping[str, str], log: LogSink
    ) -> None:
        self._settings = settings
        self._package = package
        self._credentials = dict(credentials)
        self._log = log
        self._pending: asyncio.Queue[_Invocation] = asyncio.Queue()
        self._current: _Invocation | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._runner: web.AppRunner | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int | None:
        """The process's id, or None before it was started."""
        return self._process.pid if self._process else None

    @property
    def usable(self) -> bool:
        """Whether the process can take an invocation."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Starts the Runtime API and the process; returns before the function is initialized."""
        app = web.Application(client_max_size=_MAX_ANSWER)
        app.router.add_get(f"{_API}/invocation/next", self._next)
        app.router.add_post(_API + "/invocation/{request_id}/response", self._response)
        app.router.add_post(_API + "/invocation/{request_id}/error", self._error)
        app.router.add_post(f"{_API}/init/error", self._init_error)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            # A process that ended no longer waits for its next invocation.
            handler_cancellation=True,
            shutdown_timeout=0.1,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self._process = await asyncio.create_subprocess_exec(
            # -S: nothing of this machine's packages; -B: the asset stays as it is, as in AWS, where it is read-only.
            sys.executable,
            *("-S", "-B", "-m", "awslambdaric", self._settings.handler),
            cwd=self._package.task_root,
            env=function_environment(
                self._settings,
                credentials=self._credentials,
                task_root=str(self._package.task_root),
                runtime_dir=str(self._package.runtime_dir),
                runtime_api=f"{host}:{port}",
            ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._tasks = [asyncio.create_task(self._read_log()), asyncio.create_task(self._watch())]

    async def invoke(self, event: Mapping[str, Any]) -> Any:
        """The handler's answer. Raises FunctionFailedError; after a timeout the worker is stopped, as AWS does."""
        try:
            async with asyncio.timeout(_INIT_SECONDS):
                await asyncio.shield(self._ready)
        except TimeoutError:
            await self.stop()
            raise FunctionFailedError(f"the function was not initialized within {_INIT_SECONDS} seconds") from None
        timeout = self._settings.timeout
        invocation = _Invocation(
            request_id=str(uuid.uuid4()),
            event=json.dumps(event).encode(),
            deadline_ms=int((time.time() + timeout) * 1000),
            answer=asyncio.get_running_loop().create_future(),
        )
        self._pending.put_nowait(invocation)
        try:
            async with asyncio.timeout(timeout):
                return await self._answer(invocation)
        except TimeoutError:
            await self.stop()
            raise FunctionFailedError(f"Task timed out after {timeout:.2f} seconds") from None

    async def stop(self) -> None:
        """Ends the process by its id, and the Runtime API."""
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        if self._tasks:
            # The log ends with the process, unless something that the function started still holds it open.
            _, open_ended = await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
            for task in open_ended:
                task.cancel()
            self._tasks = []
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, invocation: _Invocation) -> Any:
        if not self.usable and not invocation.answer.done():
            raise FunctionFailedError("the function's process has ended")
        return await invocation.answer

    async def _next(self, _: web.Request) -> web.Response:
        if not self._ready.done():
            self._ready.set_result(None)
        self._current = invocation = await self._pending.get()
        return web.Response(
            body=invocation.event,
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": self._settings.arn,
                "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
            },
        )

    async def _response(self, request: web.Request) -> web.Response:
        self._settle(json.loads(await request.read()), None)
        return web.Response(status=_ACCEPTED)

    async def _error(self, request: web.Request) -> web.Response:
        self._settle(None, f"the function raised {_error_type(await request.read())}")
        return web.Response(status=_ACCEPTED)

    async def _init_error(self, request: web.Request) -> web.Response:
        self._fail_init(f"the function could not be initialized: {_error_type(await request.read())}")
        return web.Response(status=_ACCEPTED)

    def _settle(self, answer: Any, failure: str | None) -> None:
        invocation, self._current = self._current, None
        if invocation is None or invocation.answer.done():
            return
        if failure is None:
            invocation.answer.set_result(answer)
        else:
            invocation.answer.set_exception(FunctionFailedError(failure))

    def _fail_init(self, reason: str) -> None:
        if not self._ready.done():
            self._ready.set_exception(FunctionFailedError(reason))
            # Somebody may never come to ask.
            self._ready.exception()

    async def _read_log(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        rest = b""
        while chunk := await process.stdout.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._log(line.decode("utf-8", "replace"))
        if rest:
            self._log(rest.decode("utf-8", "replace"))

    async def _watch(self) -> None:
        process = self._process
        if process is None:
            return
        status = await process.wait()
        self._fail_init(f"the function's process ended with status {status} before it was initialized")
        waiting = [self._current] if self._current else []
        while not self._pending.empty():
            waiting.append(self._pending.get_nowait())
        self._current = None
        for invocation in waiting:
            if not invocation.answer.done():
                invocation.answer.set_exception(FunctionFailedError(f"the process ended with status {status}"))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _error_type(payload: bytes) -> str:
    """The kind of an error. Its message may quote the request, so it stays in the function's log."""
    try:
        report = json.loads(payload)
    except ValueError:
        return "an unreadable error"
    return str(report.get("errorType") or "an error") if isinstance(report, dict) else "an error"
