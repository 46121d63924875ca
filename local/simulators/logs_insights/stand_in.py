"""CloudWatch Logs Insights' API, which the emulator has not: StartQuery, GetQueryResults and StopQuery.

Kept to the API reference: times are seconds since 1970, both ends belong to the window, a query runs after StartQuery
has answered, and each value of a result is a text. Requests and answers are checked against botocore's model.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from local.simulators.common.aws_json import AwsCall, Forward, Refused, json_answer
from local.simulators.common.http import HttpResponse, document_of
from local.simulators.common.root_client import ACCOUNT_ID, NO_FILES
from local.simulators.logs_insights import language

MAX_ROWS = 10_000
"""What a query shows at most: "the maximum is 10,000" (StartQuery, limit)."""
MAX_QUERIES = 100
"""Results that are kept; the oldest go first."""

_SERVICE = "logs"
_GROUPS = "DescribeLogGroups"


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One event of a log group."""

    at_ms: int
    """Milliseconds since 1970."""
    message: str


class LogStore(Protocol):
    """Where lines come from. Its methods may take a while; they run in a thread."""

    def own_groups(self, region: str) -> Sequence[str]:
        """Log groups that the emulator does not have, and this store does."""
        ...

    def lines(self, region: str, group: str) -> Sequence[LogLine] | None:
        """What is in a log group; None: there is no such group."""
        ...


@dataclass(kw_only=True)
class _Query:
    status: str = "Running"
    rows: list[language.Row] = field(default_factory=list)
    scanned: int = 0
    scanned_bytes: int = 0
    task: asyncio.Task[None] | None = None


class LogsInsights:
    """The calls, and the log groups that are only here. For one event loop."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._queries: dict[str, _Query] = {}

    def knows(self, call: AwsCall) -> bool:
        """Those of Logs Insights, and which groups there are."""
        return call.service == _SERVICE and call.operation in (*_OPERATIONS, _GROUPS)

    async def answer(self, call: AwsCall, forward: Forward) -> HttpResponse:
        """Perform the call."""
        _check(call.operation, call.document, answer=False)
        if call.operation == _GROUPS:
            return await self._describe_groups(call, forward)
        answered = await _OPERATIONS[call.operation](self, call)
        _check(call.operation, answered, answer=True)
        return json_answer(answered)

    async def close(self) -> None:
        """End what runs."""
        for query in self._queries.values():
            if query.task is not None:
                query.task.cancel()

    async def _start(self, call: AwsCall) -> dict[str, Any]:
        request: Mapping[str, Any] = call.document
        groups = _group_names(request)
        if request["startTime"] >= request["endTime"]:
            raise Refused("InvalidParameterException", "startTime is not before endTime")
        try:
            program = language.commands(request["queryString"])
        except language.NotModelled as error:
            raise Refused("MalformedQueryException", str(error)) from None
        loaded = await asyncio.to_thread(self._load, call.region, groups)
        query = _Query()
        most = int(request.get("limit", MAX_ROWS))
        window = (request["startTime"] * 1000, request["endTime"] * 1000 + 999)

        def evaluate() -> None:
            lines = [line for line in loaded if window[0] <= line.at_ms <= window[1]]
            rows: list[language.Row] = [_event(line) for line in lines]
            for command in program:
                rows = command(rows)
            query.rows, query.scanned = rows[:most], len(lines)
            query.scanned_bytes = sum(len(line.message.encode()) for line in lines)

        async def run() -> None:
            try:
                await asyncio.to_thread(evaluate)
            except Exception:
                # Whatever it is: AWS says no more than this, either.
                query.status = "Failed"
                raise
            if query.status == "Running":
                query.status = "Complete"

        query_id = str(uuid.uuid4())
        query.task = asyncio.create_task(run())
        query.task.add_done_callback(lambda task: None if task.cancelled() else task.exception())
        self._queries[query_id] = query
        for oldest in list(self._queries)[:-MAX_QUERIES]:
            del self._queries[oldest]
        return {"queryId": query_id}

    def _load(self, region: str, groups: Sequence[str]) -> list[LogLine]:
        found: list[LogLine] = []
        for group in groups:
            lines = self._store.lines(region, group)
            if lines is None:
                raise Refused("ResourceNotFoundException", f"Log group '{group}' does not exist in {region}")
            found += lines
        return found

    async def _results(self, call: AwsCall) -> dict[str, Any]:
        query = self._query(call)
        return {
            "queryLanguage": "CWLI",
            "status": query.status,
            "results": [_fields(row) for row in query.rows] if query.status == "Complete" else [],
            "statistics": {
                "recordsMatched": float(len(query.rows)),
                "recordsScanned": float(query.scanned),
                "bytesScanned": float(query.scanned_bytes),
            },
        }

    async def _stop(self, call: AwsCall) -> dict[str, Any]:
        query = self._query(call)
        stopped = query.status == "Running"
        if stopped:
            query.status = "Cancelled"
        return {"success": stopped}

    def _query(self, call: AwsCall) -> _Query:
        if call.document["queryId"] not in self._queries:
            raise Refused("ResourceNotFoundException", "there is no such query")
        return self._queries[call.document["queryId"]]

    async def _describe_groups(self, call: AwsCall, forward: Forward) -> HttpResponse:
        """The emulator's, and on the first page those of the store."""
        answered = await forward()
        document = document_of(answered.body)
        if answered.status != 200 or not isinstance(document, dict) or call.document.get("nextToken"):
            return answered
        prefix = call.document.get("logGroupNamePrefix", "")
        there = {group["logGroupName"] for group in document.get("logGroups", ())}
        own = await asyncio.to_thread(self._store.own_groups, call.region)
        more = [
            {"logGroupName": name, "arn": f"arn:aws:logs:{call.region}:{ACCOUNT_ID}:log-group:{name}:*"}
            for name in own
            if name.startswith(prefix) and name not in there
        ]
        return json_answer({**document, "logGroups": [*more, *document.get("logGroups", ())]})


_OPERATIONS = {
    "StartQuery": LogsInsights._start,
    "GetQueryResults": LogsInsights._results,
    "StopQuery": LogsInsights._stop,
}


def _event(line: LogLine) -> language.Event:
    return language.event(datetime.fromtimestamp(line.at_ms / 1000, tz=UTC), line.message.rstrip("\n"))


def _group_names(request: Mapping[str, Any]) -> list[str]:
    """By name only: identifiers with a query language of their own are not modelled."""
    if request.get("queryLanguage", "CWLI") != "CWLI" or "logGroupIdentifiers" in request:
        raise Refused("InvalidParameterException", "logGroupName and logGroupNames, and the language CWLI, are known")
    names = request.get("logGroupNames", [request["logGroupName"]] if "logGroupName" in request else [])
    if not names or ("logGroupName" in request and "logGroupNames" in request):
        raise Refused("InvalidParameterException", "give logGroupName or logGroupNames")
    return list(names)


def _fields(row: language.Row) -> list[dict[str, str]]:
    """A row as the API gives it. A field without a value is not there."""
    names = row.get(language.SHOWN, list(row))
    return [{"field": name, "value": _text(row[name])} for name in names if row.get(name) is not None]


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}"
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


@cache
def _model() -> ServiceModel:
    return botocore.session.Session(session_vars=NO_FILES).get_service_model(_SERVICE)


def _check(operation: str, document: Any, *, answer: bool) -> None:
    model = _model().operation_model(operation)
    shape = model.output_shape if answer else model.input_shape
    if shape is not None and (report := ParamValidator().validate(document, shape)).has_errors():
        raise Refused("InvalidParameterException", report.generate_report())
