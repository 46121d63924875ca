"""`cognito-proxy rotate`: which secret it rotates, what it says, and what it refuses."""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from cognito_proxy.cli.app import app
from cognito_proxy.cli.aws import Aws
from local.emulator import Emulator
from tests.cli.proxy_for_tests import REGION, Proxy, create_stack

ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:web-AbCdEf"
IOS_ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:ios-AbCdEf"
FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:rotation"


@dataclass
class RotatesAtOnce:
    """Secrets Manager and the rotation function, as far as the command asks them."""

    rotation_function: str | None = FUNCTION
    answers: list[dict[str, Any]] = field(default_factory=lambda: [{"outcome": "nothing", "until": None}])
    """What the function says to each ending; the last one again and again."""
    versions: dict[str, list[str]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Operation or step, and which secret."""
    regions: set[str | None] = field(default_factory=set)

    def describe_secret(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        described: dict[str, Any] = {"ARN": SecretId, "VersionIdsToStages": self.versions}
        return described | ({"RotationLambdaARN": self.rotation_function} if self.rotation_function else {})

    def rotate_secret(self, **request: Any) -> None:
        self.calls.append(("RotateSecret", request["SecretId"]))
        self.versions = {request["ClientRequestToken"]: ["AWSCURRENT", "AWSPENDING"]}

    def invoke(self, **request: Any) -> dict[str, Any]:
        event = json.loads(request["Payload"])
        self.calls.append((event["Step"], event["SecretId"]))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, proxy: Proxy) -> RotatesAtOnce:
    """In place of the two services; CloudFormation stays the emulator's."""
    services, own = RotatesAtOnce(), Aws.client

    def client(self: Aws, service: str, *, region: str | None = None) -> Any:
        if service not in ("secretsmanager", "lambda"):
            return own(self, service, region=region)
        services.regions.add(region)
        return services

    monkeypatch.setattr(Aws, "client", client)
    return services


@pytest.fixture
def stack(emulator: Emulator, proxy: Proxy) -> str:
    """Of a proxy with two app clients."""
    name = f"stack-{uuid.uuid4().hex[:8]}"
    create_stack(emulator.client("cloudformation"), name, {"SecretArn": ARN, "SecretArnIos": IOS_ARN})
    return name


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `cognito-proxy rotate …`."""
    result = CliRunner().invoke(app, ["rotate", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_rotates_the_secret_of_the_stacks_first_app_client(aws: RotatesAtOnce, stack: str) -> None:
    code, said, _ = run("--stack", stack)
    assert (code, aws.calls) == (0, [("endPrevious", ARN), ("RotateSecret", ARN)])
    assert said.splitlines() == [
        f"Version {next(iter(aws.versions))} is current.",
        "The secret before it stays valid for the overlap, and is then deleted.",
    ]


def test_rotates_the_secret_of_another_app_client_by_its_name(aws: RotatesAtOnce, stack: str) -> None:
    assert run("--stack", stack, "--app-client", "ios")[0] == 0
    assert {arn for _, arn in aws.calls} == {IOS_ARN}


def test_a_leaked_secret_is_ended_at_once(aws: RotatesAtOnce, stack: str) -> None:
    aws.answers = [{"outcome": "nothing", "until": None}, {"outcome": "ended", "until": None}]
    code, said, _ = run("--stack", stack, "--leaked")
    assert (code, [step for step, _ in aws.calls]) == (0, ["endPreviousNow", "RotateSecret", "endPreviousNow"])
    assert said.splitlines()[1].startswith("The secret before it is deleted: ")


def test_rotation_runs_where_the_secret_is_whichever_region_the_stack_is_in(aws: RotatesAtOnce, proxy: Proxy) -> None:
    arn = ARN.replace(REGION, "ap-south-1")
    assert run("--secret", arn, "--region", "us-east-1")[0] == 0
    assert aws.regions == {"ap-south-1"}


def too_fresh(aws: RotatesAtOnce) -> None:
    until = datetime(2030, 1, 31, 18, tzinfo=UTC).timestamp()
    aws.answers = [{"outcome": "waiting", "until": until}]


def without_rotation(aws: RotatesAtOnce) -> None:
    aws.rotation_function = None


def under_way(aws: RotatesAtOnce) -> None:
    aws.versions = {"a": ["AWSCURRENT"], "b": ["AWSPENDING"]}
    described = aws.describe_secret
    changed = {"LastChangedDate": datetime.fromtimestamp(time.time(), UTC)}
    aws.describe_secret = lambda **request: described(**request) | changed  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (
            too_fresh,
            "The last rotation is too fresh: proxies may use the previous secret until 2030-01-31 18:00:00 UTC",
        ),
        (without_rotation, f"{ARN} has no rotation: give its AppClient one, and deploy"),
        (under_way, "A rotation is under way; try again in ten minutes"),
    ],
)
def test_what_cannot_be_rotated_is_one_line(
    aws: RotatesAtOnce, stack: str, prepare: Callable[[RotatesAtOnce], None], told: str
) -> None:
    prepare(aws)
    assert run("--stack", stack) == (1, "", f"error: {told}\n")
    assert "RotateSecret" not in [step for step, _ in aws.calls]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "give --stack, the proxy's CloudFormation stack, or --secret, the secret's ARN"),
        (["--secret", "web"], 2, "--secret: 'web' is not the ARN of a secret in Secrets Manager"),
        (["--stack", "no-such-stack"], 1, "stack no-such-stack: not in eu-west-1; give its Region with --region"),
    ],
)
def test_a_wrong_call_is_one_line(aws: RotatesAtOnce, arguments: list[str], code: int, told: str) -> None:
    found, said, line = run(*arguments)
    assert (found, said) == (code, "")
    assert line.startswith(f"error: {told}")
    assert line.count("\n") == 1


def test_an_app_client_that_is_not_there_is_told_with_those_that_are(aws: RotatesAtOnce, stack: str) -> None:
    code, _, line = run("--stack", stack, "--app-client", "tv")
    told = f"error: stack {stack}: no output SecretArnTv, but SecretArn, SecretArnIos; or give --secret"
    assert code == 1
    assert line.startswith(told)
