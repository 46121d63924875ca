"""What was changed in the synthesized templates so that the emulator takes them, in a file of its own."""

from collections.abc import Callable
from pathlib import Path


class ChangeLog:
    """A file with one line for each kind of change. `tell` hears them, too."""

    def __init__(self, file: Path, *, tell: Callable[[str], None]) -> None:
        """Begin the file anew."""
        self.file = file
        self.count = 0
        """How many lines there are."""
        self._tell = tell
        file.write_text("", encoding="utf-8")

    def begin(self, stack: str) -> None:
        """What follows was changed in this stack."""
        self._write(f"{stack}:")

    def add(self, line: str) -> None:
        """A change."""
        self.count += 1
        self._write(f"    {line}")
        self._tell(line)

    def _write(self, line: str) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
