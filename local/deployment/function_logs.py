"""What Lambda functions wrote to CloudWatch Logs."""

from typing import Any


def function_logs(logs: Any) -> str:
    """Every event of every log group, oldest first within its stream, one per line."""
    lines: list[str] = []
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                lines += [event["message"].rstrip("\n") for event in page["events"]]
    return "\n".join(lines)
