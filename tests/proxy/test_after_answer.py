"""What is done after the answer: in an execution environment with freezes, and without one."""

from __future__ import annotations

import json
import os
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import proxy
from local.simulators.lambda_runtime.environment import RUNTIME, LambdaEnvironment
from proxy import after_answer
from proxy.after_answer import MAX_WAITING, AfterAnswer, Report
from proxy.call import Call
from tests.proxy.fake_service import FakeService, answer, stall
from tests.proxy.regional_calls import event
from tests.proxy.request_lines import metric_faults
from tests.proxy.sample_requests import CLIENT_ID, SETTINGS_DOCUMENT, SIGN_UP

ASSET_ROOT = Path(proxy.__file__).parents[1]
SUB = "0d0b0f57-3f0e-4a5d-9d3e-6a8f2f1c9b11"
TAKEN = answer({"FailedEntryCount": 0, "Entries": [{"EventId": "dummy"}]})
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/undelivered"
PART = {"bus": "users", "queue": QUEUE}
RUNTIME_COMMAND = shlex.split(os.environ.get("LAMBDA_RUNTIME_COMMAND", "")) or list(RUNTIME)
"""With `python -m awslambdaric` (the one of an interpreter that has it) the same is proved with AWS's own runtime."""

Environments = Callable[..., LambdaEnvironment]


@pytest.fixture
def bus(fake: Callable[..., FakeService]) -> FakeService:
    return fake(default=TAKEN)


@pytest.fixture
def queue(fake: Callable[..., FakeService]) -> FakeService:
    return fake(default=answer({"MessageId": "dummy", "MD5OfMessageBody": "dummy"}))


@pytest.fixture
def environments(
    store: FakeService, cognito: FakeService, bus: FakeService, queue: FakeService
) -> Iterator[Environments]:
    """The function with events in its environment; it ends with the test."""
    cognito.default = answer({"UserSub": SUB, "UserConfirmed": False})
    with ExitStack() as stack:

        def start(handler: str = "proxy.regional.handler", **more: Any) -> LambdaEnvironment:
            part = more.pop("events", PART)
            variables = {
                "PROXY_SETTINGS": json.dumps(SETTINGS_DOCUMENT | ({} if part is None else {"events": part})),
                "AWS_ENDPOINT_URL_SECRETS_MANAGER": store.url,
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": cognito.url,
                "AWS_ENDPOINT_URL_EVENTBRIDGE": bus.url,
                "AWS_ENDPOINT_URL_SQS": queue.url,
                "AWS_LAMBDA_FUNCTION_NAME": "my-proxy",
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "dummy-secret-access-key",
            }
            properties = {"folder": ASSET_ROOT, "runtime": RUNTIME_COMMAND} | more
            return stack.enter_context(LambdaEnvironment(handler, environment=variables, **properties))

        yield start


def sign_up(environment: LambdaEnvironment) -> tuple[int, float]:
    """Status and seconds of a sign-up."""
    text, seconds = environment.timed(event("SignUp", SIGN_UP))
    return json.loads(text)["statusCode"], seconds


def told(bus: FakeService) -> list[Any]:
    return [json.loads(entry["Detail"]) for received in bus.received for entry in received.document["Entries"]]


def loose_lines(environment: LambdaEnvironment, *, calls: int) -> list[Any]:
    """Lines that are no call's, once those of so many calls are there: what was written comes through a pipe."""
    ends = time.monotonic() + 5
    while True:
        lines = [json.loads(line) for line in tuple(environment.output)]
        loose = [line for line in lines if "operation" not in line]
        if (len(lines) - len(loose) >= calls and loose) or time.monotonic() > ends:
            return loose
        time.sleep(0.01)


def slow(seconds: float, then: Any = TAKEN) -> Any:
    def behave(exchange: Any) -> bool:
        exchange.pause(seconds)
        return bool(then(exchange))

    return behave


@pytest.mark.proves("event-after-answer", simulator="lambda_runtime")
def test_an_event_is_sent_after_the_answer_and_before_the_freeze(environments: Environments, bus: FakeService) -> None:
    environment = environments()
    bus.default = slow(0.4)
    status, seconds = sign_up(environment)
    assert status == 200
    assert seconds < 0.35
    assert not environment.is_frozen
    assert environment.wait_until_frozen(5)
    (detail,) = told(bus)
    assert (detail["operation"], detail["sub"], detail["client_id"]) == ("SignUp", SUB, CLIENT_ID)
    assert not [line for line in environment.output if "problem" in line]


def test_each_call_s_event_is_there_before_the_next_call_and_without_one(
    environments: Environments, bus: FakeService
) -> None:
    environment = environments()
    for count in range(1, 6):
        assert sign_up(environment)[0] == 200
        assert environment.wait_until_frozen(5)
        assert len(told(bus)) == count
    environment.end()  # no further call ever comes
    assert len({detail["event_id"] for detail in told(bus)}) == 5


def test_a_call_without_an_event_is_frozen_at_once(environments: Environments, bus: FakeService) -> None:
    environment = environments()
    for _ in range(3):
        environment.invoke(event("ForgotPassword", {"ClientId": CLIENT_ID, "Username": "jane"}))
        assert environment.wait_until_frozen(1)
    assert bus.received == []
    assert sign_up(environment)[0] == 200
    assert environment.wait_until_frozen(5)
    assert len(told(bus)) == 1


def test_a_thread_alone_is_frozen_with_its_event(environments: Environments, bus: FakeService, tmp_path: Path) -> None:
    """Why this is an extension: the same work on a thread that Lambda does not know of."""
    (tmp_path / "thread.py").write_text(
        "import os, threading, time, urllib.request\n"
        "def send():\n"
        "    time.sleep(0.2)\n"
        "    urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL_EVENTBRIDGE'], b'late').read()\n"
        "def handler(event, context):\n"
        "    threading.Thread(target=send).start()\n"
        "    return {'statusCode': 200}\n"
    )
    environment = environments("thread.handler", folder=tmp_path)
    assert environment.invoke({})["statusCode"] == 200
    assert environment.wait_until_frozen(5)
    time.sleep(0.5)
    environment.end()
    assert bus.received == []


def test_without_the_extensions_api_events_are_sent_before_the_answer(
    environments: Environments, bus: FakeService
) -> None:
    environment = environments(extensions=False)
    bus.default = slow(0.3)
    status, seconds = sign_up(environment)
    assert (status, len(told(bus))) == (200, 1)
    assert seconds > 0.25


def test_what_is_off_registers_nothing(environments: Environments, bus: FakeService) -> None:
    environment = environments(events=None)
    assert sign_up(environment)[0] == 200
    assert environment._extensions == {}
    assert bus.received == []


def test_an_outage_of_the_bus_costs_the_answer_nothing_and_the_event_is_in_the_queue(
    environments: Environments, bus: FakeService, queue: FakeService
) -> None:
    environment = environments()
    bus.default = stall
    status, seconds = sign_up(environment)
    assert status == 200
    assert seconds < 0.9
    assert environment.wait_until_frozen(10)
    (message,) = [received.document for received in queue.received]
    assert message["QueueUrl"] == QUEUE
    assert json.loads(json.loads(message["MessageBody"])["Detail"])["sub"] == SUB
    (line,) = loose_lines(environment, calls=1)
    assert line["EventFailures"] == 1
    assert "EventsLost" not in line
    assert metric_faults(line) == []


def test_where_the_queue_fails_too_the_loss_is_counted_and_calls_go_on(
    environments: Environments, bus: FakeService, queue: FakeService
) -> None:
    environment = environments()
    bus.drop_connections = queue.drop_connections = True
    for count in range(1, 3):
        assert sign_up(environment)[0] == 200
        assert environment.wait_until_frozen(10)
        ends = time.monotonic() + 5
        while len(lost := loose_lines(environment, calls=count)) < count and time.monotonic() < ends:
            time.sleep(0.01)
        assert [line["EventsLost"] for line in lost] == [1] * count
    assert environment.deaths == []


def test_work_ends_before_the_function_s_own_time_does(
    environments: Environments, bus: FakeService, queue: FakeService
) -> None:
    environment = environments(timeout_seconds=2.5)
    bus.default = queue.default = stall
    assert sign_up(environment)[0] == 200
    assert environment.wait_until_frozen(2.4)
    assert environment.deaths == []
    (line,) = loose_lines(environment, calls=1)
    assert (line["EventFailures"], line["EventsLost"]) == (1, 1)


def test_broken_settings_keep_no_call_waiting(environments: Environments) -> None:
    environment = environments(events={"bus": "users"})
    assert sign_up(environment)[0] == 500
    assert environment.wait_until_frozen(1)


# Without an environment


def count_one(report: Report, deadline: float) -> None:
    report.add("EventFailures")
    report.problem("dummy")


def test_without_lambda_work_is_done_at_once_and_counted_on_the_call() -> None:
    after, call = AfterAnswer(), Call(time=0.0, started=0.0)
    after.start()
    assert not after.is_after
    after.do(count_one, call, lost="EventsLost", deadline=time.monotonic() + 1)
    assert (dict(call.counts), call.problems) == ({"EventFailures": 1}, ["dummy"])
    after.release("dummy")


class StandIn:
    """An Extensions API in the test's hands."""

    def __init__(self, api: str) -> None:
        self.asked = threading.Semaphore(0)
        self.calls: list[Any] = []
        self.given = threading.Semaphore(0)

    def register(self) -> None:
        pass

    def next(self) -> tuple[str, float]:
        self.asked.release()
        self.given.acquire()
        given = self.calls.pop(0)
        if isinstance(given, Exception):
            raise given
        return str(given), time.monotonic() + 5

    def give(self, given: object) -> None:
        self.calls.append(given)
        self.given.release()

    def close(self) -> None:
        pass


@pytest.fixture
def extended(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[AfterAnswer, StandIn]]:
    made: list[StandIn] = []
    monkeypatch.setattr(after_answer, "_Extension", lambda api: made.append(StandIn(api)) or made[0])
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "my-proxy")
    after = AfterAnswer()
    after.start()
    assert made[0].asked.acquire(timeout=5)
    yield after, made[0]
    made[0].give(ValueError("the end"))
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "after the answer"] or [None]
    if thread is not None:
        thread.join(5)


def test_work_waits_for_the_answer(extended: tuple[AfterAnswer, StandIn]) -> None:
    after, lambda_ = extended
    done = threading.Event()
    lambda_.give("first")
    after.do(lambda *_: done.set(), Call(time=0.0, started=0.0), lost="EventsLost", deadline=0.0)
    assert not done.wait(0.1)
    after.release("first")
    assert done.wait(5)
    assert lambda_.asked.acquire(timeout=5)


def test_what_does_not_fit_is_counted_on_the_call(extended: tuple[AfterAnswer, StandIn]) -> None:
    after, lambda_ = extended
    call, done = Call(time=0.0, started=0.0), []
    for number in range(MAX_WAITING + 2):
        after.do(lambda *_, number=number: done.append(number), call, lost="EventsLost", deadline=0.0)
    assert dict(call.counts) == {"EventsLost": 2}
    assert call.problems
    lambda_.give("first")
    after.release("first")
    assert lambda_.asked.acquire(timeout=5)
    assert done == list(range(MAX_WAITING))


def test_a_turn_that_an_earlier_call_left_is_done_with_the_next(extended: tuple[AfterAnswer, StandIn]) -> None:
    after, lambda_ = extended
    call, done = Call(time=0.0, started=0.0), []
    after.do(lambda *_: done.append(1), call, lost="EventsLost", deadline=0.0)
    after.release("of which Lambda never told the extension")
    lambda_.give("second")
    assert not lambda_.asked.acquire(timeout=0.1)
    after.do(lambda *_: done.append(2), call, lost="EventsLost", deadline=0.0)
    after.release("second")
    assert lambda_.asked.acquire(timeout=5)
    assert done == [1, 2]


def test_a_fault_of_one_piece_costs_the_others_nothing_and_is_told(
    extended: tuple[AfterAnswer, StandIn], capsys: pytest.CaptureFixture[str]
) -> None:
    after, lambda_ = extended
    done = threading.Event()
    call = Call(time=0.0, started=0.0)

    def fail(report: Report, deadline: float) -> None:
        raise RuntimeError("sentinel-of-a-fault")

    for work in (fail, count_one, lambda *_: done.set()):
        after.do(work, call, lost="EventsLost", deadline=0.0)
    lambda_.give("first")
    after.release("first")
    assert lambda_.asked.acquire(timeout=5)
    assert done.is_set()
    (text,) = capsys.readouterr().out.splitlines()
    line = line_of_no_call(text)
    assert line["problem"] == "after the answer: unexpected RuntimeError; dummy"
    assert line["EventFailures"] == 1


def line_of_no_call(text: str) -> Any:
    line = json.loads(text)
    assert (line["variant"], line["function"]) == ("regional", "my-proxy")
    assert not set(line) & {"operation", "Requests"}
    if "_aws" in line:
        assert metric_faults(line) == []
    return line


def test_where_lambda_stops_answering_work_goes_on_before_the_answer_and_what_waited_is_done(
    extended: tuple[AfterAnswer, StandIn], capsys: pytest.CaptureFixture[str]
) -> None:
    after, lambda_ = extended
    call, done = Call(time=0.0, started=0.0), []
    after.do(lambda *_: done.append("waited"), call, lost="EventsLost", deadline=0.0)
    lambda_.give(ValueError("no event"))
    ends = time.monotonic() + 5
    while after.is_after and time.monotonic() < ends:
        time.sleep(0.01)
    after.do(lambda *_: done.append("at once"), call, lost="EventsLost", deadline=time.monotonic() + 1)
    assert done == ["at once"]
    after.release("first")
    assert done == ["at once", "waited"]
    assert "the extension ended (ValueError)" in capsys.readouterr().out
    lambda_.asked.release()


def test_a_refused_registration_leaves_work_before_the_answer(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.default = answer({"errorType": "Extension.RegistrationClosed"}, status=403)
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", f"127.0.0.1:{service.port}")
    after = AfterAnswer()
    after.start()
    assert not after.is_after
    (received,) = service.received
    assert received.request_line == "POST /2020-01-01/extension/register HTTP/1.1"
    assert received.header("lambda-extension-name") == "cognito-proxy"
    assert received.document == {"events": ["INVOKE"]}
