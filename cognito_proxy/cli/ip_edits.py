"""Editing a proxy's lists: what is refused, what is done, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from cognito_proxy.cli.errors import CommandError, WrongUsage
from cognito_proxy.cli.proxy_lists import ListName, ProxyList, ProxyLists
from cognito_proxy.cli.times import readable
from cognito_proxy.ip_lists import MAX_ADDRESSES, IpList, Network, check_disjoint, parse_addresses
from cognito_proxy.list_edits.edits import ListFull, Wish, add, remove
from cognito_proxy.list_edits.entries import Entry
from cognito_proxy.list_edits.patience import OutOfPatience, Patience

_DONE: Final = {ListName.ALLOW: "allowed", ListName.DENY: "blocked"}
_TAKE_OFF: Final = {ListName.ALLOW: "unallow", ListName.DENY: "unblock"}
_MAX_NOTE: Final = 256


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command says, and whether it reached its aim."""

    lines: tuple[str, ...]
    reached: bool = True


def parse(addresses: Iterable[str]) -> IpList:
    """Addresses as they were typed.

    Raises:
        WrongUsage: one is wrong; names it and what is allowed.
    """
    typed = [address for argument in addresses for address in argument.split(",")]
    try:
        parsed = parse_addresses(typed, name="address")
    except ValueError as error:
        raise WrongUsage(str(error)) from None
    if not parsed:
        raise WrongUsage("address: none given; write 192.0.2.44, 192.0.2.0/24 or 2001:db8::/32")
    return parsed


def check_note(note: str) -> str:
    """A note that fits on a line.

    Raises:
        WrongUsage: it is too long or holds control characters.
    """
    if len(note) > _MAX_NOTE or not note.isprintable():
        raise WrongUsage(f"--note: {note[:40]!r} is not allowed; allowed are up to {_MAX_NOTE} printable characters")
    return note.strip()


def add_to(proxy: ProxyLists, name: ListName, addresses: IpList, wish: Wish, *, now: int, patience: Patience) -> Said:
    """Put addresses onto a list.

    Raises:
        CommandError: an address is on the other list, the list is full, or too busy.
    """
    _check_overlap(proxy, name, addresses)
    lines: list[str] = []
    for version, typed in _by_version(addresses):
        hand_list = proxy.lists[name].by_hand[version]
        _check_room(name, version, hand_list.addresses.read().addresses, typed)
        try:
            recorded = add(hand_list, typed, wish, now=now, patience=patience)
        except ListFull as full:
            raise CommandError(f"{name.spoken}: full, no room for {', '.join(map(short, full.addresses))}") from None
        except OutOfPatience:
            raise _too_busy(name) from None
        lines += (_addition(name, recorded[address], wish) for address in typed)
    return Said(lines=tuple(lines))


def take_off(proxy: ProxyLists, name: ListName, addresses: IpList, *, now: int, patience: Patience) -> Said:
    """Take addresses off a list. The aim is missed where another entry of the list still covers an address.

    Raises:
        CommandError: the list is too busy.
    """
    lines: list[str] = []
    reached = True
    for version, typed in _by_version(addresses):
        hand_list = proxy.lists[name].by_hand[version]
        try:
            were_there = remove(hand_list, typed, now=now, patience=patience)
        except OutOfPatience:
            raise _too_busy(name) from None
        left = hand_list.addresses.read().addresses
        for address in typed:
            lines.append(f"{short(address)} {'no longer' if address in were_there else 'was not'} {_DONE[name]}")
            for cover, origin in _covers(address, left, proxy.lists[name].from_settings):
                reached = False
                lines.append(f"{short(address)} is still {_DONE[name]} by {short(cover)} ({origin})")
    return Said(lines=tuple(lines), reached=reached)


def short(address: str) -> str:
    """A single address without the length of its prefix."""
    return address.removesuffix("/128") if ":" in address else address.removesuffix("/32")


def overlap(proxy: ProxyLists) -> str | None:
    """What both lists name, which never happens through this command; None: nothing."""
    try:
        check_disjoint(
            allow=_all_of(proxy.lists[ListName.ALLOW]),
            deny=_all_of(proxy.lists[ListName.DENY]),
            allow_name=f"the {ListName.ALLOW.spoken}",
            deny_name=f"the {ListName.DENY.spoken}",
        )
    except ValueError as error:
        return str(error)
    return None


def _check_overlap(proxy: ProxyLists, name: ListName, addresses: IpList) -> None:
    lists = {name: addresses, name.other: _all_of(proxy.lists[name.other])}
    try:
        check_disjoint(
            allow=lists[ListName.ALLOW],
            deny=lists[ListName.DENY],
            allow_name=f"the {ListName.ALLOW.spoken}",
            deny_name=f"the {ListName.DENY.spoken}",
        )
    except ValueError as error:
        raise CommandError(f"{error}; {_TAKE_OFF[name.other]} first") from None


def _all_of(proxy_list: ProxyList) -> IpList:
    """What the list names, or will name as soon as a recorded edit is carried out."""
    by_hand = {
        version: hand_list.addresses.read().addresses
        | {entry.address for entry in hand_list.entries.all() if entry.is_open and entry.is_wanted}
        for version, hand_list in proxy_list.by_hand.items()
    }
    settings = proxy_list.from_settings
    return IpList(v4=(*sorted(by_hand[4]), *settings.v4), v6=(*sorted(by_hand[6]), *settings.v6))


def _check_room(name: ListName, version: int, present: frozenset[str], typed: Iterable[str]) -> None:
    count = len(present.union(typed))
    if count > MAX_ADDRESSES:
        raise CommandError(
            f"{name.spoken}: {count} IPv{version} entries; AWS WAF takes at most {MAX_ADDRESSES} in an IP set"
        )


def _addition(name: ListName, entry: Entry, wish: Wish) -> str:
    end = "for good" if entry.expires_at is None else f"until {readable(entry.expires_at)}"
    line = f"{short(entry.address)} {_DONE[name]} {end}"
    if entry.expires_at == wish.expires_at:
        return line
    return f"{line}, as before; {_TAKE_OFF[name]} it first to end that sooner"


def _covers(address: str, by_hand: frozenset[str], settings: IpList) -> Iterator[tuple[str, str]]:
    network = ip_network(address)
    for cidrs, origin in ((sorted(by_hand), "set by hand"), ((*settings.v4, *settings.v6), "from the settings")):
        yield from ((cidr, origin) for cidr in cidrs if _holds(ip_network(cidr), network))


def _holds(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _by_version(addresses: IpList) -> Iterator[tuple[int, tuple[str, ...]]]:
    yield from ((version, typed) for version, typed in ((4, addresses.v4), (6, addresses.v6)) if typed)


def _too_busy(name: ListName) -> CommandError:
    return CommandError(
        f"{name.spoken}: too many edits at once; this one is recorded, and the scheduled function carries it out"
    )
