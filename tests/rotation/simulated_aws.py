"""AWS around the rotation function, at the level of single calls: any of them can be the one that it dies at."""

import json
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from rotation.errors import RotationError
from rotation.handler import handler
from tests.rotation.clock import Clock, Context
from tests.rotation.cognito import CLIENT, POOL, Cognito
from tests.rotation.in_process_transport import Answer, Fault, Lost
from tests.rotation.secrets_manager import ARN, SecretsManager

TIMEOUT = 180.0
"""The function's, as the construct has it."""
OVERLAP = 3600.0
FIRST = "dummyFirstSecretOfTheTest0001"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class Killed(BaseException):
    """The function's process is gone; nothing of it runs on."""


@dataclass(frozen=True)
class Death:
    """At which call of a step (from 0), and how: `before` it or `after` it; or the function lives, and the answer is
    `lost`."""

    call: int
    how: str


@dataclass
class Actor:
    """One invocation of the function, in a thread, held before each of its calls."""

    number: int
    thread: threading.Thread
    may_go: threading.Semaphore
    stopped: threading.Semaphore


class SimulatedAws:
    """One app client, its secret, and whoever invokes the function."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.cognito = Cognito(FIRST, self.clock.time)
        first = json.dumps({"user_pool_id": POOL, "client_id": CLIENT, "client_secret": FIRST})
        self.secrets = SecretsManager(first, self.clock.time)
        self.secrets_ever = {FIRST}
        self.needed_until: dict[str, float] = {}
        self.calls = 0
        """Of the last invocation."""
        self.callers: list[int] = []
        """Who made each call, where several are at it: their numbers."""
        self.died: list[Death] = []
        """Those that came about."""
        self.told: list[str] = []
        """Everything that an invocation answered or raised, tracebacks included."""
        self.broken: list[str] = []
        """What did not hold at some moment; asserted by the test's own thread, as the function turns errors."""
        self._death: Death | None = None
        self._actors: dict[int, Actor] = {}
        self._tokens = 0

    # What the clients' requests come to.

    def cognito_answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        return self._at_a_call(self.cognito.answer, operation, document, signed)

    def secrets_answer(self, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        return self._at_a_call(self.secrets.answer, operation, document, signed)

    def _at_a_call(self, answer: Answer, operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        actor = self._actors.get(threading.get_ident())
        if actor is not None:
            actor.stopped.release()
            assert actor.may_go.acquire(timeout=10)
            self.callers.append(actor.number)
        death = self._death if self._death and self._death.call == self.calls else None
        self.calls += 1
        if death:
            self.died.append(death)
        if death and death.how == "before":
            raise Killed
        before, answered, fault = self.current, dict[str, Any](), None
        try:
            answered = answer(operation, document, signed)
        except Fault as refusal:
            # An answer, too: one can die before reading it.
            fault = refusal
        if self.current != before:
            # Proxies may have fetched it a moment ago.
            self.needed_until[before] = self.clock.now + OVERLAP
        self._check()
        if death and death.how == "after":
            raise Killed
        if death:
            raise Lost
        if fault:
            raise fault
        return answered

    # What must hold at every moment.

    @property
    def current(self) -> str:
        version = self.secrets.versions[str(self.secrets.labelled("AWSCURRENT"))]
        return str(json.loads(str(version.text))["client_secret"])

    def _check(self) -> None:
        for version in self.secrets.versions.values():
            if version.text:
                document = json.loads(version.text)
                self.secrets_ever |= {document[name] for name in ("client_secret", "log_key") if name in document}
        self.secrets_ever |= self.cognito.values
        active = self.cognito.values
        if self.current not in active:
            self.broken.append("the current secret does not verify")
        if not 1 <= len(active) <= 2:
            self.broken.append(f"{len(active)} active secrets")
        if any(value not in active and self.clock.now < until for value, until in self.needed_until.items()):
            self.broken.append("a secret ended that proxies may still hold")

    # Invocations.

    def invoke(self, step: str, token: str | None = None, *, death: Death | None = None) -> Any:
        """Run one step; None, or what it answers. Raises RotationError or Killed as the function does."""
        event = {"Step": step, "SecretId": ARN, **({"ClientRequestToken": token} if token else {})}
        self.calls, self._death = 0, death
        ends = self.clock.now + TIMEOUT
        try:
            answered = handler(event, Context(self.clock, TIMEOUT))
        except RotationError as error:
            self.told.append("".join(traceback.format_exception(error)))
            raise
        finally:
            self._death = None
            assert not self.broken, self.broken
            assert self._actors or self.clock.now < ends, "Lambda would have stopped it"
        self.told.append(json.dumps(answered))
        return answered

    def dies(self, step: str, token: str | None, death: Death) -> None:
        """Run one step, and be sure that it dies at that very call."""
        with pytest.raises(Killed):
            self.invoke(step, token, death=death)
        assert self.died == [death]
        assert self.calls == death.call + 1

    def loses(self, step: str, token: str | None, call: int) -> Any:
        """Run one step, and be sure that the answer to that call is lost, to which it has something to say."""
        answered = self.invoke(step, token, death=Death(call, "lost"))
        assert self.died == [Death(call, "lost")]
        assert self.calls > call + 1
        return answered

    def succeeds(self, step: str, token: str, *, death: Death | None = None) -> bool:
        """Whether one step is done; a refusal and a death are not."""
        try:
            self.invoke(step, token, death=death)
        except (RotationError, Killed):
            return False
        return True

    def new_token(self) -> str:
        self._tokens += 1
        return f"{self._tokens:036d}"

    def begin(self) -> str:
        """Secrets Manager begins a rotation: an empty version, AWSPENDING."""
        token = self.new_token()
        self.secrets.answer("RotateSecret", {"SecretId": ARN, "ClientRequestToken": token}, True)
        return token

    def carry_on(self, token: str, *, most: int = 3) -> bool:
        """Secrets Manager runs a rotation, the whole of it again when a step fails. Whether it ended well."""
        for _ in range(most):
            if all(self.succeeds(step, token) for step in STEPS):
                self.secrets.rotated = self.clock.now
                return True
        return False

    def rotate(self) -> str:
        """A rotation without a fault."""
        token = self.begin()
        assert self.carry_on(token, most=1), self.told[-1]
        return token

    def give_up(self) -> None:
        """An operator takes the label from a rotation that does not end."""
        pending = self.secrets.labelled("AWSPENDING")
        if self.secrets.rotating and pending:
            self.secrets.versions[pending].labels.discard("AWSPENDING")

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self._check()

    # Several at a time.

    def interleave(self, invocations: Sequence[Callable[[], object]], order: Iterator[int]) -> None:
        """Run invocations at once, one call at a time; `order` picks (modulo those left) who goes on."""
        self.calls, self._death, self.callers = 0, None, []
        with self._held(invocations) as actors:
            left = list(actors)
            while left:
                actor = left[next(order, 0) % len(left)]
                actor.may_go.release()
                assert actor.stopped.acquire(timeout=10)
                if not actor.thread.is_alive() or actor.thread.name == "done":
                    left.remove(actor)

    @contextmanager
    def _held(self, invocations: Sequence[Callable[[], object]]) -> Iterator[list[Actor]]:
        actors: list[Actor] = []
        failures: list[BaseException] = []
        for number, invocation in enumerate(invocations):
            ready = threading.Event()

            def run(invocation: Callable[[], object] = invocation, ready: threading.Event = ready) -> None:
                assert ready.wait(10)
                me = self._actors[threading.get_ident()]
                try:
                    invocation()
                except RotationError:
                    pass
                except BaseException as failure:
                    failures.append(failure)
                threading.current_thread().name = "done"
                me.stopped.release()

            thread = threading.Thread(target=run, daemon=True)
            actor = Actor(number=number, thread=thread, may_go=threading.Semaphore(0), stopped=threading.Semaphore(0))
            thread.start()
            self._actors[int(thread.ident or 0)] = actor
            ready.set()
            assert actor.stopped.acquire(timeout=10)
            actors.append(actor)
        try:
            yield [actor for actor in actors if actor.thread.name != "done"]
        finally:
            for actor in actors:
                actor.thread.join(10)
            self._actors.clear()
        if failures:
            raise failures[0]
