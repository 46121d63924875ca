"""What Lambda functions wrote to CloudWatch Logs."""

from collections.abc import Iterator
from typing import Any

MOST_AT_ONCE = 10_000
"""The emulator's FilterLogEvents gives no more, and no token for the rest (MiniStack 1.5.33)."""


def function_logs(logs: Any) -> str:
    """Every event of every log group, oldest first within its group, one per line."""
    lines: list[str] = []
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            lines += [event["message"].rstrip("\n") for event in log_events(logs, group["logGroupName"])]
    return "\n".join(lines)


def log_events(logs: Any, group: str, *, since_ms: int = 0) -> Iterator[dict[str, Any]]:
    """Every event of a log group from a moment on, oldest first. Raises ResourceNotFoundException as AWS does.

    More than the emulator gives at once are asked for again from where it ended. Of 10,000 in one millisecond it tells
    no others.
    """
    told = 0
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms)
        events = [event for page in pages for event in page["events"]]
        yield from events[told:]
        last = events[-1]["timestamp"] if events else since_ms
        if len(events) < MOST_AT_ONCE or last == since_ms:
            return
        told = sum(event["timestamp"] == last for event in events)
        since_ms = last
