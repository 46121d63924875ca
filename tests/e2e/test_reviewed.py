"""With everything on that reviewers ask for, people sign in as ever: private network, own key, traces, reserved runs.

The emulator makes VPC, endpoints and key, and runs the function outside of them: what a security group lets out, what
an endpoint's policy says and who may use the key is not enforced here, and its CloudFormation reserves no runs. The
templates' tests look at these, and at the key of the environment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import local_run
from tests.e2e.deployment import Deployment
from tests.e2e.setups import Setup
from tests.e2e.story import Person, steps_of
from tests.e2e.telling import tell

REGIONAL = Setup(variant="regional", flags=("private_network", "customer_key", "tracing", "bucket_access_log"))
EDGE = Setup(variant="edge", flags=("customer_key", "bucket_access_log"))
MORE = {REGIONAL: {"reserved_concurrency": "5", "trail_bucket": "trail-of-the-account"}, EDGE: {}}


@contextmanager
def deployed(setup: Setup, folder: Path) -> Iterator[Deployment]:
    with local_run(variant=setup.variant, context=setup.context | MORE[setup], work_dir=folder) as run:
        yield Deployment(run=run, setup=setup)


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(REGIONAL, tmp_path_factory.mktemp("reviewed")) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def function(reviewed: Deployment) -> dict[str, object]:
    """The proxy's, as Lambda describes it."""
    found = reviewed.run.client("lambda").list_functions()["Functions"]
    (one,) = [each for each in found if each["Handler"] == "proxy.regional.handler"]
    return dict(one)


def test_a_real_client_signs_up_and_in(reviewed: Deployment) -> None:
    _tell_a_story(reviewed)


def test_at_the_edge_too_with_a_replica_that_has_a_key_of_its_own(tmp_path: Path) -> None:
    with deployed(EDGE, tmp_path) as deployment:
        _tell_a_story(deployment)
        (pool_stack,) = [stack for name, stack in deployment.run.stacks.items() if name.endswith("Pool")]
        (secret,) = [
            resource["Properties"]
            for resource in pool_stack.template["Resources"].values()
            if resource["Type"] == "AWS::SecretsManager::Secret"
        ]
        (replica,) = secret["ReplicaRegions"]
        (key_stack,) = [stack for name, stack in deployment.run.stacks.items() if name.endswith("Key")]
        (key,) = key_stack.physical_ids.values()
        # As the deployment read it from the stack before.
        assert replica["KmsKeyId"].endswith(f":key/{key}")
        assert replica["KmsKeyId"].split(":")[3] == "us-east-1"


def _tell_a_story(deployment: Deployment) -> None:
    with deployment.forwarded() as operations:
        reports = tell("boto3", deployment, Person())
        reached = operations()
    told = {report["step"]: (report["ok"], report.get("error_name")) for report in reports}
    assert told == {step.name: (not step.error, step.error or None) for step in steps_of("boto3")}
    assert {"SignUp", "InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken"} <= set(reached)


def test_the_secret_is_kept_with_the_key(reviewed: Deployment) -> None:
    arn = reviewed.run.stacks[reviewed.run.outputs.stack].outputs["SecretArn"]
    secret = reviewed.run.client("secretsmanager").describe_secret(SecretId=arn)
    (key,) = [each for each in reviewed.run.client("kms").list_keys()["Keys"] if each["KeyArn"] == secret["KmsKeyId"]]
    assert reviewed.run.client("kms").get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True


def test_the_function_sends_traces(function: dict[str, object]) -> None:
    assert function["TracingConfig"] == {"Mode": "Active"}


def test_the_network_has_the_endpoints_for_what_is_called(reviewed: Deployment) -> None:
    endpoints = reviewed.run.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    services = {each["ServiceName"].rpartition(".")[2] for each in endpoints}
    assert services == {"secretsmanager", "cognito-idp"}
