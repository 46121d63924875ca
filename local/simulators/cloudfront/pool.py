"""A bounded pool of execution environments: one request each at a time, as AWS Lambda does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from local.simulators.cloudfront.environment import FunctionSettings
from local.simulators.cloudfront.package import FunctionPackage
from local.simulators.cloudfront.worker import FunctionFailedError, LogSink, Worker


class WorkerPool:
    """Starts workers when they are needed, keeps them warm, and ends them all in `stop`.

    When all are busy, a request waits; AWS would answer 503 only at a thousand at a time.
    """

    def __init__(
        self,
        settings: FunctionSettings,
        package: FunctionPackage,
        *,
        credentials: Mapping[str, str],
        log: LogSink,
        max_workers: int,
    ) -> None:
        self._settings = settings
        self._package = package
        self._credentials = dict(credentials)
        self._log = log
        self._places = asyncio.Semaphore(max_workers)
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._stale: set[Worker] = set()
        self.started = 0
        """How many workers were started so far: how many cold starts there were."""

    @property
    def pids(self) -> list[int]:
        """Ids of the processes that run now."""
        return [worker.pid for worker in self._all if worker.pid is not None]

    async def invoke(self, event: Mapping[str, Any]) -> Any:
        """The handler's answer. Raises FunctionFailedError."""
        async with self._worker() as worker:
            return await worker.invoke(event)

    async def use_credentials(self, credentials: Mapping[str, str]) -> None:
        """New workers get these credentials from now on, and idle ones are ended. Busy ones finish and are ended."""
        self._credentials = dict(credentials)
        self._idle, idle = [], self._idle
        self._all -= set(idle)
        self._stale = set(self._all)
        for worker in idle:
            await worker.stop()

    async def stop(self) -> None:
        """Ends every process that this pool started."""
        workers, self._all, self._idle = self._all, set(), []
        for worker in workers:
            await worker.stop()

    @contextlib.asynccontextmanager
    async def _worker(self) -> AsyncIterator[Worker]:
        async with self._places:
            worker = await self._free()
            try:
                yield worker
            finally:
                await self._give_back(worker)

    async def _free(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.usable:
                return worker
            await self._retire(worker)
        worker = Worker(self._settings, self._package, credentials=self._credentials, log=self._log)
        self._all.add(worker)
        self.started += 1
        try:
            await worker.start()
        except OSError as error:
            await self._retire(worker)
            raise FunctionFailedError(f"the function's process could not be started: {error.strerror}") from None
        return worker

    async def _give_back(self, worker: Worker) -> None:
        if worker in self._all and worker.usable and worker not in self._stale:
            self._idle.append(worker)
        else:
            await self._retire(worker)

    async def _retire(self, worker: Worker) -> None:
        self._all.discard(worker)
        self._stale.discard(worker)
        await worker.stop()
