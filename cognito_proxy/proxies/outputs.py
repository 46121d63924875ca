"""What a deployed stack tells: apps where to call, and `cognito-proxy` what to work on."""

import re
from collections.abc import Sequence

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from cognito_proxy.app_clients.cross_region import seen_from
from cognito_proxy.common.property_error import PropertyError
from cognito_proxy.proxies.sign_in_proxy import SignInProxy

_NAME = re.compile(r"(?!id$)[a-z][a-z0-9]{0,31}")


class ProxyOutputs(Construct):
    """The stack's outputs of one proxy; one of these in a stack, beside the proxy.

    ProxyEndpoint, ProxyDomain, AppClientId, UserPoolId, Region, WebAclArn and SecretArn, whatever the construct's id
    is. `cognito-proxy --stack` finds the firewall's lists and the secret by them. With several app clients the first
    one's are those; the others' end in their names, as in AppClientIdIos and SecretArnIos, and AppClients holds all
    names.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        proxy: SignInProxy,
        app_client_names: Sequence[str] = (),
    ) -> None:
        """Make the outputs.

        Args:
            scope: The parent, in the proxy's stack.
            construct_id: Id within `scope`.
            proxy: Whose outputs these are, a `RegionalProxy` or an `EdgeProxy`.
            app_client_names: Names of the proxy's app clients in their order, such as `web`, `ios`: different ones of
                1 to 32 lower-case letters and digits, a letter first, but `id`. Needed from two app clients on; keep
                the first one's place, since the first has no ending. Default: - the only one has no name.

        Raises:
            PropertyError: a name is not as it must be, or they are not as many as the app clients.
        """
        super().__init__(scope, construct_id)
        names = tuple(app_client_names)
        _check_names(names, len(proxy.app_clients))
        first = proxy.app_clients[0]
        self._add("ProxyEndpoint", proxy.endpoint, "URL that apps call instead of Cognito's")
        self._add("ProxyDomain", proxy.domain_name, "Host name of that URL, for mobile SDKs")
        self._add("UserPoolId", seen_from(self, first).user_pool_id, "User pool that apps use")
        self._add("Region", Stack.of(first).region, "Region of the user pool")
        if proxy.web_acl_arn is not None:
            self._add("WebAclArn", proxy.web_acl_arn, "Web ACL in front of the proxy, for `cognito-proxy ip`")
        if names:
            self._add("AppClients", ",".join(names), "Names of the app clients, for `cognito-proxy rotate`")
        endings = ("", *(name.capitalize() for name in names[1:]))
        for ending, client in zip(endings, proxy.app_clients, strict=True):
            seen = seen_from(self, client)
            self._add(f"AppClientId{ending}", seen.client_id, "Client id that apps use")
            self._add(f"SecretArn{ending}", seen.secret_arn, "Where the app client's secret is kept")

    def _add(self, name: str, value: str, description: str) -> None:
        output = CfnOutput(self, name, value=value, description=description)
        # The name is a contract; CDK's own would begin with this construct's path.
        output.override_logical_id(name)


def _check_names(names: Sequence[str], clients: int) -> None:
    if len(names) != clients and (names or clients > 1):
        raise PropertyError(f"app_client_names must name each of the proxy's {clients} app clients, not {len(names)}")
    for name in names:
        if _NAME.fullmatch(name) is None:
            raise PropertyError(
                f"app_client_names: {name!r} is not a name; allowed are 1 to 32 lower-case letters and digits, "
                "a letter first, but id"
            )
    if len(set(names)) < len(names):
        raise PropertyError(f"app_client_names must differ: {', '.join(names)}")
