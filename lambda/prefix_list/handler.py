"""CloudFormation custom resource: the id of a prefix list that AWS manages, such as DynamoDB's.

Its id differs by Region, and no resource of CloudFormation tells it: AWS::EC2::VPCEndpoint has no such attribute
(https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/453).

With the SDK that the runtime brings: it runs when a stack is made, and the operation is of 2020.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from aws_calls.custom_resource import answer

_DENIED = "UnauthorizedOperation"
# A role that was made a moment ago takes seconds to hold everywhere.
_PERMISSION_DELAYS_SECONDS = (1, 2, 4, 8, 16)
_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


class NotFound(Exception):
    """There is not exactly one list of that name; the message says which name."""


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Answer `{"Id": "pl-…"}` for the property `Name`, such as `com.amazonaws.eu-west-1.dynamodb`.

    CloudFormation is told the outcome, whatever it is.
    """
    if event["RequestType"] == "Delete":
        return _answer(event, "SUCCESS")
    try:
        found = find(event["ResourceProperties"]["Name"], boto3.client("ec2", config=_CONFIG))
    except NotFound as error:
        return _answer(event, "FAILED", str(error))
    except ClientError as error:
        return _answer(event, "FAILED", f"DescribeManagedPrefixLists: {error.response['Error']['Code']}")
    except BotoCoreError as error:
        return _answer(event, "FAILED", f"DescribeManagedPrefixLists: {type(error).__name__}")
    except Exception as error:  # an unanswered request keeps the deployment waiting
        return _answer(event, "FAILED", f"Unexpected {type(error).__name__}")
    return _answer(event, "SUCCESS", data={"Id": found})


def find(name: str, ec2: Any) -> str:
    """The id of AWS's own prefix list of that name; a list of the account's that is called so does not count.

    Raises:
        NotFound: there is none, or there are several.
        ClientError: EC2 refused, for a missing permission after half a minute of trying.
    """
    filters = [{"Name": "prefix-list-name", "Values": [name]}, {"Name": "owner-id", "Values": ["AWS"]}]
    for delay in (*_PERMISSION_DELAYS_SECONDS, None):
        try:
            lists = ec2.describe_managed_prefix_lists(Filters=filters)["PrefixLists"]
            break
        except ClientError as error:
            if error.response["Error"]["Code"] != _DENIED or delay is None:
                raise
            time.sleep(delay)
    if len(lists) != 1:
        raise NotFound(f"{len(lists)} prefix lists of AWS are called {name}; one was expected")
    return str(lists[0]["PrefixListId"])


def _answer(event: Mapping[str, Any], status: str, reason: str = "", data: Mapping[str, str] | None = None) -> None:
    answer(event, status, reason, physical_id=f"{event['LogicalResourceId']}-prefix-list", data=data)
