"""The settings document: one JSON object, the same in both variants."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

DEFAULT_SECRET_TTL_SECONDS = 300
IN_PLACE = "in_place"
GENERATED = "generated"
LOG_REQUESTS = "requests"
LOG_PROBLEMS = "problems"
LOG_NONE = "none"
LOG_LEVELS = (LOG_REQUESTS, LOG_PROBLEMS, LOG_NONE)

INTERCEPTORS = (
    "phone_rules",
    "human_check",
    "guards",
    "sealed_tokens",
    "user_limits",
    "message_ceilings",
    "events",
)
"""Keys whose values are parts of their own, one for each of what `proxy.interceptors` has."""

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")
_SECRET_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):[0-9]*:secret:.+")


class SettingsError(Exception):
    """The document is broken. The message says where, and quotes no value."""


class Settings(NamedTuple):
    """What the function knows of its deployment."""

    region: str
    """Region of the user pool, for example `eu-west-1`. With `failover_regions`, the one that is asked first."""
    user_pool_id: str
    clients: Mapping[str, str]
    """App client id to the ARN of its secret. An id that is not here is refused."""
    threat_protection: bool = False
    """Sign-in goes through the administrator operations, with the client's true address. Default: no."""
    propagate_client_ip: bool = False
    """The public operations that take it are told the client's true address. Default: no."""
    edge_admin_calls: str = IN_PLACE
    """At the edge, who sends what is signed: CloudFront (`in_place`), or the function itself, which then answers with a
    generated response (`generated`). Default: `in_place`."""
    server_name: str = ""
    """Host name that apps call, where the event does not tell: at the edge behind a name of one's own. Default: the
    event's."""
    allowed_origins: frozenset[str] = frozenset()
    """Exact origins (`https://app.example.com`) that browsers may call from, or `*`. Default: none."""
    secret_ttl_seconds: float = DEFAULT_SECRET_TTL_SECONDS
    """How long a fetched secret is used before it is fetched again. Default: 300 seconds."""
    replica_regions: tuple[str, ...] = ()
    """Regions that hold a replica of every secret. Default: none."""
    log: str = LOG_REQUESTS
    """Which calls have a line in the log: all of them (`requests`), those that failed or met a problem (`problems`), or
    no call (`none`). Default: `requests`."""
    log_plain: bool = False
    """Usernames and addresses stand in the log as they are, beside their hashes. Default: no."""
    failover_regions: tuple[str, ...] = ()
    """Further Regions in which the user pool is replicated, in the order in which they are asked when `region` fails.
    The pool's own Region, which its id names, is `region` or one of them. Default: none."""
    pin: str = ""
    """Which of these Regions is asked first instead of `region`, as `proxy.cognito_regions.Pin` has it; the command
    `cognito-proxy failover` writes it. Default: `region` is."""
    interceptors: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    """What stands around a call by choice: key to its own part of the document. Default: nothing."""
    oauth: Mapping[str, Any] | None = None
    """The user pool domain whose OAuth 2.0 endpoints are served, too. Default: none are."""


def parse_settings(text: str) -> Settings:
    """Read the document.

    Unknown keys are ignored, so that an older function runs under newer settings.

    Raises:
        SettingsError: not JSON, a required key is missing, or a value has the wrong type.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise SettingsError("settings: not valid JSON") from None
    if not isinstance(document, dict):
        raise SettingsError("settings: not a JSON object")
    region = _typed(document, "region", str)
    if not _REGION.fullmatch(region):
        raise SettingsError("settings: 'region' is not a Region name")
    user_pool_id = _typed(document, "user_pool_id", str)
    return Settings(
        region=region,
        user_pool_id=user_pool_id,
        clients=_clients(_typed(document, "clients", dict)),
        threat_protection=_typed(document, "threat_protection", bool, default=False),
        propagate_client_ip=_typed(document, "propagate_client_ip", bool, default=False),
        edge_admin_calls=_one_of(document, "edge_admin_calls", (IN_PLACE, GENERATED)),
        server_name=_optional_text(document, "server_name"),
        allowed_origins=frozenset(_strings(document, "allowed_origins")),
        secret_ttl_seconds=_seconds(document, "secret_ttl_seconds", DEFAULT_SECRET_TTL_SECONDS),
        replica_regions=_strings(document, "replica_regions"),
        log=_one_of(document, "log", LOG_LEVELS),
        log_plain=_typed(document, "log_plain", bool, default=False),
        failover_regions=_failover_regions(document, region, user_pool_id) if "failover_regions" in document else (),
        pin=_optional_text(document, "pin"),
        interceptors={key: _typed(document, key, dict) for key in INTERCEPTORS if key in document},
        oauth=_typed(document, "oauth", dict) if "oauth" in document else None,
    )


def unite(documents: Sequence[Settings]) -> Settings:
    """Several documents as one: the first, with the clients of all.

    Raises:
        SettingsError: they speak of different user pools.
    """
    first = documents[0]
    clients: dict[str, str] = {}
    for document in documents:
        if (document.region, document.user_pool_id) != (first.region, first.user_pool_id):
            raise SettingsError("settings: the documents are of different user pools")
        clients |= document.clients
    return first._replace(clients=clients)


_REQUIRED: Any = object()


def _typed(document: dict[str, Any], key: str, kind: type, *, default: Any = _REQUIRED) -> Any:
    value = document.get(key, default)
    if value is _REQUIRED:
        raise SettingsError(f"settings: '{key}' is missing")
    if not isinstance(value, kind) or value == "":
        raise SettingsError(f"settings: '{key}' is not a {kind.__name__} with content")
    return value


def _one_of(document: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value: str = _typed(document, key, str, default=allowed[0])
    if value not in allowed:
        raise SettingsError(f"settings: '{key}' is none of {', '.join(allowed)}")
    return value


def _optional_text(document: dict[str, Any], key: str) -> str:
    return str(_typed(document, key, str)) if key in document else ""


def _seconds(document: dict[str, Any], key: str, default: float) -> float:
    value = document.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 24 * 3600:
        raise SettingsError(f"settings: '{key}' is not a number of seconds between 0 and 86400")
    return float(value)


def _strings(document: dict[str, Any], key: str) -> tuple[str, ...]:
    values = document.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise SettingsError(f"settings: '{key}' is not a list of strings")
    return tuple(values)


def _failover_regions(document: dict[str, Any], region: str, user_pool_id: str) -> tuple[str, ...]:
    further = _strings(document, "failover_regions")
    regions = (region, *further)
    if not all(_REGION.fullmatch(name) for name in further) or len(set(regions)) < len(regions):
        raise SettingsError("settings: 'failover_regions' is not a list of Region names that differ from each other")
    if further and primary_region(user_pool_id) not in regions:
        raise SettingsError("settings: neither 'region' nor 'failover_regions' has the user pool's own Region")
    return further


def primary_region(user_pool_id: str) -> str:
    """The Region in which a user pool was made, wherever it is replicated: its id begins with it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-multi-region.html
    """
    return user_pool_id.rpartition("_")[0]


def _clients(document: dict[str, Any]) -> dict[str, str]:
    if not document:
        raise SettingsError("settings: 'clients' is empty")
    clients = {}
    for client_id, client in document.items():
        arn = client.get("secret_arn") if isinstance(client, dict) else None
        if not isinstance(arn, str) or not _SECRET_ARN.fullmatch(arn):
            raise SettingsError("settings: a client in 'clients' has no 'secret_arn' of a Secrets Manager secret")
        clients[client_id] = arn
    return clients


def secret_region(arn: str) -> str:
    """The Region that a secret's ARN names."""
    return arn.split(":", 4)[3]
