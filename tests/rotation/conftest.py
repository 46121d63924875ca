"""The rotation function between services that answer in this process."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rotation import wire
from tests.rotation.cognito import CLIENT, POOL
from tests.rotation.secrets_manager import ARN
from tests.rotation.world import OVERLAP, World


class Wires:
    """The clients, which are slow to make, and the world that answers them just now."""

    def __init__(self) -> None:
        self.world = World()
        self.clients: dict[str, Any] = {
            "cognito-idp": wire.client("cognito-idp", lambda: self.world.cognito_answer),
            "secretsmanager": wire.client("secretsmanager", lambda: self.world.secrets_answer),
        }

    def new_world(self, monkeypatch: pytest.MonkeyPatch) -> World:
        self.world = World()
        monkeypatch.setattr("rotation.rotation.time", self.world.clock)
        return self.world


@pytest.fixture(scope="session")
def all_wires() -> Iterator[Wires]:
    wires = Wires()
    yield wires
    for client in wires.clients.values():
        client.close()


@pytest.fixture
def wires(all_wires: Wires, monkeypatch: pytest.MonkeyPatch) -> Wires:
    """What the function finds when it runs."""
    monkeypatch.setattr("boto3.client", lambda service, config: all_wires.clients[service])
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    for name, value in {
        "USER_POOL_ID": POOL,
        "CLIENT_ID": CLIENT,
        "SECRET_ARN": ARN,
        "OVERLAP_SECONDS": str(OVERLAP),
    }.items():
        monkeypatch.setenv(name, value)
    return all_wires


@pytest.fixture
def world(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> World:
    """A new app client with its first secret, stored as seeding stores it."""
    return wires.new_world(monkeypatch)
