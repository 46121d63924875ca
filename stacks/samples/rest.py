"""The sample `rest`: a REST API behind a user pool authorizer."""

from cognito_proxy import CognitoAuthorizedApi
from stacks.flags import AppFlags, Variant
from stacks.protection import removal_policy
from stacks.proxy import ProxyStack
from stacks.samples.sample_stack import SampleStack


class RestStack(SampleStack):
    """An API that greets who signed in through the proxy, and keeps small documents of his."""

    api: CognitoAuthorizedApi
    """What the page calls."""

    _description = "REST API for users who signed in through the proxy"

    def _make(self, flags: AppFlags, proxy_stack: ProxyStack) -> None:
        self.api = CognitoAuthorizedApi(
            self,
            "Api",
            user_pool=self.user_pool,
            user_pool_clients=self.user_pool_clients,
            sealed_tokens=proxy_stack.sealed_tokens,
            allowed_origins=flags.allowed_origins,
            # The regional proxy's stack sets it where the flag is given; at the edge nobody else does.
            cloud_watch_role=flags.api_gateway_account_role and flags.variant is Variant.EDGE,
            removal_policy=removal_policy(flags),
        )
        takes = "ID tokens" if proxy_stack.sealed_tokens is None else "sealed access tokens"
        self._tell("RestApiUrl", self.api.url, f"URL of the REST API, which takes {takes}")
