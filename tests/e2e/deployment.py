"""What the end-to-end tests know of a deployment on this machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local import LocalRun

ALLOWED_ORIGIN = "https://app.example.com"
"""The one origin that the deployments under test allow."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A running local deployment of one variant."""

    run: LocalRun

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
        cognito = self.run.client("cognito-idp")
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

    @contextmanager
    def forwarded(self) -> Iterator[Callable[[], list[str]]]:
        """Gives a function that names the operations of all calls that reached Cognito since the block began."""
        self.run.journal.clear()
        yield lambda: [call.operation for call in self.run.journal.calls()]
