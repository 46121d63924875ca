"""What every sample stands on: the proxy's user pool and app clients, wherever their stack is."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import CfnOutput, Environment, Stack, Token
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from cognito_proxy.app_clients.cross_region import loosely_seen
from stacks.flags import AppFlags
from stacks.proxy import ProxyStack


class SampleStack(Stack):
    """Base of the samples' stacks, in the user pool's Region.

    It reads the pool's and the app clients' ids as weak references: a sample holds nothing of the proxy's fast. An app
    client that is replaced reaches it with its next deployment (`cdk deploy --force`).
    """

    user_pool: cognito.IUserPool
    """The proxy's."""

    user_pool_clients: tuple[cognito.IUserPoolClient, ...]
    """The proxy's app clients, in their order."""

    _description: ClassVar[str]

    told: dict[str, str]
    """Its outputs, by name."""

    beside: Sequence["SampleStack"]
    """The samples that were made before it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        flags: AppFlags,
        proxy_stack: ProxyStack,
        beside: Sequence["SampleStack"] = (),
    ) -> None:
        """Make the sample beside the proxy of `proxy_stack` and the other samples."""
        clients = proxy_stack.proxy.app_clients
        home = Stack.of(clients[0])
        super().__init__(
            scope,
            construct_id,
            env=Environment(account=_known(home.account), region=_known(home.region)),
            description=self._description,
            termination_protection=not flags.demonstration,
        )
        # As cdk.json has it, whoever synthesizes: CDK's strong references would hold the proxy's values fast.
        self.node.set_context("@aws-cdk/core:defaultCrossStackReferences", "weak")
        # An API's log may need the role that the proxy's stack sets, and nobody can sign in before it is there.
        self.add_stack_dependency(proxy_stack)
        seen = [loosely_seen(client) for client in clients]
        self.user_pool = cognito.UserPool.from_user_pool_id(self, "UserPool", seen[0].user_pool_id)
        self.user_pool_clients = tuple(
            cognito.UserPoolClient.from_user_pool_client_id(self, f"AppClient{place or ''}", each.client_id)
            for place, each in enumerate(seen)
        )
        self.told, self.beside = {}, beside
        self._make(flags, proxy_stack)

    @abstractmethod
    def _make(self, flags: AppFlags, proxy_stack: ProxyStack) -> None:
        """Make what the sample is."""

    def _tell(self, name: str, value: str, description: str) -> None:
        """An output of that very name."""
        CfnOutput(self, name, value=value, description=description)
        self.told[name] = value


def _known(value: str) -> str | None:
    """None for what only the deployer's environment settles."""
    return None if Token.is_unresolved(value) else value
