"""The synthesized API in the emulator: its authorizer, its function with the role that it gets, and DynamoDB.

What the memory table of the other tests claims of DynamoDB is held against the emulator's here, calls at the same time
among it.
"""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_cognito as cognito

from cognito_proxy import CognitoAuthorizedApi
from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack, deploy
from local.deployment.emulator import Emulator
from sample_api import handler
from sample_api.documents import MAX_DOCUMENTS
from tests.sample_api.calls import call, id_claims

REGION = "eu-west-1"
ORIGIN = "https://app.example.com"
PASSWORD = "Dummy-Passw0rd!"
NAMES = {"jane": ("Jane", "Doe"), "john": ("John", "Roe")}


def synthesized(folder: Path) -> Assembly:
    """A pool with two app clients, and an API that trusts one of them."""
    app = App(outdir=str(folder))
    stack = Stack(app, "Api", env=Environment(region=REGION))
    pool = cognito.UserPool(stack, "Pool", self_sign_up_enabled=False)
    flows = cognito.AuthFlow(user_password=True)
    trusted, other = (pool.add_client(name, auth_flows=flows, disable_o_auth=True) for name in ("Web", "Other"))
    api = CognitoAuthorizedApi(stack, "Api", user_pool=pool, user_pool_clients=[trusted], allowed_origins=[ORIGIN])
    outputs = {
        "Pool": pool.user_pool_id,
        "Web": trusted.user_pool_client_id,
        "Other": other.user_pool_client_id,
        "Rest": api.api.rest_api_id,
        "Documents": api.table.table_name,
    }
    for name, value in outputs.items():
        CfnOutput(stack, f"Told{name}", value=value).override_logical_id(f"Told{name}")
    return Assembly(Path(app.synth().directory))


@dataclass(frozen=True)
class World:
    """What is deployed."""

    emulator: Emulator
    stack: DeployedStack

    def token(self, user: str, *, app_client: str = "Web", kind: str = "IdToken") -> str:
        answer = self.emulator.client("cognito-idp").initiate_auth(
            ClientId=self.stack.outputs[f"Told{app_client}"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD},
        )
        return str(answer["AuthenticationResult"][kind])

    def call(
        self, method: str, path: str, token: str | None, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        url = f"{self.emulator.endpoint}/_aws/execute-api/{self.stack.outputs['ToldRest']}/prod{path}"
        sent = dict(headers or {}) | ({"Authorization": token} if token else {})
        with requests.Session() as session:
            session.trust_env = False
            data = None if body is None else json.dumps(body)
            return session.request(method, url, headers=sent, data=data, timeout=30)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Emulator(work_dir=tmp_path_factory.mktemp("emulator"), region=REGION) as emulator:
        assembly = synthesized(tmp_path_factory.mktemp("assembly"))
        stack = deploy(emulator, assembly, "Api", region=REGION, say=lambda _: None)
        users = emulator.client("cognito-idp")
        for user, (given, family) in NAMES.items():
            attributes = [{"Name": "given_name", "Value": given}, {"Name": "family_name", "Value": family}]
            pool = stack.outputs["ToldPool"]
            users.admin_create_user(UserPoolId=pool, Username=user, UserAttributes=attributes)
            users.admin_set_user_password(UserPoolId=pool, Username=user, Password=PASSWORD, Permanent=True)
        yield World(emulator, stack)


@pytest.mark.proves("sample-greets")
def test_greets_who_signed_in(world: World) -> None:
    for path in ("", "/"):
        answer = world.call("GET", path, world.token("jane"))
        assert (answer.status_code, answer.json()) == (200, {"message": "Hello, Jane Doe"})


@pytest.mark.proves("sample-own-documents")
def test_each_user_has_documents_of_his_own(world: World) -> None:
    jane, john = world.token("jane"), world.token("john")
    assert world.call("POST", "/documents/plan", jane, body={"of": "Jane"}).status_code == 201
    assert world.call("POST", "/documents/plan", john, body={"of": "John"}).status_code == 201
    assert world.call("POST", "/documents/plan", jane, body={"of": "Jane", "again": True}).status_code == 200
    assert world.call("GET", "/documents/plan", jane).json() == {"of": "Jane", "again": True}
    assert world.call("GET", "/documents/plan", john).json() == {"of": "John"}
    assert world.call("GET", "/documents", john).json() == {"documents": ["plan"]}
    assert world.call("GET", "/documents/none", john).status_code == 404


@pytest.mark.proves("sample-audience")
def test_refuses_tokens_that_are_not_for_it(world: World) -> None:
    of_another_client = world.token("jane", app_client="Other")
    access = world.token("jane", kind="AccessToken")
    for token in (of_another_client, access):
        answer = world.call("GET", "/", token)
        assert (answer.status_code, answer.json()) == (401, {"error": "The token is not for this API."})
    header, claims, signature = world.token("jane").split(".")
    for token in (None, "no token", f"{header}.{claims}.{signature[::-1]}", f"{header}.{claims}."):
        answer = world.call("GET", "/documents", token)
        assert (answer.status_code, list(answer.json())) == (401, ["error"])


@pytest.mark.proves("sample-cors")
def test_a_page_may_ask_without_a_token_and_read_why_it_was_refused(world: World) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path in ("/", "/documents/plan"):
        answer = world.call("OPTIONS", path, None, headers={"Origin": ORIGIN, **asks})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, ORIGIN)
        refused = world.call("OPTIONS", path, None, headers={"Origin": "https://evil.example", **asks})
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
        unauthorized = world.call("GET", path, None, headers={"Origin": ORIGIN})
        assert unauthorized.status_code == 401
        assert unauthorized.headers["access-control-allow-origin"] == ORIGIN


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The function in this process, with the deployed table: many calls at the same time."""
    settings = {
        "table": world.stack.outputs["ToldDocuments"],
        "client_ids": [id_claims()["aud"]],
        "token_uses": ["id"],
    }
    client = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=world.emulator.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    monkeypatch.setenv(handler.SETTINGS, json.dumps(settings))
    monkeypatch.setattr(handler, "_dynamodb", lambda: client)
    yield client
    client.close()


@pytest.mark.proves("sample-bounds")
@pytest.mark.usefixtures("here")
def test_calls_at_the_same_time_make_no_document_too_many() -> None:
    subject = id_claims("concurrent-puts")
    names = [f"n{number}" for number in range(2 * MAX_DOCUMENTS)]

    def put(name: str) -> int:
        return call("POST", f"/documents/{name}", claims=subject, body=json.dumps(name)).status

    with ThreadPoolExecutor(max_workers=8) as pool:
        statuses = dict(zip(names, pool.map(put, names), strict=True))
    made = {name for name, status in statuses.items() if status == 201}
    assert len(made) == MAX_DOCUMENTS
    assert {status for name, status in statuses.items() if name not in made} == {409}
    assert call("GET", "/documents", claims=subject).document == {"documents": sorted(made)}
    for name, status in statuses.items():
        got = call("GET", f"/documents/{name}", claims=subject)
        assert got.status == (200 if status == 201 else 404)


@pytest.mark.usefixtures("here")
def test_of_calls_at_the_same_time_one_makes_the_document_and_the_others_write_over_it() -> None:
    subject = id_claims("same-name")

    def put(number: int) -> int:
        return call("POST", "/documents/one", claims=subject, body=json.dumps(number)).status

    with ThreadPoolExecutor(max_workers=8) as pool:
        statuses = list(pool.map(put, range(24)))
    assert sorted(statuses) == [200] * 23 + [201]
    assert call("GET", "/documents", claims=subject).document == {"documents": ["one"]}
    assert call("GET", "/documents/one", claims=subject).document in range(24)


def test_the_export_command_of_the_documentation_knows_any_and_options_only(world: World) -> None:
    """docs/apis.md, with boto3 in place of the AWS CLI: the same operation and parameters."""
    gateway = world.emulator.client("apigateway")
    rest_api = world.stack.outputs["ToldRest"]
    answer = gateway.get_export(
        restApiId=rest_api,
        stageName="prod",
        exportType="oas30",
        parameters={"extensions": "authorizers"},
        accepts="application/json",
    )
    document = json.loads(answer["body"].read())
    assert set(document["paths"]) == {"/", "/{proxy+}"}
    for item in document["paths"].values():
        assert set(item) == {"x-amazon-apigateway-any-method", "options"}


def test_the_role_may_do_with_the_table_what_the_function_needs_and_no_more(world: World) -> None:
    """The deployed function has read and written with it; so it is enough. Its statements say that it is no more."""
    statements = [
        statement
        for resource in world.stack.template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Policy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        if "dynamodb" in json.dumps(statement)
    ]
    assert [statement["Action"] for statement in statements] == [
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    ]
