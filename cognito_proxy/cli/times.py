"""Times as people write and read them."""

import re
from datetime import UTC, datetime

from cognito_proxy.cli.errors import WrongUsage

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_SECONDS = 3650 * 86_400


def expiry(*, duration: str | None, until: str | None, now: int) -> int | None:
    """When an entry ends, in seconds since 1970, from `--for` or `--until`. None: neither was given, never.

    Raises:
        WrongUsage: both were given, or one is wrong.
    """
    if duration is not None and until is not None:
        raise WrongUsage("--for and --until: give one of them")
    if duration is not None:
        return now + seconds_of(duration, option="--for")
    return None if until is None else _moment(until, now)


def seconds_of(duration: str, *, option: str, longest_days: int = _LONGEST_SECONDS // 86_400) -> int:
    """A duration such as `24h`, in seconds.

    Raises:
        WrongUsage: it is none, or longer than so many days; names `option`.
    """
    match = re.fullmatch(r"([0-9]{1,9})([mhdw])", duration.strip())
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 60 <= seconds <= longest_days * _UNITS["d"]:
        raise WrongUsage(
            f"{option}: {duration!r} is not allowed; allowed is 1m to {longest_days}d, in whole minutes, hours, days "
            "or weeks, such as 30m, 24h, 7d"
        )
    return seconds


def readable(moment: int) -> str:
    """A moment in UTC, to the minute."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


def iso(moment: int | None) -> str | None:
    """A moment as programs read it."""
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def remaining(expires_at: int | None, now: int) -> str:
    """How long something is still listed, in its two largest units."""
    if expires_at is None:
        return "never"
    if expires_at <= now:
        return "now"
    days, rest = divmod(expires_at - now, _UNITS["d"])
    hours, rest = divmod(rest, _UNITS["h"])
    if days:
        return f"{days}d {hours}h"
    return f"{hours}h {rest // 60}m" if hours else f"{max(rest // 60, 1)}m"


def _moment(until: str, now: int) -> int:
    try:
        moment = datetime.fromisoformat(until.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise WrongUsage(f"--until: {until!r} is not allowed; allowed is a time with its zone: 2030-01-31T18:00Z")
    seconds = int(moment.timestamp())
    if not now < seconds <= now + _LONGEST_SECONDS:
        raise WrongUsage(f"--until: {until!r} is not allowed; allowed is a time from now to 3650 days ahead")
    return seconds
