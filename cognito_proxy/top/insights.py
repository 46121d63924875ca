"""A query of CloudWatch Logs Insights.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cognito_proxy.top.running import MOST_ROWS, Progress, QueryFailed, Window

_GOES_ON = frozenset({"Scheduled", "Running", "Unknown"})
_POINTER = "@ptr"


@dataclass(frozen=True, kw_only=True)
class InsightsQuery:
    """One that was started."""

    client: Any
    query_id: str

    def look(self) -> Progress:
        """How far it is. Raises QueryFailed when AWS gave it up."""
        answer = self.client.get_query_results(queryId=self.query_id)
        scanned = int(answer.get("statistics", {}).get("bytesScanned", 0))
        status = answer.get("status", "Unknown")
        if status in _GOES_ON:
            return Progress(bytes_scanned=scanned)
        if status != "Complete":
            raise QueryFailed(f"CloudWatch Logs Insights says {status}")
        rows = [
            {field["field"]: field["value"] for field in row if field["field"] != _POINTER}
            for row in answer.get("results", ())
        ]
        return Progress(ended=True, bytes_scanned=scanned, rows=rows)

    def stop(self) -> None:
        """End it."""
        self.client.stop_query(queryId=self.query_id)


def start(client: Any, text: str, *, groups: Sequence[str], window: Window) -> InsightsQuery:
    """Start a query over log groups of the client's Region."""
    answer = client.start_query(
        logGroupNames=list(groups),
        startTime=int(window.since.timestamp()),
        endTime=int(window.until.timestamp()),
        queryString=text,
        limit=MOST_ROWS,
    )
    return InsightsQuery(client=client, query_id=answer["queryId"])
