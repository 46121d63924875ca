"""Writing the line of a call to standard output, from where Lambda carries it to CloudWatch Logs.

One write and one line break for each call: whatever the function's log format is, CloudWatch gets the line as it is
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

from proxy.call import Call
from proxy.outcomes import FAILED, outcome_of
from proxy.request_line import RequestLines, counts_line
from proxy.service import Service
from proxy.settings import LOG_NONE, LOG_REQUESTS

_REPLICA_OF = "us-east-1."
"""What Lambda@Edge puts before the function's name wherever it runs:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html"""


def start() -> Call:
    """Notes of a call that comes in now."""
    return Call(time=time.time(), started=time.monotonic())


class RequestLog:
    """The log of one function. One lives as long as the execution environment does."""

    def __init__(self, variant: str) -> None:
        """`variant`: `regional` or `edge`."""
        self._lines = RequestLines(variant=variant, function=_function_name())
        self._cold = True

    def write(self, call: Call, service: Service | None) -> None:
        """Write the line of a call that is over, if the settings want one; all of it where there are no settings.

        Nothing escapes: that a line cannot be written is no reason to fail a call.
        """
        cold, self._cold = self._cold, False
        try:
            level, plain, pseudonyms = LOG_REQUESTS, False, None
            if service:
                level, plain = service.settings.log, service.settings.log_plain
                if level != LOG_REQUESTS and (level == LOG_NONE or not _is_problem(call)):
                    return
                pseudonyms = service.pseudonyms(call)
            _write(self._lines.line(call, now=time.monotonic(), cold=cold, pseudonyms=pseudonyms, plain=plain))
        except Exception as error:  # a closed pipe, or a fault of ours
            with contextlib.suppress(Exception):
                _write(f'{{"problem":"no line for a call: {type(error).__name__}"}}\n')


def write_counts(variant: str, counts: Mapping[str, int], problems: Sequence[str]) -> None:
    """Write a line that is no call's: what went wrong after the call's own line was written. Nothing escapes.

    It is written whatever the settings say of the lines of calls: what it counts is counted nowhere else.
    """
    with contextlib.suppress(Exception):
        _write(counts_line(variant, _function_name(), counts, problems, time.time()))


def _is_problem(call: Call) -> bool:
    return bool(call.problems) or outcome_of(call.answer, relayed=call.upstream_seconds is not None)[0] == FAILED


def _function_name() -> str:
    return environ.get("AWS_LAMBDA_FUNCTION_NAME", "").removeprefix(_REPLICA_OF)


def _write(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
