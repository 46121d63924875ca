"""Limits a user, deployed: with the emulator's DynamoDB, its IAM, and real clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito import AWSSRP  # type: ignore[import-untyped]  # it ships no types

from tests.e2e.deployment import ALLOWED_ORIGIN, Deployment
from tests.e2e.node_story import tell_node_story
from tests.e2e.raw_http import Answer, call
from tests.e2e.setups import Setup
from tests.e2e.story import Person, Step

ATTEMPTS = 10
LIMITED = "TooManyRequestsException"
LIMITS = Setup(variant="regional", flags=("user_limits",))
WRONG = Step(name="sign_in_with_wrong_password")
_ADDRESSES = (f"127.{1 + number // 250}.{number % 250}.1" for number in count())


@pytest.fixture(scope="module")
def limited(deployments: Callable[[Setup], Deployment]) -> Deployment:
    """The regional variant with limits a user."""
    return deployments(LIMITS)


def guess(deployment: Deployment, username: str) -> Answer:
    """A password, from a network that nobody has signed in from."""
    body = {
        "ClientId": deployment.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": username, "PASSWORD": "Aa1!wrong-one"},
    }
    headers = [("Origin", ALLOWED_ORIGIN)]
    return call(deployment.endpoint, "InitiateAuth", body, headers=headers, source_ip=next(_ADDRESSES))


@pytest.fixture
def used_up(limited: Deployment) -> Person:
    """Somebody whose attempts strangers have used up, and who has never signed in."""
    person = Person()
    with limited.forwarded_calls() as forwarded:
        types = [guess(limited, person.username).document()["__type"] for _ in range(ATTEMPTS + 2)]
        assert types[ATTEMPTS:] == [LIMITED] * 2
        assert LIMITED not in types[:ATTEMPTS]
        assert [each.operation for each in forwarded()] == ["InitiateAuth"] * ATTEMPTS
    return person


def test_a_refusal_can_be_read_by_a_page(limited: Deployment, used_up: Person) -> None:
    answer = guess(limited, used_up.username.upper())
    assert answer.status == 400
    wait = answer.headers["x-cognito-proxy-retry-after"]
    assert 0 < int(wait) <= 1200
    assert answer.document() == {"__type": LIMITED, "message": f"Too many attempts. Try again in {wait} seconds."}
    assert answer.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert "x-cognito-proxy-retry-after" in answer.tokens("access-control-expose-headers")
    assert "retry-after" not in answer.headers


def test_the_owner_gets_in_from_where_she_has_signed_in_before(limited: Deployment) -> None:
    person = Person()
    owner = _newcomer(limited, person)
    for _ in range(ATTEMPTS + 2):
        last = guess(limited, person.username)
    assert last.document()["__type"] == LIMITED
    assert owner()


def _newcomer(deployment: Deployment, person: Person) -> Callable[[], bool]:
    """Signs somebody up and in with boto3 and SRP; what is returned signs her in again."""
    client = _boto3(deployment, "standard")
    client.sign_up(
        ClientId=deployment.client_id,
        Username=person.username,
        Password=person.passwords.initial,
        UserAttributes=[{"Name": "email", "Value": person.username.lower()}],
    )
    client.confirm_sign_up(
        ClientId=deployment.client_id, Username=person.username, ConfirmationCode=person.codes.confirmation
    )

    def sign_in() -> bool:
        srp = AWSSRP(
            username=person.username,
            password=person.passwords.initial,
            pool_id=deployment.user_pool_id,
            client_id=deployment.client_id,
            client=client,
        )
        return "AccessToken" in srp.authenticate_user()["AuthenticationResult"]

    assert sign_in()
    return sign_in


def _boto3(deployment: Deployment, retries: str):  # type: ignore[no-untyped-def]
    config = Config(signature_version=UNSIGNED, retries={"mode": retries}, read_timeout=30, proxies={})
    session = boto3.session.Session(region_name=deployment.region)
    return session.client("cognito-idp", endpoint_url=deployment.endpoint, config=config)


@pytest.fixture
def soon() -> Iterator[None]:
    """An app does not hang: the answer is there within seconds, whatever is tried again on the way."""
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    print(f"took {took:.1f} s")
    assert took < 12


@pytest.mark.parametrize("client", ["amplify", "identity_js", "sdk_v3"])
def test_javascript_clients_give_up_soon(limited: Deployment, used_up: Person, soon: None, client: str) -> None:
    (report,) = tell_node_story(client, deployment=limited, person=used_up, steps=(WRONG,))
    assert (report["ok"], report["error_name"]) == (False, LIMITED)
    assert "Try again in" in report["error_message"]


@pytest.mark.parametrize("retries", ["legacy", "standard"])
def test_boto3_gives_up_soon(limited: Deployment, used_up: Person, soon: None, retries: str) -> None:
    with pytest.raises(ClientError) as raised:
        _boto3(limited, retries).initiate_auth(
            ClientId=limited.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": used_up.username, "PASSWORD": "Aa1!wrong-one"},
        )
    assert raised.value.response["Error"]["Code"] == LIMITED
    print(f"{retries}: {raised.value.response['ResponseMetadata']['RetryAttempts']} retries")
