"""The log groups of a local run: the emulator's, and files that stand for those which it does not fill."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from local.deployment.deploy import DeployedStack
from local.deployment.emulator import Emulator
from local.deployment.function_logs import log_events
from local.simulators.logs_insights.stand_in import LogLine

_FUNCTION = "AWS::Lambda::Function"
_EDGE_HANDLER = "proxy.edge.handler"


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """A file with a JSON object a line, in the place of a log group."""

    region: str
    group: str
    file: Path
    moment: Callable[[Mapping[str, Any]], int]
    """When a line was written, in milliseconds since 1970. Raises KeyError or ValueError for one that does not say."""

    def lines(self) -> list[LogLine]:
        """What is in it; a line that does not say when it was written, as of something else, is left out."""
        try:
            text = self.file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        found = []
        for line in text.splitlines():
            try:
                found.append(LogLine(at_ms=self.moment(json.loads(line)), message=line))
            except (ValueError, KeyError, TypeError):
                continue
        return found


class RunLogs:
    """Where the stand-in for Logs Insights finds lines."""

    def __init__(self, emulator: Emulator, files: Sequence[LogFile]) -> None:
        self._emulator = emulator
        self._files = {(each.region, each.group): each for each in files}

    def own_groups(self, region: str) -> list[str]:
        """Those that are files."""
        return [group for where, group in self._files if where == region]

    def lines(self, region: str, group: str, *, since_ms: int = 0) -> list[LogLine] | None:
        """What is in a log group, from a moment on. Default: all."""
        if (region, group) in self._files:
            return [line for line in self._files[region, group].lines() if line.at_ms >= since_ms]
        logs = self._emulator.client("logs", region=region)
        try:
            events = log_events(logs, group, since_ms=since_ms)
            return [LogLine(at_ms=event["timestamp"], message=event["message"]) for event in events]
        except logs.exceptions.ResourceNotFoundException:
            return None

    def of_functions(self, groups: Sequence[tuple[str, str]], *, since_ms: int) -> list[LogLine]:
        """The lines of several groups, by Region and name, oldest first; one that is not there yet has none."""
        found = [self.lines(region, group, since_ms=since_ms) or [] for region, group in groups]
        return sorted((line for lines in found for line in lines), key=lambda line: line.at_ms)


def waf_log_file(*, region: str, group: str, file: Path) -> LogFile:
    """The web ACL's log."""
    return LogFile(region=region, group=group, file=file, moment=lambda line: int(line["timestamp"]))


def edge_log_file(stack: DeployedStack, file: Path) -> LogFile | None:
    """The edge function's log, in the Region of its viewers, which here is the stack's; None: it has no such function.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html
    """
    for name, resource in stack.template["Resources"].items():
        if resource["Type"] == _FUNCTION and resource["Properties"].get("Handler") == _EDGE_HANDLER:
            group = f"/aws/lambda/us-east-1.{stack.physical_ids[name]}"
            return LogFile(region=stack.region, group=group, file=file, moment=_written)
    return None


def _written(line: Mapping[str, Any]) -> int:
    return int(datetime.fromisoformat(line["time"]).timestamp() * 1000)


def run_logs(
    emulator: Emulator, stacks: Iterable[DeployedStack], *, waf_log: LogFile | None, edge_log: Path | None
) -> RunLogs:
    """The log groups of a run. `edge_log` is where the edge function's lines go; None: it has no such function."""
    files = [edge_log_file(stack, edge_log) for stack in stacks] if edge_log else []
    return RunLogs(emulator, [file for file in (*files, waf_log) if file is not None])
