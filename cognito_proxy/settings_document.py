"""The settings document that the proxy function reads; the same for both variants."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Stack, Token
from constructs import IConstruct

from cognito_proxy._checks import require_duration_between
from cognito_proxy.origins import check_origins

if TYPE_CHECKING:
    from cognito_proxy.app_client import AppClient


@dataclass(frozen=True, kw_only=True)
class SettingsDocument:
    """What the function knows of its deployment. Values may be known at deploy time only.

    It is made of fields and not of keys, so an unknown key cannot get in.
    """

    app_clients: Sequence["AppClient"]
    """The app clients that the proxy serves, all of one user pool; at least one."""

    allowed_origins: Sequence[str] = ()
    """Exact origins that browsers may call from, or `*`. Default: none."""

    secret_ttl: Duration | None = None
    """How long a fetched secret is used, from 1 second to 24 hours. Default: the function's own, 300 seconds."""

    threat_protection: bool = False
    """Sign-in goes through the administrator operations. Default: False."""

    propagate_client_ip: bool = False
    """The caller's address is told to Cognito. Default: False."""

    def __post_init__(self) -> None:
        check_app_clients(self.app_clients)
        check_origins("allowed_origins", self.allowed_origins)
        if self.secret_ttl is not None:
            require_duration_between("secret_ttl", self.secret_ttl, Duration.seconds(1), Duration.hours(24))

    def to_json(self, scope: IConstruct) -> str:
        """The JSON text for the stack of `scope`; an optional key stands in it only if it says something."""
        first = self.app_clients[0]
        document: dict[str, Any] = {
            "region": Stack.of(first).region,
            "user_pool_id": first.user_pool.user_pool_id,
            "clients": {client.client_id: {"secret_arn": client.secret.secret_arn} for client in self.app_clients},
        }
        return Stack.of(scope).to_json_string(document | self._optional_keys())

    def _optional_keys(self) -> dict[str, Any]:
        optional = {
            "threat_protection": self.threat_protection,
            "propagate_client_ip": self.propagate_client_ip,
            "allowed_origins": list(self.allowed_origins),
            "secret_ttl_seconds": self.secret_ttl and self.secret_ttl.to_seconds(integral=False),
            "replica_regions": list(self.app_clients[0].secret_replica_regions),
        }
        return {key: value for key, value in optional.items() if value}


def check_app_clients(app_clients: Sequence["AppClient"]) -> None:
    """Refuse what one proxy cannot serve.

    Raises:
        ValueError: there is no client, one stands there twice, their pools or the Regions of their secrets differ.
    """
    if not app_clients:
        raise ValueError("app_clients must hold at least one AppClient, not none")
    paths = [client.node.path for client in app_clients]
    if len(set(paths)) < len(paths):
        raise ValueError(f"app_clients must not hold an AppClient twice: {', '.join(paths)}")
    pools = list(dict.fromkeys(client.user_pool.user_pool_id for client in app_clients))
    if len(pools) > 1:
        raise ValueError(f"app_clients must be of one user pool, not of {len(pools)}: {_readable(pools)}")
    if len({tuple(sorted(client.secret_replica_regions)) for client in app_clients}) > 1:
        raise ValueError(f"app_clients must have the same secret_replica_regions: {', '.join(paths)}")


def _readable(values: Sequence[str]) -> str:
    return ", ".join("(known at deploy time)" if Token.is_unresolved(value) else value for value in values)
