"""What a configuration is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What to paste, and what to know about it."""

    text: str
    """Exactly what to paste, with a line end."""
    remarks: tuple[str, ...] = ()
    """A sentence each: where it goes, and what to mind. Default: none."""
