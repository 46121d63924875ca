"""The custom resource that keeps a replica ACTIVE: against Cognito's own model, and what CloudFormation is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from aws_calls.errors import CallFailed
from aws_calls.time_left import TimeLeft
from replica import handler as replica_status

POOL, REGION = "eu-west-1_AbCdEf123", "eu-central-1"
MODEL = botocore.session.get_session().get_service_model("cognito-idp")


class Cognito:
    """As strict with parameters as the model; a status changes a look later."""

    def __init__(self, status: str | None = "INACTIVE", *, sticks: bool = False, pages: int = 1) -> None:
        self.time_left = Time()
        self.status, self.wanted, self.sticks, self.pages = status, status, sticks, pages
        self.calls: list[str] = []

    def __enter__(self) -> Cognito:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        validate_parameters(dict(parameters), MODEL.operation_model(operation).input_shape)
        self.calls.append(operation)
        if operation == "UpdateUserPoolReplica":
            assert (parameters["UserPoolId"], parameters["RegionName"]) == (POOL, REGION)
            self.wanted = self.status if self.sticks else parameters["Status"]
            return {}
        page = int(parameters.get("NextToken", "0"))
        if page + 1 < self.pages:
            return {"UserPoolReplicas": [{"RegionName": "eu-west-1", "Status": "ACTIVE"}], "NextToken": str(page + 1)}
        if self.status is None:
            raise CallFailed(operation, "ResourceNotFoundException", status=400)
        seen, self.status = self.status, self.wanted
        return {"UserPoolReplicas": [{"RegionName": REGION, "Status": seen}]}


class Time(TimeLeft):
    """Waits for nothing, and ends."""

    def __init__(self) -> None:
        super().__init__(deadline=0)
        object.__setattr__(self, "waits", 0)

    __slots__ = ("waits",)

    def wait(self, seconds: float) -> bool:
        object.__setattr__(self, "waits", self.waits + 1)
        return bool(self.waits < 5)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []

    def answer(event: Mapping[str, Any], status: str, reason: str, *, physical_id: str) -> None:
        told.append({"status": status, "reason": reason, "id": event.get("PhysicalResourceId") or physical_id})

    monkeypatch.setattr(replica_status, "answer", answer)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    return told


def run(monkeypatch: pytest.MonkeyPatch, cognito: Cognito, request_type: str, **more: Any) -> None:
    monkeypatch.setattr(replica_status, "Service", lambda name, *, region, time_left: cognito)
    properties = {"UserPoolId": POOL, "RegionName": REGION}
    event = {"RequestType": request_type, "LogicalResourceId": "Status", "ResourceProperties": properties}
    replica_status.handler(event | more, None)


def test_making_it_makes_the_replica_active_and_waits(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    cognito = Cognito()
    run(monkeypatch, cognito, "Create")
    assert cognito.status == "ACTIVE"
    assert cognito.calls[1] == "UpdateUserPoolReplica"
    assert answered == [{"status": "SUCCESS", "reason": "", "id": f"{POOL}/{REGION}"}]


def update(status: str) -> dict[str, Any]:
    properties = {"UserPoolId": POOL, "RegionName": REGION, "Status": status}
    return {"PhysicalResourceId": f"{POOL}/{REGION}", "ResourceProperties": properties}


@pytest.mark.parametrize(("before", "after"), [("ACTIVE", "INACTIVE"), ("INACTIVE", "ACTIVE")])
def test_another_status_is_an_update_of_the_same_replica(
    monkeypatch: Any, answered: list[dict[str, Any]], before: str, after: str
) -> None:
    cognito = Cognito(before)
    run(monkeypatch, cognito, "Update", **update(after))
    assert cognito.status == after
    assert answered == [{"status": "SUCCESS", "reason": "", "id": f"{POOL}/{REGION}"}]


def test_one_that_begins_inactive_is_left_as_somebody_made_it(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    cognito = Cognito("ACTIVE")
    run(monkeypatch, cognito, "Create", **update("INACTIVE"))
    assert (cognito.status, cognito.calls) == ("ACTIVE", [])
    assert answered[0]["status"] == "SUCCESS"


def test_a_status_that_is_none_fails_with_a_reason(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    run(monkeypatch, Cognito(), "Update", **update("ASLEEP"))
    assert answered[0]["reason"] == "The property Status is 'ASLEEP', not ACTIVE or INACTIVE"


def test_one_that_is_active_is_left_alone(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    cognito = Cognito("ACTIVE", pages=3)
    run(monkeypatch, cognito, "Create")
    assert set(cognito.calls) == {"ListUserPoolReplicas"}
    assert answered[0]["status"] == "SUCCESS"


def test_another_replica_gets_another_id_so_that_the_old_one_is_deactivated(
    monkeypatch: Any, answered: list[dict[str, Any]]
) -> None:
    run(monkeypatch, Cognito(), "Update", PhysicalResourceId=f"{POOL}/us-east-1")
    assert answered[0]["id"] == f"{POOL}/{REGION}"


def test_deleting_it_makes_the_replica_inactive(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    cognito = Cognito("ACTIVE")
    run(monkeypatch, cognito, "Delete", PhysicalResourceId=f"{POOL}/{REGION}")
    assert cognito.status == "INACTIVE"
    assert answered == [{"status": "SUCCESS", "reason": "", "id": f"{POOL}/{REGION}"}]


@pytest.mark.parametrize("status", [None, "DELETING"])
def test_deleting_what_is_gone_is_done(monkeypatch: Any, answered: list[dict[str, Any]], status: str | None) -> None:
    cognito = Cognito(status)
    run(monkeypatch, cognito, "Delete", PhysicalResourceId="x")
    assert "UpdateUserPoolReplica" not in cognito.calls
    assert answered[0]["status"] == "SUCCESS"


def test_one_that_stays_as_it_is_fails_with_a_reason(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    run(monkeypatch, Cognito(sticks=True), "Create")
    assert answered[0]["status"] == "FAILED"
    assert answered[0]["reason"] == f"The replica in {REGION} is INACTIVE, and should be ACTIVE"


def test_a_missing_property_fails_with_a_reason(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    run(monkeypatch, Cognito(), "Create", ResourceProperties={"UserPoolId": POOL})
    assert answered[0]["reason"] == "The property 'RegionName' is missing"


def test_a_failed_update_keeps_its_id(monkeypatch: Any, answered: list[dict[str, Any]]) -> None:
    run(monkeypatch, Cognito(sticks=True), "Update", PhysicalResourceId=f"{POOL}/us-east-1")
    assert answered[0] == answered[0] | {"status": "FAILED", "id": f"{POOL}/us-east-1"}
