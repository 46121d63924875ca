"""Which Region the parts of an edge proxy must be in: its stack, its certificate, and a copy of each secret."""

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from cognito_proxy.app_clients.app_client import AppClient
from cognito_proxy.app_clients.cross_region import in_region_of
from cognito_proxy.common.certificates import require_certificate_in
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.common.regions import EDGE_REGION


def check_region(scope: Construct) -> None:
    """The proxy's own stack must be in us-east-1; one that leaves its Region open is warned.

    Raises:
        PropertyError: it is elsewhere.
    """
    region = Stack.of(scope).region
    if Token.is_unresolved(region):
        Annotations.of(scope).add_warning_v2(
            "@cognito-proxy:edgeRegion",
            f"The stack leaves its Region open; Lambda@Edge works from {EDGE_REGION} only. "
            f'Say so: env=Environment(region="{EDGE_REGION}").',
        )
    elif region != EDGE_REGION:
        raise PropertyError(f"scope: the stack of an EdgeProxy must be in {EDGE_REGION}, not {region}")


def check_secret_region(scope: Construct, client: AppClient) -> None:
    """The secret, or a replica of it, must be where the proxy is.

    Raises:
        PropertyError: it is not, or nobody can tell.
    """
    pool_id = client.user_pool.user_pool_id
    if in_region_of(scope, client):
        # The proxy's Region, so us-east-1, even where the stack leaves that open.
        if not Token.is_unresolved(pool_id) and not pool_id.startswith(f"{EDGE_REGION}_"):
            raise PropertyError(
                f"app_clients: {client.node.path} is of pool {pool_id} and must be in a stack of that pool's Region, "
                f"not in one of {EDGE_REGION}"
            )
        return
    region = Stack.of(client).region
    if Token.is_unresolved(region):
        raise PropertyError(
            f"app_clients: the stack of {client.node.path} must name its Region, for the edge to find it"
        )
    if EDGE_REGION not in client.secret_replica_regions:
        regions = ", ".join(client.secret_replica_regions) or "none"
        raise PropertyError(
            f"secret_replica_regions of {client.node.path} must hold {EDGE_REGION}, where the edge reads the secret, "
            f"not only {regions}"
        )


def check_certificate(scope: Construct, certificate: acm.ICertificate) -> None:
    """CloudFront takes certificates of us-east-1 only.

    Raises:
        PropertyError: it is elsewhere.
    """
    require_certificate_in(scope, "domain", certificate, EDGE_REGION)
