"""Under load, out of several processes: exactly the limit passes, and a table that fails fails no sign-in.

The whole, ten thousand attempts: `make limits`.
"""

from __future__ import annotations

import time

from tests.proxy.fake_service import error, stall
from tests.proxy.user_limits.load import LIMIT, attack, backend, check


def test_exactly_the_limit_passes_and_the_owner_and_others_get_in() -> None:
    with backend() as (environment, pool, _, table):
        result = attack(environment, 600, processes=3)
    check(result, pool.guesses)
    assert sum(times for (who, _), times in result.outcomes.items() if who == "attacker") == 600
    assert table.calls > LIMIT


def test_an_outage_in_the_middle_of_a_load_fails_no_sign_in() -> None:
    with backend() as (environment, _, dynamodb, table):

        def outage() -> None:
            deadline = time.monotonic() + 30
            while table.calls < 100 and time.monotonic() < deadline:
                time.sleep(0.01)
            for behaviour in (
                error("ThrottlingException", "m"),
                error("ProvisionedThroughputExceededException", "m"),
                error("InternalServerError", "m", status=500),
                stall,
            ):
                dynamodb.default = behaviour
                time.sleep(0.3)
            dynamodb.default = table.behave

        result = attack(environment, 1200, processes=3, patient=False, meanwhile=outage)
    assert {outcome for who, outcome in result.outcomes if who != "attacker"} == {"ok"}
    assert result.uncounted > 0
    beyond = result.outcomes["attacker", "NotAuthorizedException"] - LIMIT
    assert beyond <= result.uncounted, "whoever passed beyond the limit is a count on a line"
    assert result.slowest < 6
