"""What of a proxy's logs is deployed, and where: found from the stack's own resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cognito_proxy.smoke.log_groups import LogGroup, find_log_groups, function_log_group, log_regions
from cognito_proxy.smoke.stack import Clients, DeployedStack
from cognito_proxy.smoke.target import EDGE, Target
from cognito_proxy.top.questions import FUNCTION

_WAF = "waf"
_WAF_LOG_PREFIX = "aws-waf-logs-"
"""AWS WAF wants the names of its log groups to begin so: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html"""

_TABLES = {"cloudfront_logs": "cloudfront", "waf_logs": _WAF}


@dataclass(frozen=True, kw_only=True)
class AthenaTable:
    """A table over a log in S3."""

    region: str
    workgroup: str
    database: str
    by_day: bool
    """Whether it has a folder for each day."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """What can be asked."""

    groups: Mapping[str, tuple[LogGroup, ...]]
    """Log groups by source: `function`, `waf`."""
    tables: Mapping[str, AthenaTable]
    """Tables by source: `cloudfront`, `waf`."""
    plain: bool
    """Whether the functions log usernames and addresses as they are."""
    notes: tuple[str, ...] = ()
    """What could not be looked at."""


def find_places(clients: Clients, target: Target) -> Places:
    """Look for the logs of a deployed proxy."""
    functions, notes = _function_groups(clients, target)
    groups = {FUNCTION: functions, _WAF: tuple(group for stack in _own(target) for group in _waf_groups(stack))}
    return Places(
        groups={source: found for source, found in groups.items() if found},
        # Nothing on one machine writes a log into S3, and the emulator's SQL is another one.
        tables={}
        if target.is_local
        else {source: table for stack in _own(target) for source, table in _tables(target, stack)},
        plain=bool(target.settings.get("log_plain")),
        notes=notes,
    )


def _own(target: Target) -> Iterator[DeployedStack]:
    """The proxy's stack. A bare endpoint has none."""
    if target.stack is not None:
        yield target.stack


def _function_groups(clients: Clients, target: Target) -> tuple[tuple[LogGroup, ...], tuple[str, ...]]:
    name = function_log_group(target)
    if name is None or target.stack is None:
        return (), ()
    if target.variant != EDGE:
        return (LogGroup(name=name, region=target.stack.region),), ()
    regions = [target.stack.region] if target.is_local else log_regions(target.stack.region)
    found = find_log_groups(clients, name, regions)
    notes = (f"these AWS credentials may not look for logs in {', '.join(found.closed)}",) if found.closed else ()
    return found.groups, notes


def _waf_groups(stack: DeployedStack) -> Iterator[LogGroup]:
    for logical_id, _ in stack.resources("AWS::Logs::LogGroup"):
        name = stack.physical_ids.get(logical_id, "")
        if name.startswith(_WAF_LOG_PREFIX):
            yield LogGroup(name=name, region=stack.region)


def _tables(target: Target, stack: DeployedStack) -> Iterator[tuple[str, AthenaTable]]:
    """The tables that `LogQueries` makes, in the proxy's stack."""
    workgroups = [stack.physical_ids.get(name, "") for name, _ in stack.resources("AWS::Athena::WorkGroup")]
    if not workgroups:
        return
    for _, properties in stack.resources("AWS::Glue::Table"):
        table: Mapping[str, Any] = properties["TableInput"]
        source = _TABLES.get(str(table.get("Name")))
        if source is not None:
            yield (
                source,
                AthenaTable(
                    region=stack.region,
                    workgroup=workgroups[0],
                    database=target.values(stack).text(properties["DatabaseName"]),
                    by_day=bool(table.get("PartitionKeys")),
                ),
            )
