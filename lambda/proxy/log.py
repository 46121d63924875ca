"""Writing the line of a call, as far as the settings want one."""

from __future__ import annotations

import contextlib
import time

from proxy.call import Call
from proxy.outcomes import FAILED, outcome_of
from proxy.output import function_name, write_line
from proxy.request_line import RequestLines
from proxy.service import Service
from proxy.settings import LOG_NONE, LOG_REQUESTS


def start() -> Call:
    """Notes of a call that comes in now."""
    return Call(time=time.time(), started=time.monotonic())


class RequestLog:
    """The log of one function. One lives as long as the execution environment does."""

    def __init__(self, variant: str) -> None:
        """`variant`: `regional` or `edge`."""
        self._lines = RequestLines(variant=variant, function=function_name())
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
            write_line(self._lines.line(call, now=time.monotonic(), cold=cold, pseudonyms=pseudonyms, plain=plain))
        except Exception as error:  # a closed pipe, or a fault of ours
            with contextlib.suppress(Exception):
                write_line(f'{{"problem":"no line for a call: {type(error).__name__}"}}\n')


def _is_problem(call: Call) -> bool:
    return bool(call.problems) or outcome_of(call.answer, relayed=call.upstream_seconds is not None)[0] == FAILED
