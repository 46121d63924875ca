"""CloudFormation custom resource: the status of a replica of a user pool, ACTIVE or INACTIVE.

AWS::Cognito::UserPoolReplica makes a replica, which begins INACTIVE, and has no property for its status. This resource
has one, `Status`, and each change of it is made in Cognito. Deleting it makes the replica INACTIVE, without which
Cognito deletes no replica. So it depends on the replica, and goes before it.

Where it is made as INACTIVE it does nothing: the replica is new, or somebody has made it ACTIVE by hand before.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolReplica.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUserPoolReplica.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aws_calls.custom_resource import RESERVE_SECONDS, answer
from aws_calls.errors import CallFailed
from aws_calls.service import Service
from aws_calls.time_left import LambdaContext, TimeLeft

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"

_PAUSE_SECONDS = 3.0
_MOST_PAGES = 20


class ReplicaError(Exception):
    """What CloudFormation shows as the reason."""


class _Calls(Protocol):
    """What is used of `aws_calls.service.Service`."""

    time_left: TimeLeft

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call with the function's role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """Which pool's, and where."""

    user_pool_id: str
    region: str
    status: str = ACTIVE
    """What it should be."""

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> Replica:
        """Read the custom resource's properties.

        Raises:
            ReplicaError: one is missing, or is none.
        """
        # A deployment that is rolled back may come back to properties of before there was a status.
        status = properties.get("Status", ACTIVE)
        if status not in (ACTIVE, INACTIVE):
            raise ReplicaError(f"The property Status is {status!r}, not {ACTIVE} or {INACTIVE}")
        try:
            return cls(user_pool_id=properties["UserPoolId"], region=properties["RegionName"], status=status)
        except KeyError as missing:
            raise ReplicaError(f"The property {missing} is missing") from None


def handler(event: dict[str, Any], context: LambdaContext | None) -> None:
    """Create, update or delete; CloudFormation is told the outcome, whatever it is."""
    try:
        replica = Replica.from_properties(event["ResourceProperties"])
        _fulfil(event, replica, context)
    except (CallFailed, ReplicaError) as error:
        return _answer(event, "FAILED", str(error), physical_id=f"{event['LogicalResourceId']}-replica-status")
    except Exception as error:  # an unanswered request keeps the deployment waiting
        reason = f"Unexpected {type(error).__name__}"
        return _answer(event, "FAILED", reason, physical_id=f"{event['LogicalResourceId']}-replica-status")
    if event["RequestType"] != "Delete":
        # Named after the replica: for another one CloudFormation deletes the old status, and the old replica after it.
        event = {name: value for name, value in event.items() if name != "PhysicalResourceId"}
    return _answer(event, "SUCCESS", "", physical_id=f"{replica.user_pool_id}/{replica.region}")


def activate(replica: Replica, cognito: _Calls) -> None:
    """Make it ACTIVE, and wait until it is.

    Raises:
        CallFailed: Cognito refused or was not reached.
        ReplicaError: there is no such replica, or it is not ACTIVE when the time is up.
    """
    _turn(replica, ACTIVE, cognito)


def deactivate(replica: Replica, cognito: _Calls) -> None:
    """Make it INACTIVE, and wait until it is; one that is gone is as well.

    Raises:
        CallFailed: Cognito refused or was not reached.
        ReplicaError: it is not INACTIVE when the time is up.
    """
    if _status(replica, cognito) not in (None, "DELETING"):
        _turn(replica, INACTIVE, cognito)


def _turn(replica: Replica, wanted: str, cognito: _Calls) -> None:
    if _status(replica, cognito) == wanted:
        return
    parameters = {"UserPoolId": replica.user_pool_id, "RegionName": replica.region, "Status": wanted}
    cognito.call("UpdateUserPoolReplica", parameters)
    while (status := _status(replica, cognito)) != wanted:
        if not cognito.time_left.wait(_PAUSE_SECONDS):
            raise ReplicaError(f"The replica in {replica.region} is {status or 'not there'}, and should be {wanted}")


def _status(replica: Replica, cognito: _Calls) -> str | None:
    """None: there is no such replica, or no such pool."""
    parameters: dict[str, Any] = {"UserPoolId": replica.user_pool_id}
    for _ in range(_MOST_PAGES):
        try:
            page = cognito.call("ListUserPoolReplicas", parameters)
        except CallFailed as failure:
            if failure.code != "ResourceNotFoundException":
                raise
            return None
        for each in page.get("UserPoolReplicas", []):
            if each.get("RegionName") == replica.region:
                return str(each.get("Status"))
        if not page.get("NextToken"):
            break
        parameters["NextToken"] = page["NextToken"]
    return None


def _fulfil(event: Mapping[str, Any], replica: Replica, context: LambdaContext | None) -> None:
    if event["RequestType"] == "Create" and replica.status == INACTIVE:
        return
    time_left = TimeLeft.of(context, reserve=RESERVE_SECONDS)
    with Service("cognito-idp", region=os.environ["AWS_REGION"], time_left=time_left) as cognito:
        if event["RequestType"] == "Delete" or replica.status == INACTIVE:
            deactivate(replica, cognito)
        else:
            activate(replica, cognito)


def _answer(event: Mapping[str, Any], status: str, reason: str, *, physical_id: str) -> None:
    answer(event, status, reason, physical_id=physical_id)
