"""Bringing events to EventBridge, or into a queue where that fails. At least once: a consumer drops what it has had.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from proxy.awsjson import AwsJsonClient, CallRefused
from proxy.connection import ConnectionFailed

MAX_ENTRY_BYTES = 256 * 1024
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""

MAX_ATTEMPTS = 3
ATTEMPT_SECONDS = 1.0
REST_SECONDS = 5.0
"""After a failure, the bus gets one short attempt an event for so long: a function that waits takes no calls."""
_SHORT_SECONDS = 0.3
_FIRST_PAUSE_SECONDS = 0.05

QUEUE_ATTEMPTS = 2
_QUEUE_SECONDS = 0.8
"""Of each attempt; so much is left for the queue, however slow the bus is."""

_PASSING = frozenset(
    {
        "HTTP429",
        "HTTP500",
        "HTTP502",
        "HTTP503",
        "HTTP504",
        "InternalException",
        "InternalFailure",
        "RequestTimeoutException",
        "RequestThrottled",
        "ServiceUnavailable",
        "ThrottlingException",
    }
)
"""What may be otherwise a moment later; all else is not tried again.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html"""

Entry = dict[str, Any]
"""One of `Entries` of PutEvents."""


class Outcome(NamedTuple):
    """What became of some events."""

    failed: int = 0
    """Not taken by the bus."""
    lost: int = 0
    """Of these, not taken by the queue, either."""
    problem: str = ""
    """Why, in words and types of errors."""


class EventBus:
    """One bus and the queue behind it. Used by one thread at a time."""

    def __init__(self, region: str, queue: str, *, clock: Callable[[], float] = time.time) -> None:
        """`queue`: its URL. `clock`: seconds; the wall clock, since a monotonic one may stand still while frozen."""
        self._bus = AwsJsonClient("events", region)
        self._queue = AwsJsonClient("sqs", region)
        self._queue_url = queue
        self._clock = clock
        self._failed = float("-inf")

    def deliver(self, entries: Sequence[Entry], *, deadline: float) -> Outcome:
        """Bring events to the bus, and those that it does not take into the queue, each as a message of its own.

        A broken connection or a late answer may hide that an event was taken: then it is there twice.
        """
        if not entries:
            return Outcome()
        left, problem = self._put(list(entries), deadline - QUEUE_ATTEMPTS * _QUEUE_SECONDS)
        if not left:
            return Outcome()
        lost = 0
        for entry in left:
            why = self._park(entry, deadline)
            if why:
                lost += 1
                problem = f"{problem}; SQS: {why}"
        return Outcome(len(left), lost, problem)

    def close(self) -> None:
        """Close the connections that idle."""
        self._bus.close()
        self._queue.close()

    def _put(self, entries: list[Entry], deadline: float) -> tuple[list[Entry], str]:
        """Those that the bus did not take, and why."""
        resting = 0 <= self._clock() - self._failed < REST_SECONDS
        attempts, seconds = (1, _SHORT_SECONDS) if resting else (MAX_ATTEMPTS, ATTEMPT_SECONDS)
        given_up: list[Entry] = []
        problem = ""
        for attempt in range(attempts):
            if attempt:
                time.sleep(random.uniform(0.5, 1.0) * _FIRST_PAUSE_SECONDS * 4 ** (attempt - 1))  # noqa: S311 - jitter
            entries, refused, why = self._put_once(entries, min(deadline, time.monotonic() + seconds))
            given_up += refused
            problem = why or problem
            if not entries:
                break
        given_up += entries
        if given_up:
            self._failed = self._clock()
        return given_up, f"EventBridge: {problem}"

    def _put_once(self, entries: list[Entry], deadline: float) -> tuple[list[Entry], list[Entry], str]:
        """Those to try again, those that it makes no sense to, and why."""
        try:
            result = self._bus.call("AWSEvents.PutEvents", {"Entries": entries}, deadline=deadline)
        except ConnectionFailed as error:
            return entries, [], str(error)
        except CallRefused as error:
            return (entries, [], str(error)) if str(error) in _PASSING else ([], entries, str(error))
        if result.get("FailedEntryCount") == 0:
            return [], [], ""
        answers = result.get("Entries")
        if not isinstance(answers, list) or len(answers) != len(entries):
            return entries, [], "an answer without its entries"
        again: list[Entry] = []
        refused: list[Entry] = []
        problem = ""
        for entry, answer in zip(entries, answers, strict=True):
            code = _error_code(answer)
            if code:
                problem = code
                (again if code in _PASSING else refused).append(entry)
        return again, refused, problem

    def _park(self, entry: Entry, deadline: float) -> str:
        """Send an event to the queue; why that did not work, or nothing."""
        message = {"QueueUrl": self._queue_url, "MessageBody": json.dumps(entry)}
        problem = ""
        for _ in range(QUEUE_ATTEMPTS):
            try:
                self._queue.call(
                    "AmazonSQS.SendMessage", message, deadline=min(deadline, time.monotonic() + _QUEUE_SECONDS)
                )
            except (ConnectionFailed, CallRefused) as error:
                problem = str(error)
            else:
                return ""
        return problem


def _error_code(answer: object) -> str:
    """What went wrong with one entry, as a word; nothing if it has an id."""
    if isinstance(answer, dict) and answer.get("EventId") and not answer.get("ErrorCode"):
        return ""
    code = str(answer.get("ErrorCode") or "") if isinstance(answer, dict) else ""
    return code if code.isalnum() and code.isascii() and len(code) <= 80 else "an unknown error"
