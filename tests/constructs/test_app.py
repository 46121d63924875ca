"""app.py as it is run: without credentials, from a shell, through the CDK command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
EVERY_FLAG = {
    "variant": "regional",
    "user_pool_id": "eu-west-1_AbCdEf123",
    "allowed_origins": "https://app.example.com,capacitor://localhost",
    "domain_name": "auth.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "alarm_email": "ops@example.com",
    "rate_limit": "500",
    "rate_window_seconds": "60",
    "allow_ips": "192.0.2.0/24,2001:db8::1",
    "deny_ips": "198.51.100.7",
}
OUTPUTS = {"ProxyEndpoint", "ProxyDomain", "AppClientId", "UserPoolId", "Region", "WebAclArn", "SecretArn"}


def environment(folder: Path) -> dict[str, str]:
    """No credentials, no profile, no Region, no instance to ask for any."""
    return {
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        # Where jsii unpacked the libraries; anew, it takes ten seconds each time.
        "HOME": os.environ["HOME"],
        "AWS_CONFIG_FILE": str(folder / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_HOME": str(folder / "cdk-home"),
    }


def run_app(outdir: Path, flags: dict[str, Any], **variables: str) -> subprocess.CompletedProcess[str]:
    """As the CDK command line runs it."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | flags
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment(outdir)
        | {"CDK_OUTDIR": str(outdir / "cdk.out"), "CDK_CONTEXT_JSON": json.dumps(context)}
        | variables,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def assembly(outdir: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The one stack of the assembly: its manifest entry and its template."""
    (stack,) = stacks(outdir).values()
    return stack


def stacks(outdir: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """All of them, by name."""
    artifacts = json.loads((outdir / "manifest.json").read_text())["artifacts"]
    return {
        name: (artifact, json.loads((outdir / artifact["properties"]["templateFile"]).read_text()))
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }


def test_without_flags_a_demo_pool_is_made_wherever_one_deploys(tmp_path: Path) -> None:
    finished = run_app(tmp_path, {})
    assert (finished.returncode, finished.stderr, finished.stdout) == (0, "", "")
    stack, template = assembly(tmp_path / "cdk.out")
    assert stack["environment"] == "aws://unknown-account/unknown-region"
    assert set(template["Outputs"]) == OUTPUTS
    pools = [found for found in template["Resources"].values() if found["Type"] == "AWS::Cognito::UserPool"]
    (client,) = (found for found in template["Resources"].values() if found["Type"] == "AWS::Cognito::UserPoolClient")
    assert [pool["DeletionPolicy"] for pool in pools] == ["Delete"]
    assert pools[0]["Properties"]["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": False}
    assert client["Properties"]["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]


def test_with_every_flag_the_stack_stands_in_the_pools_region(tmp_path: Path) -> None:
    finished = run_app(tmp_path, EVERY_FLAG)
    assert (finished.returncode, finished.stderr) == (0, "")
    stack, template = assembly(tmp_path / "cdk.out")
    assert stack["environment"] == "aws://unknown-account/eu-west-1"
    types = {found["Type"] for found in template["Resources"].values()}
    assert {"AWS::ApiGateway::DomainName", "AWS::Route53::RecordSet", "AWS::CloudWatch::Alarm"} <= types
    assert "AWS::Cognito::UserPool" not in types
    assert template["Outputs"]["ProxyEndpoint"]["Value"] == "https://auth.example.com/"
    assert template["Outputs"]["ProxyDomain"]["Value"] == "auth.example.com"
    assert template["Outputs"]["Region"]["Value"] == "eu-west-1"
    assert template["Outputs"]["UserPoolId"]["Value"] == "eu-west-1_AbCdEf123"
    (client,) = (found for found in template["Resources"].values() if found["Type"] == "AWS::Cognito::UserPoolClient")
    # Whether the pool's plan has rotation is not known; password sign-in is for the demonstration.
    assert "RefreshTokenRotation" not in client["Properties"]
    assert client["Properties"]["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_the_edge_without_flags_or_credentials_stands_in_one_region(tmp_path: Path) -> None:
    finished = run_app(tmp_path, {"variant": "edge"})
    assert (finished.returncode, finished.stderr, finished.stdout) == (0, "", "")
    stack, template = assembly(tmp_path / "cdk.out")
    assert stack["environment"] == "aws://unknown-account/us-east-1"
    assert set(template["Outputs"]) == OUTPUTS
    assert "AWS::Cognito::UserPool" in {found["Type"] for found in template["Resources"].values()}


def test_the_edges_demo_pool_is_made_wherever_one_deploys(tmp_path: Path) -> None:
    known = {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "ap-south-1"}
    assert run_app(tmp_path, {"variant": "edge"}, **known).returncode == 0
    found = stacks(tmp_path / "cdk.out")
    assert {name: stack["environment"] for name, (stack, _) in found.items()} == {
        "CognitoProxyEdgePool": "aws://123456789012/ap-south-1",
        "CognitoProxyEdge": "aws://123456789012/us-east-1",
    }


def test_the_edge_with_every_flag_for_a_pool_elsewhere(tmp_path: Path) -> None:
    certificate = EVERY_FLAG["certificate_arn"].replace("eu-west-1", "us-east-1")
    finished = run_app(tmp_path, EVERY_FLAG | {"variant": "edge", "certificate_arn": certificate})
    assert (finished.returncode, finished.stderr) == (0, "")
    found = stacks(tmp_path / "cdk.out")
    stack, template = found["CognitoProxyEdge"]
    pool_stack, pool_template = found["CognitoProxyEdgePool"]
    assert stack["environment"] == "aws://unknown-account/us-east-1"
    assert pool_stack["environment"] == "aws://unknown-account/eu-west-1"
    assert "CognitoProxyEdgePool" in stack["dependencies"]
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::CloudFront::Distribution", "AWS::Route53::RecordSet", "AWS::CloudWatch::Alarm"} <= types
    assert "AWS::Cognito::UserPoolClient" not in types
    pool_types = {resource["Type"] for resource in pool_template["Resources"].values()}
    assert {"AWS::Cognito::UserPoolClient", "AWS::SecretsManager::Secret"} <= pool_types
    assert set(template["Outputs"]) == OUTPUTS
    assert template["Outputs"]["ProxyEndpoint"]["Value"] == "https://auth.example.com/"
    assert template["Outputs"]["Region"]["Value"] == "eu-west-1"
    assert template["Outputs"]["UserPoolId"]["Value"] == "eu-west-1_AbCdEf123"


def test_through_the_command_line_with_an_existing_pool_in_another_region(tmp_path: Path) -> None:
    finished = subprocess.run(
        [str(BIN / "cdk"), "synth", "--quiet", "--output", str(tmp_path / "out"), "-c", "user_pool_id=ap-south-1_Xy9"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (finished.returncode, finished.stdout) == (0, "")
    stack, template = assembly(tmp_path / "out")
    assert stack["environment"] == "aws://unknown-account/ap-south-1"
    assert template["Outputs"]["UserPoolId"]["Value"] == "ap-south-1_Xy9"


def test_a_wrong_flag_stops_with_one_line(tmp_path: Path) -> None:
    finished = run_app(tmp_path, {"variant": "egde"})
    line = "variant: 'egde' is not allowed; allowed is regional or edge\n"
    assert (finished.returncode, finished.stdout, finished.stderr) == (1, "", line)
    assert not (tmp_path / "cdk.out" / "manifest.json").exists()
