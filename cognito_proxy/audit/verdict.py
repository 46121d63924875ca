"""What comes of an audit: each app client with its findings, and whether a door is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cognito_proxy.audit.doors import Kind, PoolRule, Rule, findings, pool_findings
from cognito_proxy.audit.facts import Client, Pool


class State(StrEnum):
    """Of an app client."""

    OPEN = "open"
    ACCEPTED = "accepted"
    """It has doors, and whoever asked knows of them."""
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An app client, and what the rules say of it."""

    client: Client
    findings: tuple[Rule, ...]
    state: State

    @property
    def doors(self) -> tuple[Rule, ...]:
        """What is open."""
        return tuple(rule for rule in self.findings if rule.kind is Kind.DOOR)


@dataclass(frozen=True, kw_only=True)
class Audit:
    """A user pool, judged."""

    pool: Pool
    findings: tuple[PoolRule, ...]
    clients: tuple[Judged, ...]
    """Open ones first, then by name."""

    @property
    def open(self) -> tuple[Judged, ...]:
        """App clients with a door that nobody accepted."""
        return tuple(judged for judged in self.clients if judged.state is State.OPEN)


def judge(pool: Pool, clients: Iterable[Client], *, accepted: frozenset[str] = frozenset()) -> Audit:
    """Judge a pool's app clients; `accepted` are ids of those whose doors are meant to be open."""
    judged = (_judge(pool, client, accepted) for client in clients)
    order = list(State)
    return Audit(
        pool=pool,
        findings=pool_findings(pool),
        clients=tuple(
            sorted(judged, key=lambda each: (order.index(each.state), each.client.name, each.client.client_id))
        ),
    )


def _judge(pool: Pool, client: Client, accepted: frozenset[str]) -> Judged:
    found = findings(pool, client)
    state = State.CLOSED
    if any(rule.kind is Kind.DOOR for rule in found):
        state = State.ACCEPTED if client.client_id in accepted else State.OPEN
    return Judged(client=client, findings=found, state=state)
