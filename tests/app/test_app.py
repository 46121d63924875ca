"""app.py as it is run: without credentials, from a shell, through the CDK command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack

import app
from stacks.flags.table import FLAGS
from tests.app.flag_sets import FLAG_SETS
from tests.syntheses import VALIDATION

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
EVERY_FLAG = {
    "variant": "regional",
    "user_pool_id": "eu-west-1_AbCdEf123",
    "allowed_origins": "https://app.example.com,capacitor://localhost",
    "domain_name": "auth.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "monitoring": "true",
    "alarm_email": "ops@example.com",
    "trail_bucket": "trail-of-the-account",
    "rate_limit": "500",
    "rate_window_seconds": "60",
    "allow_ips": "192.0.2.0/24,2001:db8::1",
    "deny_ips": "198.51.100.7",
    "threat_protection": "true",
    "propagate_client_ip": "true",
    "log_level": "problems",
    "log_plain": "true",
    "app_clients": "web,ios",
    "app_client_ids": "ios:1a2b3c",
    "auth_flows": "srp,user",
    "rotation_days": "30",
    "sign_up_rate_limit": "20",
    "recovery_rate_limit": "none",
    "sign_in_rate_limit": "200",
    "sign_in_attempts_rate_limit": "80",
    "managed_groups": "ip_reputation,known_bad_inputs",
    "count_only": "SignInRateLimit",
    "phone_countries": "+1,+44,-1876",
    "guards": f"{ROOT / 'examples' / 'email_rules'}:email_rules",
    "human_check": "turnstile",
    "human_check_secret_arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:turnstile/key-AbCdEf",
    "human_check_site_key": "0x4AAAAAAADnPIDROrmt1Wwj",
}
REGIONAL_FLAGS = {
    "throttle_rate": "50",
    "throttle_burst": "60",
    "api_gateway_account_role": "true",
    "provisioned_concurrency": "2",
    "events": "true",
    "user_limits": "5",
    "sealed_tokens": "true",
    "message_limit": "500",
}
REVIEWED_FLAGS = {
    "private_network": "true",
    "nat_gateways": "1",
    "customer_key": "true",
    "tracing": "true",
    "reserved_concurrency": "50",
    "bucket_access_log": "true",
}
EDGE_FLAGS = {
    "variant": "edge",
    "certificate_arn": EVERY_FLAG["certificate_arn"].replace("eu-west-1", "us-east-1"),
    "edge_admin_calls": "in_place",
    "ipv6": "true",
}
SAMPLE_FLAGS = {"sample": "rest"}
HTTP_FLAGS = {
    "sample": "http",
    "api_domain": "api.example.com",
    "api_certificate_arn": EVERY_FLAG["certificate_arn"],
    "sign_in_domain": "sign-in.example.com",
    "sign_in_certificate_arn": EDGE_FLAGS["certificate_arn"],
    "nat_gateways": "1",
    "implicit_grant": "true",
}
LINTED = {VALIDATION: "false"}
"""For a process whose templates are validated elsewhere: it saves three seconds."""
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


def run_app(
    outdir: Path, flags: dict[str, Any], *, cwd: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """As the CDK command line runs it."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | flags
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=cwd,
        env=environment(outdir)
        | {"CDK_OUTDIR": str(outdir / "cdk.out"), "CDK_CONTEXT_JSON": json.dumps(context)}
        | variables,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture(scope="module")
def with_every_flag(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """What it said, and the assembly."""
    outdir = tmp_path_factory.mktemp("every-flag")
    return run_app(outdir, EVERY_FLAG | REGIONAL_FLAGS | REVIEWED_FLAGS), outdir / "cdk.out"


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


def planned(flags: dict[str, str]) -> dict[str, Stack]:
    """The stacks for these flags, by name, without a process of their own."""
    cdk_app = App(context=flags)
    app.plan(cdk_app)
    return {stack.stack_name: stack for stack in cdk_app.node.children if isinstance(stack, Stack)}


def names(count: int) -> str:
    return ",".join(f"app{number}" for number in range(count))


def origins(count: int) -> str:
    return ",".join(f"https://app{number}.example.com" for number in range(count))


def test_without_flags_a_demo_pool_is_made_wherever_one_deploys(tmp_path: Path) -> None:
    finished = run_app(tmp_path, {})
    assert (finished.returncode, finished.stdout) == (0, "")
    assert finished.stderr.startswith("WARNING user_pool_id is not set, so this is a demonstration")
    assert finished.stderr.count("WARNING") == 1
    ((name, (stack, template)),) = stacks(tmp_path / "cdk.out").items()
    assert name == "CognitoProxyRegionalDemo"
    assert stack["environment"] == "aws://unknown-account/unknown-region"
    assert set(template["Outputs"]) == OUTPUTS
    pools = [found for found in template["Resources"].values() if found["Type"] == "AWS::Cognito::UserPool"]
    (client,) = (found for found in template["Resources"].values() if found["Type"] == "AWS::Cognito::UserPoolClient")
    assert [pool["DeletionPolicy"] for pool in pools] == ["Delete"]
    assert pools[0]["Properties"]["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": False}
    assert client["Properties"]["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]


def test_every_flag_is_tried() -> None:
    given = EVERY_FLAG | REGIONAL_FLAGS | EDGE_FLAGS | SAMPLE_FLAGS | HTTP_FLAGS | REVIEWED_FLAGS
    # A set of their own: with private_network alone, or with sample=http, there is no way to the domain.
    # And with sealed tokens there is no second Region.
    assert set(given | FLAG_SETS["oauth"] | FLAG_SETS["second region everything"]) == set(FLAGS)


def test_with_every_flag_the_stack_stands_in_the_pools_region(
    with_every_flag: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    finished, folder = with_every_flag
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "Traceback" not in finished.stderr
    ((name, (stack, template)),) = stacks(folder).items()
    assert name == "CognitoProxyRegional"
    assert stack["environment"] == "aws://unknown-account/eu-west-1"
    types = {found["Type"] for found in template["Resources"].values()}
    assert {"AWS::ApiGateway::DomainName", "AWS::Route53::RecordSet", "AWS::CloudWatch::Alarm"} <= types
    assert "AWS::Cognito::UserPool" not in types
    assert template["Outputs"]["ProxyEndpoint"]["Value"] == "https://auth.example.com/"
    assert template["Outputs"]["ProxyDomain"]["Value"] == "auth.example.com"
    assert template["Outputs"]["Region"]["Value"] == "eu-west-1"
    assert template["Outputs"]["UserPoolId"]["Value"] == "eu-west-1_AbCdEf123"
    assert template["Outputs"]["AppClientIdIos"]["Value"] == "1a2b3c"
    (client,) = (found for found in template["Resources"].values() if found["Type"] == "AWS::Cognito::UserPoolClient")
    # Whether the pool's plan has rotation is not known.
    assert "RefreshTokenRotation" not in client["Properties"]
    assert client["Properties"]["ExplicitAuthFlows"] == [
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    ]


def test_with_every_flag_a_sample_stands_beside_the_proxy_and_changes_nothing_of_it(
    tmp_path: Path, with_every_flag: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    # With sealed tokens there are no pages of Cognito's, which would give others.
    without = ("sign_in_certificate_arn", "implicit_grant")
    http = {name: value for name, value in HTTP_FLAGS.items() if name not in without}
    samples = http | {"sign_in_domain": "none", "sample": "rest,http"}
    finished = run_app(tmp_path, EVERY_FLAG | REGIONAL_FLAGS | REVIEWED_FLAGS | samples)
    assert (finished.returncode, finished.stdout) == (0, "")
    alone, beside = stacks(with_every_flag[1]), stacks(tmp_path / "cdk.out")
    assert list(beside) == ["CognitoProxyRegional", "CognitoProxyRegional-Rest", "CognitoProxyRegional-Http"]
    proxy_alone, proxy = (found["CognitoProxyRegional"][1] for found in (alone, beside))
    assert proxy["Resources"] == proxy_alone["Resources"]
    assert set(beside["CognitoProxyRegional-Rest"][1]["Outputs"]) == {"RestApiUrl"}


@pytest.mark.proves("forgotten-flag-harmless")
@pytest.mark.parametrize("variant", ["regional", "edge"])
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_a_forgotten_pool_touches_no_stack_of_production(
    monkeypatch: pytest.MonkeyPatch, variant: str, region: str
) -> None:
    monkeypatch.setattr(app, "_REGION", region)
    production = planned({"variant": variant, "user_pool_id": f"{region}_AbCdEf123"})
    forgotten = planned({"variant": variant})
    assert len(production) == len(forgotten) > 0
    assert not set(production) & set(forgotten)
    assert all("Demo" in name for name in forgotten)


@pytest.mark.parametrize(
    ("flags", "severity", "said"),
    [
        ({}, "warning", "user_pool_id is not set, so this is a demonstration"),
        ({"user_pool_id": "eu-west-1_AbCdEf123"}, "info", "App clients and secrets that leave this stack"),
    ],
)
@pytest.mark.parametrize("variant", ["regional", "edge"])
def test_one_line_says_what_is_kept(variant: str, flags: dict[str, str], severity: str, said: str) -> None:
    lines = [
        (entry.type, entry.data)
        for stack in planned({"variant": variant} | flags).values()
        for construct in stack.node.find_all()
        for entry in construct.node.metadata
        if entry.type in ("aws:cdk:warning", "aws:cdk:info", "aws:cdk:error")
    ]
    assert len(lines) == 1
    assert lines[0][0] == f"aws:cdk:{severity}"
    assert lines[0][1].startswith(said)


def test_the_flags_of_a_file_beside_the_working_directory(
    tmp_path: Path, with_every_flag: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    (tmp_path / "prod.json").write_text(json.dumps(EVERY_FLAG | REGIONAL_FLAGS | REVIEWED_FLAGS))
    finished = run_app(tmp_path / "file", {"config": "prod.json"}, cwd=tmp_path, **LINTED)
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "Traceback" not in finished.stderr
    assert stacks(tmp_path / "file" / "cdk.out") == stacks(with_every_flag[1])


def test_the_edge_without_flags_or_credentials_stands_in_one_region(tmp_path: Path) -> None:
    finished = run_app(tmp_path, {"variant": "edge"}, **LINTED)
    assert (finished.returncode, finished.stdout) == (0, "")
    stack, template = assembly(tmp_path / "cdk.out")
    assert stack["environment"] == "aws://unknown-account/us-east-1"
    assert set(template["Outputs"]) == OUTPUTS
    assert "AWS::Cognito::UserPool" in {found["Type"] for found in template["Resources"].values()}


def test_the_edges_demo_pool_is_made_wherever_one_deploys(tmp_path: Path) -> None:
    known = {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "ap-south-1"}
    assert run_app(tmp_path, {"variant": "edge"}, **known, **LINTED).returncode == 0
    found = stacks(tmp_path / "cdk.out")
    assert {name: stack["environment"] for name, (stack, _) in found.items()} == {
        "CognitoProxyEdgeDemoPool": "aws://123456789012/ap-south-1",
        "CognitoProxyEdgeDemo": "aws://123456789012/us-east-1",
    }


def test_the_edge_with_every_flag_for_a_pool_elsewhere(tmp_path: Path) -> None:
    finished = run_app(tmp_path, EVERY_FLAG | EDGE_FLAGS)
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "Traceback" not in finished.stderr
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
    assert set(template["Outputs"]) == OUTPUTS | {"AppClients", "AppClientIdIos", "SecretArnIos"}
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


@pytest.mark.proves("wrong-flag-one-line")
def test_a_wrong_flag_stops_with_one_line(tmp_path: Path) -> None:
    finished = run_app(tmp_path, {"variant": "egde"})
    line = "variant: 'egde' is not allowed; allowed is regional or edge\n"
    assert (finished.returncode, finished.stdout, finished.stderr) == (1, "", line)
    assert not (tmp_path / "cdk.out" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        ({"user_pool_id": ""}, "user_pool_id: empty; leave the flag out, or give a user pool's id, such as "),
        ({"variant": "edge", "app_clients": names(27)}, "app_clients: the settings of 27 need up to "),
        ({"app_clients": names(35)}, "app_clients: the settings of 35 have at least "),
        ({"allowed_origins": origins(200)}, "allowed_origins: with 200 of them the settings of one app client have "),
        (
            {"variant": "edge", "allowed_origins": origins(200)},
            "allowed_origins: with 200 of them the settings of one app client have ",
        ),
        ({"allowed_origins": f"https://{'a' * 300}"}, "allowed_origins: 'https://aaa"),
    ],
)
def test_what_only_a_construct_can_judge_gets_one_line_too(flags: dict[str, str], line: str) -> None:
    with pytest.raises(SystemExit) as ended:
        planned(flags)
    said = str(ended.value.code)
    assert said.startswith(line)
    assert "\n" not in said


def test_a_mistake_in_the_code_is_not_shortened_to_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> None:
        int("invalid")

    monkeypatch.setattr("cognito_proxy.proxies.regional_proxy.check_stage_name", mistaken)
    with pytest.raises(ValueError, match="invalid literal for int"):
        planned({})
