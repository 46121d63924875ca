"""Asks all that can be asked about a subject, at the same time, within a bound of time."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from cognito_proxy.queries import texts
from cognito_proxy.smoke.stack import Clients
from cognito_proxy.top import athena, insights
from cognito_proxy.top.places import Places
from cognito_proxy.top.questions import ATHENA, Question, Subject, questions
from cognito_proxy.top.rows import Row, ranked
from cognito_proxy.top.running import QueryFailed, Running, Window

FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 3.0

_AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)

_BUSY = frozenset({"ThrottlingException", "LimitExceededException", "TooManyRequestsException"})
"""Logs Insights' words for too many calls a second and too many queries at once, and Athena's for both.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
"""

Start = Callable[[], Running]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How far the run is, for who waits."""

    ended: int
    queries: int
    bytes_scanned: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a run."""

    subject: Subject
    window: Window
    rows: Sequence[Row]
    asked: Sequence[str]
    """The queries that ended, with the Region: `waf/sign-up-bursts in eu-west-1`."""
    bytes_scanned: int
    problems: Sequence[tuple[str, Exception]]
    """Queries that gave no answer, and why."""


class NothingToAsk(Exception):
    """No log that is deployed can answer; the message says which would."""


class OutOfTime(Exception):
    """A query was stopped, or never began, because the time was over."""


@dataclass(kw_only=True)
class _Asked:
    question: Question
    name: str
    start: Start
    running: Running | None = None
    ended: bool = False
    bytes_scanned: int = 0
    rows: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    problem: Exception | None = None


def look(
    clients: Clients,
    places: Places,
    subject: Subject,
    *,
    window: Window,
    most: int,
    seconds: float,
    progress: Callable[[Seen], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Run the saved queries and rank who they name.

    Args:
        clients: for AWS.
        places: the logs that there are.
        subject: who is looked for.
        window: from when to when.
        most: how many rows to give.
        seconds: after these, what still runs is stopped and told of as a problem.
        progress: told how far the run is, after each look.
        clock: seconds that only grow.
        sleep: waits.

    Raises:
        NothingToAsk: no log that is deployed knows the subject.
    """
    asked = list(_all(clients, places, subject, window))
    if not asked:
        raise NothingToAsk(f"no log of this stack tells {subject.value}; docs/queries.md says which log knows what")
    deadline, pause = clock() + seconds, FIRST_PAUSE_SECONDS
    try:
        while True:
            for each in asked:
                # A service that does not answer takes its time for each call.
                if not each.ended and clock() < deadline:
                    _advance(each)
            progress(_seen(asked))
            left = deadline - clock()
            if left <= 0 or all(each.ended for each in asked):
                break
            sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
    finally:
        # After Ctrl-C, too: what goes on without a reader is paid.
        for each in asked:
            if not each.ended:
                each.problem = OutOfTime(f"stopped after {seconds:.0f} seconds")
                _stop(each)
    good = [each for each in asked if each.problem is None]
    return Answer(
        subject=subject,
        window=window,
        rows=ranked(((each.question, each.rows) for each in good), most=most),
        asked=[each.name for each in good],
        bytes_scanned=_seen(asked).bytes_scanned,
        problems=[(each.name, each.problem) for each in asked if each.problem is not None],
    )


def _all(clients: Clients, places: Places, subject: Subject, window: Window) -> Iterator[_Asked]:
    for question in questions(subject, plain=places.plain):
        for region, start in _starts(clients, places, question, window):
            yield _Asked(question=question, name=f"{question.full_name} in {region}", start=start)


def _starts(clients: Clients, places: Places, question: Question, window: Window) -> Iterator[tuple[str, Start]]:
    """How to begin, for each Region that has the log."""
    if question.language == ATHENA:
        table = places.tables.get(question.source)
        if table is not None:
            sql = texts.athena_query(
                question.source, question.name, since=window.since, until=window.until, by_day=table.by_day
            )
            yield (
                table.region,
                lambda: athena.start(
                    clients("athena", region=table.region), sql, database=table.database, workgroup=table.workgroup
                ),
            )
        return
    text = texts.insights_query(question.source, question.name, plain=places.plain)
    for group in places.groups.get(question.source, ()):
        yield (
            group.region,
            lambda group=group: insights.start(  # type: ignore[misc]
                clients("logs", region=group.region), text, groups=[group.name], window=window
            ),
        )


def _advance(each: _Asked) -> None:
    """Begin a query, or look how far it is. One that fails does not keep the others from answering."""
    try:
        if each.running is None:
            each.running = each.start()
        else:
            seen = each.running.look()
            each.ended, each.bytes_scanned, each.rows = seen.ended, seen.bytes_scanned, seen.rows
    except QueryFailed as error:
        each.problem, each.ended = error, True
    except _AWS_ERRORS as error:
        if not _is_busy(error):
            each.problem, each.ended = error, True
            # It may go on all the same.
            _stop(each)


def _is_busy(error: Exception) -> bool:
    """Whether AWS says: not now."""
    return isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in _BUSY


def _stop(each: _Asked) -> None:
    if each.running is not None:
        with suppress(*_AWS_ERRORS):
            each.running.stop()


def _seen(asked: Sequence[_Asked]) -> Seen:
    return Seen(
        ended=sum(each.ended for each in asked),
        queries=len(asked),
        bytes_scanned=sum(each.bytes_scanned for each in asked),
    )
