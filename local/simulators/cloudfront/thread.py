"""An edge server in a thread of its own, for callers that are not asynchronous."""

import asyncio
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from local.simulators.cloudfront.config import EdgeConfig
from local.simulators.cloudfront.server import EdgeServer

_START_SECONDS = 20
_STOP_SECONDS = 20


class EdgeServerThread:
    """`with EdgeServerThread(config) as running:` serves at `running.server.endpoint` until the block ends."""

    def __init__(self, config: EdgeConfig) -> None:
        self.server = EdgeServer(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="edge-server", daemon=True)

    def start(self) -> None:
        """Returns when the server listens. Raises what EdgeServer.start raises."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(_START_SECONDS)
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stops the server and its thread."""
        try:
            asyncio.run_coroutine_threadsafe(self.server.stop(), self._loop).result(_STOP_SECONDS)
        finally:
            self._end()

    def use_credentials(self, credentials: Mapping[str, str]) -> None:
        """Gives new workers these credentials, and ends the idle ones."""
        asyncio.run_coroutine_threadsafe(self.server.use_credentials(credentials), self._loop).result(_STOP_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _end(self) -> None:
        asyncio.run_coroutine_threadsafe(_cancel_the_rest(), self._loop).result(_STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)
        self._loop.close()


async def _cancel_the_rest() -> None:
    """Ends what is still under way for viewers that have hung up."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
