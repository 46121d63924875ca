"""The edge variant on this machine: the synthesized stacks, deployed into two Regions and into one."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from local import HttpRequest, HttpResponse, LocalRun, LocalRunError, local_run
from local.deployment.assembly import Assembly
from local.fronts.edge_front import EdgeFront
from local.simulators.common.http import DEFAULT_BLOCK
from local.simulators.common.root_client import NO_FILES
from local.story import Story
from tests.local.plain_http import call, post
from tests.local.processes import children_of

BLOCKED_IN_ITS_OWN_WORDS = HttpResponse(status=429, headers=(("Content-Type", "text/plain"),), body=b"slower")


async def firewall(request: HttpRequest) -> HttpResponse | None:
    """Blocks what asks for it."""
    blocks = {"default": DEFAULT_BLOCK, "own": BLOCKED_IN_ITS_OWN_WORDS}
    return blocks.get(request.header("x-test-block") or "")


@dataclass(frozen=True, kw_only=True)
class Edge:
    run: LocalRun
    said: list[str]

    def role_client(self, service: str, *, region: str) -> Any:
        """A client with the credentials that the function runs with."""
        stack = self.run.stacks["CognitoProxyEdgeDemo"]
        role = next(
            stack.physical_ids[name]
            for name, resource in stack.template["Resources"].items()
            if resource["Type"] == "AWS::IAM::Role" and name.startswith("ProxyRole")
        )
        given = self.run.client("sts", region="us-east-1").assume_role(
            RoleArn=f"arn:aws:iam::000000000000:role/{role}", RoleSessionName="test"
        )["Credentials"]
        session = boto3.session.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            botocore_session=botocore.session.Session(session_vars=NO_FILES),
        )
        return session.client(service, region_name=region, endpoint_url=self.run.emulator.endpoint)


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """The pool in eu-west-1, the proxy in us-east-1."""
    said: list[str] = []
    with local_run(variant="edge", work_dir=tmp_path_factory.mktemp("far"), say=said.append, verbose=True) as run:
        yield Edge(run=run, said=said)


def test_the_stacks_stand_where_the_app_puts_them(far: Edge) -> None:
    assert {name: stack.region for name, stack in far.run.stacks.items()} == {
        "CognitoProxyEdgeDemoPool": "eu-west-1",
        "CognitoProxyEdgeDemo": "us-east-1",
    }


def test_outputs_say_where_it_is(far: Edge) -> None:
    outputs = json.loads(far.run.outputs_file.read_text())
    assert (outputs["variant"], outputs["region"]) == ("edge", "eu-west-1")
    assert outputs["endpoint"].startswith("http://127.0.0.1:")
    assert outputs["endpoint"].endswith("/")
    assert outputs["endpoint"].count("/") == 3
    assert outputs["user_pool_id"].startswith("eu-west-1_")
    assert outputs["client_id"] == far.run.stacks["CognitoProxyEdgeDemo"].outputs["AppClientId"]
    assert Path(outputs["template"]).name == "CognitoProxyEdgeDemo.template.json"


def test_says_that_values_of_the_other_stack_were_put_in(far: Edge) -> None:
    assert any("outputs of other stacks put in" in line for line in far.said)


def test_a_user_signs_up_and_in(far: Edge) -> None:
    outcomes = {step.title: (step.outcome(), step.refused_as) for step in Story(far.run.outputs).steps()}
    assert {title for title, (got, expected) in outcomes.items() if got != expected} == set()


def test_logs_and_journals_tell_of_a_call(far: Edge) -> None:
    far.run.viewer_journal.clear()
    far.run.journal.clear()
    answer = call(far.run.endpoint, "GetUser", {"AccessToken": "none"})
    assert answer.status == 400
    assert [(entry.operation, entry.status) for entry in far.run.viewer_journal.calls()] == [("GetUser", 400)]
    assert [entry.operation for entry in far.run.journal.calls()] == ["GetUser"]
    assert '"operation":"GetUser"' in far.run.logs()


def test_the_role_reads_the_primary_and_the_replica_and_no_other_secret(far: Edge) -> None:
    primary = far.run.stacks["CognitoProxyEdgeDemo"].outputs["SecretArn"]
    replica = primary.replace(":eu-west-1:", ":us-east-1:")
    values = {
        arn: far.role_client("secretsmanager", region=region).get_secret_value(SecretId=arn)["SecretString"]
        for arn, region in ((primary, "eu-west-1"), (replica, "us-east-1"))
    }
    assert json.loads(values[primary])["client_id"] == far.run.outputs.client_id
    assert values[replica] == values[primary]
    other = far.run.client("secretsmanager", region="us-east-1").create_secret(Name="other", SecretString="{}")["ARN"]
    with pytest.raises(ClientError, match="AccessDenied"):
        far.role_client("secretsmanager", region="us-east-1").get_secret_value(SecretId=other)
    with pytest.raises(ClientError, match="AccessDenied"):
        far.role_client("secretsmanager", region="us-east-1").list_secrets()


def test_cognito_refuses_the_viewers_host(far: Edge) -> None:
    """Otherwise nobody would notice a distribution that forwards it."""
    answer = call(far.run.upstream, "GetUser", {"AccessToken": "none"}, headers={"Host": "auth.example.com"})
    assert answer.status == 403


def test_a_pool_in_us_east_1_a_firewall_and_a_clean_end(tmp_path: Path) -> None:
    before = set(children_of(os.getpid()))
    with local_run(variant="edge", work_dir=tmp_path, region="us-east-1", firewall=firewall) as run:
        assert list(run.stacks) == ["CognitoProxyEdgeDemo"]
        steps = Story(run.outputs).steps()
        assert [next(steps).outcome() for _ in range(2)] == ["NotAuthorizedException", ""]
        assert call(run.endpoint, "GetUser", {}, headers={"X-Test-Block": "default"}).status == 403
        blocked = call(run.endpoint, "GetUser", {}, headers={"X-Test-Block": "own"})
        assert (blocked.status, blocked.body) == (429, b"slower")
        started = set(children_of(os.getpid())) - before
        assert len(started) >= 2, "the emulator and the function"
    assert set(children_of(os.getpid())) & started == set()
    assert not (tmp_path / "outputs.json").exists()


def test_says_that_an_assembly_has_no_distribution(tmp_path: Path, assembly_dir: Path) -> None:
    with (
        pytest.raises(LocalRunError, match="the template has 0 distributions, exactly one is simulated"),
        local_run(variant="edge", work_dir=tmp_path, assembly_dir=assembly_dir),
    ):
        pass


def test_says_that_the_functions_asset_is_missing(far: Edge, tmp_path: Path) -> None:
    stack = far.run.stacks["CognitoProxyEdgeDemo"]
    changed = json.loads(json.dumps(stack.template))
    for resource in changed["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"]["S3Key"] = "elsewhere.zip"
    with pytest.raises(LocalRunError, match="the assembly has no asset for ProxyFunction"):
        EdgeFront(
            emulator=far.run.emulator,
            assembly=Assembly(Path(far.run.outputs.template).parent),
            stack=replace(stack, template=changed),
            upstream=far.run.upstream,
            journal=far.run.viewer_journal,
            log_file=tmp_path / "log",
        )


def test_a_call_by_hand_reaches_the_function(far: Edge) -> None:
    assert post(far.run.endpoint).status == 400
