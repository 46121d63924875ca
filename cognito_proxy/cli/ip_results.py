"""What an edit did to an address: in words for people, in fields for programs."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cognito_proxy.cli.ip_overrides import Cover, Override, short
from cognito_proxy.cli.proxy_lists import ListName
from cognito_proxy.cli.times import iso, readable
from cognito_proxy.list_edits.entries import Entry

TAKE_OFF = {ListName.ALLOW: "unallow", ListName.DENY: "unblock"}
"""The command that takes an address off a list."""

_DONE = {ListName.ALLOW: "allowed", ListName.DENY: "blocked"}


class Outcome(StrEnum):
    """Where the address is now."""

    LISTED = "listed"
    """On the list."""

    REMOVED = "removed"
    """No longer on the list."""

    ABSENT = "absent"
    """Not on the list, and it was not before."""


@dataclass(frozen=True, kw_only=True)
class Edited:
    """What became of one address."""

    list_name: ListName
    address: str
    outcome: Outcome
    entry: Entry | None = None
    """What is kept with it, where it is listed."""

    end_was_kept: bool = False
    """It ends later than was asked for now."""

    override: Override | None = None
    """What lets it in though it is denied."""

    still_covered_by: tuple[Cover, ...] = ()
    """Where it was taken off: what still blocks it, or lets it in."""

    @property
    def is_reached(self) -> bool:
        """Whether nothing of this list stands against what was asked for."""
        return not self.still_covered_by

    @property
    def lines(self) -> list[str]:
        """For people."""
        address, done = short(self.address), _DONE[self.list_name]
        if self.entry is not None:
            return [self._addition(self.entry, address, done)]
        first = f"{address} {'no longer' if self.outcome is Outcome.REMOVED else 'was not'} {done}"
        origins = {True: "set by hand", False: "from the settings"}
        return [first] + [
            f"{address} is still {done} by {short(cover.address)} ({origins[cover.by_hand]})"
            for cover in self.still_covered_by
        ]

    def _addition(self, entry: Entry, address: str, done: str) -> str:
        # Who reads `blocked` must be able to rely on it.
        done = done if self.override is None else f"put onto the {self.list_name.spoken}"
        line = f"{address} {done} {'for good' if entry.expires_at is None else f'until {readable(entry.expires_at)}'}"
        if not self.end_was_kept:
            return line
        return f"{line}, as before; {TAKE_OFF[self.list_name]} it first to end that sooner"

    @property
    def fields(self) -> dict[str, Any]:
        """For programs; docs/command-line.md says what they mean."""
        return {
            "list": self.list_name.name.lower(),
            "address": self.address,
            "outcome": self.outcome,
            **_kept(self.entry),
            "overridden_by": [cover.fields for cover in self.override.allowed] if self.override else [],
            "still_covered_by": [cover.fields for cover in self.still_covered_by],
        }


def _kept(entry: Entry | None) -> dict[str, str | None]:
    """What is kept with an address; nothing for one that is not listed."""
    if entry is None:
        return dict.fromkeys(("note", "added_at", "added_by", "expires_at"))
    return {
        "note": entry.note or None,
        "added_at": iso(entry.added_at),
        "added_by": entry.added_by or None,
        "expires_at": iso(entry.expires_at),
    }


def as_json(edited: Iterable[Edited]) -> str:
    """For programs."""
    return json.dumps([each.fields for each in edited], indent=2, ensure_ascii=False)
