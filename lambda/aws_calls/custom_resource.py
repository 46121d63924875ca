"""The answer of a CloudFormation custom resource.

Protocol: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

_DELAYS_SECONDS = (1, 2)
_SECONDS = 5

RESERVE_SECONDS = 20.0
"""What to leave for it of an invocation's time: three tries to answer, and a little."""


def answer(
    event: Mapping[str, Any], status: str, reason: str, *, physical_id: str, data: Mapping[str, str] | None = None
) -> None:
    """Tell CloudFormation how it went, with up to three tries.

    `status` is SUCCESS or FAILED. `physical_id` is the resource's id unless it has one: another one from one answer to
    the next would make CloudFormation delete "the old resource" afterwards. `data` is what `Fn::GetAtt` reads; without
    it, nothing of the answer is shown anywhere.

    Raises:
        OSError: CloudFormation was not reached.
        HTTPException: it did not take the answer.
    """
    document = {
        "Status": status,
        "Reason": reason or "Done",
        "PhysicalResourceId": event.get("PhysicalResourceId") or physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": data is None,
        **({} if data is None else {"Data": dict(data)}),
    }
    body = json.dumps(document).encode()
    for delay in _DELAYS_SECONDS:
        try:
            return _put(event["ResponseURL"], body)
        except (OSError, HTTPException):
            time.sleep(delay)
    return _put(event["ResponseURL"], body)


def _put(url: str, body: bytes) -> None:
    parts = urlsplit(url)
    connection_type = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connection_type(parts.netloc, timeout=_SECONDS)
    try:
        # The signed URL was made for an empty content type.
        connection.request("PUT", f"{parts.path}?{parts.query}", body, {"Content-Type": ""})
        status = connection.getresponse().status
    finally:
        connection.close()
    if status >= 400:
        raise HTTPException(f"CloudFormation's answer address said {status}")
