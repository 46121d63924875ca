"""The human check with real clients, against the stand-in of the provider."""

import json
import secrets
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from local.story import public_client
from tests.e2e.deployment import Deployment
from tests.e2e.node_story import run_node
from tests.e2e.setups import HUMAN_CHECK, on

pytestmark = on((HUMAN_CHECK,))

PASSWORD = f"{secrets.token_urlsafe(12)}aA1!"
CLIENTS = ("amplify", "sdk_v3", "identity_js")


def token(deployment: Deployment) -> str:
    """As the widget on a page gives it."""
    assert deployment.run.human_check is not None
    return deployment.run.human_check.provider.token(hostname="app.example.com")


def sign_up(deployment: Deployment, username: str, given: str | None) -> str:
    """What boto3 makes of it: the error's code, or `ok`."""
    metadata = {} if given is None else {"ClientMetadata": {"humanCheckToken": given, "app": "1"}}
    client = public_client(deployment.endpoint, deployment.region)
    try:
        client.sign_up(ClientId=deployment.client_id, Username=username, Password=PASSWORD, **metadata)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


@pytest.fixture
def broken_provider(deployment: Deployment) -> Iterator[None]:
    assert deployment.run.human_check is not None
    deployment.run.human_check.stand_in.fault = 503
    yield
    deployment.run.human_check.stand_in.fault = None


@pytest.mark.proves("human-check-guards", oracle="SDKs")
def test_boto3_needs_a_token_that_counts_once_and_cognito_never_sees_it(deployment: Deployment) -> None:
    assert sign_up(deployment, "boto-0", None) == "HumanCheckRequiredException"
    given = token(deployment)
    with deployment.forwarded_calls() as calls:
        assert sign_up(deployment, "boto-1", given) == "ok"
        (call,) = calls()
    assert set(call.body["ClientMetadata"]) == {"app"}
    assert sign_up(deployment, "boto-2", given) == "HumanCheckFailedException"
    assert sign_up(deployment, "boto-3", "dummy-that-nobody-made") == "HumanCheckFailedException"


@pytest.mark.proves("human-check-errors", oracle="SDKs")
def test_javascript_clients_name_the_refusals(deployment: Deployment) -> None:
    says = deployment.as_config() | {"password": PASSWORD, "tokens": {client: token(deployment) for client in CLIENTS}}
    told = json.loads(run_node("human_check.mjs", says=says))
    assert told == {client: ["HumanCheckRequiredException", "ok", "HumanCheckFailedException"] for client in CLIENTS}


def test_a_provider_that_is_down_keeps_nobody_out_by_default(deployment: Deployment, broken_provider: None) -> None:
    assert sign_up(deployment, "boto-4", None) == "HumanCheckRequiredException"
    assert sign_up(deployment, "boto-5", token(deployment)) == "ok"
    assert '"HumanCheckFailures":1' in deployment.run.logs()


def test_nothing_of_token_or_secret_is_logged(deployment: Deployment) -> None:
    given = token(deployment)
    sign_up(deployment, "boto-6", given)
    sign_up(deployment, "boto-7", given)
    logged = deployment.run.logs()
    assert deployment.run.human_check is not None
    assert given not in logged
    assert deployment.run.human_check.provider.secret not in logged
