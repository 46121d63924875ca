"""Counters that all execution environments share: items of one DynamoDB table, changed by conditional updates only.

A counter counts attempts in a window. The window begins with an attempt (and not with the clock's hour, where whoever
knows the border gets twice the limit within a moment), and ends `window_seconds` after its first attempt, or, with
`from_last`, after the last one that passed: then no stretch of that length ever has more than `limit` of them.

An item is changed in one of two ways, each a single UpdateItem whose condition DynamoDB checks and carries out as one:

- it begins a window, if there is none or it has ended;
- it counts on, if there is one that has not ended and is not full.

Whatever is done at the same time, only one of those who find no window begins it, and exactly `limit` pass. Which way
is tried first is a guess: to begin, unless this environment has seen the window. A wrong guess costs a second call.
That the time to live deletes late ("within a few days") does not matter: an item's own fields say whether it has ended.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from proxy.awsjson import AwsJsonClient, CallRefused
from proxy.call import Call
from proxy.connection import ConnectionFailed

MAX_CALL_SECONDS = 0.3
"""How long one `take` waits for the table, however much time the call has."""

MAX_FIRST_CALL_SECONDS = 1.0
"""The same where a connection has to be made first."""

RETRY_INTERVAL_SECONDS = 1.0
"""After the table took too long, or could not be reached, nobody here waits for it again for this time. An error that
it answers at once is not remembered: it costs no time, and whoever makes one item throttle must not open the others."""

FULL_SECONDS = 2.0
"""A counter that was full is not asked again for this time. So a flood on one counter is not a flood of writes: those
that a condition refuses cost as much as others, and one item takes 1,000 a second.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"""

_MAX_STEPS = 10
"""Two are enough, but between them another may begin a window, or empty the counter by marking it, again and again."""

_MAX_SEEN = 256
"""Counters of which this environment remembers something."""

_EXPIRY_SECONDS = 60
"""How much later than its window an item may be deleted, since clocks differ."""

_DYNAMODB = "DynamoDB_20120810."
_CONDITION_FAILED = "ConditionalCheckFailedException"

PARTITION_KEY = "key"
EXPIRY = "expires"
"""The time to live's attribute, in whole seconds since 1970."""

_COUNT, _ENDS, _MARKED = "count", "ends", "marked"


class CountersUnavailable(Exception):
    """The table gave no answer, or not in time. The message says why and holds no key."""


def note_failure(call: Call, why: str) -> None:
    """Note that something of a call could not be counted; it becomes a metric, and a problem on the call's line."""
    call.count("CounterFailures")
    call.problems.append(f"Counters: {why}")


class Taken(NamedTuple):
    """Whether an attempt passes."""

    allowed: bool
    wait_seconds: float = 0.0
    """Of a refused one: until the window ends; 0 where the counter is not marked."""


class _Seen(NamedTuple):
    """What was last seen of a counter."""

    ends: float
    full_until: float = 0.0


class Counters:
    """The counters of one table. One lives as long as the execution environment does."""

    def __init__(self, table: str, region: str, *, clock: Callable[[], float] = time.time) -> None:
        """
        Args:
            table: name of the table.
            region: where it is.
            clock: seconds since 1970, for the memory of outages.
        """
        self._table = table
        self._dynamodb = AwsJsonClient("dynamodb", region)
        self._clock = clock
        self._failed = float("-inf")
        self._answered = float("-inf")
        self._seen: dict[str, _Seen] = {}

    def take(
        self,
        key: str,
        *,
        limit: int,
        window_seconds: float,
        now: float,
        deadline: float,
        from_last: bool = False,
        marked: bool = False,
    ) -> Taken:
        """Count one attempt, if the counter is not full.

        Args:
            key: the counter's name; nothing that tells of a person but as a keyed hash.
            limit: attempts in a window, from 1.
            window_seconds: its length.
            now: in seconds since 1970.
            deadline: when the call's answer must be there, in seconds of `time.monotonic()`; the table has less.
            from_last: the window ends so long after the last attempt that passed. Default: after the first.
            marked: only if the counter is marked (`mark`); if it is not, nothing is counted. Default: every counter.

        Raises:
            CountersUnavailable: it is not known whether the attempt was counted.
        """
        seen = self._seen.get(key)
        if seen is not None and now < seen.full_until:
            return Taken(allowed=False, wait_seconds=seen.ends - now)
        update = _Update(key, limit, now, now + window_seconds, from_last=from_last, marked=marked)
        counting_on = seen is not None and now < seen.ends
        until = self._until(deadline)
        for _ in range(_MAX_STEPS):
            item = self._update(update.counting_on() if counting_on else update.beginning(), until)
            if item is None:
                self._see(key, _Seen(seen.ends if counting_on and seen and not from_last else update.ends))
                return Taken(allowed=True)
            if marked and _number(item, _MARKED) <= now:
                return Taken(allowed=False)
            seen = _Seen(_number(item, _ENDS))
            counting_on = now < seen.ends
            if counting_on and _number(item, _COUNT) >= limit:
                self._see(key, _Seen(seen.ends, min(seen.ends, now + FULL_SECONDS)))
                return Taken(allowed=False, wait_seconds=seen.ends - now)
        raise CountersUnavailable("the counter changed too often")

    def give_back(self, key: str, *, deadline: float) -> None:
        """Take back the attempt that this environment counted last, as long as its window lasts: it was none.

        Raises:
            CountersUnavailable: it is not known whether it was taken back.
        """
        seen = self._seen.get(key)
        if seen is None:
            return
        parameters = {
            "Key": {PARTITION_KEY: {"S": key}},
            "UpdateExpression": "SET #count = #count + :minus",
            # Of another window nothing is taken: it would let one too many pass.
            "ConditionExpression": "#ends = :ends AND #count >= :one",
            "ExpressionAttributeNames": {"#count": _COUNT, "#ends": _ENDS},
            "ExpressionAttributeValues": {":minus": _n(-1), ":one": _n(1), ":ends": _n(seen.ends)},
        }
        self._update(parameters, self._until(deadline))

    def mark(self, keys: Iterable[str], *, until: float, deadline: float) -> None:
        """Mark counters until a time, in seconds since 1970, and empty them. At most 25 of them.

        Raises:
            CountersUnavailable: it is not known which are marked.
        """
        items = []
        for key in dict.fromkeys(keys):  # DynamoDB refuses a batch that names an item twice
            self._seen.pop(key, None)
            expires = _n(math.ceil(until) + _EXPIRY_SECONDS)
            items.append({PARTITION_KEY: {"S": key}, _MARKED: _n(until), EXPIRY: expires})
        requests = {self._table: [{"PutRequest": {"Item": item}} for item in items]}
        try:
            answer = self._call("BatchWriteItem", {"RequestItems": requests}, self._until(deadline))
        except CallRefused as error:
            raise CountersUnavailable(str(error)) from None
        if answer.get("UnprocessedItems"):
            raise CountersUnavailable("UnprocessedItems")

    def close(self) -> None:
        """Close the connections that idle."""
        self._dynamodb.close()

    def _update(self, parameters: dict[str, Any], until: float) -> dict[str, Any] | None:
        """None if the update was carried out, else the item as it is; empty where there is none."""
        try:
            self._call("UpdateItem", {"TableName": self._table, **parameters}, until)
        except CallRefused as error:
            if str(error) != _CONDITION_FAILED:
                raise CountersUnavailable(str(error)) from None
            item = error.document.get("Item")
            return item if isinstance(item, dict) else {}
        return None

    def _call(self, operation: str, parameters: dict[str, Any], until: float) -> dict[str, Any]:
        if 0 <= self._clock() - self._failed < RETRY_INTERVAL_SECONDS:
            raise CountersUnavailable("the table failed a moment ago")
        started = time.monotonic()
        try:
            answer = self._dynamodb.call(_DYNAMODB + operation, parameters, deadline=until)
        except ConnectionFailed as error:
            # A caller with hardly any time left says nothing of the table, and must not stop the others.
            if time.monotonic() < until or until - started >= MAX_CALL_SECONDS / 2:
                self._failed = self._clock()
            raise CountersUnavailable(str(error)) from None
        self._answered = self._clock()
        return answer

    def _until(self, deadline: float) -> float:
        """How long to wait for the table; longer where the connection has hardly outlived the pause."""
        is_connected = 0 <= self._clock() - self._answered < RETRY_INTERVAL_SECONDS * 15
        return min(deadline, time.monotonic() + (MAX_CALL_SECONDS if is_connected else MAX_FIRST_CALL_SECONDS))

    def _see(self, key: str, seen: _Seen) -> None:
        self._seen.pop(key, None)
        while len(self._seen) >= _MAX_SEEN:
            del self._seen[next(iter(self._seen))]
        self._seen[key] = seen


class _Update:
    """The two updates of one attempt; the names stand for themselves, since `count` is a reserved word."""

    def __init__(self, key: str, limit: int, now: float, ends: float, *, from_last: bool, marked: bool) -> None:
        self.ends = ends
        self._key = key
        self._limit = limit
        self._now = now
        self._from_last = from_last
        self._marked = marked

    def beginning(self) -> dict[str, Any]:
        """A window of one attempt."""
        return self._parameters(
            "SET #count = :one, #ends = :ends", "(attribute_not_exists(#ends) OR #ends <= :now)", ends=True
        )

    def counting_on(self) -> dict[str, Any]:
        """One more in the window that there is."""
        update = "SET #count = #count + :one" + (", #ends = :ends" if self._from_last else "")
        return self._parameters(
            update, "#ends > :now AND #count < :limit", ends=self._from_last, **{":limit": _n(self._limit)}
        )

    def _parameters(self, update: str, condition: str, *, ends: bool, **values: Any) -> dict[str, Any]:
        names = {"#count": _COUNT, "#ends": _ENDS}
        values |= {":now": _n(self._now), ":one": _n(1)}
        if ends:
            values[":ends"] = _n(self.ends)
        if self._marked:  # what is marked is kept as long as the mark
            names["#marked"] = _MARKED
            condition += " AND #marked > :now"
        elif ends:
            names["#expires"] = EXPIRY
            values[":expires"] = _n(math.ceil(self.ends) + _EXPIRY_SECONDS)
            update += ", #expires = :expires"
        return {
            "Key": {PARTITION_KEY: {"S": self._key}},
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def _n(value: float) -> dict[str, str]:
    return {"N": str(value) if isinstance(value, int) else f"{value:.3f}"}


def _number(item: dict[str, Any], name: str) -> float:
    """A member of an item; minus infinity where it is missing or no number."""
    try:
        return float(item[name]["N"])
    except (KeyError, TypeError, ValueError):
        return float("-inf")
