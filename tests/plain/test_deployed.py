"""The plain templates in the emulator, which reads parameters, rules and conditions by itself, and a client's story.

The pool, and an app client that exists, are in a stack of their own, as whoever has no CDK finds them.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_cognito as cognito

from local import LocalRun, local_run
from stacks.demo_pool import DemoPool
from stacks.flags import Variant
from stacks.plain.inline_code import HANDLER
from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.story import Person, steps_of

POOL_STACK = "Pool"
REGIONS = {Variant.REGIONAL: "eu-west-1", Variant.EDGE: "us-east-1"}

FULL: dict[str, Any] = {
    "AppClientId": {"Fn::GetStackOutput": {"StackName": POOL_STACK, "OutputName": "ExistingClientId"}},
    "AllowedOrigins": "https://app.example.com,https://admin.example.com",
    "RotationDays": 30,
    "AllowIpv4": "192.0.2.44/32",
    "DenyIpv6": "2001:db8::/32",
    "RateLimit": 5000,
    "RateWindowSeconds": 60,
    "AlarmEmail": "ops@example.com",
}
"""An app client that exists, and most of what can be set."""

LEAST: dict[str, Any] = {"AllowedOrigins": "https://app.example.com", "Monitoring": "false", "CountOnly": "true"}
"""A new app client, and little else."""


@pytest.fixture(scope="module", params=Variant, ids=str)
def run(
    request: pytest.FixtureRequest,
    template_of: Callable[[Variant], dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LocalRun]:
    """The first stack of a proxy is the one that clients call."""
    variant: Variant = request.param
    folder = tmp_path_factory.mktemp("assembly")
    sets = {"Full": FULL, "Least": LEAST}
    _assembly(folder, variant, template_of(variant), sets)
    work_dir = tmp_path_factory.mktemp("run")
    with local_run(variant=variant, region=REGIONS[variant], work_dir=work_dir, assembly_dir=folder) as run:
        yield run


@pytest.mark.proves("plain-template-story")
def test_a_client_takes_every_step(run: LocalRun) -> None:
    outputs = run.outputs
    with cognito_client(run.endpoint, outputs.region) as client:
        story = Boto3Story(
            client=client, user_pool_id=outputs.user_pool_id, client_id=outputs.client_id, person=Person()
        )
        steps = steps_of("boto3")
        told = {report["step"]: report for report in story.tell(steps)}
    wanted = {step.name: (step.error is None, step.error) for step in steps}
    assert {name: (each["ok"], each.get("error_name")) for name, each in told.items()} == wanted


def test_it_serves_the_app_client_that_exists(run: LocalRun) -> None:
    assert run.outputs.client_id == run.stacks[POOL_STACK].outputs["ExistingClientId"]


def test_a_new_app_client_has_its_secret_in_its_place(run: LocalRun) -> None:
    outputs = run.stacks["Least"].outputs
    assert outputs["AppClientId"] != run.outputs.client_id
    secret = run.client("secretsmanager").get_secret_value(SecretId=outputs["SecretArn"])["SecretString"]
    described = run.client("cognito-idp").describe_user_pool_client(
        UserPoolId=run.outputs.user_pool_id, ClientId=outputs["AppClientId"]
    )
    assert json.loads(secret)["client_secret"] == described["UserPoolClient"]["ClientSecret"]


def test_the_emulator_makes_what_the_conditions_say(run: LocalRun) -> None:
    for name in ("Full", "Least"):
        stack = run.stacks[name]
        made = {each for each in stack.physical_ids if not each.startswith("WebAcl")}
        wanted = {
            logical_id
            for logical_id, resource in stack.template["Resources"].items()
            if not logical_id.startswith("WebAcl") and logical_id in stack.physical_ids
        }
        assert made == wanted
    assert not [
        each for each in run.stacks["Least"].physical_ids if each.startswith(("Monitoring", "AppClientRotation"))
    ]
    assert [each for each in run.stacks["Full"].physical_ids if each.startswith("AppClientRotation")]


def test_functions_run_the_code_in_the_template(run: LocalRun) -> None:
    functions = run.client("lambda").list_functions()["Functions"]
    assert {each["Handler"] for each in functions} == {HANDLER}


def _assembly(folder: Path, variant: Variant, template: dict[str, Any], sets: dict[str, dict[str, Any]]) -> None:
    """An assembly as the CDK writes one: the pool's stack, and one of the template for each set of parameters."""
    region = REGIONS[variant]
    app = App(outdir=str(folder))
    stack = Stack(app, POOL_STACK, env=Environment(region=region))
    pool = DemoPool(stack, "Users")
    client = pool.add_client(
        "Existing",
        generate_secret=True,
        auth_flows=cognito.AuthFlow(user_srp=True, user_password=True),
        disable_o_auth=True,
        prevent_user_existence_errors=True,
    )
    CfnOutput(stack, "PoolId", value=pool.user_pool_id)
    CfnOutput(stack, "ExistingClientId", value=client.user_pool_client_id)
    app.synth()
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "plain.template.json").write_text(json.dumps(template))
    for name, parameters in sets.items():
        pool_id = {"Fn::GetStackOutput": {"StackName": POOL_STACK, "OutputName": "PoolId"}}
        manifest["artifacts"][name] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://unknown-account/{region}",
            "properties": {
                "templateFile": "plain.template.json",
                "parameters": {"UserPoolId": pool_id, **parameters},
            },
            "dependencies": [POOL_STACK],
        }
    (folder / "manifest.json").write_text(json.dumps(manifest))
