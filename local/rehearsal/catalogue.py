"""The tables in `data/`, typed."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a type of resource is, in plain words."""

    one: str
    many: str
    group: str
    """Under which it is shown."""
    actions: tuple[str, ...]
    """What CloudFormation's role needs at least to make, change and delete it."""
    charged: tuple[str, ...] = ()
    """Ids of its prices. Empty: it costs nothing by itself."""
    free: str = ""
    """Why it costs nothing, with the source. Empty: it is charged."""
    unpriced: str = ""
    """Why it is charged and in no sum, with the source. Empty: it is in one, or free."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """One list price."""

    what: str
    usd: Decimal
    """For one `unit`."""
    unit: str
    times: int = 1
    """How many things one unit is: 1,000,000 where AWS writes 'per million'."""
    where: str
    """Which Region or group of Regions it is for."""
    looked_up: date
    page: str
    """AWS's own page."""
    seen_in: str
    """The stored copy that it was read in."""

    def of(self, quantity: Decimal) -> Decimal:
        """Dollars for so many things."""
        return quantity / self.times * self.usd


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What a sign-in is taken to be."""

    sign_ins: int
    calls_per_sign_in: int
    minutes_per_month: int
    ms_waiting_for_cognito: int
    ms_rewriting: int
    ms_scheduled: int
    mb_scheduled: int
    bytes_out_per_call: int
    bytes_logged_per_call: int
    bytes_edge_log_per_call: int
    metrics_in_use: int
    busy_instances: int
    seconds_between_fetches: int
    why: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Note:
    """A sentence for some deployments."""

    text: str
    when: str = "any"
    """`any`, `edge` or `regional`."""
    source: str = ""

    def holds(self, *, edge: bool) -> bool:
        """Whether it is for this variant."""
        return self.when in ("any", "edge" if edge else "regional")


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A limit of AWS's that such a deployment can meet."""

    name: str
    limit: str
    source: str
    when: str = "any"
    uses: str = ""
    """What of this deployment is counted against it: a name of `local.rehearsal.page.MEASURES`."""

    def holds(self, *, edge: bool) -> bool:
        """Whether it is for this variant."""
        return self.when in ("any", "edge" if edge else "regional")


@cache
def kinds() -> dict[str, Kind]:
    """By type in CloudFormation."""
    return {name: Kind(**_tuples(entry)) for name, entry in _table("kinds").items()}


@cache
def prices() -> dict[str, Price]:
    """By id."""
    return {name: Price(**entry | {"usd": Decimal(entry["usd"])}) for name, entry in _table("prices").items()}


@cache
def assumptions() -> Assumptions:
    """Of a sign-in."""
    return Assumptions(**_tuples(_table("assumptions")))


@cache
def quotas() -> tuple[Quota, ...]:
    """In the order of the file."""
    return tuple(Quota(**entry) for entry in _table("quotas")["quota"])


@cache
def notes(name: str) -> tuple[Note, ...]:
    """Of `notes.toml`, under that name."""
    return tuple(Note(**entry) for entry in _table("notes")[name])


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
