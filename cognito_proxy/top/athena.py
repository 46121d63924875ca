"""A query of Athena, in the deployed workgroup: that bounds what it may read, and says where results go.

https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html
https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
"""

from dataclasses import dataclass
from typing import Any

from cognito_proxy.top.running import MOST_ROWS, Progress, QueryFailed

_GOES_ON = frozenset({"QUEUED", "RUNNING"})
_LONGEST_REASON = 300


@dataclass(frozen=True, kw_only=True)
class AthenaQuery:
    """One that was started."""

    client: Any
    execution_id: str

    def look(self) -> Progress:
        """How far it is. Raises QueryFailed when AWS gave it up."""
        execution = self.client.get_query_execution(QueryExecutionId=self.execution_id)["QueryExecution"]
        scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
        status = execution["Status"]
        if status["State"] in _GOES_ON:
            return Progress(bytes_scanned=scanned)
        if status["State"] != "SUCCEEDED":
            reason = str(status.get("StateChangeReason", "no reason given"))[:_LONGEST_REASON]
            raise QueryFailed(f"Athena says {status['State']}: {reason}")
        return Progress(ended=True, bytes_scanned=scanned, rows=self._rows())

    def _rows(self) -> list[dict[str, str]]:
        # The first row is the columns' names. One page holds up to 1,000 rows, and the texts end with a limit of 100.
        answer = self.client.get_query_results(QueryExecutionId=self.execution_id, MaxResults=MOST_ROWS + 1)
        lines = [
            [datum.get("VarCharValue", "") for datum in row.get("Data", ())] for row in answer["ResultSet"]["Rows"]
        ]
        if not lines:
            return []
        header, *rows = lines
        return [dict(zip(header, row, strict=False)) for row in rows]

    def stop(self) -> None:
        """End it."""
        self.client.stop_query_execution(QueryExecutionId=self.execution_id)


def start(client: Any, text: str, *, database: str, workgroup: str) -> AthenaQuery:
    """Start a query; its window is in the text."""
    answer = client.start_query_execution(
        QueryString=text, QueryExecutionContext={"Database": database}, WorkGroup=workgroup
    )
    return AthenaQuery(client=client, execution_id=answer["QueryExecutionId"])
