"""Rows of the last `cognito-proxy top`, to be blocked: which are meant, which are left out, and what the note says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network

from cognito_proxy.cli.errors import CommandError, WrongUsage
from cognito_proxy.cli.ip_edits import MAX_NOTE, Wish, listed, parse
from cognito_proxy.cli.ip_overrides import short
from cognito_proxy.cli.proxy_lists import ListName, ProxyLists
from cognito_proxy.firewall.ip_lists import Network
from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.top.last import MOST_SECONDS, Last, last
from cognito_proxy.top.own_address import NotTold, own_address
from cognito_proxy.top.rows import Row

MOST_AT_ONCE = 10
"""More are shown and not blocked, unless the caller says `--yes`."""

DEFAULT_DURATION = "24h"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Rows that can be blocked, and what is said of the others."""

    rows: Sequence[tuple[int, Row]]
    """With their numbers in the table."""
    left_out: Sequence[str]


def fresh_last(proxy: dict[str, str], *, now: datetime | None = None) -> Last:
    """The last run about this proxy.

    Raises:
        CommandError: there is none, it is of another proxy, or it is too old.
    """
    kept = last()
    if kept is None:
        raise CommandError("there is no last run of top to take rows from; run: cognito-proxy top")
    if dict(kept.proxy) != proxy:
        raise CommandError(
            f"the last run of top was about {kept.proxy.get('stack')} in {kept.proxy.get('region')} "
            f"({kept.proxy.get('where')}); run it for this proxy first"
        )
    age = ((now or datetime.now(tz=UTC)) - kept.at).total_seconds()
    if not 0 <= age <= MOST_SECONDS:
        raise CommandError(f"the last run of top is of {kept.at:%Y-%m-%d %H:%M} UTC, too old to act on; run it again")
    return kept


def chosen(kept: Last, *, first: int | None, numbers: Sequence[int]) -> Chosen:
    """The rows that are meant.

    Raises:
        WrongUsage: there is no such row.
        CommandError: the last run named nobody.
    """
    if not kept.rows:
        raise CommandError("the last run of top named nobody")
    for number in numbers:
        if not 1 <= number <= len(kept.rows):
            raise WrongUsage(f"--row: {number} is not in the last run of top; it has rows 1 to {len(kept.rows)}")
    meant = sorted({*numbers, *range(1, min(first or 0, len(kept.rows)) + 1)})
    rows, left_out = [], []
    for number in meant:
        row = kept.rows[number - 1]
        if row.block is None:
            left_out.append(f"row {number}: {row.who} is a {row.kind.value}, which nobody can block")
        else:
            rows.append((number, row))
    return Chosen(rows=rows, left_out=left_out)


def own(*, local: bool, given: Sequence[str]) -> tuple[str, ...]:
    """Addresses that must not be blocked, since the caller has them.

    Raises:
        WrongUsage: what was given is no address.
        CommandError: it cannot be found out.
    """
    if given:
        return tuple(map(_typed, given))
    if local:
        return ("127.0.0.1/32", "::1/128")
    try:
        return (str(ip_network(own_address())),)
    except NotTold as error:
        raise CommandError(
            f"your own address, which is never blocked by mistake, is not known: {error}; give it with --own-address, "
            "or leave the check out with --force"
        ) from None


def _typed(address: str) -> str:
    try:
        return str(ip_network(address.strip()))
    except ValueError:
        raise WrongUsage(f"--own-address: {address!r} is no address; write 192.0.2.44") from None


def spared(found: Chosen, proxy: ProxyLists, *, own_addresses: Sequence[str], backoff: Backoff) -> Chosen:
    """Without whoever calls, and without whom the allow list names.

    Raises:
        CommandError: the list is too busy.
    """
    rows, left_out = [], list(found.left_out)
    own_networks = list(map(ip_network, own_addresses))
    allowed_networks = list(map(ip_network, listed(proxy, ListName.ALLOW, backoff=backoff)))
    for number, row in found.rows:
        network = ip_network(str(row.block))
        mine = any(_overlap(each, network) for each in own_networks)
        on_list = next((str(each) for each in allowed_networks if _overlap(each, network)), None)
        if mine:
            left_out.append(f"row {number}: {short(str(network))} holds your own address; --force blocks it")
        elif on_list is not None:
            left_out.append(
                f"row {number}: {short(str(network))} has to do with {short(on_list)} on the allow list; "
                "--force puts it onto the deny list"
            )
        else:
            rows.append((number, row))
    return Chosen(rows=rows, left_out=left_out)


def wishes(kept: Last, found: Chosen, *, note: str, expires_at: int | None, now: int) -> Iterator[Wish]:
    """What to block for each row, with a note that names the evidence: query, count and window."""
    since, until = kept.window.since, kept.window.until
    window = f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
    for _, row in found.rows:
        evidence = f"top {kept.subject.value}: {row.findings[0].told}, {window}"
        words = f"{note}; {evidence}" if note else evidence
        # The evidence is worth more than the end of a long note.
        if len(words) > MAX_NOTE:
            words = f"{note[: max(0, MAX_NOTE - len(evidence) - 3)]}…; {evidence}"[:MAX_NOTE]
        yield Wish(addresses=parse([str(row.block)]), note=words, expires_at=expires_at, now=now)


def _overlap(other: Network, network: Network) -> bool:
    # Of two versions, neither holds any of the other.
    return other.version == network.version and other.overlaps(network)
