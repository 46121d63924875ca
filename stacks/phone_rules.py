"""Against message fraud, as the flags say."""

import math

from cognito_proxy import MessageChannel, MessageLimit, PhoneRules
from stacks.flags import AppFlags

_RANGES = 10
"""A range of numbers gets this part of all messages."""


def phone_rules(flags: AppFlags) -> PhoneRules | None:
    """The rules; None without a flag for them."""
    if not flags.phone_countries and flags.message_limit is None:
        return None
    limit = flags.message_limit
    return PhoneRules(
        countries=[entry for entry in flags.phone_countries if entry.startswith("+")],
        except_prefixes=[f"+{entry[1:]}" for entry in flags.phone_countries if entry.startswith("-")],
        all_messages=None if limit is None else MessageLimit(messages=limit),
        per_prefix=None if limit is None else MessageLimit(messages=math.ceil(limit / _RANGES)),
        # A demonstration's pool sends no text messages: what is to be seen there are e-mails.
        channels=list(MessageChannel) if flags.demonstration else [MessageChannel.SMS],
    )
