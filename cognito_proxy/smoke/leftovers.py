"""What a run makes, written down before it is made, so that it is removed however the run ends.

Each thing has a file of its own in the user's state folder. The run that made it holds a lock on the file, which the
operating system lets go when the process ends, be it killed: so a later run can tell what was left from what another
run still uses.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

try:
    import fcntl
except ImportError:  # Windows: what is there was left
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".json"

Facts = Mapping[str, str]
"""What is needed to find the thing again. Nothing secret."""

Remover = Callable[[Facts], None]
"""Removes one thing; one that is gone is fine. Raises NotMine for one of another deployment."""


class NotMine(Exception):
    """The thing is of another deployment than the one that is looked at; the message names it."""


class Gone(Exception):
    """What held the thing is gone, and the thing with it; the message says so."""


@dataclass(kw_only=True)
class Record:
    """One thing that a run makes."""

    kind: str
    facts: Facts
    path: Path
    file: IO[str] | None
    """Open, and locked, while the run lasts."""

    @property
    def told(self) -> str:
        """For a sentence."""
        return self.facts.get("told", self.kind)

    def is_gone(self) -> None:
        """It is removed: nothing to remember."""
        self.path.unlink(missing_ok=True)
        if self.file is not None:
            self.file.close()
            self.file = None


class Leftovers:
    """The records in one folder."""

    def __init__(self, folder: Path, removers: Mapping[str, Remover]) -> None:
        """`removers` by kind of thing."""
        self._folder = folder
        self._removers = removers
        self._own: list[Record] = []

    def will_make(self, kind: str, facts: Facts) -> Record:
        """Write down what is about to be made; on disk when this returns.

        Raises:
            OSError: it cannot be written, so nothing may be made.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{token_hex(8)}{_SUFFIX}"
        # Locked before it has the name by which others find it.
        unfinished = path.with_suffix(".new")
        file = unfinished.open("w", encoding="utf-8")
        try:
            _lock(file)
            json.dump({"kind": kind, "facts": dict(facts)}, file)
            file.flush()
            os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            file.close()
            unfinished.unlink(missing_ok=True)
            raise
        record = Record(kind=kind, facts=facts, path=path, file=file)
        self._own.append(record)
        return record

    def remove_own(self) -> list[str]:
        """Remove what this run made and did not remove yet. Gives a sentence for each thing that is left."""
        left = []
        for record in self._own:
            if record.file is None:
                continue
            try:
                problem = self._remove(record)
            except Gone:
                record.is_gone()
                continue
            if problem is not None:
                left.append(f"{record.told} is still there ({problem}); the next run removes it")
                record.file.close()
        self._own.clear()
        return left

    def remove_earlier(self) -> tuple[list[str], list[str]]:
        """Remove what earlier runs left. Gives sentences of what was removed, and of what is still there."""
        removed, left = [], []
        for record in self._earlier():
            try:
                problem = self._remove(record)
            except Gone as reason:
                record.is_gone()
                removed.append(f"an earlier run left {record.told}: {reason}")
                continue
            if problem is None:
                removed.append(f"an earlier run left {record.told}: removed")
            else:
                left.append(f"an earlier run left {record.told}, and it is still there: {problem}")
                if record.file is not None:
                    record.file.close()
        return removed, left

    def _remove(self, record: Record) -> str | None:
        """Remove one thing; gives why it is still there."""
        remover = self._removers.get(record.kind)
        if remover is None:
            return f"this version does not know how to remove a {record.kind}"
        try:
            remover(record.facts)
        except NotMine as other:
            return str(other)
        except ClientError as error:
            return f"{error.operation_name}: {error.response.get('Error', {}).get('Code', 'unknown')}"
        except BotoCoreError as error:
            return f"AWS was not reached: {type(error).__name__}"
        except Gone:
            raise
        except Exception as error:  # the others have their turn, and the note stays
            return type(error).__name__
        record.is_gone()
        return None

    def _earlier(self) -> Iterator[Record]:
        """Those that no run holds."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            file = path.open("r+", encoding="utf-8")
            if not _lock(file):
                file.close()
                continue
            try:
                document: Any = json.load(file)
                yield Record(kind=str(document["kind"]), facts=dict(document["facts"]), path=path, file=file)
            except (ValueError, KeyError, TypeError):
                file.close()
                path.unlink(missing_ok=True)  # it is written in one piece, so this is none of ours


def state_folder() -> Path:
    """Where the records are: under XDG_STATE_HOME, or ~/.local/state.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    given = os.environ.get("XDG_STATE_HOME", "")
    base = Path(given) if given and Path(given).is_absolute() else Path.home() / ".local" / "state"
    return base / "cognito-proxy" / "smoke"


def _lock(file: IO[str]) -> bool:
    """Whether nobody else holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
