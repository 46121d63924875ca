"""The scheduled function: takes off the lists what has expired, and finishes what a command left behind.

It logs numbers only: addresses are personal data. A list that fails does not keep the others; the run fails afterwards,
which the function's error metric counts.
"""

import json
import os
import time
from dataclasses import asdict
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .backoff import Backoff
from .expire import expire
from .ip_set import WafArn, WafIpSet
from .stores import HandList
from .table import EntryTable

SECONDS_A_LIST = 25.0
"""How long it tries to update one list; four of them fit into its two minutes."""

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


class ExpiryFailed(Exception):
    """Some lists could not be updated; the log says why."""


def handler(_event: object, _context: object) -> None:
    """Bring every list of IP_SET_ARNS (comma-separated) up to date, with the entries of TABLE_NAME.

    Raises:
        ExpiryFailed: some lists could not be updated; the next run tries again.
    """
    arns = os.environ["IP_SET_ARNS"].split(",")
    failed = [arn for arn in arns if not _update(WafArn.parse(arn))]
    if failed:
        raise ExpiryFailed(f"{len(failed)} of {len(arns)} lists were not updated")


def _update(arn: WafArn) -> bool:
    hand_list = HandList(
        addresses=WafIpSet(client=_client("wafv2"), arn=arn),
        entries=EntryTable(client=_client("dynamodb"), table_name=os.environ["TABLE_NAME"], ip_set_id=arn.id),
    )
    try:
        outcome = expire(hand_list, now=int(time.time()), backoff=Backoff(SECONDS_A_LIST))
    except Exception as error:  # the others have their turn; the run fails in the end
        _log(ip_set=arn.id, error=_name(error))
        return False
    _log(ip_set=arn.id, **asdict(outcome))
    return True


def _name(error: Exception) -> str:
    """What went wrong, without the message: that may quote addresses."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response.get('Error', {}).get('Code', 'unknown')}"
    return type(error).__name__


def _log(**fields: object) -> None:
    print(json.dumps(fields))


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=_CONFIG)  # type: ignore[call-overload]
