"""The rotation function between services that answer in this process."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rotation import in_process_transport
from tests.rotation.cognito import CLIENT, POOL
from tests.rotation.in_process_transport import REGION, Answer, InProcessTransport
from tests.rotation.secrets_manager import ARN
from tests.rotation.simulated_aws import OVERLAP, SimulatedAws


class Transports:
    """What the function finds below its calls: the simulated AWS that answers just now."""

    def __init__(self) -> None:
        self.aws = SimulatedAws()

    def new_aws(self, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
        self.aws = SimulatedAws()
        monkeypatch.setattr("rotation.rotation.time", self.aws.clock)
        monkeypatch.setattr("aws_calls.time_left.time", self.aws.clock)
        return self.aws

    def client(self, service: str, region: str) -> InProcessTransport:
        answers: dict[str, Answer] = {
            "cognito-idp": self.aws.cognito_answer,
            "secretsmanager": self.aws.secrets_answer,
        }
        return InProcessTransport(service, region, answers[service])


@pytest.fixture
def transports(monkeypatch: pytest.MonkeyPatch) -> Transports:
    """The function's surroundings, for a test that makes its own simulated AWS, or several."""
    transports = Transports()
    monkeypatch.setattr("aws_calls.service.AwsJsonClient", transports.client)
    for name, value in {
        "AWS_REGION": REGION,
        "USER_POOL_ID": POOL,
        "CLIENT_ID": CLIENT,
        "SECRET_ARN": ARN,
        "OVERLAP_SECONDS": str(OVERLAP),
    }.items():
        monkeypatch.setenv(name, value)
    return transports


@pytest.fixture
def aws(transports: Transports, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    """A new app client with its first secret, stored as seeding stores it."""
    return transports.new_aws(monkeypatch)


@pytest.fixture
def operator(transports: Transports) -> Iterator[Any]:
    """An operator's boto3 client of Secrets Manager."""
    made = in_process_transport.client("secretsmanager", lambda: transports.aws.secrets_answer)
    yield made
    made.close()
