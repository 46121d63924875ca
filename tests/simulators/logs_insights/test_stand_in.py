"""The calls of Logs Insights over loopback: botocore sends them and reads the answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.ports import LOOPBACK, listen, port_of
from local.simulators.aws_apis.front import AwsFront
from local.simulators.common.root_client import root_client, root_session
from local.simulators.common.serving import ServerThread
from local.simulators.logs_insights.stand_in import MAX_QUERIES, LogLine, LogsInsights

NOW = 1_800_000_000
GROUP = "/aws/lambda/proxy"


class Store:
    """Ten lines a second apart, and one that is no JSON."""

    delay = 0.0

    def own_groups(self, region: str) -> Sequence[str]:
        return [GROUP, "other"] if region == "eu-west-1" else []

    def lines(self, region: str, group: str) -> Sequence[LogLine] | None:
        if region != "eu-west-1" or group != GROUP:
            return None
        time.sleep(self.delay)
        lines = [
            LogLine(at_ms=(NOW + number) * 1000, message=json.dumps({"who": f"w{number % 2}", "n": number}))
            for number in range(10)
        ]
        return [*lines, LogLine(at_ms=NOW * 1000, message="START RequestId: x")]


@pytest.fixture
def logs() -> Iterator[Any]:
    servers = ServerThread()
    with listen() as listener:
        try:
            front = AwsFront(emulator_url="http://127.0.0.1:9", stand_ins=[LogsInsights(Store())])
            servers.serve(front.web_application(), listener)
            url = f"http://{LOOPBACK}:{port_of(listener)}"
            client = root_client(root_session(), "logs", endpoint_url=url, region="eu-west-1")
            yield client
            client.close()
        finally:
            servers.stop()


def asked(logs: Any, query: str, *, group: str = GROUP, since: int = NOW, until: int = NOW + 100, **more: Any) -> Any:
    query_id = logs.start_query(logGroupNames=[group], startTime=since, endTime=until, queryString=query, **more)[
        "queryId"
    ]
    return finished(lambda: logs.get_query_results(queryId=query_id))


def finished(look: Callable[[], Any]) -> Any:
    for _ in range(100):
        answer = look()
        if answer["status"] not in ("Scheduled", "Running"):
            return answer
        time.sleep(0.02)
    raise AssertionError("it does not end")


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer["status"] == "Complete"
    return [{field["field"]: field["value"] for field in row} for row in answer["results"]]


def test_a_query_runs_and_tells_what_it_read(logs: Any) -> None:
    answer = asked(logs, "filter ispresent(who) | stats count(*) as calls by who | sort calls desc | limit 10")
    assert sorted(row["who"] for row in rows(answer)) == ["w0", "w1"]
    assert {row["calls"] for row in rows(answer)} == {"5"}
    assert answer["statistics"]["recordsScanned"] == 11
    assert answer["statistics"]["bytesScanned"] > 100


def test_both_ends_belong_to_the_window(logs: Any) -> None:
    answer = asked(logs, "filter ispresent(n) | stats count(*) as calls by bin(1h)", since=NOW + 2, until=NOW + 4)
    assert [row["calls"] for row in rows(answer)] == ["3"]


def test_values_are_texts_and_absent_ones_are_left_out(logs: Any) -> None:
    answer = asked(logs, "fields @timestamp, who, n | sort @timestamp desc", until=NOW + 1)
    assert rows(answer)[0] == {"@timestamp": "2027-01-15 08:00:01.000", "who": "w1", "n": "1"}
    assert {"@timestamp": "2027-01-15 08:00:00.000"} in rows(answer)


def test_a_limit_is_kept(logs: Any) -> None:
    assert len(rows(asked(logs, "filter ispresent(n)", limit=3))) == 3


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"query": "dedup who"}, "MalformedQueryException"),
        ({"group": "nowhere"}, "ResourceNotFoundException"),
        ({"since": NOW + 100}, "InvalidParameterException"),
        ({"queryLanguage": "SQL"}, "InvalidParameterException"),
    ],
)
def test_refuses_as_the_service_does(logs: Any, changed: dict[str, Any], code: str) -> None:
    given = {"query": "limit 3"} | changed
    with pytest.raises(ClientError) as refused:
        asked(logs, given.pop("query"), **given)
    assert refused.value.response["Error"]["Code"] == code


def test_what_fails_while_it_runs_says_failed(logs: Any) -> None:
    assert asked(logs, "filter who > 3")["status"] == "Failed"


def test_results_of_long_ago_are_gone(logs: Any) -> None:
    start = {"logGroupNames": [GROUP], "startTime": NOW, "endTime": NOW + 1, "queryString": "limit 1"}
    first, *_ = [logs.start_query(**start)["queryId"] for _ in range(MAX_QUERIES + 1)]
    with pytest.raises(ClientError, match="there is no such query"):
        logs.get_query_results(queryId=first)


def test_a_query_that_ended_is_not_stopped(logs: Any) -> None:
    query_id = logs.start_query(logGroupNames=[GROUP], startTime=NOW, endTime=NOW + 1, queryString="limit 1")["queryId"]
    finished(lambda: logs.get_query_results(queryId=query_id))
    assert logs.stop_query(queryId=query_id)["success"] is False
