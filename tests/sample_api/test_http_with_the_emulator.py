"""The synthesized HTTP API in the emulator, with tokens of each kind: through the proxy, and of both OAuth 2.0 grants.

The emulator's authorizer stands for API Gateway's, and its OAuth 2.0 server for Cognito's. What it has no resource for
(flow log, branding style) is left out there.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_cognito as cognito

from cognito_proxy import ApiRoute, ApiScopes, CodeGrantClient, JwtAuthorizedApi, MachineClient, SignInDomain
from cognito_proxy.apis.api_route import SIGN_IN_SCOPE
from local.deployment.assembly import Assembly
from local.deployment.deploy import DeployedStack, deploy
from local.deployment.emulator import Emulator

REGION = "eu-west-1"
ORIGIN = "https://app.example.com"
CALLBACK = f"{ORIGIN}/"
PASSWORD = "Dummy-Passw0rd!"
VERIFIER = "dummy-verifier-of-the-test-43-characters-or-more"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PAGE = Path(__file__).resolve().parents[2] / "docs" / "http-api.md"
READ, WRITE = "documents/documents.read", "documents/documents.write"


def synthesized(folder: Path) -> Assembly:
    """A pool with two app clients for the API of Cognito, one of each OAuth 2.0 grant, and an API that trusts three."""
    app = App(outdir=str(folder))
    stack = Stack(app, "Api", env=Environment(region=REGION))
    pool = cognito.UserPool(stack, "Pool", self_sign_up_enabled=False)
    flows = cognito.AuthFlow(user_password=True)
    trusted, other = (pool.add_client(name, auth_flows=flows, disable_o_auth=True) for name in ("Web", "Other"))
    domain = SignInDomain(stack, "SignIn", user_pool=pool)
    described = {"documents.read": "Read documents", "documents.write": "Keep documents"}
    scopes = ApiScopes(stack, "Scopes", user_pool=pool, identifier="documents", scopes=described)
    page = CodeGrantClient(
        stack,
        "Page",
        user_pool=pool,
        callback_urls=[CALLBACK],
        api_scopes=scopes,
        scope_names=list(described),
        refresh_token_rotation=None,
    )
    machine = MachineClient(stack, "Machine", user_pool=pool, api_scopes=scopes, scope_names=list(described))
    api = JwtAuthorizedApi(
        stack,
        "Api",
        user_pool=pool,
        user_pool_clients=[trusted, page.user_pool_client, machine.user_pool_client],
        routes=[
            ApiRoute(path="/", scopes=(SIGN_IN_SCOPE, READ, WRITE)),
            ApiRoute(path="/{proxy+}", method=apigatewayv2.HttpMethod.GET, scopes=(SIGN_IN_SCOPE, READ)),
            ApiRoute(path="/{proxy+}", scopes=(SIGN_IN_SCOPE, WRITE)),
        ],
        allowed_origins=[ORIGIN],
    )
    outputs = {
        "Pool": pool.user_pool_id,
        "Web": trusted.user_pool_client_id,
        "Other": other.user_pool_client_id,
        "Page": page.client_id,
        "Machine": machine.client_id,
        "MachineSecret": machine.secret.secret_arn,
        "Http": api.api.api_id,
        "SignIn": domain.domain_name,
    }
    for name, value in outputs.items():
        CfnOutput(stack, f"Told{name}", value=value).override_logical_id(f"Told{name}")
    return Assembly(Path(app.synth().directory))


@dataclass(frozen=True)
class World:
    """What is deployed."""

    emulator: Emulator
    stack: DeployedStack
    said: tuple[str, ...]

    def told(self, name: str) -> str:
        return str(self.stack.outputs[f"Told{name}"])

    def token(self, *, app_client: str = "Web", kind: str = "AccessToken") -> str:
        """As one gets it through the proxy: by Cognito's API."""
        answer = self.emulator.client("cognito-idp").initiate_auth(
            ClientId=self.told(app_client),
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "jane", "PASSWORD": PASSWORD},
        )
        return str(answer["AuthenticationResult"][kind])

    def machine_token(self, *scopes: str) -> str:
        secret = self.emulator.client("secretsmanager").get_secret_value(SecretId=self.told("MachineSecret"))
        kept = json.loads(secret["SecretString"])
        answer = self.send(
            "POST",
            "/oauth2/token",
            data={"grant_type": "client_credentials", "scope": " ".join(scopes)},
            auth=(kept["client_id"], kept["client_secret"]),
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def code(self, *, scope: str, **more: str) -> str:
        """What comes back to the page after its user signed in on Cognito's own."""
        asked = {
            "response_type": "code",
            "client_id": self.told("Page"),
            "redirect_uri": CALLBACK,
            "scope": scope,
            "state": "state-1",
        } | more
        page = self.send("GET", "/oauth2/authorize", params=asked)
        assert page.status_code == 200, page.text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        signed_in = self.send("POST", "/login", data=fields | {"username": "jane", "password": PASSWORD})
        assert signed_in.status_code == 302, signed_in.text
        back = signed_in.headers["Location"]
        assert back.startswith(CALLBACK)
        return parse_qs(urlsplit(back).query)["code"][0]

    def redeem(self, code: str, **more: str) -> requests.Response:
        asked = {
            "grant_type": "authorization_code",
            "client_id": self.told("Page"),
            "redirect_uri": CALLBACK,
            "code": code,
            **more,
        }
        return self.send("POST", "/oauth2/token", data=asked)

    def call(self, method: str, path: str, token: str | None, **more: Any) -> requests.Response:
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        path = f"/_aws/execute-api/{self.told('Http')}/$default{path}"
        return self.send(method, path, headers=headers, **more)

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            url = f"{self.emulator.endpoint}{path}"
            return session.request(method, url, timeout=30, allow_redirects=False, **more)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Emulator(work_dir=tmp_path_factory.mktemp("emulator"), region=REGION) as emulator:
        said: list[str] = []
        assembly = synthesized(tmp_path_factory.mktemp("assembly"))
        stack = deploy(emulator, assembly, "Api", region=REGION, say=said.append)
        users, pool = emulator.client("cognito-idp"), stack.outputs["ToldPool"]
        users.admin_create_user(UserPoolId=pool, Username="jane")
        users.admin_set_user_password(UserPoolId=pool, Username="jane", Password=PASSWORD, Permanent=True)
        yield World(emulator, stack, tuple(said))


@pytest.mark.proves("http-through-the-proxy", oracle="Cognito of the emulator")
def test_who_signed_in_by_cognitos_api_greets_and_keeps_documents(world: World) -> None:
    token = world.token()
    answer = world.call("GET", "/", token)
    assert (answer.status_code, answer.json()) == (200, {"message": "Hello, jane"})
    assert world.call("POST", "/documents/plan", token, json={"of": "Jane"}).status_code == 201
    assert world.call("GET", "/documents/plan", token).json() == {"of": "Jane"}
    assert world.call("GET", "/documents", token).json() == {"documents": ["plan"]}


@pytest.mark.proves("http-scopes-a-route", oracle="Cognito of the emulator")
def test_an_id_token_is_refused_though_its_audience_is_right(world: World) -> None:
    for path in ("/", "/documents", "/documents/plan"):
        assert world.call("GET", path, world.token(kind="IdToken")).status_code == 403


@pytest.mark.proves("http-issuer-audience", oracle="Cognito of the emulator")
def test_a_token_of_another_app_client_and_none_are_refused(world: World) -> None:
    for token in (world.token(app_client="Other"), None, "no token"):
        assert world.call("GET", "/", token).status_code == 401


@pytest.mark.proves("http-client-credentials", oracle="Cognito of the emulator")
def test_a_machine_does_what_its_token_is_for(world: World) -> None:
    reads, writes = world.machine_token(READ), world.machine_token(WRITE)
    assert world.call("POST", "/documents/report", reads, json={}).status_code == 403
    assert world.call("POST", "/documents/report", writes, json={"by": "machine"}).status_code == 201
    assert world.call("GET", "/documents/report", writes).status_code == 403
    assert world.call("GET", "/documents/report", reads).json() == {"by": "machine"}
    # Its documents are its own, as a user's are.
    assert world.call("GET", "/documents", world.token()).json()["documents"] != ["report"]
    assert {world.call("GET", "/", token).status_code for token in (reads, writes)} == {200}


@pytest.mark.proves("http-code-grant", oracle="Cognito of the emulator")
def test_a_page_gets_tokens_for_its_code_and_verifier(world: World) -> None:
    code = world.code(scope=f"openid {READ}", code_challenge=CHALLENGE, code_challenge_method="S256")
    tokens = world.redeem(code, code_verifier=VERIFIER).json()
    assert world.call("GET", "/documents", tokens["access_token"]).status_code == 200
    assert world.call("POST", "/documents/note", tokens["access_token"], json={}).status_code == 403
    assert world.call("GET", "/documents", tokens["id_token"]).status_code == 403


@pytest.mark.parametrize("more", [{}, {"code_verifier": "another-verifier-of-the-test-43-characters-or-more"}])
def test_a_stolen_code_is_worth_nothing_without_the_verifier(world: World, more: dict[str, str]) -> None:
    code = world.code(scope="openid", code_challenge=CHALLENGE, code_challenge_method="S256")
    refused = world.redeem(code, **more)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@pytest.mark.proves("http-pkce-not-demanded", oracle="Cognito of the emulator")
def test_without_a_challenge_the_code_alone_is_enough(world: World) -> None:
    """So an app has to send one: nothing asks it to."""
    assert world.redeem(world.code(scope="openid")).status_code == 200


def test_a_machines_app_client_opens_no_page(world: World) -> None:
    asked = {"response_type": "code", "client_id": world.told("Machine"), "redirect_uri": CALLBACK, "scope": READ}
    assert world.send("GET", "/oauth2/authorize", params=asked).status_code == 400


def test_the_commands_of_the_page_are_run(world: World) -> None:
    """docs/http-api.md, with the emulator's addresses for the outputs."""
    known = {"SIGN_IN_URL": world.emulator.endpoint, "CLIENT_ID": world.told("Page"), "CALLBACK_URL": CALLBACK}
    printed = shell(f"{commands('VERIFIER=')}\necho $VERIFIER", known).split()
    address, verifier = printed
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    code = world.code(scope=asked.pop("scope"), **asked)
    redeemed = json.loads(shell(commands("authorization_code"), known | {"CODE": code, "VERIFIER": verifier}))
    assert set(redeemed) >= {"access_token", "id_token", "refresh_token"}
    secret = world.emulator.client("secretsmanager").get_secret_value(SecretId=world.told("MachineSecret"))
    kept = json.loads(secret["SecretString"])
    machine = {"MACHINE_ID": kept["client_id"], "MACHINE_SECRET": kept["client_secret"]}
    given = json.loads(shell(commands("client_credentials"), known | machine))
    url = f"{world.emulator.endpoint}/_aws/execute-api/{world.told('Http')}/$default/"
    for token in (redeemed["access_token"], given["access_token"]):
        greeting = shell(commands('"$HTTP_API_URL"'), {"ACCESS_TOKEN": token, "HTTP_API_URL": url})
        assert json.loads(greeting)["message"].startswith("Hello")


def commands(word: str) -> str:
    """The page's one block of commands with that word in it; without what it prints."""
    blocks = re.findall(r"(?:^    .*\n)+", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (block,) = (found for found in blocks if word in found)
    lines = [line.removeprefix("    ") for line in block.splitlines()]
    return "\n".join(line for line in lines if not line.startswith(("cdk ", "{")))


def shell(script: str, variables: dict[str, str]) -> str:
    finished = subprocess.run(
        ["/bin/bash", "-eu", "-o", "pipefail", "-c", script],
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def test_the_security_group_leads_to_the_prefix_list_that_was_looked_up(world: World) -> None:
    ec2 = world.emulator.client("ec2")
    (found,) = ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{REGION}.dynamodb"]}]
    )["PrefixLists"]
    group = world.stack.only("AWS::EC2::SecurityGroup")
    (permission,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    assert [each["PrefixListId"] for each in permission["PrefixListIds"]] == [found["PrefixListId"]]
    assert (permission["FromPort"], permission["ToPort"], permission["IpRanges"]) == (443, 443, [])


def test_what_the_emulator_has_no_resource_for_is_said(world: World) -> None:
    left_out = " ".join(world.said)
    assert "AWS::EC2::FlowLog" in left_out
    assert "AWS::Cognito::ManagedLoginBranding" in left_out
    for needed in ("AWS::ApiGatewayV2", "AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint", "AWS::Cognito::UserPoolD"):
        assert needed not in left_out
