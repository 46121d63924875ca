"""A guard on both variants, as `make local ARGS="-c guards=folder:module"` deploys it, and a real client."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local import LocalRun, local_run
from tests.e2e.boto3_story import cognito_client
from tests.examples.folders import EMAIL_RULES

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PASSWORD = "Dummy-password-1"

CHECK = """
import json
import time

import email_rules


def check(call):
    print("a guard's own line")
    match (call.username or "").partition("@")[0]:
        case "slow":
            time.sleep(5)
        case "broken":
            raise RuntimeError(call.username)
        case "quitter":
            raise SystemExit(1)
    return email_rules.check(call)
"""
SEEN = """

def seen(call, outcome):
    print("SEEN " + json.dumps([call.operation, outcome.status, outcome.error, outcome.challenge]))
"""


@pytest.fixture(scope="module", params=["regional", "edge"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """The regional one is declared closed and has an observer; the one at the edge is open."""
    code = tmp_path_factory.mktemp("code") / "guards"
    shutil.copytree(EMAIL_RULES, code)
    regional = request.param == "regional"
    (code / "tested.py").write_text(CHECK + SEEN * regional)
    properties = json.loads((code / "guards.json").read_text())
    properties |= {"on_failure": "closed" if regional else "open", "timeout_milliseconds": 700}
    properties["operations"] += ["InitiateAuth"]
    (code / "guards.json").write_text(json.dumps(properties))
    context = {"guards": f"{code}:tested"}
    with local_run(variant=request.param, context=context, work_dir=tmp_path_factory.mktemp("run")) as run:
        yield run


@pytest.fixture
def client(run: LocalRun) -> "Iterator[CognitoIdentityProviderClient]":
    with cognito_client(run.endpoint, run.outputs.region) as client:
        run.journal.clear()
        yield client


def sign_up(client: "CognitoIdentityProviderClient", run: LocalRun, address: str, **more: Any) -> None:
    client.sign_up(
        ClientId=run.outputs.client_id,
        Username=address,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": address}],
        **more,
    )


def test_a_real_client_raises_what_the_guard_says(client: "CognitoIdentityProviderClient", run: LocalRun) -> None:
    with pytest.raises(client.exceptions.UserLambdaValidationException) as raised:
        sign_up(client, run, "eve@mailinator.com")
    assert raised.value.response["Error"]["Message"] == "Please use an e-mail address that you keep."
    assert run.journal.calls() == ()


def test_the_triggers_are_told_what_the_guard_says_and_not_what_a_client_claims(
    client: "CognitoIdentityProviderClient", run: LocalRun
) -> None:
    address = f"Ada+{run.outputs.variant}@example.com"
    sign_up(client, run, address, ClientMetadata={"app": "1"})
    with pytest.raises(client.exceptions.UserNotConfirmedException):
        client.initiate_auth(
            ClientId=run.outputs.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": address, "PASSWORD": PASSWORD},
            ClientMetadata={"normalized_email": "forged", "app": "1"},
        )
    # The journal redacts values; what they are is in tests/proxy/test_guards.py.
    told = [set(forwarded.body["ClientMetadata"]) for forwarded in run.journal.calls()]
    assert told == [{"normalized_email", "app"}, {"app"}]


@pytest.mark.parametrize("name", ["slow", "broken", "quitter"])
def test_one_that_fails_follows_its_policy(client: "CognitoIdentityProviderClient", run: LocalRun, name: str) -> None:
    address = f"{name}@example.com"
    if run.outputs.variant == "edge":
        sign_up(client, run, address)
        assert len(run.journal.calls()) == 1
    else:
        with pytest.raises(ClientError) as raised:
            sign_up(client, run, address)
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert raised.value.response["Error"]["Code"] == "InternalErrorException"
        assert run.journal.calls() == ()
    said = {"slow": "overran its time", "broken": "raised RuntimeError", "quitter": "raised SystemExit"}[name]
    assert f"guards: check: {said}" in run.logs()
    assert address not in run.logs()


def test_an_observer_sees_what_cognito_answered(client: "CognitoIdentityProviderClient", run: LocalRun) -> None:
    with pytest.raises(client.exceptions.UserNotConfirmedException):
        client.initiate_auth(
            ClientId=run.outputs.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": f"Ada+{run.outputs.variant}@example.com", "PASSWORD": PASSWORD},
        )
    seen = 'SEEN ["InitiateAuth", 400, "UserNotConfirmedException", ""]'
    assert (seen in run.logs()) is (run.outputs.variant == "regional")
    assert "a guard's own line" in run.logs()


def test_the_asset_that_was_deployed_has_the_guard_and_what_it_imports(run: LocalRun) -> None:
    (asset,) = (path.parent for path in run.outputs_file.parent.rglob("asset.*/tested.py"))
    assert {path.name for path in Path(asset).iterdir()} == {
        "cognito_proxy_guards",
        "disposable_domains.txt",
        "email_rules.py",
        "guards.json",
        "proxy",
        "tested.py",
    }
