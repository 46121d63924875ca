"""The commands of docs/clients.md, as they stand there, against both variants."""

import secrets
from pathlib import Path

import pytest

from tests.docs.shell_blocks import shell_blocks
from tests.e2e.deployment import Deployment
from tests.e2e.setups import PLAIN, on
from tests.e2e.shell import Shell
from tests.e2e.story import Codes, Passwords

PROGRAMS = ("aws", "curl", "jq", "python3")
IN_AWS, LOCAL, FROM_OUTPUTS, LOCAL_ADDRESSES = range(4)
"""The blocks of 'Variables'."""


def variables() -> str:
    """Those for a local run."""
    blocks = shell_blocks()["Variables"]
    assert "CognitoProxyRegionalDemo" in blocks[IN_AWS]
    assert "aws_endpoint_url" in blocks[LOCAL]
    assert "ProxyEndpoint" in blocks[FROM_OUTPUTS]
    assert "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER" in blocks[LOCAL_ADDRESSES]
    return blocks[LOCAL] + blocks[FROM_OUTPUTS] + blocks[LOCAL_ADDRESSES]


def section(name: str) -> str:
    return "".join(shell_blocks()[name])


def checkout(folder: Path, deployment: Deployment) -> Path:
    """A folder whose `make local` is this deployment."""
    (folder / ".local").symlink_to(deployment.run.outputs_file.parent)
    return folder


@pytest.mark.proves("walk-through-runs", "walk-through-quiet", "direct-calls-refused")
@on(PLAIN)
def test_the_walk_through(deployment: Deployment, tmp_path: Path) -> None:
    shell = Shell(checkout(tmp_path, deployment), programs=PROGRAMS)
    name, password = f"jane-{secrets.token_hex(4)}", Passwords().initial
    script = variables() + section("A user")
    script += section("A token from Cognito itself") + section("A token through the proxy").replace(
        "unset USER_PASSWORD SECRET_HASH",
        'printf "%s\\n" "$SECRET_HASH" "$TOKENS" > kept; unset USER_PASSWORD SECRET_HASH',
    )
    with deployment.forwarded_calls() as forwarded:
        told = shell.run(script, answers=[name, password, f"{name}@example.com", Codes().confirmation])
        calls = [(call.operation, deployment.run.is_direct(call), call.status) for call in forwarded()]
    assert calls == [
        ("SignUp", False, 200),
        ("ConfirmSignUp", False, 200),
        ("InitiateAuth", True, 400),
        ("InitiateAuth", True, 200),
        ("InitiateAuth", True, 200),
        ("InitiateAuth", False, 200),
        ("InitiateAuth", False, 200),
    ]
    assert told.stderr == ""
    assert "SECRET_HASH was not received" in told.stdout
    assert told.stdout.count('"TokenType": "Bearer"') == 4
    secret_hash, *tokens = (tmp_path / "kept").read_text(encoding="utf-8").splitlines()
    assert len(secret_hash) == 44
    assert tokens
    for hidden in (password, secret_hash, deployment.client_secret()):
        assert hidden not in told.stdout + shell.arguments()
    assert "eyJ" not in told.stdout


@on(PLAIN)
def test_the_variables_for_aws_are_the_stacks_outputs(deployment: Deployment, tmp_path: Path) -> None:
    """The emulator's CloudFormation stands for AWS's: what its stack tells is what a stack there would."""
    blocks = shell_blocks()["Variables"]
    shown = 'echo; printf "%s\\n" "$PROXY_ENDPOINT" "$APP_CLIENT_ID" "$SECRET_ARN" "$POOL_REGION" "$COGNITO"\n'
    script = blocks[LOCAL] + blocks[FROM_OUTPUTS] + shown
    told = Shell(checkout(tmp_path, deployment), programs=PROGRAMS).run(script)
    stack = deployment.run.stacks[deployment.run.outputs.stack].outputs
    assert told.stdout.splitlines()[1:] == [
        stack["ProxyEndpoint"],
        deployment.client_id,
        stack["SecretArn"],
        deployment.region,
        f"https://cognito-idp.{deployment.region}.amazonaws.com/",
    ]
