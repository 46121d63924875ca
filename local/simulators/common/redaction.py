"""Which values of a Cognito message may be shown: an allow-list, everything else becomes a mark."""

from typing import Any

REDACTED = "<redacted>"
"""Stands for a value that was there and is not told."""

SHOWN = frozenset(
    {
        "AuthFlow",
        "ChallengeName",
        "ClientId",
        "DeliveryMedium",
        "IpAddress",
        "Name",
        "ServerName",
        "ServerPath",
        "TokenType",
        "USERNAME",
        "UserPoolId",
        "Username",
        "__type",
        "headerName",
    }
)
"""Members whose value is neither a credential nor derived from one."""

_MOST_ITEMS = 50
_DEEPEST = 8


def redacted(value: Any, *, name: str = "", depth: int = 0) -> Any:
    """The same document with its member names, and only the SHOWN values."""
    if value is None:
        return None
    if depth > _DEEPEST:
        return REDACTED
    if isinstance(value, dict):
        items = list(value.items())[:_MOST_ITEMS]
        return {str(key): redacted(item, name=str(key), depth=depth + 1) for key, item in items}
    if isinstance(value, list):
        return [redacted(item, depth=depth + 1) for item in value[:_MOST_ITEMS]]
    return value if name in SHOWN and isinstance(value, str) else REDACTED
