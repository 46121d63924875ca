"""A thread that looks for news now and then, for as long as a run lasts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

LOOK_SECONDS = 2.0
"""Between two looks where lines are shown as they come."""
IDLE_SECONDS = 10.0
"""Where only alarms are: they change by the minute."""
_STOP_SECONDS = 10.0


@contextmanager
def looked_at(*looks: Callable[[], None], every: float) -> Iterator[None]:
    """Call these one after another, `every` so many seconds, until the block ends. Then no thread is left."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every):
            try:
                for look in looks:
                    look()
            except (BotoCoreError, ClientError):
                # The emulator ends before this does.
                continue

    thread = threading.Thread(target=run, name="looking", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_STOP_SECONDS)
