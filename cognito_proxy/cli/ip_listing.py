"""What is on a proxy's lists."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from rich.table import Table
from rich.text import Text

from cognito_proxy.cli.ip_overrides import short
from cognito_proxy.cli.ip_set_contents import present
from cognito_proxy.cli.proxy_lists import ProxyList, ProxyLists
from cognito_proxy.cli.times import iso, readable, remaining
from cognito_proxy.list_edits.backoff import Backoff
from cognito_proxy.list_edits.entries import Entry, State
from cognito_proxy.list_edits.stores import HandList

SETTINGS = "settings"
"""The state of an address that the deployment's settings name."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One address on a list. Times are seconds since 1970, UTC."""

    list_name: str
    """allow or deny."""

    address: str
    state: str
    """listed, adding, removing (by hand), or settings."""

    note: str = ""
    added_at: int | None = None
    added_by: str = ""
    expires_at: int | None = None


def rows(proxy: ProxyLists, *, backoff: Backoff) -> list[Row]:
    """Everything on both lists, in the order of the addresses.

    Raises:
        CommandError: the lists are too busy.
    """
    return [row for proxy_list in proxy.lists.values() for row in sorted(_rows(proxy_list, backoff), key=_order)]


def as_json(listed: Iterable[Row]) -> str:
    """For programs."""
    return json.dumps(
        [
            {
                "list": row.list_name,
                "address": row.address,
                "state": row.state,
                "note": row.note or None,
                "added_at": iso(row.added_at),
                "added_by": row.added_by or None,
                "expires_at": iso(row.expires_at),
            }
            for row in listed
        ],
        indent=2,
        ensure_ascii=False,
    )


def as_table(listed: Iterable[Row], *, title: str, now: int) -> Table:
    """For people."""
    table = Table(title=title, title_justify="left")
    for heading in ("List", "Address", "State", "Expires in", "Note", "Added", "By"):
        # What fills a narrow terminal is folded. But half an address is a wrong one.
        table.add_column(heading, overflow="fold", no_wrap=heading in ("List", "Address", "State"))
    for row in listed:
        # Text, because a note may look like markup.
        table.add_row(
            row.list_name,
            short(row.address),
            row.state,
            remaining(row.expires_at, now) if row.state != SETTINGS else "",
            Text(row.note),
            "" if row.added_at is None else readable(row.added_at),
            Text(row.added_by),
        )
    return table


def _rows(proxy_list: ProxyList, backoff: Backoff) -> Iterator[Row]:
    list_name = proxy_list.name.name.lower()
    for hand_list in proxy_list.by_hand.values():
        yield from _by_hand(hand_list, list_name, backoff)
    for address in (*proxy_list.from_settings.v4, *proxy_list.from_settings.v6):
        yield Row(list_name=list_name, address=address, state=SETTINGS)


def _by_hand(hand_list: HandList, list_name: str, backoff: Backoff) -> Iterator[Row]:
    there = present(hand_list, backoff=backoff)
    entries = {entry.address: entry for entry in hand_list.entries.all()}
    for address in there.union(entries):
        entry = entries.get(address)
        # A closed entry without its address was taken off in the console.
        if entry is None or (entry.state is State.LISTED and address not in there):
            if address in there:
                yield Row(list_name=list_name, address=address, state=State.LISTED)
        else:
            yield _row(entry, list_name)


def _row(entry: Entry, list_name: str) -> Row:
    return Row(
        list_name=list_name,
        address=entry.address,
        state=entry.state,
        note=entry.note,
        added_at=entry.added_at,
        added_by=entry.added_by,
        expires_at=entry.expires_at,
    )


def _order(row: Row) -> tuple[int, int, int]:
    network = ip_network(row.address)
    return network.version, int(network.network_address), network.prefixlen
