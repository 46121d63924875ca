"""What the function is told: the environment variable `API_SETTINGS`, one JSON document."""

from __future__ import annotations

import json
from dataclasses import dataclass

TOKEN_USES = ("id", "access")
"""The two kinds of a user pool's tokens that open an API; a refresh token is none."""


class SettingsError(Exception):
    """The settings are not as they must be; a fault of the deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The document, read."""

    table: str
    """Name of the table with the documents."""

    client_ids: frozenset[str]
    """App clients whose tokens are taken, at least one."""

    token_uses: frozenset[str]
    """`id`, `access` or both."""

    allowed_origins: frozenset[str]
    """Exact origins whose pages may read answers; none by default, and never `*`."""

    sealed: bool = False
    """Whether a `SealedTokenAuthorizer` stands in front, and says who calls."""


def parse_settings(text: str) -> Settings:
    """Read the document.

    Raises:
        SettingsError: it is no document of this form. An unknown key is none of our business.
    """
    try:
        document = json.loads(text)
        return _settings(document)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingsError("API_SETTINGS is not as it must be") from None


def _settings(document: dict[str, object]) -> Settings:
    table = document["table"]
    settings = Settings(
        table=str(table),
        client_ids=_texts(document["client_ids"]),
        token_uses=_texts(document["token_uses"]),
        allowed_origins=_texts(document.get("allowed_origins", [])),
        sealed=document.get("sealed") is True,
    )
    # An empty list would refuse everybody, and an unknown use nobody knows whom.
    if not table or not settings.client_ids or not settings.token_uses or not settings.token_uses <= {*TOKEN_USES}:
        raise ValueError
    return settings


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise TypeError
    return frozenset(value)
