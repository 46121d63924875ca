"""What a run of attacks found out: numbers, and nothing that anybody sent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Setting(StrEnum):
    """What stands between a caller and Cognito."""

    DIRECT = "direct"
    PROXY = "proxy"
    FIREWALL = "firewall"
    BLOCKS = "blocks"
    PHONE_RULES = "phone_rules"

    @property
    def caption(self) -> str:
        """As a reader sees it."""
        return _TITLES[self]


_TITLES = {
    Setting.DIRECT: "no proxy (public client)",
    Setting.PROXY: "proxy, no firewall",
    Setting.FIREWALL: "proxy and firewall",
    Setting.BLOCKS: "and suggested blocks",
    Setting.PHONE_RULES: "firewall and phone rules",
}

USUAL = (Setting.DIRECT, Setting.PROXY, Setting.FIREWALL, Setting.BLOCKS)
"""What every scenario is played in."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One scenario in one setting."""

    setting: Setting
    sent: int
    """Calls of the attackers."""
    reached: int
    """How many of them were seen at Cognito."""
    sent_later: int
    """Calls in the scenario's second half, when suggested blocks are in force."""
    reached_later: int
    gained: int
    """How many succeeded: users made, or accounts opened."""
    users: int
    """Ordinary users."""
    hurt: int
    """Those of them who had a call refused."""
    refused: int
    """Their calls that were refused."""
    uncounted: int = 0
    """Calls that phone rules let pass since the table of counters did not answer in time."""
    blocked: tuple[str, ...] = ()
    """What was put on the deny list after the first half."""
    blocked_by_default: tuple[str, ...] = ()
    """What would have been, had the functions logged no addresses: with `log_plain=false`, the default."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """One scenario in all settings; one that there was no time for is missing."""

    name: str
    title: str
    what: str
    gain: str
    outcomes: Mapping[Setting, Outcome]
    settings: tuple[Setting, ...] = USUAL
    """All that it is played in."""
    price: float | None = None
    """Dollars that one gain of the attackers' costs whoever pays for the pool, as an example. None: nothing to speak
    of."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run."""

    variant: str
    command: str
    """The command that makes it again."""
    date: str
    seconds: float
    """How long playing took."""
    bypass_sent: int
    """Calls straight at Cognito with the proxy's own app client."""
    bypass_passed: int
    """How many of these Cognito did not refuse for want of the secret hash."""
    played: tuple[Played, ...]
    not_evaluated: tuple[str, ...]
    """Managed rule groups, which only AWS knows: they stop nothing here."""

    @property
    def complete(self) -> bool:
        """Whether there was time for everything."""
        return all(len(played.outcomes) == len(played.settings) for played in self.played)

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "complete": self.complete}
