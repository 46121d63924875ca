"""A load of sign-ins over SRP and refreshes from several threads, and what became of each call."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.story import Person

_STOP_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the load calls."""

    endpoint: str
    region: str
    user_pool_id: str
    client_id: str


@dataclass(kw_only=True)
class Load:
    """What was done. A sign-in is two calls, a refresh is one; nothing is tried twice."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    """What it was → how long each took that succeeded."""
    failures: list[str] = field(default_factory=list)
    """What failed, and with which error."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, what: str, action: Callable[[], object]) -> None:
        """Do it and note what became of it."""
        started = time.perf_counter()
        try:
            action()
        except ClientError as error:
            outcome = error.response["Error"]["Code"]
        except BotoCoreError as error:
            outcome = type(error).__name__
        else:
            outcome = ""
        took = time.perf_counter() - started
        with self._lock:
            if outcome:
                self.failures.append(f"{what}: {outcome}")
            else:
                self.seconds.setdefault(what, []).append(took)

    def count(self, what: str) -> int:
        """How many succeeded."""
        with self._lock:
            return len(self.seconds.get(what, ()))

    def figures(self) -> str:
        """For whoever reads the run: one line."""
        kinds = [
            f"{len(took)} {what} (median {statistics.median(took) * 1000:.0f} ms, most {max(took) * 1000:.0f} ms)"
            for what, took in sorted(self.seconds.items())
        ]
        return f"{', '.join(kinds)}; {len(self.failures)} failed"


@contextmanager
def under_load(targets: Sequence[Target], *, threads: int, pause_seconds: float = 0.0) -> Iterator[Load]:
    """Load the targets in turn from so many threads, with a user each, while the block runs.

    Between two rounds of its calls each thread pauses. Default: it does not.
    """
    load, stop = Load(), threading.Event()
    workers = [
        threading.Thread(target=_work, args=(load, targets[number % len(targets)], stop, pause_seconds), daemon=True)
        for number in range(threads)
    ]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        stop.set()
        for worker in workers:
            worker.join(_STOP_SECONDS)
    assert not any(worker.is_alive() for worker in workers), "a call never came back"


def _work(load: Load, target: Target, stop: threading.Event, pause_seconds: float) -> None:
    with cognito_client(target.endpoint, target.region) as client:
        story = Boto3Story(client=client, user_pool_id=target.user_pool_id, client_id=target.client_id, person=Person())
        load.take("sign-up", story.sign_up)
        load.take("confirmation", story.confirm)
        while not stop.wait(pause_seconds):
            load.take("sign-in", story.sign_in_with_srp)
            load.take("refresh", story.refresh)
            load.take("old refresh", story.refresh_with_initiate_auth)
