"""What each kind of value looks like: as text from the command line, or as JSON from a file."""

import re
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Any

from cognito_proxy.common.origins import check_origins
from cognito_proxy.common.redirect_urls import is_redirect_url
from cognito_proxy.firewall.ip_lists import parse_addresses
from stacks.flags.errors import FlagError

NONE = "none"
"""Says that there shall be none, where leaving the flag out means a default."""

Parse = Callable[[str, Any], Any]
"""Takes the flag's name and value; raises ValueError for a wrong one."""


def pattern(expression: str) -> Parse:
    """A text of that form."""

    def parse(_name: str, value: Any) -> str:
        if not isinstance(value, str) or re.fullmatch(expression, value.strip()) is None:
            raise ValueError
        return value.strip()

    return parse


def one_of(kind: Callable[[Any], Any]) -> Parse:
    """A member of an enumeration."""
    return lambda _name, value: kind(value)


def boolean(_name: str, value: Any) -> bool:
    """`true` or `false` from the command line, or a truth value from a file."""
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise ValueError
    return bool(value == "true")


def whole_number(low: int, high: int) -> Parse:
    """Digits from the command line, or a number from a file; both bounds included."""

    def parse(_name: str, value: Any) -> int:
        number = _digits(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return parse


def number_of(allowed: Collection[int]) -> Parse:
    """One of a few whole numbers."""

    def parse(_name: str, value: Any) -> int:
        number = _digits(value)
        if number not in allowed:
            raise ValueError
        return number

    return parse


def or_true(parse: Parse, default: Any) -> Parse:
    """The same, or `true`, for the default."""
    return lambda name, value: default if value is True or value == "true" else parse(name, value)


def or_none(parse: Parse) -> Parse:
    """The same, or `none`."""
    return lambda name, value: None if value == NONE else parse(name, value)


def names_of(known: Collection[str]) -> Parse:
    """Different names out of those known, comma-separated or as a list."""

    def parse(_name: str, value: Any) -> tuple[str, ...]:
        names = listed(value)
        if len(set(names)) < len(names) or not set(names) <= set(known):
            raise ValueError
        return names

    return parse


def members_of(kind: type[StrEnum]) -> Parse:
    """Different members of an enumeration, comma-separated or as a list."""
    names = names_of(tuple(kind))
    return lambda name, value: tuple(kind(member) for member in names(name, value))


def client_names(_name: str, value: Any) -> tuple[str, ...]:
    """Names of apps."""
    names = listed(value)
    # `AppClientId` is an output already.
    if len(set(names)) < len(names) or not all(re.fullmatch(r"(?!id$)[a-z][a-z0-9]{0,31}", name) for name in names):
        raise ValueError
    return names


def client_ids(_name: str, value: Any) -> tuple[tuple[str, str], ...]:
    """Names and ids of app clients, `web:1a2b,ios:3c4d`; an id alone has the empty name."""
    pairs = tuple((name, client_id) for name, _, client_id in (_named(item) for item in listed(value)))
    names, ids = ({pair[place] for pair in pairs} for place in (0, 1))
    # API reference, ClientIdType.
    if min(len(names), len(ids)) < len(pairs) or not all(re.fullmatch(r"[0-9A-Za-z_+]{1,128}", found) for found in ids):
        raise ValueError
    return pairs


def addresses(name: str, value: Any) -> tuple[str, ...]:
    """Addresses and CIDRs."""
    found = listed(value)
    try:
        parse_addresses(found, name=name)
    except ValueError as error:
        # It names the one entry that is wrong, out of a list that may be long.
        raise FlagError(str(error)) from None
    return found


def origins(name: str, value: Any) -> tuple[str, ...]:
    """Origins of web pages."""
    found = listed(value)
    check_origins(name, found)
    return found


def redirect_urls(_name: str, value: Any) -> tuple[str, ...]:
    """Addresses that an app client can send users back to."""
    urls = listed(value)
    if not all(is_redirect_url(url) for url in urls):
        raise ValueError
    return urls


def phone_prefixes(_name: str, value: Any) -> tuple[str, ...]:
    """Different prefixes of phone numbers, with a plus where they are accepted and a minus where they are not."""
    entries = listed(value)
    if len({entry[1:] for entry in entries}) < len(entries):
        raise ValueError
    if not all(re.fullmatch(r"[+-][1-9][0-9]{0,14}", entry) for entry in entries):
        raise ValueError
    return entries


def listed(value: Any) -> tuple[str, ...]:
    """A comma-separated text from the command line, or a list from a file; at least one item."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError
    found = tuple(item.strip() for item in items if item.strip())
    if not found:
        raise ValueError
    return found


def _named(item: str) -> tuple[str, str, str]:
    name, colon, rest = item.partition(":")
    return (name.strip(), colon, rest.strip()) if colon else ("", "", item)


def _digits(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError
