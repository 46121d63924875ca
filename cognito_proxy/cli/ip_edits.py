"""Editing a proxy's lists: what is refused, and what is done, address by address."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network

from botocore.exceptions import BotoCoreError, ClientError

from cognito_proxy.cli.aws import explained
from cognito_proxy.cli.errors import CommandError, NotAllReached, WrongUsage
from cognito_proxy.cli.ip_overrides import Cover, Override, overrides, short
from cognito_proxy.cli.ip_results import Edited, Outcome
from cognito_proxy.cli.ip_set_contents import present
from cognito_proxy.cli.proxy_lists import ListName, ProxyList, ProxyLists
from cognito_proxy.firewall.ip_lists import MAX_ADDRESSES, IpList, Network, parse_addresses
from cognito_proxy.list_edits.backoff import Backoff, OutOfTime
from cognito_proxy.list_edits.edits import EntryDetails, ListFull, add, remove
from cognito_proxy.list_edits.entries import Entry
from cognito_proxy.list_edits.stores import EntryStore, HandList

MAX_NOTE = 256
"""Characters of a note."""

_LATER = "it is recorded, and the scheduled function carries it out"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Addresses that are to be put onto a list, and what is to be kept with them."""

    addresses: IpList
    note: str
    expires_at: int | None
    """Seconds since 1970; None: for good."""
    now: int
    """The same, of the moment of the wish."""


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
    if len(note) > MAX_NOTE or not note.isprintable():
        raise WrongUsage(f"--note: {note[:40]!r} is not allowed; allowed are up to {MAX_NOTE} printable characters")
    return note.strip()


def overrides_with(
    proxy: ProxyLists, typed: Mapping[ListName, IpList] | None = None, *, backoff: Backoff
) -> list[Override]:
    """The denied entries that the allow list lets in.

    Args:
        proxy: the lists.
        typed: only what has to do with these addresses, which are about to be put onto that list. Default: everything.
        backoff: for reading them.

    Raises:
        CommandError: the lists are too busy.
    """
    typed = typed or {}
    lists = {name: typed.get(name) or _all_of(proxy.lists[name], backoff) for name in ListName}
    return overrides(
        allow=lists[ListName.ALLOW],
        deny=lists[ListName.DENY],
        from_settings=proxy.lists[ListName.ALLOW].from_settings,
    )


def listed(proxy: ProxyLists, name: ListName, *, backoff: Backoff) -> list[str]:
    """What a list names, or will name soon, as CIDRs.

    Raises:
        CommandError: the list is too busy.
    """
    found = _all_of(proxy.lists[name], backoff)
    return [*found.v4, *found.v6]


def add_to(
    proxy: ProxyLists,
    name: ListName,
    addresses: IpList,
    details: EntryDetails,
    *,
    overridden: Sequence[Override],
    now: int,
    backoff: Backoff,
) -> Iterator[Edited]:
    """Put addresses onto a list, and tell of each as soon as it is there. `overridden` is what lets some of them in.

    Raises:
        CommandError: the list is full, or too busy, and nothing was changed.
        NotAllReached: it is recorded and not yet carried out, or there was room for some only.
    """
    by_address = {each.denied: each for each in overridden} if name is ListName.DENY else {}
    for version, typed in _by_version(addresses):
        hand_list = proxy.lists[name].by_hand[version]
        _check_room(name, version, present(hand_list, backoff=backoff), typed)
        with _what_is_left(name, hand_list) as watched:
            try:
                recorded = add(watched, typed, details, now=now, backoff=backoff)
            except ListFull as full:
                raise _full(name, full, typed) from None
        for address in typed:
            entry = recorded[address]
            yield Edited(
                list_name=name,
                address=address,
                outcome=Outcome.LISTED,
                entry=entry,
                end_was_kept=entry.expires_at != details.expires_at,
                override=by_address.get(address),
            )


def put(
    proxy: ProxyLists,
    name: ListName,
    wishes: Sequence[Wish],
    *,
    caller: str,
    overridden: Sequence[Override],
    backoff: Backoff,
) -> Iterator[Edited]:
    """Put all that is wished for onto a list, as `add_to` does; `caller` is who wishes it."""
    for wish in wishes:
        details = EntryDetails(note=wish.note, expires_at=wish.expires_at, added_by=caller)
        yield from add_to(proxy, name, wish.addresses, details, overridden=overridden, now=wish.now, backoff=backoff)


def all_of(wishes: Iterable[Wish]) -> IpList:
    """The addresses of all."""
    found = [wish.addresses for wish in wishes]
    return IpList(
        v4=tuple(address for addresses in found for address in addresses.v4),
        v6=tuple(address for addresses in found for address in addresses.v6),
    )


def take_off(proxy: ProxyLists, name: ListName, addresses: IpList, *, now: int, backoff: Backoff) -> Iterator[Edited]:
    """Take addresses off a list, and tell of each as soon as it is gone, with the entries that still cover it.

    Raises:
        CommandError: the list is too busy, and nothing was changed.
        NotAllReached: it is recorded and not yet carried out.
    """
    for version, typed in _by_version(addresses):
        hand_list = proxy.lists[name].by_hand[version]
        left = present(hand_list, backoff=backoff).difference(typed)
        with _what_is_left(name, hand_list) as watched:
            were_there = remove(watched, typed, now=now, backoff=backoff)
        for address in typed:
            yield Edited(
                list_name=name,
                address=address,
                outcome=Outcome.REMOVED if address in were_there else Outcome.ABSENT,
                still_covered_by=tuple(_covers(address, left, proxy.lists[name].from_settings)),
            )


class _Watched:
    """Entries, and whether any was written: from then on an edit that fails is carried out later."""

    def __init__(self, entries: EntryStore) -> None:
        self._entries = entries
        self.wrote = False

    def get(self, address: str) -> Entry | None:
        return self._entries.get(address)

    def all(self) -> Sequence[Entry]:
        return self._entries.all()

    def put(self, entry: Entry, *, instead_of: Entry | None) -> bool:
        try:
            written = self._entries.put(entry, instead_of=instead_of)
        except BotoCoreError:
            # No answer came, so it may have been.
            self.wrote = True
            raise
        self.wrote = self.wrote or written
        return written

    def delete(self, entry: Entry) -> bool:
        return self._entries.delete(entry)


@contextmanager
def _what_is_left(name: ListName, hand_list: HandList) -> Iterator[HandList]:
    """The list to edit; what fails after the edit was recorded is told as that."""
    entries = _Watched(hand_list.entries)
    try:
        yield replace(hand_list, entries=entries)
    except OutOfTime:
        if not entries.wrote:
            raise CommandError(f"{name.spoken}: too many edits at once; nothing was changed, try again") from None
        raise NotAllReached(f"{name.spoken}: too many edits at once; {_LATER}") from None
    except (BotoCoreError, ClientError) as error:
        if not entries.wrote:
            raise
        raise NotAllReached(f"{explained(error)}; {_LATER}") from None


def _all_of(proxy_list: ProxyList, backoff: Backoff) -> IpList:
    """What the list names, or will name as soon as a recorded edit is carried out."""
    by_hand = {
        version: present(hand_list, backoff=backoff)
        | {entry.address for entry in hand_list.entries.all() if entry.is_open and entry.is_wanted}
        for version, hand_list in proxy_list.by_hand.items()
    }
    settings = proxy_list.from_settings
    return IpList(v4=(*sorted(by_hand[4]), *settings.v4), v6=(*sorted(by_hand[6]), *settings.v6))


def _check_room(name: ListName, version: int, there: frozenset[str], typed: Iterable[str]) -> None:
    count = len(there.union(typed))
    if count > MAX_ADDRESSES:
        raise CommandError(
            f"{name.spoken}: {count} IPv{version} entries; AWS WAF takes at most {MAX_ADDRESSES} in an IP set"
        )


def _full(name: ListName, full: ListFull, typed: Sequence[str]) -> CommandError:
    message = f"{name.spoken}: full, no room for {', '.join(map(short, full.addresses))}"
    if len(full.addresses) == len(typed):
        return CommandError(message)
    return NotAllReached(f"{message}; the others are on it")


def _covers(address: str, by_hand: frozenset[str], settings: IpList) -> Iterator[Cover]:
    network = ip_network(address)
    for cidrs, is_by_hand in ((sorted(by_hand), True), ((*settings.v4, *settings.v6), False)):
        yield from (Cover(address=cidr, by_hand=is_by_hand) for cidr in cidrs if _holds(ip_network(cidr), network))


def _holds(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _by_version(addresses: IpList) -> Iterator[tuple[int, tuple[str, ...]]]:
    yield from ((version, typed) for version, typed in ((4, addresses.v4), (6, addresses.v6)) if typed)
