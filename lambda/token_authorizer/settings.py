"""What the function is told: the environment variable `AUTHORIZER_SETTINGS`, one JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


class SettingsError(Exception):
    """The settings are not as they must be; a fault of the deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The document, read."""

    secret_arn: str
    """Of the secret that holds the keys."""
    user_pool_id: str
    """Whose tokens are inside."""
    client_ids: frozenset[str]
    """App clients whose tokens are taken, at least one."""
    scopes: frozenset[str]
    """Of which a token must have one; none is asked for where this is empty."""
    route_scopes: Mapping[str, frozenset[str]]
    """The same for single routes of an HTTP API, by their keys (`GET /documents`), in place of `scopes`."""


def parse_settings(text: str) -> Settings:
    """Read the document.

    Raises:
        SettingsError: it is no document of this form. An unknown key is none of our business.
    """
    try:
        document = json.loads(text)
        settings = Settings(
            secret_arn=_text(document["secret_arn"]),
            user_pool_id=_text(document["user_pool_id"]),
            client_ids=_texts(document["client_ids"]),
            scopes=_texts(document.get("scopes", [])),
            route_scopes={str(key): _texts(value) for key, value in document.get("route_scopes", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingsError("AUTHORIZER_SETTINGS is not as it must be") from None
    if not settings.client_ids:
        raise SettingsError("AUTHORIZER_SETTINGS names no app client")
    return settings


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(_text(item) for item in value)
