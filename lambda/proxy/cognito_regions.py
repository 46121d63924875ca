"""Cognito in several Regions: each call goes to the first that can do it and is well. Loaded only with
`failover_regions` in the settings.

What a replica can do (`proxy.replica_operations`) goes to the Regions in the order of the settings, past those whose
breaker is open (`proxy.breaker`). A Region has failed at a call if it could not be reached, did not answer in time or
answered 5xx; never with 4xx, and never with a throttle. It counts against the Region only if another one then did
better with the same call: a call that every Region fails at, because of what is in it or because the function itself
has no network, opens nothing. All else goes to the primary Region alone.

No other Region can be asked to compare where a change, or the answer to a challenge, was sent and not answered. That
counts only if the Region then leaves a harmless call (`proxy.harmless_call`) unanswered, too: what a caller sends may
make the pool's own functions slow. A change for which no connection came about counts by itself: no caller brings that
about. And silence never counts where the Region had too little time, which the proxy itself may have used up.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from threading import Lock
from typing import NamedTuple

from proxy.awsjson import AwsJsonClient, CallRefused, error_type
from proxy.breaker import Breaker
from proxy.call import Call
from proxy.connection import ConnectionFailed, DeadlinePassed, Response
from proxy.errors import PrimaryRegionDown
from proxy.harmless_call import BODY, HEADERS
from proxy.messages import Forward
from proxy.operations import ADMIN_OPERATIONS
from proxy.reading import Reading
from proxy.replica_operations import CHALLENGING, NOT_ENABLED, ON_A_REPLICA, Kind, Row
from proxy.session_marks import marked, take_mark
from proxy.settings import Settings, primary_region

CONNECT_SECONDS = 2.0
"""For a connection, its TLS handshake included, wherever another Region or a clear error stands behind it."""

PROBE_SECONDS = 5.0
"""For a probe's answer, if another Region can still be asked, and for the answer of a Region that is kept away from and
asked all the same, for a challenge's sake: Cognito gives each of a pool's own functions that long.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html"""

LEAST_SECONDS = 3.0
"""What a Region must have had of a call's time, for its silence to count: CONNECT_SECONDS, and one more for an answer.
A caller can leave it less, by what makes the proxy's own work before it slow."""

CONFIRM_SECONDS = 1.5
"""For the harmless call that confirms that a Region is silent; kept of the time of the call before it. It may need a
connection of its own: three times there and back, to wherever the Region is."""

TRY_LATER_SECONDS = 10.0
"""The least that an app is told to wait for the primary Region."""

BEGINS = "InitiateAuth"
"""What begins a sign-in, as clients name it, also where it is sent as an administrator's operation."""

WITH_CHANGES = "+changes"

_THROTTLES = frozenset({"TooManyRequestsException", "ThrottlingException", "LimitExceededException"})


class _Verdict(Enum):
    WELL = auto()
    """The Region answered, whatever it said."""
    UNTOUCHED = auto()
    """It failed, and has certainly not done what it was asked for."""
    DOUBTFUL = auto()
    """It failed, and may have done it."""


class _Turn(NamedTuple):
    """A Region's chance at a call."""

    region: str
    breaker: Breaker
    ticket: int | None
    """None where the breaker keeps calls back and the Region is asked all the same; then nothing is counted."""


class Pin(NamedTuple):
    """What an operator has decided: `us-west-2`, or `us-west-2+changes`."""

    region: str
    """It is asked first."""
    changes: bool
    """Whether the primary Region is still asked for what only it can do, although another one is pinned."""

    @classmethod
    def of(cls, text: str) -> Pin:
        """Read one."""
        return cls(text.removesuffix(WITH_CHANGES), text.endswith(WITH_CHANGES))


class CognitoRegions:
    """The Regions of one user pool. It lives as long as the execution environment does."""

    def __init__(self, settings: Settings) -> None:
        """All Regions count as well. No connection is made yet."""
        self._region = settings.region
        self._primary = primary_region(settings.user_pool_id)
        configured = (settings.region, *settings.failover_regions)
        pin = Pin.of(settings.pin)
        self._problem = ""
        self._order = configured
        if pin.region in configured:
            self._order = (pin.region, *(region for region in configured if region != pin.region))
        elif settings.pin:
            self._problem = "the pinned Region is none of the settings'"
        self._keeps_changes_back = pin.region in configured and pin.region != self._primary and not pin.changes
        self._clients = {region: AwsJsonClient("cognito-idp", region) for region in configured}
        self._breakers = {(region, kind): _breaker(kind) for region in configured for kind in Kind}
        self._lock = Lock()
        self._connecting: tuple[str, float] | None = None

    def send(self, forward: Forward, reading: Reading, call: Call, *, deadline: float) -> Response:
        """Send a call to the Region that is to have it, and to the next one where that is of use.

        Raises:
            ConnectionFailed, CallRefused: see `AwsJsonClient.send`.
            PrimaryRegionDown: only the primary can do it, and cannot be had; or no replica does what one can do.
        """
        self._note_problem(call)
        row = ON_A_REPLICA.get(forward.operation)
        if row is None:
            return self._change(forward, call, deadline)
        issuer = self._issuer(reading, row)
        region, response = self._ask_in_turn(forward, row, issuer, call, deadline)
        self._note(region, call, failover=issuer is None and region != self._order[0])
        if forward.operation in CHALLENGING:
            return marked(response, region, sessions=region != self._primary)
        return response

    def place(self, forward: Forward, reading: Reading, call: Call) -> str:
        """The Region to which CloudFront is to carry a call. What becomes of it there nobody here sees, so no call is a
        probe, and what the breakers know is of calls that the function made itself: sign-ins.

        Raises:
            PrimaryRegionDown: only the primary can do it, and is down or pinned away.
        """
        self._note_problem(call)
        if forward.operation not in ON_A_REPLICA:
            breaker = self._breakers[self._primary, Kind.SIGN_IN]
            if self._keeps_changes_back or breaker.is_open:
                raise self._try_later(breaker)
            region = self._primary
        else:
            # No answer that CloudFront carries was marked, so a challenge's session says nothing here.
            row = ON_A_REPLICA[forward.operation]
            issuer = self._issuer(reading, row) if reading.operation == BEGINS else None
            region = issuer or self._first_well(Kind.SIGN_IN)
        self._note(region, call, failover=forward.operation in ON_A_REPLICA and region != self._order[0])
        return region

    def take_mark(self, reading: Reading) -> None:
        """Note of which Region a call's session is, before the call goes on.

        A sign-in that begins has no challenge's session. What it may have is the session of a sign-up that was
        confirmed a moment ago, which is the primary's and never marked; while a pin keeps changes back there is none.
        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
        ("The optional session ID from a ConfirmSignUp API request")
        """
        begins = reading.operation == BEGINS
        unmarked = None if begins and self._keeps_changes_back else self._primary
        reading.session_region = take_mark(reading, self._clients, heeded=not begins, unmarked=unmarked)

    def open(self, *, deadline: float) -> None:
        """Have a connection to the first Region at hand; see `Endpoint.open`."""
        self._clients[self._order[0]].open(deadline=deadline)

    def open_meanwhile(self, reading: Reading, *, deadline: float) -> None:
        """Begin to open a connection to where the call will probably go; see `Endpoint.open_meanwhile`."""
        row = ON_A_REPLICA.get(ADMIN_OPERATIONS.get(reading.operation, reading.operation))
        region = self._primary
        if row is not None:
            region = self._issuer(reading, row) or self._first_well(row.kind)
        connect_by = min(deadline, time.monotonic() + CONNECT_SECONDS)
        self._connecting = (region, connect_by)
        self._clients[region].open_meanwhile(deadline=connect_by)

    def close(self) -> None:
        """Close the connections that idle."""
        for client in self._clients.values():
            client.close()

    def _issuer(self, reading: Reading, row: Row) -> str | None:
        """The Region that must have the call for its session's sake; None where any will do.

        Who begins a sign-in can begin another one, and any text may pass for a sign-up's session: none asks a Region
        that is kept away from.
        """
        region = reading.session_region
        if region is not None and row.repeatable and self._breakers[region, row.kind].is_open:
            return None
        return region

    def _first_well(self, kind: Kind) -> str:
        """The first Region that is well; where none is, the first."""
        well = [region for region in self._order if not self._breakers[region, kind].is_open]
        return well[0] if well else self._order[0]

    def _change(self, forward: Forward, call: Call, deadline: float) -> Response:
        """To the primary and nowhere else, once."""
        breaker = self._breakers[self._primary, Kind.CHANGES]
        turn = _Turn(self._primary, breaker, None if self._keeps_changes_back else self._admit(breaker))
        if turn.ticket is None:
            raise self._try_later(breaker)
        self._note(self._primary, call, failover=False)
        turn, result = self._take(turn, forward, call, _leaving_time_to_confirm(deadline))
        if isinstance(result, Response):
            # With 5xx, too: that came fast, and to keep calls back would help nobody.
            self._settle([turn], Breaker.succeeded)
            return result
        is_down = result.unsent or self._is_silent(turn, deadline)
        self._settle([turn], Breaker.failed if is_down else Breaker.undecided)
        if not result.unsent:
            raise result  # it may have been done: nobody can say "try again"
        call.problems.append(f"Cognito in {self._primary}: {result}")
        raise self._try_later(breaker)

    def _ask_in_turn(
        self, forward: Forward, row: Row, issuer: str | None, call: Call, deadline: float
    ) -> tuple[str, Response]:
        """The Region that answered, and what. Where none is well, what the last one said."""
        failed: list[_Turn] = []
        result: Response | ConnectionFailed | None = None
        not_enabled = False
        left = len(self._order)
        for candidate in self._turns(row, issuer):
            if result is not None:
                call.problems.append(f"Cognito in {failed[-1].region}: {_in_words(result)}")
            until = self._until(candidate, row, deadline, left, for_its_session=candidate.region == issuer)
            turn, result = self._take(candidate, forward, call, until)
            left -= 1
            verdict = self._verdict(turn.region, result)
            if isinstance(result, Response) and verdict is _Verdict.WELL:
                self._settle(failed, Breaker.failed)
                self._settle([turn], Breaker.succeeded)
                return turn.region, result
            counted = turn
            if isinstance(result, Response) and verdict is _Verdict.UNTOUCHED:
                not_enabled = True
                if not row.repeatable:  # it takes no answer to this challenge (TOTP), and may take sign-ins
                    counted = turn._replace(ticket=None)
            failed.append(counted)
            if verdict is _Verdict.DOUBTFUL and not row.repeatable:
                break
        # None did better, so it is nobody's fault, but for a Region that leaves unanswered whatever it is asked.
        *others, last = failed
        may_be_silent = isinstance(result, ConnectionFailed) and not result.unsent and not row.repeatable
        self._settle(others, Breaker.undecided)
        is_down = may_be_silent and self._is_silent(last, deadline)
        self._settle([last], Breaker.failed if is_down else Breaker.undecided)
        if isinstance(result, Response) and not not_enabled:
            return failed[-1].region, result
        if isinstance(result, ConnectionFailed) and not not_enabled:
            raise result
        call.problems.append(f"Cognito in {failed[-1].region}: {_in_words(result)}")
        raise self._try_later(self._breakers[self._primary, row.kind])

    def _turns(self, row: Row, issuer: str | None) -> Iterator[_Turn]:
        """Regions in the order in which they are asked: first those that are well, then all the same the others.

        A session's own Region comes first however it is, since no other takes the session; a probe is a call that can
        be made elsewhere if it fails.
        """
        order = self._order if issuer is None else (issuer, *(region for region in self._order if region != issuer))
        kept_back = []
        for region in order:
            breaker = self._breakers[region, row.kind]
            ticket = self._admit(breaker, may_probe=row.repeatable)
            turn = _Turn(region, breaker, ticket)
            if ticket is None and region != issuer:
                kept_back.append(turn)
            else:
                yield turn
        yield from kept_back

    def _until(self, turn: _Turn, row: Row, deadline: float, left: int, *, for_its_session: bool) -> float:
        """When a turn must be over: it may take its share of the time that is left, or all of it if it is the last."""
        now = time.monotonic()
        if not row.repeatable:
            until = _leaving_time_to_confirm(deadline)
            return min(until, now + PROBE_SECONDS) if for_its_session and turn.ticket is None else until
        if left == 1:
            return deadline
        until = now + (deadline - now) / left
        return min(until, now + PROBE_SECONDS) if turn.ticket is not None and turn.breaker.is_open else until

    def _take(
        self, turn: _Turn, forward: Forward, call: Call, until: float
    ) -> tuple[_Turn, Response | ConnectionFailed]:
        """What becomes of a turn, and the turn: without a ticket if the Region was silent, and had too little time."""
        had = until - time.monotonic()
        try:
            return turn, self._attempt(turn.region, forward, call, until)
        except ConnectionFailed as error:
            if isinstance(error, DeadlinePassed) and had < (CONNECT_SECONDS if error.unsent else LEAST_SECONDS):
                self._settle([turn], Breaker.undecided)
                turn = turn._replace(ticket=None)
            return turn, error
        except BaseException:
            self._settle([turn], Breaker.undecided)
            raise

    def _is_silent(self, turn: _Turn, deadline: float) -> bool:
        """Whether a Region that left a call unanswered does so with a harmless one, too.

        It is not asked where nothing is counted, or where too little time is left for an answer.
        """
        now = time.monotonic()
        if turn.ticket is None or deadline - now < CONFIRM_SECONDS / 2:
            return False
        try:
            response = self._clients[turn.region].send(
                dict(HEADERS), BODY, deadline=min(deadline, now + CONFIRM_SECONDS)
            )
        except (ConnectionFailed, CallRefused):
            return True
        return self._verdict(turn.region, response) is _Verdict.DOUBTFUL

    def _attempt(self, region: str, forward: Forward, call: Call, deadline: float) -> Response:
        started = time.monotonic()
        connecting, self._connecting = self._connecting, None
        connect_by = min(deadline, started + CONNECT_SECONDS)
        if connecting is not None and connecting[0] == region and connecting[1] > started:
            connect_by = connecting[1]
        try:
            return self._clients[region].send(
                dict(forward.headers), forward.body, deadline=deadline, signed=forward.signed, connect_by=connect_by
            )
        finally:
            call.upstream_seconds = (call.upstream_seconds or 0.0) + time.monotonic() - started

    def _verdict(self, region: str, result: Response | ConnectionFailed) -> _Verdict:
        if isinstance(result, ConnectionFailed):
            return _Verdict.UNTOUCHED if result.unsent else _Verdict.DOUBTFUL
        if result.status == 400 and region != self._primary and _type_in_header(result) == NOT_ENABLED:
            return _Verdict.UNTOUCHED  # a replica that is not active
        if result.status >= 500 and _type_in_header(result) not in _THROTTLES:
            return _Verdict.DOUBTFUL
        return _Verdict.WELL

    def _admit(self, breaker: Breaker, *, may_probe: bool = True) -> int | None:
        with self._lock:
            return breaker.admit(time.time(), may_probe=may_probe)

    def _settle(self, turns: Iterable[_Turn], tell: Callable[[Breaker, int, float], None]) -> None:
        with self._lock:
            for turn in turns:
                if turn.ticket is not None:
                    tell(turn.breaker, turn.ticket, time.time())

    def _try_later(self, breaker: Breaker) -> PrimaryRegionDown:
        return PrimaryRegionDown(max(TRY_LATER_SECONDS, breaker.seconds_left(time.time())))

    def _note(self, region: str, call: Call, *, failover: bool) -> None:
        if region != self._region:
            call.cognito_region = region
        if failover:
            call.count("RegionFailovers")

    def _note_problem(self, call: Call) -> None:
        if self._problem:
            call.problems.append(self._problem)


def _breaker(kind: Kind) -> Breaker:
    """Changes have no other Region that a hasty return could cost them: one that succeeds lets all pass."""
    return Breaker(random.random, probes=1) if kind is Kind.CHANGES else Breaker(random.random)


def _leaving_time_to_confirm(deadline: float) -> float:
    """When a call must be over which no other Region can be asked for. A short one has all its time: its silence says
    nothing."""
    enough = deadline - time.monotonic() >= LEAST_SECONDS + CONFIRM_SECONDS
    return deadline - CONFIRM_SECONDS if enough else deadline


def _type_in_header(response: Response) -> str:
    """The error's type, as Cognito names it in a header: the body of an answer that may be any server's is not read."""
    return error_type(response.headers.get("x-amzn-errortype", ""))


def _in_words(result: Response | ConnectionFailed | None) -> str:
    if not isinstance(result, Response):
        return str(result)
    return _type_in_header(result) or f"HTTP{result.status}"
