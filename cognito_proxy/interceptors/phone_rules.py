"""Which phone numbers users may have, and how many messages are sent: against message fraud."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from constructs import Construct

from cognito_proxy.common.checks import require_between, require_duration_between
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.interceptors.counter_table import (
    LONGEST_TABLE_NAME,
    counter_table,
    grant_counters,
    reach_counters,
    watch_counters,
)
from cognito_proxy.interceptors.failure_policy import FailurePolicy
from cognito_proxy.interceptors.made import Made

_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")
_MOST_PREFIXES = 300
_ACTIONS = ("UpdateItem",)
"""What counts a message, and gives one back."""
_AN_HOUR = Duration.hours(1)


class MessageChannel(StrEnum):
    """What carries a code to a user."""

    SMS = "sms"
    """A text message. Each is charged, by the country that it goes to."""

    EMAIL = "email"
    """An e-mail."""


@dataclass(frozen=True, kw_only=True)
class MessageLimit:
    """So many messages in a window, which begins with the first of them.

    Raises:
        PropertyError: a property is out of its bounds.
    """

    messages: int
    """From 1 to 100,000."""

    window: Duration = _AN_HOUR
    """From 1 minute to 24 hours. Default: 1 hour."""

    def __post_init__(self) -> None:
        require_between("messages", self.messages, 1, 100_000)
        require_duration_between("window", self.window, Duration.minutes(1), Duration.hours(24))

    def as_settings(self) -> list[int]:
        """As the function reads it."""
        return [self.messages, round(self.window.to_seconds())]


@dataclass(frozen=True, kw_only=True)
class PhoneRules:
    """Against message fraud, in which bots have codes sent to numbers that earn by each message.

        RegionalProxy(self, "Proxy", app_clients=[client], phone_rules=PhoneRules(
            countries=["+1", "+44"], except_prefixes=["+1876"],
            all_messages=MessageLimit(messages=500), per_prefix=MessageLimit(messages=20)))

    Calling codes are checked where a number is set: at sign-up, also as the username, where an attribute changes, and
    with a first password. Who has a number already is not asked again. The ceilings need a table, which all functions
    of the proxy share, and so a `RegionalProxy`; docs/phone-rules.md says what they count, and when.

    Raises:
        PropertyError: a property is out of its bounds, an entry is no prefix of a number or stands in both lists, or
            nothing is asked for.
    """

    countries: Sequence[str] = ()
    """Calling codes that are accepted, or longer prefixes of numbers: `+1`, `+44`, `+1809`. The longest entry of both
    lists that a number begins with decides. Default: all but `except_prefixes`."""

    except_prefixes: Sequence[str] = ()
    """Prefixes that are not accepted, such as `+1876`. Default: none."""

    all_messages: MessageLimit | None = None
    """A ceiling for all messages together. Default: none."""

    per_prefix: MessageLimit | None = None
    """A ceiling for numbers that begin alike, as far as a call says the number: at sign-up, at a change of the number,
    and where the number is the username. Default: none."""

    prefix_digits: int = 7
    """How many digits "alike" is, calling code included and the plus not, from 1 to 14. Default: 7, which in North
    America are 10,000 numbers."""

    channels: Sequence[MessageChannel] = (MessageChannel.SMS,)
    """Which messages count. What can only send others is neither counted nor refused. Default: text messages."""

    stops_sign_ins: bool = False
    """While the ceiling of all messages is reached, sign-ins with a password are refused, too: after it, Cognito may
    send a code, and nobody can tell beforehand. Whoever fills the ceiling then locks all users out. Default: False:
    they go on, and the messages that they cause are counted."""

    when_unavailable: FailurePolicy = FailurePolicy.OPEN
    """What becomes of a call that asks for a message while the table does not answer. Default: `FailurePolicy.OPEN`:
    it goes on, and no ceiling holds."""

    def __post_init__(self) -> None:
        for name, entries in (("countries", self.countries), ("except_prefixes", self.except_prefixes)):
            _check_prefixes(name, entries)
        both = sorted({*self.countries} & {*self.except_prefixes})
        if both:
            raise PropertyError(f"except_prefixes: {both[0]} stands in countries, too; give it in one of them")
        if len(self.countries) + len(self.except_prefixes) > _MOST_PREFIXES:
            raise PropertyError(
                f"countries and except_prefixes must have {_MOST_PREFIXES} entries at most, "
                f"not {len(self.countries) + len(self.except_prefixes)}"
            )
        if not self.has_codes and not self.has_ceilings:
            raise PropertyError("countries: nothing is asked for; give these, except_prefixes or a ceiling")
        require_between("prefix_digits", self.prefix_digits, 1, 14)
        if not self.channels or not set(self.channels) <= set(MessageChannel):
            raise PropertyError(f"channels must be some of {', '.join(MessageChannel)}, not {list(self.channels)!r}")
        if self.when_unavailable not in tuple(FailurePolicy):
            raise PropertyError(
                f"when_unavailable must be one of {', '.join(FailurePolicy)}, not {self.when_unavailable!r}"
            )
        if self.stops_sign_ins and self.all_messages is None:
            raise PropertyError("stops_sign_ins: needs all_messages, the ceiling that it is about")

    @property
    def has_codes(self) -> bool:
        """Whether numbers are checked."""
        return bool(self.countries or self.except_prefixes)

    @property
    def has_ceilings(self) -> bool:
        """Whether messages are counted."""
        return self.all_messages is not None or self.per_prefix is not None

    def make(self, scope: Construct, *, encryption_key: kms.IKey | None = None) -> Made:
        """Make what it needs in `scope`: with a ceiling, the table of counters, if it is not there yet."""
        settings: dict[str, dict[str, Any]] = {}
        if self.has_codes:
            lists = {"allow": self.countries, "except": self.except_prefixes}
            settings["phone_rules"] = {
                name: [entry.removeprefix("+") for entry in entries] for name, entries in lists.items() if entries
            }
        if not self.has_ceilings:
            return Made(settings=settings)
        table = counter_table(scope, encryption_key=encryption_key)
        return Made(
            settings=settings | {"message_ceilings": self._ceilings(table.table_name)},
            longest=settings | {"message_ceilings": self._ceilings("x" * LONGEST_TABLE_NAME)},
            grant=lambda function: grant_counters(table, function, _ACTIONS),
            reaches=(reach_counters(table, _ACTIONS),),
            watched=watch_counters,
        )

    def _ceilings(self, table_name: str) -> dict[str, Any]:
        """As the function reads them; what is its default is left out."""
        settings: dict[str, Any] = {"table": table_name}
        if self.all_messages is not None:
            settings["all"] = self.all_messages.as_settings()
        if self.per_prefix is not None:
            settings |= {"prefix": self.per_prefix.as_settings(), "digits": self.prefix_digits}
        if set(self.channels) != {MessageChannel.SMS}:
            settings["channels"] = [str(channel) for channel in self.channels]
        if self.stops_sign_ins:
            settings["sign_ins"] = True
        if self.when_unavailable == FailurePolicy.CLOSED:
            settings["closed"] = True
        return settings


def _check_prefixes(name: str, entries: Sequence[str]) -> None:
    if isinstance(entries, str):
        raise PropertyError(f"{name} must be a list of prefixes such as ['+1', '+44'], not {entries!r}")
    for entry in entries:
        if not _PREFIX.fullmatch(entry):
            raise PropertyError(f"{name}: {entry!r} is not a plus and 1 to 15 digits, such as +44")
    if len(set(entries)) < len(entries):
        raise PropertyError(f"{name} must not hold an entry twice: {', '.join(entries)}")
