"""What docs/decisions/0014-limits-a-user.md promises, played: a day on which somebody who knows a name never stops.

The attacker has a new network for each attempt, tries all operations that name a user, and takes every attempt that is
free before anybody else can. The pool locks by itself as Cognito's guide says. The day goes by in steps; nobody waits.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count

import pytest

from tests.proxy.sample_requests import SETTINGS_DOCUMENT
from tests.proxy.user_limits.limited import LIMITED, Clock, new_environment, switch_on
from tests.proxy.user_limits.owner_and_attacker import CODE, DEVICE, PASSWORD, Pool, begin, named, respond, sign_in

ATTEMPTS, WINDOW = 10, 1200.0
STEP = 10.0
HOURS = 3
HOME, CAFE = "203.0.113.7", "198.51.100.9"
NETWORKS = (f"10.{number // 250 % 250}.{number % 250}.1" for number in count())


class Attacker:
    """Tries for ever, every step, from ever new networks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._steps = 0
        self._sessions: list[str] = []
        self.refused = 0

    def step(self) -> None:
        """Whatever is free is taken at once; half of it to hoard sessions, for guesses as late as they allow."""
        for number in range(2 * ATTEMPTS):
            if number % 2:
                result = begin(next(NETWORKS), "USER_AUTH")
                self._sessions += [result] if result != LIMITED else []
            else:
                result = sign_in(next(NETWORKS))
            if result == LIMITED:
                self.refused += 1
                break
        if self._steps % 16 == 0:  # 160 seconds: sessions live 180
            for session in self._sessions:
                respond(next(NETWORKS), "SELECT_CHALLENGE", session=session, PASSWORD="guess")
            self._sessions.clear()
            respond(next(NETWORKS), "SMS_MFA", SMS_MFA_CODE="guess")
            named(next(NETWORKS), "ForgotPassword")
            named(next(NETWORKS), "ConfirmForgotPassword", ConfirmationCode="guess", Password="x")
        self._steps += 1

    def for_minutes(self, minutes: float) -> None:
        """Let time go by."""
        for _ in range(int(minutes * 60 / STEP)):
            self.step()
            self._clock.now += STEP


@pytest.fixture
def attacker(pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Attacker:
    pool.locks = True
    switch_on(monkeypatch, attempts=ATTEMPTS, window=WINDOW)
    return Attacker(clock)


def seconds_until(signed_in: Callable[[], object], attacker: Attacker, clock: Clock) -> float:
    """How long somebody who tries every ten seconds waits until he is in, while the attack goes on."""
    started = clock.now
    while signed_in() is not None:
        attacker.step()
        clock.now += STEP
        assert clock.now - started < 3600, "not within an hour"
    return clock.now - started


LONGEST_LOCK = 2.0 ** (ATTEMPTS - 5)
"""What Cognito's own lock can last after as many failures as strangers have in a row."""


def test_the_owner_gets_in_at_home_whenever_she_wants(attacker: Attacker, pool: Pool, clock: Clock) -> None:
    assert sign_in(HOME, password=PASSWORD) is None
    waits = []
    for _ in range(HOURS * 4):
        attacker.for_minutes(13)
        waits.append(seconds_until(lambda: sign_in(HOME, password=PASSWORD), attacker, clock))
    assert attacker.refused > 500
    assert max(waits) <= 2 * LONGEST_LOCK + STEP
    assert sum(waits) / len(waits) < STEP


def test_the_owner_gets_in_with_a_known_device_anywhere(attacker: Attacker, clock: Clock) -> None:
    assert sign_in(HOME, password=PASSWORD) is None
    attacker.for_minutes(45)
    wait = seconds_until(lambda: sign_in(CAFE, password=PASSWORD, DEVICE_KEY=DEVICE), attacker, clock)
    assert wait <= 2 * LONGEST_LOCK + STEP


def test_the_owner_gets_in_with_a_code_at_a_new_place(attacker: Attacker, clock: Clock) -> None:
    attacker.for_minutes(45)
    assert sign_in(CAFE, password=PASSWORD) == LIMITED
    assert named(CAFE, "ConfirmForgotPassword", ConfirmationCode=CODE, Password=PASSWORD) is None
    assert seconds_until(lambda: sign_in(CAFE, password=PASSWORD), attacker, clock) <= 2 * LONGEST_LOCK + STEP
    attacker.for_minutes(45)
    assert sign_in(CAFE, password=PASSWORD) is None


def test_without_a_proof_a_new_place_waits_as_long_as_the_attack(attacker: Attacker, clock: Clock) -> None:
    """Said plainly in the decision: here is what the promise leaves out."""
    attacker.for_minutes(30)
    for _ in range(60):
        attacker.for_minutes(1)
        attacker.step()
        assert sign_in(CAFE, password=PASSWORD) == LIMITED
    clock.now += WINDOW
    assert sign_in(CAFE, password=PASSWORD) is None, "when he stops, she waits a window at most"


def test_strangers_have_no_more_guesses_than_the_limit_allows(attacker: Attacker, pool: Pool) -> None:
    attacker.for_minutes(HOURS * 60)
    chains = HOURS * 3600 / WINDOW + 1
    assert pool.guesses <= ATTEMPTS * chains
    assert pool.guesses > ATTEMPTS


def test_without_limits_cognitos_own_lock_keeps_the_owner_out(
    pool: Pool,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same attack, the same pool, the same owner: what the limits are good for, besides fewer guesses."""
    new_environment()
    pool.locks = True
    monkeypatch.setenv("PROXY_SETTINGS", json.dumps(SETTINGS_DOCUMENT))
    attacker = Attacker(clock)
    kept_out = 0
    for _ in range(8):
        attacker.for_minutes(3)
        kept_out += sign_in(HOME, password=PASSWORD) is not None
    assert kept_out >= 6
