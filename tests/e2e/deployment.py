"""What the end-to-end tests know of a deployment on this machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local import Call, LocalRun
from tests.e2e.setups import Setup

ADMIN_OPERATIONS = {"InitiateAuth": "AdminInitiateAuth", "RespondToAuthChallenge": "AdminRespondToAuthChallenge"}
"""What threat protection makes of these."""

_HANDLERS = ("proxy.regional.handler", "proxy.edge.handler")

ALLOWED_ORIGIN = "https://app.example.com"
"""The one origin that the deployments under test allow."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A running local deployment of one setup."""

    run: LocalRun
    setup: Setup

    @property
    def endpoint(self) -> str:
        """Where an app's SDK is pointed."""
        return self.run.endpoint

    @property
    def upstream(self) -> str:
        """Cognito itself, as the function under test reaches it."""
        return self.run.upstream

    @property
    def region(self) -> str:
        """The user pool's Region."""
        return self.run.outputs.region

    @property
    def user_pool_id(self) -> str:
        return self.run.outputs.user_pool_id

    @property
    def client_id(self) -> str:
        return self.run.outputs.client_id

    def client_secret(self) -> str:
        """The app client's secret, as an administrator sees it."""
        cognito = self.run.client("cognito-idp", region=self.region)
        answer = cognito.describe_user_pool_client(UserPoolId=self.user_pool_id, ClientId=self.client_id)
        return str(answer["UserPoolClient"]["ClientSecret"])

    def as_config(self) -> dict[str, str]:
        """What a client's script is told about the deployment."""
        return {
            "endpoint": self.endpoint,
            "region": self.region,
            "user_pool_id": self.user_pool_id,
            "client_id": self.client_id,
        }

    def as_forwarded(self, operation: str) -> str:
        """What an operation of the client's is called when it reaches Cognito. Refreshes are another matter."""
        return ADMIN_OPERATIONS.get(operation, operation) if self.setup.threat_protection else operation

    def proxy_role(self) -> str:
        """Name of the role that the proxy's function has."""
        for stack in self.run.stacks.values():
            for resource in stack.template["Resources"].values():
                if resource["Type"] == "AWS::Lambda::Function" and resource["Properties"]["Handler"] in _HANDLERS:
                    return str(stack.physical_ids[resource["Properties"]["Role"]["Fn::GetAtt"][0]])
        raise LookupError("no stack has the proxy's function")

    @contextmanager
    def forwarded_calls(self) -> Iterator[Callable[[], tuple[Call, ...]]]:
        """Gives a function that tells the calls that reached Cognito since the block began."""
        self.run.journal.clear()
        yield self.run.journal.calls

    @contextmanager
    def forwarded(self) -> Iterator[Callable[[], list[str]]]:
        """Gives a function that names the operations of all calls that reached Cognito since the block began."""
        self.run.journal.clear()
        yield lambda: [call.operation for call in self.run.journal.calls()]
