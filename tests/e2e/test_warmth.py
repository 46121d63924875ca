"""Provisioned concurrency, INIT and a host name of one's own, in one deployment of the regional variant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local import LocalRun, local_run
from tests.e2e.boto3_story import Boto3Story, cognito_client
from tests.e2e.story import Person, steps_of
from tests.local.plain_http import post

FLAGS = {
    "provisioned_concurrency": "2",
    "domain_name": "auth.example.com",
    "certificate_arn": "arn:aws:acm:us-east-1:000000000000:certificate/abc",
    "ipv6": "true",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    with local_run(variant="regional", context=FLAGS, work_dir=tmp_path_factory.mktemp("warmth")) as run:
        yield run


@pytest.fixture(scope="module")
def reports(run: LocalRun) -> list[dict[str, Any]]:
    """What boto3 reports of a user's story; its first step is the deployment's first call."""
    outputs = run.outputs
    with cognito_client(run.endpoint, outputs.region) as client:
        story = Boto3Story(
            client=client, user_pool_id=outputs.user_pool_id, client_id=outputs.client_id, person=Person()
        )
        return [dict(report) for report in story.tell(steps_of("boto3"))]


def region_of(run: LocalRun) -> str:
    (stack,) = run.stacks.values()
    return stack.region


def test_a_user_signs_up_and_in_through_the_alias(run: LocalRun, reports: list[dict[str, Any]]) -> None:
    assert [(r["step"], r.get("error_name")) for r in reports] == [(s.name, s.error) for s in steps_of("boto3")]
    (stack,) = run.stacks.values()
    apigateway, functions = (run.client(name, region=region_of(run)) for name in ("apigateway", "lambda"))
    api_id = stack.only("AWS::ApiGateway::RestApi")
    (root,) = apigateway.get_resources(restApiId=api_id, embed=["methods"])["items"]
    uris = {method["methodIntegration"]["uri"] for method in root["resourceMethods"].values()}
    (uri,) = uris
    function, _, alias = uri.partition(":function:")[2].removesuffix("/invocations").partition(":")
    assert alias == "live"
    kept = functions.get_provisioned_concurrency_config(FunctionName=function, Qualifier=alias)
    assert (kept["RequestedProvisionedConcurrentExecutions"], kept["Status"]) == (2, "READY")
    assert functions.get_alias(FunctionName=function, Name=alias)["FunctionVersion"] != "$LATEST"


@pytest.mark.usefixtures("reports")
def test_no_call_waited_for_the_secret_not_even_the_first(run: LocalRun) -> None:
    """INIT had fetched it: here, too, the package is imported as Lambda does it, before the first event."""
    lines = [json.loads(line) for line in run.logs().splitlines() if line.startswith('{"time":')]
    assert any(line["cold_start"] for line in lines)
    assert [line["operation"] for line in lines if "secret_ms" in line] == []


@pytest.mark.proves("default-name-off")
def test_a_call_to_the_default_host_name_is_refused(run: LocalRun) -> None:
    (stack,) = run.stacks.values()
    name = f"{stack.only('AWS::ApiGateway::RestApi')}.execute-api.{stack.region}.amazonaws.com"
    refused, own = (post(run.endpoint, headers={"Host": host}) for host in (name, "auth.example.com"))
    assert (refused.status, refused.document) == (403, {"message": "Forbidden"})
    assert own.document["__type"]  # the proxy's own word
    assert run.outputs.endpoint.startswith("http://127.0.0.1")
