"""Running the queries: what is asked where, what ends how, and that nothing goes on unread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from cognito_proxy.queries import texts
from cognito_proxy.smoke.log_groups import LogGroup
from cognito_proxy.top.look import Answer, NothingToAsk, OutOfTime, Seen, look
from cognito_proxy.top.places import AthenaTable, Places
from cognito_proxy.top.questions import Subject
from cognito_proxy.top.running import MOST_ROWS, QueryFailed, Window
from tests.top.aws import Aws

UNTIL = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WINDOW = Window(since=UNTIL - timedelta(hours=1), until=UNTIL)
WAF = LogGroup(name="aws-waf-logs-proxy", region="us-east-1")
FUNCTION = LogGroup(name="/aws/lambda/proxy", region="eu-west-1")
TABLE = AthenaTable(region="eu-west-1", workgroup="wg", database="db", by_day=True)


class Clock:
    """Time passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def a_look(aws: Aws, subject: Subject = Subject.ADDRESSES, *, seconds: float = 60, **changed: Any) -> Answer:
    clock = Clock()
    known: dict[str, Any] = {"groups": {}, "tables": {}, "plain": False}
    return look(
        aws, Places(**known | changed), subject, window=WINDOW, most=20, seconds=seconds, clock=clock, sleep=clock.sleep
    )


def complete(rows: list[dict[str, str]], scanned: float = 500) -> dict[str, Any]:
    fields = [[{"field": key, "value": value} for key, value in row.items()] for row in rows]
    return {
        "status": "Complete",
        "results": [[*row, {"field": "@ptr", "value": "x"}] for row in fields],
        "statistics": {"bytesScanned": scanned},
    }


def insights(rows: Mapping[str, list[dict[str, str]]], *, statuses: tuple[str, ...] = ()) -> Aws:
    """Logs Insights, where a query goes through these statuses first."""
    started: dict[str, str] = {}
    looked: dict[str, int] = {}

    def start(region: str, **parameters: Any) -> dict[str, str]:
        query_id = f"{region}-{len(started)}"
        started[query_id] = parameters["queryString"]
        return {"queryId": query_id}

    def results(_: str, **parameters: Any) -> dict[str, Any]:
        query_id = parameters["queryId"]
        looked[query_id] = looked.get(query_id, -1) + 1
        if looked[query_id] < len(statuses):
            return {"status": statuses[looked[query_id]], "results": [], "statistics": {"bytesScanned": 1.0}}
        found = [given for name, given in rows.items() if name in started[query_id]]
        return complete(found[0] if found else [])

    return Aws(answers={"start_query": start, "get_query_results": results, "stop_query": {"success": True}})


@pytest.mark.proves("top-asks-saved-queries")
def test_asks_the_deployed_texts_in_the_window_and_reads_the_rows() -> None:
    blocked = "that the firewall blocked most, by rule"
    aws = insights(
        {blocked: [{"httpRequest.clientIp": "192.0.2.1", "blocked": "77"}]}, statuses=("Scheduled", "Running")
    )
    answer = a_look(aws, groups={"waf": (WAF,)})
    assert [(row.who, row.findings[0].count) for row in answer.rows] == [("192.0.2.1", 77)]
    assert answer.asked == ["waf/addresses-with-most-blocks in us-east-1", "waf/callers-of-initiate-auth in us-east-1"]
    assert (answer.bytes_scanned, answer.problems) == (1000, [])
    region, _, first = next(call for call in aws.called if call[1] == "start_query")
    assert region == "us-east-1"
    assert first == {
        "logGroupNames": ["aws-waf-logs-proxy"],
        "startTime": int(WINDOW.since.timestamp()),
        "endTime": int(WINDOW.until.timestamp()),
        "queryString": texts.insights_query("waf", "addresses-with-most-blocks"),
        "limit": MOST_ROWS,
    }
    assert aws.times("stop_query") == 0


@pytest.mark.proves("top-adds-regions")
def test_at_the_edge_each_region_is_asked_and_counts_are_added_up() -> None:
    rows = {"with most errors.": [{"address_hash": "0123456789abcdef", "errors": "60"}]}
    groups = tuple(LogGroup(name="g", region=region) for region in ("eu-central-1", "us-west-2"))
    answer = a_look(insights(rows), groups={"function": groups})
    assert [(row.who, row.findings[0].count, row.block) for row in answer.rows] == [("0123456789abcdef", 120, None)]


def test_plain_lines_are_asked_for_addresses() -> None:
    aws = insights({"with most errors.": [{"address": "192.0.2.9", "errors": "60"}]})
    answer = a_look(aws, groups={"function": (FUNCTION,)}, plain=True)
    assert [row.block for row in answer.rows] == ["192.0.2.9/32"]


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "Timeout"])
def test_a_query_that_aws_gives_up_is_a_problem(status: str) -> None:
    answer = a_look(insights({}, statuses=(status,)), Subject.CLIENTS, groups={"function": (FUNCTION,)})
    ((name, problem),) = answer.problems
    assert name == "function/clients-with-most-errors in eu-west-1"
    assert isinstance(problem, QueryFailed)
    assert status in str(problem)


@pytest.mark.proves("top-stops-queries")
def test_what_takes_too_long_is_stopped_and_told() -> None:
    aws = insights({}, statuses=("Running",) * 10_000)
    answer = a_look(aws, Subject.CLIENTS, groups={"function": (FUNCTION,)}, seconds=30)
    ((_, problem),) = answer.problems
    assert isinstance(problem, OutOfTime)
    assert (answer.asked, aws.times("stop_query")) == ([], 1)
    # The pauses grow: AWS bounds how often one may ask.
    assert aws.times("get_query_results") < 20


@pytest.mark.proves("top-stops-queries")
def test_a_query_is_stopped_when_its_reader_goes() -> None:
    aws = insights({}, statuses=("Running",) * 10)

    def interrupt(_: Seen) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(
            aws,
            Places(groups={"function": (FUNCTION,)}, tables={}, plain=False),
            Subject.CLIENTS,
            window=WINDOW,
            most=5,
            seconds=30,
            progress=interrupt,
        )
    assert aws.times("stop_query") == 1


@pytest.mark.proves("top-goes-on")
def test_one_log_that_may_not_be_read_does_not_hide_the_others() -> None:
    refused = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "StartQuery")
    base = insights({"with most errors.": [{"address_hash": "aa", "errors": "60"}]})
    start = base.answers["start_query"]
    base.answers = {
        **base.answers,
        "start_query": lambda region, **given: refused if region == "us-east-1" else start(region, **given),
    }
    answer = a_look(base, groups={"function": (FUNCTION,), "waf": (WAF,)})
    assert [row.who for row in answer.rows] == ["aa"]
    assert {problem for _, problem in answer.problems} == {refused}
    assert len(answer.problems) == 2


BUSY = ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "GetQueryResults")
FULL = ClientError({"Error": {"Code": "LimitExceededException", "Message": "too many queries"}}, "StartQuery")
LOST = ClientError({"Error": {"Code": "ServiceUnavailableException", "Message": "no"}}, "GetQueryResults")


def failing(aws: Aws, operation: str, *errors: Exception) -> Aws:
    """The same, where an operation fails so before it goes on."""
    left, good = list(errors), aws.answers[operation]
    aws.answers = {
        **aws.answers,
        operation: lambda region, **given: left.pop(0) if left else good(region, **given),
    }
    return aws


NAMED = {"App clients": [{"client_id": "c", "errors": "60"}]}


@pytest.mark.parametrize(("operation", "error"), [("get_query_results", BUSY), ("start_query", FULL)])
def test_who_is_told_not_now_asks_again(operation: str, error: Exception) -> None:
    aws = failing(insights(NAMED), operation, error, error)
    answer = a_look(aws, Subject.CLIENTS, groups={"function": (FUNCTION,)})
    assert ([row.who for row in answer.rows], answer.problems) == (["c"], [])
    assert aws.times(operation) >= 3


def test_a_service_that_stays_busy_is_given_up_when_the_time_is_over() -> None:
    aws = failing(insights(NAMED), "start_query", *[FULL] * 10_000)
    answer = a_look(aws, Subject.CLIENTS, groups={"function": (FUNCTION,)}, seconds=30)
    assert [type(problem) for _, problem in answer.problems] == [OutOfTime]
    assert (aws.times("start_query") < 20, aws.times("stop_query")) == (True, 0)


@pytest.mark.parametrize("error", [LOST, ResponseParserError("no JSON")])
def test_a_query_whose_answer_is_lost_is_stopped(error: Exception) -> None:
    aws = failing(insights(NAMED), "get_query_results", error)
    answer = a_look(aws, Subject.CLIENTS, groups={"function": (FUNCTION,)})
    assert [problem for _, problem in answer.problems] == [error]
    assert aws.times("stop_query") == 1


def test_one_that_cannot_be_stopped_does_not_keep_the_others_going() -> None:
    aws = insights({}, statuses=("Running",) * 10_000)
    aws.answers = {**aws.answers, "stop_query": ResponseParserError("no JSON")}
    answer = a_look(aws, groups={"waf": (WAF,)}, seconds=10)
    assert (len(answer.problems), aws.times("stop_query")) == (2, 2)


def test_a_service_that_takes_its_time_for_each_call_does_not_outlast_the_bound() -> None:
    clock, base = Clock(), insights({}, statuses=("Running",) * 10_000)
    start = base.answers["start_query"]

    def slowly(region: str, **given: Any) -> Any:
        clock.now += 20
        return start(region, **given)

    base.answers = {**base.answers, "start_query": slowly}
    groups = tuple(LogGroup(name="g", region=f"eu-west-{number}") for number in range(1, 18))
    places = Places(groups={"function": groups}, tables={}, plain=False)
    answer = look(base, places, Subject.CLIENTS, window=WINDOW, most=5, seconds=60, clock=clock, sleep=clock.sleep)
    assert len(answer.problems) == 17
    assert (base.times("start_query"), base.times("stop_query")) == (3, 3)


def test_what_a_service_quotes_out_of_a_log_moves_no_cursor() -> None:
    answer = a_look(athena("FAILED", "HIVE_BAD_DATA: 'a\x1b[2J\nb'"), tables={"cloudfront": TABLE})
    ((_, problem),) = answer.problems
    assert str(problem) == "Athena says FAILED: HIVE_BAD_DATA: 'a?[2J?b'"


def athena(state: str = "SUCCEEDED", reason: str | None = None) -> Aws:
    status = {"State": state} | ({"StateChangeReason": reason} if reason else {})
    data = [[{"VarCharValue": cell} for cell in row] for row in (("address", "errors"), ("2001:db8::1", "51"))]
    return Aws(
        answers={
            "start_query_execution": {"QueryExecutionId": "e"},
            "get_query_execution": {
                "QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": 10_000_000}}
            },
            "get_query_results": {"ResultSet": {"Rows": [{"Data": row} for row in data]}},
            "stop_query_execution": {},
        }
    )


@pytest.mark.proves("top-asks-saved-queries")
def test_athena_gets_the_text_with_its_window_in_the_deployed_workgroup() -> None:
    aws = athena()
    answer = a_look(aws, tables={"cloudfront": TABLE})
    assert [(row.block, row.findings[0].count) for row in answer.rows] == [("2001:db8::1/128", 51)]
    assert answer.bytes_scanned == 10_000_000
    _, _, started = next(call for call in aws.called if call[1] == "start_query_execution")
    sql = texts.athena_query("cloudfront", "addresses-with-most-errors", since=WINDOW.since, until=WINDOW.until)
    assert started == {"QueryString": sql, "QueryExecutionContext": {"Database": "db"}, "WorkGroup": "wg"}


def test_athena_says_why_it_failed() -> None:
    answer = a_look(athena("FAILED", "Bytes scanned limit was exceeded"), tables={"cloudfront": TABLE})
    ((_, problem),) = answer.problems
    assert str(problem) == "Athena says FAILED: Bytes scanned limit was exceeded"


@pytest.mark.proves("top-stops-queries")
def test_a_slow_query_of_athena_is_stopped() -> None:
    aws = athena("RUNNING")
    assert len(a_look(aws, tables={"cloudfront": TABLE}).problems) == 1
    assert aws.times("stop_query_execution") == 1


def test_without_a_log_there_is_nothing_to_ask() -> None:
    with pytest.raises(NothingToAsk, match="no log of this stack tells usernames"):
        a_look(Aws(answers={}), Subject.USERNAMES, groups={"waf": (WAF,)})
