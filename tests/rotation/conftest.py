"""The rotation function between services that answer in this process."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rotation import in_process_transport
from tests.rotation.cognito import CLIENT, POOL
from tests.rotation.secrets_manager import ARN
from tests.rotation.simulated_aws import OVERLAP, World


class Wires:
    """What the function finds below its calls: the world that answers just now."""

    def __init__(self) -> None:
        self.world = World()

    def new_world(self, monkeypatch: pytest.MonkeyPatch) -> World:
        self.world = World()
        monkeypatch.setattr("rotation.rotation.time", self.world.clock)
        monkeypatch.setattr("aws_calls.time_left.time", self.world.clock)
        return self.world

    def client(self, service: str, region: str) -> in_process_transport.Wire:
        answers: dict[str, in_process_transport.Answer] = {
            "cognito-idp": self.world.cognito_answer,
            "secretsmanager": self.world.secrets_answer,
        }
        return in_process_transport.Wire(service, region, answers[service])


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    """The function's surroundings, for a test that makes its worlds itself."""
    wires = Wires()
    monkeypatch.setattr("aws_calls.service.AwsJsonClient", wires.client)
    for name, value in {
        "AWS_REGION": in_process_transport.REGION,
        "USER_POOL_ID": POOL,
        "CLIENT_ID": CLIENT,
        "SECRET_ARN": ARN,
        "OVERLAP_SECONDS": str(OVERLAP),
    }.items():
        monkeypatch.setenv(name, value)
    return wires


@pytest.fixture
def world(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> World:
    """A new app client with its first secret, stored as seeding stores it."""
    return wires.new_world(monkeypatch)


@pytest.fixture
def operator(wires: Wires) -> Iterator[Any]:
    """An operator's boto3 client of Secrets Manager."""
    made = in_process_transport.client("secretsmanager", lambda: wires.world.secrets_answer)
    yield made
    made.close()
