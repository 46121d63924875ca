"""`cognito-proxy failover`: what it writes, what the function then reads, what it says, and what it refuses."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from typer.testing import CliRunner

from cognito_proxy.cli import failover, pinned_proxies
from cognito_proxy.cli.app import app
from cognito_proxy.cli.aws import Aws
from cognito_proxy.proxies import settings_document
from cognito_proxy.proxies.settings_document import ENVIRONMENT_VARIABLE
from cognito_proxy.proxies.settings_document import SETTINGS_HEADER as WRITTEN_HEADER
from proxy import edge
from proxy.cognito_regions import WITH_CHANGES, Pin
from proxy.settings import parse_settings

STACK, PRIMARY, REPLICA = "CognitoProxy", "eu-west-1", "us-east-1"
DOCUMENT: dict[str, Any] = {
    "region": PRIMARY,
    "user_pool_id": "eu-west-1_AbCdEf123",
    "clients": {"1example": {"secret_arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:web-AbCdEf"}},
    "failover_regions": [REPLICA],
}


@cache
def model_of(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def check_request(service: str, operation: str, request: dict[str, Any]) -> None:
    """By AWS's own model."""
    report = ParamValidator().validate(request, model_of(service).operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


class Refuses(ClientError):
    def __init__(self, code: str, operation: str) -> None:
        super().__init__({"Error": {"Code": code, "Message": "no"}}, operation)


class CloudFront:
    """One distribution, which is deployed when it was looked at twice."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        settings = b64encode(json.dumps(document or DOCUMENT).encode()).decode()
        self.tag = 1
        self.looks_until_deployed = 0
        self.config: dict[str, Any] = {
            "CallerReference": "reference",
            "Comment": "Sign-in proxy",
            "Enabled": True,
            "DefaultCacheBehavior": {"TargetOriginId": "cognito", "ViewerProtocolPolicy": "https-only"},
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "cognito",
                        "DomainName": "cognito-idp.eu-west-1.amazonaws.com",
                        "CustomHeaders": {
                            "Quantity": 1,
                            "Items": [{"HeaderName": "x-proxy-settings", "HeaderValue": settings}],
                        },
                    }
                ],
            },
        }
        self.change_meanwhile = False

    @property
    def headers(self) -> dict[str, str]:
        custom = self.config["Origins"]["Items"][0]["CustomHeaders"]
        assert custom["Quantity"] == len(custom["Items"])
        return {item["HeaderName"]: item["HeaderValue"] for item in custom["Items"]}

    @property
    def pin_read_by_the_function(self) -> str:
        custom = {name: [{"key": name, "value": value}] for name, value in self.headers.items()}
        _, pin = edge._take_settings({"origin": {"custom": {"customHeaders": custom}}})
        assert custom == {}
        return pin

    def get_distribution(self, **request: Any) -> dict[str, Any]:
        check_request("cloudfront", "GetDistribution", request)
        self.looks_until_deployed = max(0, self.looks_until_deployed - 1)
        status = "InProgress" if self.looks_until_deployed else "Deployed"
        return {"Distribution": {"Status": status, "DistributionConfig": deepcopy(self.config)}}

    def get_distribution_config(self, **request: Any) -> dict[str, Any]:
        check_request("cloudfront", "GetDistributionConfig", request)
        got = {"ETag": f"E{self.tag}", "DistributionConfig": deepcopy(self.config)}
        self.tag += self.change_meanwhile
        return got

    def update_distribution(self, **request: Any) -> None:
        check_request("cloudfront", "UpdateDistribution", request)
        if request["IfMatch"] != f"E{self.tag}":
            raise Refuses("PreconditionFailed", "UpdateDistribution")
        self.config, self.tag, self.looks_until_deployed = request["DistributionConfig"], self.tag + 1, 3


class Lambda:
    """Two functions, of which the second is the proxy's."""

    def __init__(self) -> None:
        self.revision = 1
        self.variables = {"PROXY_SETTINGS": json.dumps(DOCUMENT), "ANOTHER": "stays"}
        self.change_meanwhile = False
        self.refuses_environment = False

    @property
    def pin_read_by_the_function(self) -> str:
        return parse_settings(self.variables["PROXY_SETTINGS"]).pin

    def get_function_configuration(self, **request: Any) -> dict[str, Any]:
        check_request("lambda", "GetFunctionConfiguration", request)
        if request["FunctionName"] == "seeding":
            return {"FunctionName": "seeding"}
        if self.refuses_environment:
            return {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no"}}}
        return {
            "Environment": {"Variables": dict(self.variables)},
            "RevisionId": str(self.revision),
            "LastUpdateStatus": "Successful",
        }

    def update_function_configuration(self, **request: Any) -> None:
        check_request("lambda", "UpdateFunctionConfiguration", request)
        self.revision += self.change_meanwhile
        if request["RevisionId"] != str(self.revision):
            raise Refuses("PreconditionFailedException", "UpdateFunctionConfiguration")
        self.variables, self.revision = request["Environment"]["Variables"], self.revision + 1


class CloudFormation:
    def __init__(self, resources: list[tuple[str, str]]) -> None:
        self._resources = resources

    def get_paginator(self, name: str) -> Any:
        assert name == "list_stack_resources"
        return self

    def paginate(self, *, StackName: str) -> list[Any]:  # noqa: N803 - boto3's name
        if StackName != STACK:
            raise Refuses("ValidationError", "ListStackResources")
        summaries = [{"ResourceType": kind, "PhysicalResourceId": name} for kind, name in self._resources]
        return [{"StackResourceSummaries": summaries}]


EDGE = [("AWS::Lambda::Function", "edge"), ("AWS::CloudFront::Distribution", "EDFDVBD6EXAMPLE")]
REGIONAL = [("AWS::Lambda::Function", "seeding"), ("AWS::Lambda::Function", "proxy")]


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A stack with these resources; gives what was deployed there."""
    monkeypatch.delenv("COGNITO_PROXY_STACK", raising=False)
    monkeypatch.setattr(failover, "_POLL_SECONDS", 0.0)

    def of(resources: list[tuple[str, str]], *, document: dict[str, Any] | None = None) -> Any:
        services = {
            "cloudformation": CloudFormation(resources),
            "cloudfront": CloudFront(document),
            "lambda": Lambda(),
        }
        monkeypatch.setattr(Aws, "client", lambda _self, service, *, region=None: services[service])
        return services["cloudfront" if resources[-1][0] == "AWS::CloudFront::Distribution" else "lambda"]

    return of


def run(*arguments: str, stack: str = STACK) -> str:
    """What the command prints; it must succeed."""
    result = CliRunner().invoke(app, ["failover", "--stack", stack, "--region", "us-east-1", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, stack: str = STACK) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["failover", "--stack", stack, "--region", "us-east-1", *arguments])
    return result.exit_code, result.stderr


@pytest.mark.parametrize("resources", [EDGE, REGIONAL], ids=["edge", "regional"])
def test_what_the_command_writes_is_what_the_function_reads(deploy, resources):
    deployed = deploy(resources)
    assert "Asked first: us-east-1, by a pin." in run("--to", REPLICA)
    assert Pin.of(deployed.pin_read_by_the_function) == Pin(REPLICA, changes=False)
    run("--to", REPLICA, "--keep-changes")
    assert Pin.of(deployed.pin_read_by_the_function) == Pin(REPLICA, changes=True)
    assert "Asked first: eu-west-1, as deployed." in run("--to", PRIMARY)
    assert deployed.pin_read_by_the_function == ""


@pytest.mark.parametrize("resources", [EDGE, REGIONAL], ids=["edge", "regional"])
def test_taken_back_nothing_is_left_of_it(deploy, resources):
    deployed = deploy(resources)
    before = deepcopy(deployed.config if resources is EDGE else json.loads(deployed.variables["PROXY_SETTINGS"]))
    run("--to", REPLICA)
    run("--to", PRIMARY)
    assert before == (deployed.config if resources is EDGE else json.loads(deployed.variables["PROXY_SETTINGS"]))
    if resources is REGIONAL:
        assert deployed.variables["ANOTHER"] == "stays"


@pytest.mark.parametrize("resources", [EDGE, REGIONAL], ids=["edge", "regional"])
def test_the_status_changes_nothing(deploy, resources):
    deployed = deploy(resources)
    before = deepcopy(vars(deployed))
    for arguments in ((), ("--status",)):
        text = run(*arguments)
        assert "Regions: eu-west-1 (the pool's own), us-east-1." in text
        assert "Asked first: eu-west-1, as deployed." in text
    assert {**vars(deployed), "looks_until_deployed": 0} == {**before, "looks_until_deployed": 0}


def test_it_waits_until_cloudfront_is_done(deploy):
    deployed = deploy(EDGE)
    assert json.loads(run("--to", REPLICA, "--json")) == {
        "variant": "edge",
        "regions": [PRIMARY, REPLICA],
        "primary": PRIMARY,
        "first": REPLICA,
        "pinned": True,
        "changes_wait": True,
        "settled": True,
    }
    assert deployed.looks_until_deployed == 0


def test_who_does_not_wait_is_told_that_it_is_on_its_way(deploy):
    deploy(EDGE)
    assert "On its way: CloudFront" in run("--to", REPLICA, "--no-wait")


def test_what_takes_too_long_is_said(deploy, monkeypatch):
    deploy(EDGE)
    monkeypatch.setattr(failover, "MOST_SECONDS", 0.0)
    code, said = refused("--to", REPLICA)
    assert code == 3
    assert "the change is made" in said


def test_what_is_so_already_is_not_written_again(deploy):
    deployed = deploy(EDGE)
    run("--to", REPLICA)
    tag = deployed.tag
    run("--to", REPLICA)
    assert deployed.tag == tag


@pytest.mark.parametrize("resources", [EDGE, REGIONAL], ids=["edge", "regional"])
def test_nothing_is_written_over_somebody_elses_change(deploy, resources):
    deployed = deploy(resources)
    deployed.change_meanwhile = True
    code, said = refused("--to", REPLICA)
    assert code == 1
    assert "somebody else has just changed it; nothing was changed" in said
    assert deployed.pin_read_by_the_function == ""


def test_a_region_that_is_none_of_the_proxys_is_refused(deploy):
    deploy(EDGE)
    code, said = refused("--to", "ap-south-1")
    assert code == 2
    assert "eu-west-1, us-east-1" in said


def test_a_proxy_of_one_region_cannot_be_moved(deploy):
    alone = {key: value for key, value in DOCUMENT.items() if key != "failover_regions"}
    deploy(EDGE, document=alone)
    assert refused("--to", REPLICA)[0] == 1
    assert "one Region only" in run("--status")


def test_a_published_version_cannot_be_pinned(deploy):
    deployed = deploy([("AWS::Lambda::Alias", "live"), *REGIONAL])
    code, said = refused("--to", REPLICA)
    assert code == 1
    assert "published version" in said
    assert deployed.revision == 1


def test_an_environment_that_cannot_be_read_is_said_to_be_so(deploy):
    deployed = deploy(REGIONAL)
    deployed.refuses_environment = True
    assert "kms:Decrypt" in refused()[1]


@pytest.mark.parametrize(
    "arguments", [("--to", REPLICA, "--status"), ("--keep-changes",)], ids=["two wishes", "of no wish"]
)
def test_contradictions_are_refused(deploy, arguments):
    deploy(EDGE)
    assert refused(*arguments)[0] == 2


def test_a_stack_without_a_proxy_and_no_stack(deploy):
    deploy([("AWS::Lambda::Function", "seeding")])
    assert refused()[0] == 1
    assert "not in" in refused(stack="Other")[1]


def test_function_library_and_command_write_the_same_names():
    """None of the three imports another's."""
    assert pinned_proxies.SETTINGS_HEADER == edge.SETTINGS_HEADER == WRITTEN_HEADER
    assert pinned_proxies.PIN_HEADER == edge.PIN_HEADER
    assert pinned_proxies.SETTINGS_VARIABLE == ENVIRONMENT_VARIABLE
    assert pinned_proxies.WITH_CHANGES == WITH_CHANGES


@pytest.mark.parametrize("name", ["PIN_HEADER", "PIN_KEY", "WITH_CHANGES"])
def test_the_settings_keep_room_for_what_is_written(name: str) -> None:
    assert getattr(settings_document, name) == getattr(pinned_proxies, name)
