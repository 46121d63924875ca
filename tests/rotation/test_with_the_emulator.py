"""The stand-in before the emulator: its signatures and permissions hold, and the rotation function works with both."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from local.deployment.emulator import Emulator
from local.ports import LOOPBACK, listen, port_of
from local.simulators.cognito.shapes import cognito_operations
from local.simulators.cognito.two_secrets import TwoSecrets, secret_hash
from local.simulators.common.http import HttpRequest, HttpResponse
from local.simulators.common.serving import ServerThread, Upstream, application
from rotation.handler import handler
from tests.rotation.simulated_aws import STEPS

REGION = "eu-west-1"
USER = "Jane"
PASSWORD = "Dummy-Passw0rd!"


@dataclass(frozen=True)
class Stage:
    """An emulator with a user pool, an app client and a user, and the stand-in before it."""

    emulator: Emulator
    endpoint: str
    pool: str
    stack: ExitStack

    def cognito(self, key: str = "test", secret: str = "test") -> Any:
        """A client of the stand-in; the default is the emulator's root."""
        made: BaseClient = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )
        self.stack.callback(made.close)
        return made

    def new_client(self) -> tuple[dict[str, str], str]:
        """Ids of a new app client, and its secret."""
        made = self.emulator.client("cognito-idp").create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="client",
            GenerateSecret=True,
            ExplicitAuthFlows=[
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        )["UserPoolClient"]
        return {"UserPoolId": self.pool, "ClientId": made["ClientId"]}, made["ClientSecret"]

    def operator(self, *actions: str) -> Any:
        """A client of somebody who may do that."""
        arn = f"arn:aws:cognito-idp:{REGION}:000000000000:userpool/{self.pool}"
        allowed = {arn: [f"cognito-idp:{action}" for action in actions]} if actions else {}
        return self.cognito(*self.new_key(allowed))

    def new_key(self, allowed: Mapping[str, list[str]]) -> tuple[str, str]:
        """The access key, and its secret, of somebody who may do that: resource → actions."""
        iam, name = self.emulator.client("iam"), f"somebody-{uuid.uuid4()}"
        iam.create_user(UserName=name)
        statements = [{"Effect": "Allow", "Action": actions, "Resource": arn} for arn, actions in allowed.items()]
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            iam.put_user_policy(UserName=name, PolicyName="Policy", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ExitStack() as stack:
        emulator = stack.enter_context(Emulator(work_dir=tmp_path_factory.mktemp("emulator"), region=REGION))
        root = emulator.client("cognito-idp")
        upstream = Upstream(emulator.endpoint)
        two_secrets = TwoSecrets(root, cognito_operations())

        async def handle(request: HttpRequest) -> HttpResponse:
            return await two_secrets.forward(request, lambda onward: upstream.send(onward, seconds=20))

        async def close(_: object) -> None:
            await upstream.close()

        app = application(handle, max_body=1_000_000, too_large=HttpResponse(status=413, headers=(), body=b""))
        app.on_cleanup.append(close)
        listener = stack.enter_context(listen())
        servers = ServerThread()
        stack.callback(servers.stop)
        servers.serve(app, listener)
        pool = root.create_user_pool(PoolName="pool")["UserPool"]["Id"]
        root.admin_create_user(UserPoolId=pool, Username=USER)
        root.admin_set_user_password(UserPoolId=pool, Username=USER, Password=PASSWORD, Permanent=True)
        yield Stage(emulator, f"http://{LOOPBACK}:{port_of(listener)}", pool, stack)


def sign_in(cognito: Any, ids: dict[str, str], secret: str, *, admin: bool = False) -> Any:
    parameters = {"USERNAME": USER, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(secret, USER, ids["ClientId"])}
    if admin:
        return cognito.admin_initiate_auth(**ids, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters)
    return cognito.initiate_auth(ClientId=ids["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


@pytest.mark.parametrize("admin", [False, True])
def test_signs_in_with_either_secret_and_not_with_a_deleted_one(stage: Stage, admin: bool) -> None:
    cognito, (ids, first) = stage.cognito(), stage.new_client()
    second = cognito.add_user_pool_client_secret(**ids)["ClientSecretDescriptor"]["ClientSecretValue"]
    for secret in (first, second):
        assert sign_in(cognito, ids, secret, admin=admin)["AuthenticationResult"]["AccessToken"]
    older, _ = cognito.list_user_pool_client_secrets(**ids)["ClientSecrets"]
    cognito.delete_user_pool_client_secret(**ids, ClientSecretId=older["ClientSecretId"])
    assert sign_in(cognito, ids, second, admin=admin)["AuthenticationResult"]["AccessToken"]
    with pytest.raises(ClientError) as caught:
        sign_in(cognito, ids, first, admin=admin)
    assert refusal(caught) == (
        "NotAuthorizedException",
        f"Unable to verify secret hash for client {ids['ClientId']}",
    )


def test_the_three_operations_need_a_signature_and_the_permission(stage: Stage) -> None:
    ids, _ = stage.new_client()
    with pytest.raises(ClientError) as caught:
        stage.operator().list_user_pool_client_secrets(**ids)
    assert refusal(caught)[0] == "AccessDeniedException"
    operator = stage.operator("ListUserPoolClientSecrets")
    assert len(operator.list_user_pool_client_secrets(**ids)["ClientSecrets"]) == 1
    with pytest.raises(ClientError) as caught:
        operator.add_user_pool_client_secret(**ids)
    assert refusal(caught)[0] == "AccessDeniedException"
    with pytest.raises(ClientError) as caught:
        stage.cognito("AKIAIOSFODNN7EXAMPLE", "no such key").list_user_pool_client_secrets(**ids)
    assert refusal(caught)[0] == "UnrecognizedClientException"


def test_a_call_that_is_sent_again_as_root_was_permitted_first(stage: Stage) -> None:
    ids, _ = stage.new_client()
    second = stage.cognito().add_user_pool_client_secret(**ids)["ClientSecretDescriptor"]["ClientSecretValue"]
    with pytest.raises(ClientError) as caught:
        sign_in(stage.operator("AdminGetUser"), ids, second, admin=True)
    assert refusal(caught)[0] == "AccessDeniedException"
    assert sign_in(stage.operator("AdminInitiateAuth"), ids, second, admin=True)["AuthenticationResult"]


def test_an_unknown_client_is_refused(stage: Stage) -> None:
    with pytest.raises(ClientError) as caught:
        stage.cognito().list_user_pool_client_secrets(UserPoolId=stage.pool, ClientId="nobody")
    assert refusal(caught)[0] == "ResourceNotFoundException"


@pytest.mark.proves("both-secrets-taken", simulator="cognito")
def test_three_rotations_of_the_real_function_and_the_proof_works_at_each_moment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, first = stage.new_client()
    secrets = stage.emulator.client("secretsmanager")
    value = {"user_pool_id": ids["UserPoolId"], "client_id": ids["ClientId"], "client_secret": first}
    arn = secrets.create_secret(Name=f"secret-{uuid.uuid4()}", SecretString=json.dumps(value))["ARN"]
    cognito = stage.cognito()
    key, key_secret = stage.new_key(
        {
            f"arn:aws:cognito-idp:{REGION}:000000000000:userpool/{stage.pool}": [
                f"cognito-idp:{action}UserPoolClient{what}"
                for action, what in (("Add", "Secret"), ("Delete", "Secret"), ("List", "Secrets"))
            ],
            arn: [
                f"secretsmanager:{action}"
                for action in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
            ],
        }
    )
    for name, setting in {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": key_secret,
        "AWS_ENDPOINT_URL": stage.emulator.endpoint,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": stage.endpoint,
        "USER_POOL_ID": ids["UserPoolId"],
        "CLIENT_ID": ids["ClientId"],
        "SECRET_ARN": arn,
        "OVERLAP_SECONDS": "0",
    }.items():
        monkeypatch.setenv(name, setting)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)

    def current() -> str:
        return str(json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])["client_secret"])

    seen = [first]
    for _ in range(3):
        token = str(uuid.uuid4())
        # Its RotateSecret calls no function, so the test begins the rotation itself.
        secrets.put_secret_value(SecretId=arn, ClientRequestToken=token, VersionStages=["AWSPENDING"])
        for step in STEPS:
            handler({"Step": step, "SecretId": arn, "ClientRequestToken": token}, None)
            assert sign_in(cognito, ids, current())["AuthenticationResult"]
        assert sign_in(cognito, ids, seen[-1])["AuthenticationResult"]
        seen.append(current())
        assert handler({"Step": "endPrevious", "SecretId": arn}, None) == {"outcome": "ended", "until": None}
        assert len(cognito.list_user_pool_client_secrets(**ids)["ClientSecrets"]) == 1
    assert len(set(seen)) == 4
    assert [secret for secret in seen if secret in stage.emulator.log_file.read_text()] == []
