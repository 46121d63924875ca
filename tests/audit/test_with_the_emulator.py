"""The command against a pool in the emulator; what it calls a door is one, and what it calls closed is none."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cognito_proxy.cli.app import app
from cognito_proxy.cli.errors import DOOR_OPEN
from local.deployment.emulator import Emulator
from tests.needs import ROOT

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(work_dir=tmp_path_factory.mktemp("emulator"), region=REGION) as running:
        yield running


@pytest.fixture
def pool(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A pool, and an environment in which AWS is the emulator."""
    aws = {"AWS_ENDPOINT_URL": emulator.endpoint, "AWS_REGION": REGION, "AWS_CONFIG_FILE": os.devnull}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    for name, value in (aws | keys | {"HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "COGNITO_PROXY_STACK"):
        monkeypatch.delenv(name, raising=False)
    made = emulator.client("cognito-idp").create_user_pool(PoolName="Shop")
    return str(made["UserPool"]["Id"])


def new_client(emulator: Emulator, pool: str, name: str, **settings: Any) -> str:
    cognito = emulator.client("cognito-idp")
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName=name, **settings)
    return str(made["UserPoolClient"]["ClientId"])


def audit(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(app, ["audit", "--json", *arguments])
    assert result.exit_code in (0, DOOR_OPEN), result.stderr
    return result.exit_code, json.loads(result.stdout)


def signs_up(emulator: Emulator, client_id: str, name: str) -> bool:
    """Whether somebody with nothing but the app client's id can."""
    stranger = boto3.client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=emulator.endpoint,
        config=Config(signature_version=UNSIGNED, proxies={}, retries={"total_max_attempts": 1}),
    )
    try:
        stranger.sign_up(ClientId=client_id, Username=name, Password="Dummy-Passw0rd!")
    except ClientError:
        return False
    finally:
        stranger.close()
    return True


@pytest.mark.proves("audit-lists-doors", "door-without-flow", oracle="Cognito of the emulator")
def test_a_door_lets_strangers_through_and_a_closed_app_client_does_not(emulator: Emulator, pool: str) -> None:
    new_client(emulator, pool, "old web", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    new_client(emulator, pool, "narrowed", ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"])
    new_client(emulator, pool, "new web", GenerateSecret=True)
    code, document = audit("--user-pool-id", pool)
    assert code == DOOR_OPEN
    assert {client["name"]: client["state"] for client in document["app_clients"]} == {
        "old web": "open",
        "narrowed": "open",
        "new web": "closed",
    }
    for client in document["app_clients"]:
        doors = {finding["name"] for finding in client["findings"] if finding["kind"] == "door"}
        assert signs_up(emulator, client["client_id"], f"user-{client['name']}") is ("sign-up" in doors)


def test_more_app_clients_than_one_page(emulator: Emulator, pool: str) -> None:
    made = {new_client(emulator, pool, f"app {number}", GenerateSecret=True) for number in range(65)}
    code, document = audit("--user-pool-id", pool)
    assert code == 0
    assert {client["client_id"] for client in document["app_clients"]} == made


def test_the_proxys_own_by_its_stack(emulator: Emulator, pool: str) -> None:
    ours = new_client(emulator, pool, "new web", GenerateSecret=True)
    cloudformation = emulator.client("cloudformation")
    outputs = {"UserPoolId": {"Value": pool}, "AppClientId": {"Value": ours}}
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
    cloudformation.create_stack(StackName="AuditedProxy", TemplateBody=json.dumps(template))
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="AuditedProxy", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    code, document = audit("--stack", "AuditedProxy")
    (client,) = document["app_clients"]
    assert (code, client["of_the_proxy"], client["state"]) == (0, True, "closed")
    assert client["findings"] == [] or {finding["kind"] for finding in client["findings"]} == {"note"}


@pytest.mark.proves("narrowing-closes-sign-in", "door-without-flow", oracle="Cognito of the emulator")
def test_narrowing_as_the_migration_page_does_it_closes_sign_in_and_no_more(
    emulator: Emulator, pool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    old = new_client(emulator, pool, "old", ExplicitAuthFlows=flows, RefreshTokenValidity=7, ReadAttributes=["email"])
    cognito = emulator.client("cognito-idp")
    answer = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=old)["UserPoolClient"]
    # The emulator answers with an empty text where Cognito leaves a setting out.
    before = {key: value for key, value in answer.items() if value != ""}
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "migration.md").read_text(), flags=re.DOTALL)
    (tmp_path / "old-client.json").write_text(json.dumps(before, default=str))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "narrow.py", "exec"), {})  # noqa: S102 - our own
    cognito.update_user_pool_client(**json.loads((tmp_path / "narrowed.json").read_text()))
    assert doors(pool) == {"sign-up", "recovery"} | PUBLIC_BY_DEFAULT
    after = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=old)["UserPoolClient"]
    assert {key for key in before if before[key] != after[key]} <= {"ExplicitAuthFlows", "LastModifiedDate"}
    cognito.update_user_pool_client(**json.loads((tmp_path / "as-it-was.json").read_text()))
    assert doors(pool) == {"sign-up", "recovery", "password-guessing"} | PUBLIC_BY_DEFAULT


PUBLIC_BY_DEFAULT = {"user-names"}
"""What an app client opens that is made without PreventUserExistenceErrors."""


def doors(pool: str) -> set[str]:
    _, document = audit("--user-pool-id", pool)
    (client,) = document["app_clients"]
    return {finding["name"] for finding in client["findings"] if finding["kind"] == "door"}
