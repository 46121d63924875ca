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
from botocore.exceptions import ClientError, NoCredentialsError
from typer.testing import CliRunner

from cognito_proxy.app_clients import rotation_commands
from cognito_proxy.cli.app import app
from cognito_proxy.cli.app_client_choice import secret_of
from cognito_proxy.cli.aws import Aws
from cognito_proxy.cli.errors import WrongUsage
from local.deployment.emulator import Emulator
from tests.cli.deployed_proxy import REGION, DeployedProxy, create_stack

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
def aws(monkeypatch: pytest.MonkeyPatch, proxy: DeployedProxy) -> RotatesAtOnce:
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
def stack(emulator: Emulator, proxy: DeployedProxy) -> str:
    """Of a proxy with two app clients."""
    return new_stack(emulator, {"SecretArn": ARN, "SecretArnIos": IOS_ARN, "AppClients": "web,ios"})


def new_stack(emulator: Emulator, outputs: dict[str, str]) -> str:
    """A stack with these outputs; gives its name."""
    name = f"stack-{uuid.uuid4().hex[:8]}"
    create_stack(emulator.client("cloudformation"), name, outputs)
    return name


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `cognito-proxy rotate …`."""
    result = CliRunner().invoke(app, ["rotate", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("typed", "name", "arn"),
    [("web", "web", ARN), ("WEB", "web", ARN), ("ios", "ios", IOS_ARN), (" Ios", "ios", IOS_ARN)],
)
def test_rotates_the_secret_of_an_app_client_by_its_name_in_the_flag(
    aws: RotatesAtOnce, stack: str, typed: str, name: str, arn: str
) -> None:
    code, said, _ = run("--stack", stack, "--app-client", typed)
    assert (code, aws.calls) == (0, [("endPrevious", arn), ("RotateSecret", arn)])
    assert said.splitlines() == [
        f"App client {name} has a new secret: version {next(iter(aws.versions))} is current.",
        "The secret before it stays valid for the overlap, and is then deleted.",
    ]


def test_the_only_app_client_needs_no_name(aws: RotatesAtOnce, emulator: Emulator) -> None:
    code, said, _ = run("--stack", new_stack(emulator, {"SecretArn": ARN}))
    assert (code, {arn for _, arn in aws.calls}) == (0, {ARN})
    assert said.startswith("The app client has a new secret: version ")
    assert run("--stack", new_stack(emulator, {"SecretArn": ARN, "AppClients": "web"}))[0] == 0


@pytest.mark.proves("app-client-named")
def test_with_several_app_clients_none_is_rotated_by_chance(aws: RotatesAtOnce, stack: str) -> None:
    """The wrong one would look like success, while the leaked secret goes on working."""
    told = f"stack {stack} has several app clients, so name one with --app-client: web, ios"
    assert run("--stack", stack) == (2, "", f"error: {told}\n")
    assert aws.calls == []


def test_a_stack_deployed_before_it_told_the_names(aws: RotatesAtOnce, emulator: Emulator) -> None:
    stack = new_stack(emulator, {"SecretArn": ARN, "SecretArnIos": IOS_ARN})
    code, _, line = run("--stack", stack, "--app-client", "web")
    assert (code, aws.calls) == (1, [])
    assert line == (
        f"error: stack {stack}: no app client 'web'; "
        f"there are: one whose name the stack does not tell (--secret {ARN}), ios\n"
    )
    assert run("--stack", stack, "--app-client", "ios")[0] == 0
    assert {arn for _, arn in aws.calls} == {IOS_ARN}


def test_a_name_where_there_is_none(aws: RotatesAtOnce, emulator: Emulator) -> None:
    stack = new_stack(emulator, {"SecretArn": ARN})
    told = f"stack {stack}: no app client 'web'; it has one, without a name: leave --app-client out"
    assert run("--stack", stack, "--app-client", "web") == (1, "", f"error: {told}\n")


def test_names_stand_in_the_order_of_the_flag() -> None:
    outputs = {"SecretArn": "1", "SecretArnAndroid": "3", "SecretArnIos": "2", "AppClients": "web,ios,android"}
    with pytest.raises(WrongUsage, match=r"web, ios, android$"):
        secret_of(outputs, None, stack="Proxy")


@pytest.mark.proves("json-or-nothing")
@pytest.mark.parametrize("leaked", [False, True])
def test_as_json(aws: RotatesAtOnce, stack: str, leaked: bool) -> None:
    aws.answers = [{"outcome": "nothing", "until": None}, {"outcome": "ended", "until": None}]
    code, said, line = run("--stack", stack, "--app-client", "web", "--json", *(["--leaked"] if leaked else []))
    assert (code, line) == (0, "")
    assert json.loads(said) == {
        "app_client": "web",
        "secret_arn": ARN,
        "version": next(iter(aws.versions)),
        "previous_ended": leaked,
    }


def test_the_clean_up_may_have_been_there_first(aws: RotatesAtOnce, stack: str) -> None:
    """What the function finds gone is gone."""
    code, said, _ = run("--stack", stack, "--app-client", "web", "--leaked", "--json")
    assert (code, json.loads(said)["previous_ended"]) == (0, True)


def test_a_leaked_secret_is_ended_at_once(aws: RotatesAtOnce, stack: str) -> None:
    aws.answers = [{"outcome": "nothing", "until": None}, {"outcome": "ended", "until": None}]
    code, said, _ = run("--stack", stack, "--app-client", "web", "--leaked")
    assert (code, [step for step, _ in aws.calls]) == (0, ["endPreviousNow", "RotateSecret", "endPreviousNow"])
    assert said.splitlines()[1].startswith("The secret before it is deleted: ")


def test_rotation_runs_where_the_secret_is_whichever_region_the_stack_is_in(
    aws: RotatesAtOnce, proxy: DeployedProxy
) -> None:
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


def refused(aws: RotatesAtOnce) -> None:
    def describe(**_: object) -> dict[str, Any]:
        message = "user/ann is not authorized to perform: secretsmanager:DescribeSecret"
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, "DescribeSecret")

    aws.describe_secret = describe  # type: ignore[method-assign]


def without_credentials(aws: RotatesAtOnce) -> None:
    def describe(**_: object) -> dict[str, Any]:
        raise NoCredentialsError

    aws.describe_secret = describe  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (
            too_fresh,
            "The last rotation is too fresh: proxies may use the previous secret until 2030-01-31 18:00:00 UTC\n",
        ),
        (without_rotation, f"{ARN} has no rotation: give its AppClient one, and deploy\n"),
        (under_way, "A rotation is under way; try again in ten minutes\n"),
        (
            refused,
            (
                "AWS refused DescribeSecret (AccessDeniedException): "
                "user/ann is not authorized to perform: secretsmanager:DescribeSecret\n"
            ),
        ),
        (without_credentials, "no AWS credentials; set AWS_PROFILE, or run: aws configure\n"),
    ],
)
def test_what_cannot_be_rotated_is_one_line(
    aws: RotatesAtOnce, stack: str, prepare: Callable[[RotatesAtOnce], None], told: str
) -> None:
    prepare(aws)
    code, said, line = run("--stack", stack, "--app-client", "web")
    assert (code, said, line.count("\n")) == (1, "", 1)
    assert line.startswith(f"error: {told}")
    assert "RotateSecret" not in [step for step, _ in aws.calls]


@pytest.mark.proves("exit-code-3")
@pytest.mark.parametrize("leaked", [False, True])
def test_what_breaks_off_after_it_began_is_told_as_that(aws: RotatesAtOnce, stack: str, leaked: bool) -> None:
    """A leaked secret that still works must not look like a failure without consequences, nor like a success."""

    def rotate(**request: Any) -> None:
        refused(aws)

    aws.rotate_secret = rotate  # type: ignore[method-assign]
    arguments = ["--stack", stack, "--app-client", "web", *(["--leaked"] if leaked else [])]
    left = "the leaked secret still works: run the command again" if leaked else "the secret before it still works"
    assert run(*arguments) == (
        3,
        "",
        (
            "error: AWS refused DescribeSecret (AccessDeniedException): user/ann is not authorized to perform: "
            f"secretsmanager:DescribeSecret; a rotation was begun and may not have ended, and {left}\n"
        ),
    )


def test_a_rotation_that_is_not_waited_for_any_longer_was_begun(
    aws: RotatesAtOnce, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation_commands, "MOST_SECONDS", 0.0)
    aws.rotate_secret = lambda **_: None  # type: ignore[method-assign]
    code, _, line = run("--stack", stack, "--app-client", "web")
    assert (code, line.count("\n")) == (3, 1)
    assert line.endswith("; a rotation was begun and may not have ended, and the secret before it still works\n")


@pytest.mark.proves("exit-code-1")
def test_what_aws_refuses_to_begin_changed_nothing(aws: RotatesAtOnce, stack: str) -> None:
    def rotate(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not allowed"}}, "RotateSecret")

    aws.rotate_secret = rotate  # type: ignore[method-assign]
    told = "error: AWS refused RotateSecret (AccessDeniedException): not allowed\n"
    assert run("--stack", stack, "--app-client", "web") == (1, "", told)


@pytest.mark.proves("exit-code-2")
@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "give --stack, the proxy's CloudFormation stack, --secret, the secret's ARN, or --local"),
        (["--secret", "web"], 2, "--secret: 'web' is not the ARN of a secret in Secrets Manager"),
        (["--secret", ARN, "--app-client", "web"], 2, "--secret and --app-client: give one of them"),
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
    assert (code, line) == (1, f"error: stack {stack}: no app client 'tv'; there are: web, ios\n")
    assert aws.calls == []


def test_a_stack_without_an_app_client(aws: RotatesAtOnce, emulator: Emulator) -> None:
    stack = new_stack(emulator, {"ProxyEndpoint": "x"})
    told = f"stack {stack}: no output SecretArn; give the secret itself with --secret"
    assert run("--stack", stack) == (1, "", f"error: {told}\n")
