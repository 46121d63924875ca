"""Two fake Cognitos that play two Regions of one pool, behind the handler of either variant, and a clock to turn."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from proxy import cognito_regions, edge, regional
from tests.proxy.edge_events import edge_event
from tests.proxy.fake_service import Behaviour, Exchange, FakeService, answer, error
from tests.proxy.regional_calls import call
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT

PRIMARY, REPLICA = "eu-west-1", "us-east-1"
IN_TWO_REGIONS = SETTINGS_DOCUMENT | {"failover_regions": [REPLICA]}
PASSWORD = {
    "ClientId": CLIENT_ID,
    "AuthFlow": "USER_PASSWORD_AUTH",
    "AuthParameters": {"USERNAME": "jane", "PASSWORD": "dummy"},
}
SIGN_UP = {"ClientId": CLIENT_ID, "Username": "jane", "Password": "dummy"}
WRONG_PASSWORD = error("NotAuthorizedException", "Incorrect username or password.")
FAULT = error("InternalErrorException", "Something went wrong.", status=500)
_REPLICAS_OWN = frozenset(
    {
        "AdminInitiateAuth", "AdminRespondToAuthChallenge", "GetDevice", "GetTokensFromRefreshToken", "GetUser",
        "GetUserAuthFactors", "GlobalSignOut", "InitiateAuth", "ListDevices", "ListWebAuthnCredentials",
        "RespondToAuthChallenge", "RevokeToken", "UpdateAuthEventFeedback",
    }
)  # fmt: skip
"""Written from the developer guide once more, and not from the table that is tested."""

Answer = tuple[int, Any]
Caller = Callable[..., Answer]


class Clock:
    """The breakers' clock."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now


class TwoRegions(NamedTuple):
    primary: FakeService
    replica: FakeService
    clock: Clock

    @property
    def operations(self) -> tuple[list[str], list[str]]:
        """What the primary got, and what the replica."""
        return [got.operation for got in self.primary.received], [got.operation for got in self.replica.received]


def strict(region: str, *, is_replica: bool) -> Behaviour:
    """Cognito of one Region: sign-ins in two steps, whose session no other Region takes."""

    def behave(exchange: Exchange) -> bool:
        got = exchange.request
        if is_replica and got.operation not in _REPLICAS_OWN:
            return error("OperationNotEnabledException", "Not in this Region.")(exchange)
        if got.operation.endswith("InitiateAuth"):
            return answer({"ChallengeName": "EMAIL_OTP", "Session": f"session-of-{region}"})(exchange)
        if got.operation.endswith("RespondToAuthChallenge"):
            if got.document.get("Session") != f"session-of-{region}":
                return error("NotAuthorizedException", "Invalid session for the user.")(exchange)
            return answer({"AuthenticationResult": {"AccessToken": f"of-{region}"}})(exchange)
        return answer({"Region": region})(exchange)

    return behave


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until a test turns it; the jitter is the same in each run."""
    clock = Clock()
    monkeypatch.setattr(cognito_regions, "time", SimpleNamespace(time=clock.time, monotonic=time.monotonic))
    monkeypatch.setattr(cognito_regions, "random", Random(15))  # noqa: S311 - jitter
    return clock


@pytest.fixture
def regions(
    fake: Callable[..., FakeService], store: FakeService, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TwoRegions]:
    """Both of them, well."""
    primary = fake(default=strict(PRIMARY, is_replica=False))
    replica = fake(default=strict(REPLICA, is_replica=True))
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER_EU_WEST_1", primary.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER_US_EAST_1", replica.url)
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(IN_TWO_REGIONS))
    monkeypatch.setattr(edge, "_cached", None)
    yield TwoRegions(primary, replica, clock)
    for adapter in (regional, edge):
        if adapter._cached is not None:
            adapter._cached[1].close()


def through_api_gateway(operation: str, body: Any, *, seconds: float = 10.0) -> Answer:
    """By the regional function."""
    status, document, _ = call(operation, body, seconds=seconds)
    return status, document


def through_cloudfront(operation: str, body: Any, *, settings: Any = None) -> Answer:
    """By the edge function in its generated mode, which makes the sign-ins' calls itself."""
    protected = (settings or IN_TWO_REGIONS) | {"threat_protection": True, "edge_admin_calls": "generated"}
    response = edge.handler(edge_event(operation, body, settings=protected))
    return int(response["status"]), json.loads(response["body"])


def respond(challenge: Any) -> dict[str, Any]:
    """The answer to a challenge, as an app gives it that hands the session back."""
    body = {
        "ClientId": CLIENT_ID,
        "ChallengeName": challenge["ChallengeName"],
        "ChallengeResponses": {"USERNAME": "jane", "EMAIL_OTP_CODE": "123456"},
    }
    return body | ({"Session": challenge["Session"]} if "Session" in challenge else {})
