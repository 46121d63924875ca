"""The part `oauth` of the settings document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_HOST_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)


class OAuthSettings(NamedTuple):
    """What the function knows of the user pool domain."""

    domain: str
    """Its host name."""
    callback_urls: frozenset[str] = frozenset()
    """Where users may come back to with a code. Default: none are known, and Cognito alone compares."""
    logout_urls: frozenset[str] = frozenset()
    """Where users who signed out may be sent. Default: likewise."""


def read_oauth_settings(part: Mapping[str, Any]) -> OAuthSettings:
    """Read it.

    Raises:
        ValueError: it is broken. The message says where, and quotes no value.
    """
    domain = part.get("domain")
    if not isinstance(domain, str) or _HOST_NAME.fullmatch(domain) is None:
        raise ValueError("settings: 'oauth' has no 'domain' that is a host name in lower case")
    return OAuthSettings(
        domain=domain, callback_urls=_urls(part, "callback_urls"), logout_urls=_urls(part, "logout_urls")
    )


def _urls(part: Mapping[str, Any], key: str) -> frozenset[str]:
    values = part.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"settings: '{key}' of 'oauth' is not a list of strings")
    return frozenset(values)
