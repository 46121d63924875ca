"""The function that looks up DynamoDB's prefix list: one of AWS's, by its name, or a clear failure."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from prefix_list import handler as prefix_list

NAME = "com.amazonaws.eu-west-1.dynamodb"
FILTERS = {
    "Filters": [
        {"Name": "prefix-list-name", "Values": [NAME]},
        {"Name": "owner-id", "Values": ["AWS"]},
    ]
}
FOUND = {"PrefixLists": [{"PrefixListId": "pl-6fa54006", "PrefixListName": NAME, "OwnerId": "AWS"}]}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What CloudFormation is told."""
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "prefix_list.handler.answer",
        lambda event, status, reason, *, physical_id, data: told.append(
            {"event": event, "status": status, "reason": reason, "physical_id": physical_id, "data": data}
        ),
    )
    return told


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waited."""
    waited: list[float] = []
    monkeypatch.setattr("prefix_list.handler.time.sleep", waited.append)
    return waited


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """EC2, held against botocore's model; a call that no test announced fails."""
    client = boto3.client("ec2", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    monkeypatch.setattr("prefix_list.handler.boto3.client", lambda service, config: {"ec2": client}[service])
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def request(request_type: str = "Create", **more: Any) -> dict[str, Any]:
    """What CloudFormation sends."""
    return {
        "RequestType": request_type,
        "RequestId": "request-1",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/name/id",
        "LogicalResourceId": "PrefixList",
        "ResponseURL": "http://127.0.0.1:9/",
        "ResourceProperties": {"ServiceToken": "arn:aws:lambda:…", "Name": NAME},
    } | more


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_tells_the_id_of_awss_list(ec2: Stubber, answers: list[dict[str, Any]], request_type: str) -> None:
    ec2.add_response("describe_managed_prefix_lists", FOUND, FILTERS)
    prefix_list.handler(request(request_type), None)
    ((told),) = answers
    assert (told["status"], told["data"]) == ("SUCCESS", {"Id": "pl-6fa54006"})
    assert told["physical_id"] == "PrefixList-prefix-list"


def test_deleting_asks_nobody(ec2: Stubber, answers: list[dict[str, Any]]) -> None:
    prefix_list.handler(request("Delete", ResourceProperties={}), None)
    ((told),) = answers
    assert (told["status"], told["data"]) == ("SUCCESS", None)


@pytest.mark.parametrize("count", [0, 2])
def test_fails_unless_there_is_exactly_one(ec2: Stubber, answers: list[dict[str, Any]], count: int) -> None:
    ec2.add_response("describe_managed_prefix_lists", {"PrefixLists": FOUND["PrefixLists"] * count}, FILTERS)
    prefix_list.handler(request(), None)
    ((told),) = answers
    assert told["status"] == "FAILED"
    assert told["reason"] == f"{count} prefix lists of AWS are called {NAME}; one was expected"


def test_waits_until_a_new_permission_holds(ec2: Stubber, answers: list[dict[str, Any]], waits: list[float]) -> None:
    for _ in range(2):
        ec2.add_client_error("describe_managed_prefix_lists", "UnauthorizedOperation", http_status_code=403)
    ec2.add_response("describe_managed_prefix_lists", FOUND, FILTERS)
    prefix_list.handler(request(), None)
    assert (answers[0]["status"], waits) == ("SUCCESS", [1, 2])


def test_a_permission_that_is_missing_for_long_fails(
    ec2: Stubber, answers: list[dict[str, Any]], waits: list[float]
) -> None:
    for _ in range(6):
        ec2.add_client_error("describe_managed_prefix_lists", "UnauthorizedOperation", http_status_code=403)
    prefix_list.handler(request(), None)
    assert answers[0]["reason"] == "DescribeManagedPrefixLists: UnauthorizedOperation"
    assert (answers[0]["status"], waits) == ("FAILED", [1, 2, 4, 8, 16])


def test_another_refusal_fails_at_once(ec2: Stubber, answers: list[dict[str, Any]], waits: list[float]) -> None:
    ec2.add_client_error("describe_managed_prefix_lists", "InvalidFilter")
    prefix_list.handler(request(), None)
    assert (answers[0]["status"], answers[0]["reason"]) == ("FAILED", "DescribeManagedPrefixLists: InvalidFilter")
    assert waits == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EndpointConnectionError(endpoint_url="x"), "DescribeManagedPrefixLists: EndpointConnectionError"),
        (RuntimeError("something"), "Unexpected RuntimeError"),
    ],
)
def test_every_failure_is_answered(
    monkeypatch: pytest.MonkeyPatch, answers: list[dict[str, Any]], error: Exception, reason: str
) -> None:
    def fail(*_: object) -> str:
        raise error

    monkeypatch.setattr("prefix_list.handler.boto3.client", lambda service, config: None)
    monkeypatch.setattr("prefix_list.handler.find", fail)
    prefix_list.handler(request(), None)
    assert (answers[0]["status"], answers[0]["reason"]) == ("FAILED", reason)
