"""The commands of docs/clients.md, as they stand there, against both variants."""

import json
import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from local import LocalRun, local_run
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


@pytest.mark.proves("walk-through-runs", "walk-through-quiet")
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


@pytest.fixture(scope="module")
def with_samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """A run with both sample APIs behind their authorizers."""
    work_dir = tmp_path_factory.mktemp("samples")
    with local_run(variant="regional", context={"sample": "rest,http"}, work_dir=work_dir) as run:
        yield run


def test_the_apis_are_called_with_the_token(with_samples: LocalRun, tmp_path: Path) -> None:
    (tmp_path / ".local").symlink_to(with_samples.outputs_file.parent)
    shell = Shell(tmp_path, programs=PROGRAMS)
    name, password = f"jane-{secrets.token_hex(4)}", Passwords().initial
    _, local_urls, *calls = shell_blocks()["A call of the sample APIs"]
    ids, export, _ = shell_blocks()["OpenAPI, and API Gateway's JavaScript SDK"]
    curl, _ = shell_blocks()["A token through the proxy"]
    functions, *_ = shell_blocks()["A token from Cognito itself"]
    script = variables() + section("A user") + functions + curl + local_urls + "echo @@\n".join(["", *calls, ""])
    told = shell.run(script + ids + export, answers=[name, password, f"{name}@example.com", Codes().confirmation])
    _, rest, http, _ = told.stdout.split("@@\n")
    assert (json.loads(rest), json.loads(http)) == ({"message": "Hello, Jane Doe"}, {"message": f"Hello, {name}"})
    assert {"/", "/{proxy+}"} <= json.loads((tmp_path / "openapi.json").read_text(encoding="utf-8"))["paths"].keys()


class _ApiGateway(BaseHTTPRequestHandler):
    """Writes down what it is asked, and answers with that."""

    asked: ClassVar[list[tuple[str, str]]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Accept"]))
        answer = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api_gateway() -> Iterator[ThreadingHTTPServer]:
    """Stands for API Gateway's own API, whose SDKs no emulator makes."""
    _ApiGateway.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _ApiGateway) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def test_the_export_and_the_sdk_are_asked_for_as_the_aws_cli_does(
    api_gateway: ThreadingHTTPServer, tmp_path: Path
) -> None:
    """The AWS CLI holds the commands against AWS's service model; what AWS would answer is not seen here."""
    _, export, sdk = shell_blocks()["OpenAPI, and API Gateway's JavaScript SDK"]
    given = (
        f"export AWS_ENDPOINT_URL=http://127.0.0.1:{api_gateway.server_port} "
        "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n"
        "REST_API_ID=a1b2c3 STAGE=prod POOL_REGION=eu-west-1\n"
    )
    Shell(tmp_path, programs=["aws"]).run(given + export + sdk)
    stage = "/restapis/a1b2c3/stages/prod"
    assert _ApiGateway.asked == [
        (f"{stage}/exports/oas30?extensions=authorizers", "application/json"),
        (f"{stage}/sdks/javascript", "application/json"),
    ]
    assert (tmp_path / "openapi.json").read_text(encoding="utf-8").startswith(f"{stage}/exports/")
    assert (tmp_path / "javascript-sdk.zip").read_text(encoding="utf-8").startswith(f"{stage}/sdks/")
