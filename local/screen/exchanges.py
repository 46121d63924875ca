"""Finds, for each call of a client's, what the proxy sent on to Cognito for it, and who went round the proxy.

The proxy hands nothing on that would tell its calls apart, and nothing is added here for that: what is watched stays
as it is in AWS. So a call at Cognito belongs to the client's call during which it came and whose operation, user, app
client and SDK invocation it has. Two calls alike in all that, at the same moment, may change places: the one with the
same status is taken first, so their lines would read the same.

For one thread: that of the servers, in which both journals are written.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.simulators.common.journal import Call

_MOST_WAITING = 256


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A client's call, and what became of it."""

    time: str
    """When it was answered, on the clock: 12:03:11."""
    came: Call
    """As the client sent it, and as it was answered."""
    went_on: Call | None = None
    """What the proxy sent to Cognito. None: nothing, or the client spoke to Cognito itself."""
    direct: bool = False
    """Whether the client spoke to Cognito itself, round the proxy."""
    tried_again: bool = False
    """Whether Cognito refused a secret that had just been rotated, so that the proxy fetched it and tried again."""


class Exchanges:
    """Gets the calls of both journals, and gives exchanges to `tell`.

    `is_direct` says of a call at Cognito whether a client made it.
    """

    def __init__(self, tell: Callable[[Exchange], None], *, is_direct: Callable[[Call], bool]) -> None:
        self._tell = tell
        self._is_direct = is_direct
        # Functions that rotate a secret call Cognito, too: what belongs to no client's call is forgotten in time.
        self._waiting: deque[Call] = deque(maxlen=_MOST_WAITING)

    def at_cognito(self, call: Call) -> None:
        """A call that reached Cognito."""
        if self._is_direct(call):
            self._tell(Exchange(time=_clock(), came=call, direct=True))
        else:
            self._waiting.append(call)

    def at_proxy(self, call: Call) -> None:
        """A call that reached the proxy, or what stands before it. All that came of it at Cognito is known by now."""
        alike = [waiting for waiting in self._waiting if waiting.began >= call.began and _may_be(waiting, call)]
        same_answer = [other for other in alike if (other.status, other.error_type) == (call.status, call.error_type)]
        went_on = next(iter(same_answer or alike), None)
        before = [other for other in alike if other is not went_on and other.proof_refused]
        for other in (went_on, *before):
            if other is not None:
                self._waiting.remove(other)
        self._tell(Exchange(time=_clock(), came=call, went_on=went_on, tried_again=bool(before)))


def member(body: Any, *names: str) -> str:
    """The text at the end of a path through a redacted request; empty without one."""
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""


def user_of(call: Call) -> str:
    """The name that a request gives for its user; empty without one."""
    paths = (("Username",), ("AuthParameters", "USERNAME"), ("ChallengeResponses", "USERNAME"))
    return next((name for path in paths if (name := member(call.body, *path))), "")


def _may_be(at_cognito: Call, at_proxy: Call) -> bool:
    """Whether the proxy can have made the one call of the other."""
    return (
        at_cognito.operation in _becomes(at_proxy)
        and at_cognito.invocation_id in (at_proxy.invocation_id, "")
        and member(at_cognito.body, "ClientId") == member(at_proxy.body, "ClientId")
        and user_of(at_cognito) in (user_of(at_proxy), "")
    )


def _becomes(call: Call) -> tuple[str, ...]:
    """What an operation may be called when it reaches Cognito (`lambda/proxy/operations.py`)."""
    refreshed = ("GetTokensFromRefreshToken",) if call.operation == "InitiateAuth" else ()
    return (call.operation, f"Admin{call.operation}", *refreshed)


def _clock() -> str:
    return time.strftime("%H:%M:%S")
