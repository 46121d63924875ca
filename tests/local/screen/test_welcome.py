"""What `make local` says first."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.outputs import Outputs
from local.screen.changes import ChangeLog
from local.screen.welcome import aws_variables, paste_lines, welcome

OUTPUTS = Outputs(
    variant="regional",
    endpoint="http://127.0.0.1:8080/prod/",
    region="eu-west-1",
    user_pool_id="eu-west-1_AbCdEf123",
    client_id="4abcdefghijklmnopqrstuvwxy",
    upstream="http://127.0.0.1:8081",
    template="/t.json",
    stack="CognitoProxyEdge",
    stack_region="us-east-1",
    aws_endpoint_url="http://127.0.0.1:8082",
)


@pytest.fixture
def text(tmp_path: Path) -> str:
    changes = ChangeLog(tmp_path / "changes.txt", tell=print)
    changes.begin("CognitoProxyRegional")
    changes.add("left out: something")
    lines = welcome(
        OUTPUTS,
        outputs_file=tmp_path / "outputs.json",
        allowed_origins=["http://localhost:3000"],
        enforcement=["firewall: Acl decides by its rules RateLimit", "firewall: not evaluated: IpReputation"],
        changes=changes,
    )
    return "\n".join(f"{line.label}: {line.text}" for line in lines)


@pytest.mark.parametrize(
    "said",
    [
        "Region: eu-west-1",
        "User pool: eu-west-1_AbCdEf123",
        "App client: 4abcdefghijklmnopqrstuvwxy",
        "Pages that may call: http://localhost:3000",
        "-c allowed_origins=",
        "Codes: ",
        "Firewall: Acl decides by its rules RateLimit",
        "Firewall: not evaluated: IpReputation",
        "-c rate_limit=",
        "sign_up_rate_limit=",
        "recovery_rate_limit",
        "sign_in_attempts_rate_limit",
        "Not here: AWS WAF's capacity",
        "changes.txt (VERBOSE=1 prints it)",
        "cognito-proxy ip list --local",
        "Stop: Ctrl-C",
    ],
)
def test_says(text: str, said: str) -> None:
    assert said in text


def test_the_sign_in_pages_stand_there_where_there_are_any(text: str, tmp_path: Path) -> None:
    lines = welcome(
        OUTPUTS,
        outputs_file=tmp_path / "outputs.json",
        allowed_origins=None,
        enforcement=(),
        changes=ChangeLog(tmp_path / "changes.txt", tell=print),
        oauth_pages="http://127.0.0.1:8085",
    )
    said = [line.text for line in lines]
    assert f"{OUTPUTS.endpoint}.well-known/openid-configuration" in said
    assert any("http://127.0.0.1:8085/" in each for each in said)
    assert "OAuth" not in text


def test_nothing_of_pages_where_they_are_not_known(tmp_path: Path) -> None:
    lines = welcome(
        OUTPUTS,
        outputs_file=tmp_path / "outputs.json",
        allowed_origins=None,
        enforcement=(),
        changes=ChangeLog(tmp_path / "changes.txt", tell=print),
    )
    labels = {line.label for line in lines}
    assert not {"Pages that may call", "Changed for the emulator", "Firewall"} & labels


def test_the_samples_stand_with_their_addresses_and_nothing_of_them_where_there_are_none(
    text: str, tmp_path: Path
) -> None:
    samples = {"RestApiUrl": "http://127.0.0.1:8083/prod/", "PageUrl": "http://127.0.0.1:8084/"}
    lines = welcome(
        replace(OUTPUTS, samples=samples),
        outputs_file=tmp_path / "outputs.json",
        allowed_origins=None,
        enforcement=(),
        changes=ChangeLog(tmp_path / "changes.txt", tell=print),
    )
    said = {line.label: line.text for line in lines if line.label}
    assert (said["REST API"], said["PageUrl"]) == tuple(samples.values())
    assert "the samples' APIs" not in text


def test_what_is_to_be_pasted_is_one_line_each_with_the_values_of_this_run() -> None:
    code = [code for _, code in paste_lines(OUTPUTS)]
    assert len(code) == 3
    assert all("\n" not in line and OUTPUTS.endpoint in line for line in code)
    assert [OUTPUTS.client_id in line for line in code] == [True, False, True]


def test_the_aws_command_line_is_led_to_what_the_outputs_name() -> None:
    assert aws_variables(OUTPUTS) == (
        "export AWS_ENDPOINT_URL=http://127.0.0.1:8082 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 "
        "COGNITO_PROXY_STACK=CognitoProxyEdge AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
    )
