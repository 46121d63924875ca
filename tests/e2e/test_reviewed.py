"""With everything on that reviewers ask for, people sign in as ever: private network, own key, traces, reserved runs.

The emulator makes VPC, endpoints and key, and runs the function outside of them: what a security group lets out, what
an endpoint's policy says and who may use the key is not enforced here, and its CloudFormation reserves no runs. The
templates' tests look at these, and at the key of the environment.
"""

from collections.abc import Iterator

import pytest

from local import local_run
from tests.e2e.deployment import Deployment
from tests.e2e.setups import Setup
from tests.e2e.story import Person, steps_of
from tests.e2e.telling import tell

SWITCHES = ("private_network", "customer_key", "tracing", "bucket_access_log")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    setup = Setup(variant="regional", flags=SWITCHES)
    context = setup.context | {"reserved_concurrency": "5", "trail_bucket": "trail-of-the-account"}
    with local_run(variant="regional", context=context, work_dir=tmp_path_factory.mktemp("reviewed")) as run:
        yield Deployment(run=run, setup=setup)


@pytest.fixture(scope="module")
def function(reviewed: Deployment) -> dict[str, object]:
    """The proxy's, as Lambda describes it."""
    found = reviewed.run.client("lambda").list_functions()["Functions"]
    (one,) = [each for each in found if each["Handler"] == "proxy.regional.handler"]
    return dict(one)


def test_a_real_client_signs_up_and_in(reviewed: Deployment) -> None:
    with reviewed.forwarded() as operations:
        reports = tell("boto3", reviewed, Person())
        reached = operations()
    told = {report["step"]: (report["ok"], report.get("error_name")) for report in reports}
    assert told == {step.name: (not step.error, step.error or None) for step in steps_of("boto3")}
    assert {"SignUp", "InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken"} <= set(reached)


def test_the_secret_is_kept_with_the_key(reviewed: Deployment) -> None:
    arn = reviewed.run.stacks[reviewed.run.outputs.stack].outputs["SecretArn"]
    secret = reviewed.run.client("secretsmanager").describe_secret(SecretId=arn)
    (key,) = [each for each in reviewed.run.client("kms").list_keys()["Keys"] if each["KeyArn"] == secret["KmsKeyId"]]
    assert reviewed.run.client("kms").get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True


def test_the_function_has_what_was_asked_for(reviewed: Deployment, function: dict[str, object]) -> None:
    configuration = reviewed.run.client("lambda").get_function_configuration(FunctionName=function["FunctionName"])
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert len(configuration["VpcConfig"]["SubnetIds"]) == 2


def test_the_network_has_the_endpoints_for_what_is_called(reviewed: Deployment) -> None:
    endpoints = reviewed.run.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    services = {each["ServiceName"].rpartition(".")[2] for each in endpoints}
    assert services == {"secretsmanager", "cognito-idp"}
