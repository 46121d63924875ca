"""Calling codes: which phone numbers a user may sign up with, or change to. No I/O.

A number that is there already is not asked about: who has one signs in, recovers a password and gets codes as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from proxy.errors import PhoneNumber
from proxy.phone_numbers import new_numbers
from proxy.settings import SettingsError

if TYPE_CHECKING:
    from proxy.call import Call
    from proxy.connection import Response
    from proxy.interceptors import Tools
    from proxy.reading import Reading


class PhoneRules:
    """Refuses a number whose longest known prefix is not an accepted one."""

    def __init__(self, part: Mapping[str, Any], tools: Tools) -> None:  # noqa: ARG002 - as all interceptors
        """`part`: `allow` and `except`, lists of prefixes without the plus. Without `allow`, all are accepted that are
        not excepted.

        Raises:
            SettingsError: they are no lists of digits.
        """
        allowed, excepted = _prefixes(part, "allow"), _prefixes(part, "except")
        self._verdicts = dict.fromkeys(allowed, True) | dict.fromkeys(excepted, False)
        self._longest = max(map(len, self._verdicts), default=0)
        self._otherwise = not allowed

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:  # noqa: ARG002 - as all interceptors
        """
        Raises:
            PhoneNumber: the call sets a number that is not accepted.
        """
        for digits in new_numbers(reading.operation, reading.body):
            if not self.accepts(digits):
                raise PhoneNumber("Phone numbers of this country or region are not accepted.")

    def accepts(self, digits: str) -> bool:
        """Whether a number may be used. The longest prefix decides: +1 holds 25 countries and territories, and a
        longer entry takes one of them out, or a part of it back in."""
        for length in range(min(self._longest, len(digits)), 0, -1):
            verdict = self._verdicts.get(digits[:length])
            if verdict is not None:
                return verdict
        return self._otherwise

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """Nothing is left to say."""

    def close(self) -> None:
        """There is nothing to close."""


def _prefixes(part: Mapping[str, Any], key: str) -> list[str]:
    prefixes = part.get(key, [])
    if not isinstance(prefixes, list) or not all(_is_prefix(prefix) for prefix in prefixes):
        raise SettingsError(f"settings: 'phone_rules': '{key}' is not a list of calling codes")
    return prefixes


def _is_prefix(prefix: object) -> bool:
    return isinstance(prefix, str) and prefix.isascii() and prefix.isdigit()
