"""The function's log groups: at the edge one in each Region that ran it."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cognito_proxy.smoke.stack import Clients
from cognito_proxy.smoke.target import EDGE, Target

_HANDLERS = ("proxy.regional.handler", "proxy.edge.handler")
_NOT_ENABLED = frozenset({"UnrecognizedClientException", "InvalidClientTokenId"})


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """A log group, and where it is."""

    name: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where a log group is."""

    groups: tuple[LogGroup, ...]
    closed: tuple[str, ...]
    """Regions in which these credentials may not look."""


def proxy_function(target: Target) -> str | None:
    """Physical name of the function that is the proxy; None: the stack has none."""
    if target.stack is None:
        return None
    for name, properties in target.stack.resources("AWS::Lambda::Function"):
        if str(properties.get("Handler")) in _HANDLERS:
            return target.stack.physical_ids[name]
    return None


def function_log_group(target: Target) -> str | None:
    """Name of the group to which the proxy's function logs; None: the stack has no such function."""
    function = proxy_function(target)
    if function is None or target.stack is None:
        return None
    if target.variant == EDGE:
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html
        return f"/aws/lambda/us-east-1.{function}"
    for _, properties in target.stack.resources("AWS::Lambda::Function"):
        if properties.get("Handler") == "proxy.regional.handler" and "LoggingConfig" in properties:
            return target.values(target.stack).text(properties["LoggingConfig"].get("LogGroup"))
    return f"/aws/lambda/{function}"


def log_regions(region: str) -> list[str]:
    """The Regions of that one's partition that have CloudWatch Logs."""
    session = boto3.session.Session(region_name=region)
    partition = session.get_partition_for_region(region)
    return sorted(session.get_available_regions("logs", partition_name=partition))


def has_log_group(client: Any, name: str) -> bool:
    """Whether there is a log group of that very name.

    Raises:
        ClientError: AWS refused.
    """
    groups = client.describe_log_groups(logGroupNamePrefix=name).get("logGroups", ())
    return any(group["logGroupName"] == name for group in groups)


def find_log_groups(clients: Clients, name: str, regions: Iterable[str]) -> Found:
    """Where that log group is: all Regions are asked, at the same time."""
    # boto3 makes clients in one thread only.
    asked: Sequence[tuple[str, Any]] = [(region, clients("logs", region=region)) for region in regions]
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda each: _has_if_allowed(each[1], name), asked))
    seen = dict(zip((region for region, _ in asked), answers, strict=True))
    return Found(
        groups=tuple(LogGroup(name=name, region=region) for region, has in seen.items() if has),
        closed=tuple(region for region, has in seen.items() if has is None),
    )


def _has_if_allowed(client: Any, name: str) -> bool | None:
    """None where one may not look. A Region that the account has not enabled does not know its credentials."""
    try:
        return has_log_group(client, name)
    except ClientError as error:
        return False if error.response.get("Error", {}).get("Code") in _NOT_ENABLED else None
    except BotoCoreError:
        return None
