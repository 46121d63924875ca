"""What a dashboard is drawn of: a proxy in the words of its metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from constructs import IConstruct

from cognito_proxy.app_clients.cross_region import in_region_of, read_weakly, seen_from
from cognito_proxy.common.regions import EDGE_REGION
from cognito_proxy.firewall.web_acl import ProxyWebAcl
from cognito_proxy.monitoring.cognito_limits import CognitoLimits
from cognito_proxy.proxies.edge_proxy import EdgeProxy
from cognito_proxy.proxies.sign_in_proxy import SignInProxy


@dataclass(frozen=True, kw_only=True)
class View:
    """A proxy, and where its metrics are."""

    proxy: SignInProxy
    variant: str
    """As on the function's lines."""
    regions: tuple[str | None, ...]
    """That run the function. None: the dashboard's own."""
    function_metrics: str
    """Under which name AWS Lambda keeps the function's metrics."""
    pool_region: str | None
    """Of the user pool. None: the dashboard's own."""
    user_pool_id: str
    web_acl: ProxyWebAcl | None
    rotations: tuple[str, ...]
    """Names of the rotations' functions, in the pool's Region."""
    limits: CognitoLimits


def view_of(scope: IConstruct, proxy: SignInProxy, *, edge_regions: Sequence[str], limits: CognitoLimits) -> View:
    """The view of a dashboard in `scope`."""
    client = proxy.app_clients[0]
    edge = isinstance(proxy, EdgeProxy)
    name = proxy.function.function_name
    return View(
        proxy=proxy,
        variant="edge" if edge else "regional",
        regions=tuple(edge_regions) if edge else (None,),
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html
        function_metrics=f"{EDGE_REGION}.{name}" if edge else name,
        pool_region=None if in_region_of(scope, client) else Stack.of(client).region,
        user_pool_id=seen_from(scope, client).user_pool_id,
        web_acl=proxy.web_acl,
        rotations=tuple(
            read_weakly(scope, rotation.function, rotation.function.function_name)
            for rotation in (each.secret_rotation for each in proxy.app_clients)
            if rotation is not None
        ),
        limits=limits,
    )
