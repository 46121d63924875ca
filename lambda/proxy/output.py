"""Standard output, from where Lambda carries lines to CloudWatch Logs.

One write and one line break for each line: whatever the function's log format is, CloudWatch gets the line as it is
and finds the metrics in it. ("Writing JSON to standard out in the embedded metric format is sufficient"; of `print` in
a function whose log format is JSON: "Lambda can only send log outputs to CloudWatch Logs in plain text format".)
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from os import environ

from proxy.request_line import counts_line

_REPLICA_OF = "us-east-1."
"""What Lambda@Edge puts before the function's name wherever it runs:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html"""


def function_name() -> str:
    """The function's own name; empty where nobody says it."""
    return environ.get("AWS_LAMBDA_FUNCTION_NAME", "").removeprefix(_REPLICA_OF)


def write_line(line: str) -> None:
    """Write a line, which ends in its line break."""
    sys.stdout.write(line)
    sys.stdout.flush()


def write_counts(variant: str, counts: Mapping[str, int], problems: Sequence[str]) -> None:
    """Write a line that is no call's: what went wrong after the call's own line was written. Nothing escapes.

    It is written whatever the settings say of the lines of calls: what it counts is counted nowhere else.
    """
    with contextlib.suppress(Exception):
        write_line(counts_line(variant, function_name(), counts, problems, time.time()))
