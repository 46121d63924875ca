"""Ceilings for the messages that Cognito sends: for all of them, and for each range of phone numbers.

A call that asks for a message is counted before it goes on, and refused where a ceiling is reached; what Cognito then
says it did not send is given back. A message after a right password is counted once Cognito has answered, since nobody
knows of it before. docs/decisions/0016-message-ceilings.md says why, and what an attacker makes of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from proxy.counters import Counters, CountersUnavailable, note_failure
from proxy.errors import CountersDown, TooManyMessages
from proxy.messages_sent import CHANNELS, SMS, Request, asked_for, is_uncertain, sent
from proxy.settings import SettingsError

if TYPE_CHECKING:
    from proxy.call import Call
    from proxy.connection import Response
    from proxy.interceptors import Tools
    from proxy.reading import Reading

_FULL_SECONDS = 10.0
"""How long after a ceiling was found reached sign-ins are refused with it, if they are. Then one of them goes on, whose
message is counted, and so it is found again, or is not reached any more."""

_ALL = "messages"
"""The counter of all messages."""


class Ceiling(NamedTuple):
    """So many messages in a window."""

    limit: int
    window_seconds: int


Counted = tuple[str, Ceiling]


class Slip(NamedTuple):
    """What is to be put right once Cognito has answered."""

    reading: Reading
    request: Request
    counted: list[Counted]
    """Where one message was counted before."""


class MessageCeilings:
    """Counts messages in the table that all functions of the proxy share."""

    def __init__(self, part: Mapping[str, Any], tools: Tools) -> None:
        """`part`: `table`; `all` and `prefix`, each `[limit, window in seconds]`; `digits` of a prefix, 7 by default;
        `channels`, those that are counted, `["sms"]` by default; `closed`: refuse while the table cannot be asked;
        `sign_ins`: refuse sign-ins, too, while the ceiling of all messages is reached.

        Raises:
            SettingsError: one of them is not that.
        """
        table, channels, digits = part.get("table"), part.get("channels", [SMS]), part.get("digits", 7)
        if not isinstance(table, str) or not table:
            raise _broken("table")
        if not isinstance(channels, list) or not channels or not CHANNELS.issuperset(channels):
            raise _broken("channels")
        if type(digits) is not int or digits < 1:
            raise _broken("digits")
        self._all, self._of_prefix = _ceiling(part, "all"), _ceiling(part, "prefix")
        self._channels, self._digits = frozenset(channels), digits
        self._closed, self._stops_sign_ins = part.get("closed") is True, part.get("sign_ins") is True
        self._tools = tools
        self._counters = Counters(table, tools.settings.region)
        self._all_full_until = 0.0
        self._slip: Slip | None = None

    def before(self, reading: Reading, call: Call, *, deadline: float) -> None:
        """
        Raises:
            TooManyMessages: a ceiling is reached.
            CountersDown: the table cannot be asked, and the settings say to refuse then.
        """
        self._slip = None
        request = asked_for(reading.operation, reading.body)
        if request is None or not request.channels & self._channels:
            return
        counted: list[Counted] = []
        if request.asks:
            counted = self._count_before(request, call, deadline)
        elif self._stops_sign_ins and (seconds := self._all_full_until - time.time()) > 0:
            raise TooManyMessages(seconds)
        self._slip = Slip(reading, request, counted)

    def after(self, reading: Reading, call: Call, response: Response, *, deadline: float) -> None:
        """Put right what was counted: Cognito has said what it sent, if anything."""
        slip, self._slip = self._slip, None
        if slip is None or slip.reading is not reading or is_uncertain(response):
            return
        went_out = sum(channel in self._channels for channel in sent(response))
        try:
            if went_out == 0:
                self._give_back(slip.counted, deadline)
            for _ in range(went_out - bool(slip.request.asks)):  # the first one that was asked for is counted
                for key, ceiling in self._keys(slip.request, call, deadline):
                    self._take(key, ceiling, deadline)
        except CountersUnavailable as error:
            note_failure(call, str(error))

    def close(self) -> None:
        """Close the connection to the table."""
        self._counters.close()

    def _count_before(self, request: Request, call: Call, deadline: float) -> list[Counted]:
        """Count one message at each ceiling, the narrower first: what a full range refuses is no part of all."""
        counted: list[Counted] = []
        seconds = None
        try:
            for key, ceiling in self._keys(request, call, deadline):
                seconds = self._take(key, ceiling, deadline)
                if seconds is not None:
                    self._give_back(counted, deadline)
                    break
                counted.append((key, ceiling))
        except CountersUnavailable as error:
            note_failure(call, str(error))
            if seconds is None and self._closed:
                raise CountersDown("Messages cannot be counted now. Try again later.") from None
        if seconds is not None:
            raise TooManyMessages(seconds)
        return counted

    def _keys(self, request: Request, call: Call, deadline: float) -> Iterator[Counted]:
        if self._of_prefix is not None and request.number is not None:
            yield self._key_of(request.number[: self._digits], call, deadline), self._of_prefix
        if self._all is not None:
            yield _ALL, self._all

    def _key_of(self, prefix: str, call: Call, deadline: float) -> str:
        """A keyed hash: the table holds no part of anybody's number."""
        pseudonyms = self._tools.pseudonyms(call, deadline)
        if pseudonyms is None:
            raise CountersUnavailable("no key")
        return pseudonyms.counter(_ALL, prefix)

    def _take(self, key: str, ceiling: Ceiling, deadline: float) -> float | None:
        """Count one message; where the ceiling is reached, the seconds until it is not.

        Raises:
            CountersUnavailable: nobody knows.
        """
        now = time.time()
        taken = self._counters.take(
            key, limit=ceiling.limit, window_seconds=ceiling.window_seconds, now=now, deadline=deadline
        )
        if key == _ALL:
            self._all_full_until = 0.0 if taken.allowed else now + min(taken.wait_seconds, _FULL_SECONDS)
        return None if taken.allowed else taken.wait_seconds

    def _give_back(self, counted: list[Counted], deadline: float) -> None:
        for key, _ in counted:
            self._counters.give_back(key, deadline=deadline)


def _ceiling(part: Mapping[str, Any], key: str) -> Ceiling | None:
    value = part.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or any(type(each) is not int or each < 1 for each in value):
        raise _broken(key)
    return Ceiling(*value)


def _broken(key: str) -> SettingsError:
    return SettingsError(f"settings: 'message_ceilings': '{key}' is missing or broken")
