"""In which Region a regional proxy stands: the pool's, or one to which pool and secrets are replicated."""

from collections.abc import Sequence

from aws_cdk import Stack, Token
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.app_clients.cross_region import in_region_of
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.proxies.settings_document import check_app_clients


def region_asked_first(scope: Construct, app_clients: Sequence[AppClient], failover_regions: Sequence[str]) -> str:
    """The Region whose Cognito a proxy in the stack of `scope` asks first: its own, where the pool, or a replica, is.

    So a proxy in the second Region needs nothing of the first one for what a replica can do.

    Raises:
        PropertyError: the app clients do not belong together, or the proxy is not where its pool is, and something that
            it needs there is missing.
    """
    check_app_clients(app_clients)
    if in_region_of(scope, app_clients[0]):
        return Stack.of(app_clients[0]).region
    own, home = Stack.of(scope).region, Stack.of(app_clients[0]).region
    if Token.is_unresolved(own) or Token.is_unresolved(home):
        raise PropertyError("app_clients: their stack and the proxy's must name their Regions, unless these are one")
    if home not in failover_regions:
        raise PropertyError(
            f"failover_regions must hold {home}, the pool's own Region, for a proxy in {own}: a replica cannot do all"
        )
    for client in app_clients:
        if own not in client.secret_replica_regions:
            regions = ", ".join(client.secret_replica_regions) or "none"
            raise PropertyError(
                f"secret_replica_regions of {client.node.path} must hold {own}, where the proxy reads the secret, "
                f"not only {regions}"
            )
    return own
