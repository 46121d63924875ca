"""`cognito-proxy config`: what it takes, what it prints where, and its exit codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cognito_proxy.cli import config as command
from cognito_proxy.cli.app import app
from cognito_proxy.client_config.sdks import Sdk, configuration
from tests.client_config.proxies import CLIENT, EDGE, LOCAL, OWN, POOL, REGIONAL, proxy

SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-AbCdEf"
OUTPUTS = {
    "ProxyEndpoint": OWN,
    "AppClientId": CLIENT,
    "UserPoolId": POOL,
    "Region": "eu-west-1",
    "SecretArn": SECRET_ARN,
}


@dataclass
class Stack:
    """The one stack that CloudFormation knows, and whether it runs on this machine."""

    outputs: dict[str, str]
    local_endpoint: str | None = None

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if StackName != "Proxy":
            error = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"Outputs": outputs}]}


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stack]:
    """Deploys a stack with these outputs instead of a proxy's."""
    stack = Stack(dict(OUTPUTS))
    aws = SimpleNamespace(region="eu-west-1", client=lambda service: {"cloudformation": stack}[service])

    def target(_context: object, *, stack: str | None, **_: object) -> SimpleNamespace:
        return SimpleNamespace(aws=aws, stack=stack, local_endpoint=deploy().local_endpoint)

    def deploy(local_endpoint: str | None = None, **outputs: str) -> Stack:
        stack.outputs |= outputs
        stack.local_endpoint = local_endpoint or stack.local_endpoint
        return stack

    monkeypatch.setattr(command, "target", target)
    return deploy


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["config", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.proves("config-stdout", "config-no-secret", "config-permission")
@pytest.mark.parametrize("sdk", Sdk)
def test_stdout_is_exactly_what_to_paste(deployed: Callable[..., Stack], sdk: Sdk) -> None:
    code, out, err = run("--stack", "Proxy", "--for", sdk)
    expected = configuration(sdk, proxy(OWN))
    assert (code, out) == (0, expected.text)
    assert err.splitlines() == [f"note: {remark}" for remark in expected.remarks]
    assert SECRET_ARN not in out + err


def test_a_local_run_is_called_where_it_answers(deployed: Callable[..., Stack]) -> None:
    deployed(local_endpoint=LOCAL, ProxyEndpoint=REGIONAL)
    code, out, _ = run("--stack", "Proxy", "--for", "boto3")
    assert code == 0
    assert f'endpoint_url="{LOCAL}"' in out
    assert REGIONAL not in out


@pytest.mark.parametrize("chosen", ["ios", "2ios"])
def test_an_app_client_is_chosen(deployed: Callable[..., Stack], chosen: str) -> None:
    deployed(AppClientIdIos="2ios", AppClients="web,ios")
    code, out, _ = run("--stack", "Proxy", "--for", "boto3", "--client", chosen)
    assert code == 0
    assert 'CLIENT_ID = "2ios"\n' in out


def test_of_several_app_clients_one_must_be_chosen(deployed: Callable[..., Stack]) -> None:
    deployed(AppClientIdIos="2ios", AppClients="web,ios")
    assert run("--stack", "Proxy", "--for", "boto3") == (
        2,
        "",
        f"error: stack Proxy has several app clients, so choose with --client: {CLIENT} (web), 2ios (ios)\n",
    )


@pytest.mark.parametrize(
    ("arguments", "outputs", "error"),
    [
        (["--client", "x"], {}, f"stack Proxy: no app client 'x'; there is {CLIENT}"),
        ([], {"ProxyEndpoint": ""}, "stack Proxy: no output ProxyEndpoint; name the proxy's stack"),
        ([], {"Region": "$(id)"}, "stack Proxy: output Region is '$(id)', which no proxy's stack has"),
    ],
)
def test_what_the_stack_does_not_have(
    deployed: Callable[..., Stack], arguments: list[str], outputs: dict[str, str], error: str
) -> None:
    deployed(**outputs)
    assert run("--stack", "Proxy", "--for", "curl", *arguments) == (1, "", f"error: {error}\n")


def test_a_stack_that_is_not_there(deployed: Callable[..., Stack]) -> None:
    assert run("--stack", "Typo", "--for", "curl") == (
        1,
        "",
        "error: stack Typo: not in eu-west-1; give its Region with --region (an edge proxy's is us-east-1)\n",
    )


@pytest.mark.proves("path-needs-domain")
def test_a_path_that_an_sdk_does_not_take(deployed: Callable[..., Stack]) -> None:
    deployed(ProxyEndpoint=REGIONAL)
    code, out, err = run("--stack", "Proxy", "--for", "amplify-ios")
    assert (code, out) == (1, "")
    assert err.startswith("error: Amplify Swift takes a host name without a path, and ")
    assert run("--stack", "Proxy", "--for", "amplify-flutter")[0] == 0
    deployed(ProxyEndpoint=EDGE)
    assert run("--stack", "Proxy", "--for", "amplify-ios")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--stack", "Proxy"], "Missing option '--for'"),
        (["--stack", "Proxy", "--for", "cobol"], "Invalid value for '--for'"),
        (["--for", "curl"], "give --stack, the proxy's CloudFormation stack, or --local"),
    ],
)
def test_called_wrongly(deployed: Callable[..., Stack], arguments: list[str], error: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {error}")
