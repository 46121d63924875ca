"""Keeps two runs out of one folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import LocalRunError


@contextmanager
def run_lock(work_dir: Path) -> Iterator[None]:
    """Hold the folder (made if missing) until the block ends; the system lets go of it if the process dies.

    Raises LocalRunError when another run holds it.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    with (work_dir / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LocalRunError(f"another run uses the folder {work_dir}: stop it, or give --work-dir") from None
        yield
