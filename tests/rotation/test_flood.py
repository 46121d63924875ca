"""Cognito's quotas are the account's: what a flood of public calls, past the proxy, does to a rotation."""

import io
import json
from typing import Any

import pytest

from cognito_proxy.app_clients import rotation_commands
from cognito_proxy.app_clients.rotation_commands import IDLE_SECONDS, MOST_SECONDS, Rotator
from local.simulators.cognito.two_secrets import SECRET_OPERATIONS
from rotation.errors import RotationError
from tests.rotation.cognito import PROBES
from tests.rotation.in_process_transport import Fault, Lost
from tests.rotation.secrets_manager import ARN
from tests.rotation.simulated_aws import FIRST, OVERLAP, STEPS, TIMEOUT, SimulatedAws

HALF_A_MINUTE = 30.0
FEWEST_TRIES = 9
"""In half a minute, when each pause is as long as chance allows: at 0, 1, 3, 7, 11 … 27 seconds."""


def flood(aws: SimulatedAws, *operations: str, seconds: float = HALF_A_MINUTE) -> None:
    aws.cognito.flooded = dict.fromkeys(operations, aws.clock.now + seconds)


def test_while_one_quota_is_used_up_a_probe_of_another_one_tells(aws: SimulatedAws) -> None:
    flood(aws, "ConfirmSignUp")
    began = aws.clock.now
    token = aws.rotate()
    assert aws.secrets.labelled("AWSCURRENT") == token
    assert set(aws.cognito.throttled) == {"ConfirmSignUp"}
    assert aws.clock.now == began


@pytest.mark.parametrize("operations", [PROBES, (*PROBES, *SECRET_OPERATIONS)])
def test_what_is_throttled_for_half_a_minute_is_waited_for(aws: SimulatedAws, operations: tuple[str, ...]) -> None:
    flood(aws, *operations)
    began = aws.clock.now
    token = aws.rotate()
    assert aws.secrets.labelled("AWSCURRENT") == token
    assert aws.current in aws.cognito.values
    assert HALF_A_MINUTE <= aws.clock.now - began <= HALF_A_MINUTE + 5
    assert len(aws.cognito.throttled) >= FEWEST_TRIES


@pytest.mark.parametrize("fails", [Lost(), Fault("InternalErrorException", status=500)])
def test_test_calls_that_come_to_nothing_for_half_a_minute_are_waited_for(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch, fails: Exception
) -> None:
    until, answer = aws.clock.now + HALF_A_MINUTE, aws.cognito.answer

    def failing(operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        if operation in PROBES and aws.clock.now < until:
            raise fails
        return answer(operation, document, signed)

    monkeypatch.setattr(aws.cognito, "answer", failing)
    aws.rotate()
    assert aws.clock.now >= until


def test_a_store_that_throttles_for_half_a_minute_is_waited_for(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    until, answer = aws.clock.now + HALF_A_MINUTE, aws.secrets.answer

    def throttled(operation: str, document: dict[str, Any], signed: bool) -> dict[str, Any]:
        if aws.clock.now < until:
            raise Fault("ThrottlingException", "Rate exceeded")
        return answer(operation, document, signed)

    token = aws.begin()
    monkeypatch.setattr(aws.secrets, "answer", throttled)
    assert aws.carry_on(token, most=1)
    assert aws.clock.now >= until


@pytest.mark.proves("failed-rotation-harmless")
@pytest.mark.parametrize("step", ["testSecret", "finishSecret"])
def test_a_flood_without_an_end_fails_with_one_line_and_the_current_secret_goes_on(
    aws: SimulatedAws, step: str
) -> None:
    token = aws.begin()
    for each in STEPS[: STEPS.index(step)]:
        aws.invoke(each, token)
    began = aws.clock.now
    flood(aws, *PROBES, seconds=10 * TIMEOUT)
    with pytest.raises(RotationError) as raised:
        aws.invoke(step, token)
    assert str(raised.value) == (
        "Cognito does not tell whether it accepts the secret: "
        "ConfirmSignUp: TooManyRequestsException; ConfirmForgotPassword: TooManyRequestsException"
    )
    # It used the time that it had, and kept some for itself; and it asked often.
    assert TIMEOUT - 10 < aws.clock.now - began < TIMEOUT - 5
    assert all(aws.cognito.throttled.count(probe) > 40 for probe in PROBES)
    assert aws.current == FIRST
    assert FIRST in aws.cognito.values


def test_secrets_manager_s_next_try_ends_well_once_the_flood_is_over(aws: SimulatedAws) -> None:
    token = aws.begin()
    flood(aws, *PROBES, seconds=1.5 * TIMEOUT)
    assert aws.carry_on(token, most=2)
    assert aws.secrets.labelled("AWSCURRENT") == token


def test_the_first_steps_need_nothing_that_a_flood_can_use_up(aws: SimulatedAws) -> None:
    flood(aws, *PROBES, seconds=10 * TIMEOUT)
    token, began = aws.begin(), aws.clock.now
    for step in ("createSecret", "setSecret", "createSecret", "setSecret"):
        aws.invoke(step, token)
    assert aws.clock.now == began
    assert len(aws.cognito.values) == 2


def test_the_clean_up_gives_up_before_the_command_line_does_and_the_next_run_makes_up_for_it(aws: SimulatedAws) -> None:
    aws.rotate()
    aws.pass_time(OVERLAP)
    began = aws.clock.now
    flood(aws, *PROBES, seconds=100)
    with pytest.raises(RotationError, match=r"^Cognito does not tell .* TooManyRequestsException$"):
        aws.invoke("endPrevious")
    # botocore waits for a minute.
    assert aws.clock.now - began < 50
    aws.pass_time(100)
    assert aws.invoke("endPrevious")["outcome"] == "ended"


def test_a_leaked_secret_is_ended_in_the_flood_and_without_asking(aws: SimulatedAws) -> None:
    aws.rotate()
    aws.needed_until.clear()
    flood(aws, *PROBES, seconds=10 * TIMEOUT)
    assert aws.invoke("endPreviousNow")["outcome"] == "ended"
    assert FIRST not in aws.cognito.values
    assert aws.cognito.throttled == []


def test_an_operator_can_promote_by_hand_what_cognito_has_and_end_the_leaked_one(
    aws: SimulatedAws, operator: Any
) -> None:
    """As docs/operations.md has it for a flood without an end."""
    flood(aws, *PROBES, seconds=10 * TIMEOUT)
    token = aws.begin()
    assert not aws.carry_on(token, most=1)
    assert len(aws.cognito.values) == 2
    labels = operator.describe_secret(SecretId=ARN)["VersionIdsToStages"]
    versions = {label: version for version, found in labels.items() for label in found}
    operator.update_secret_version_stage(
        SecretId=ARN,
        VersionStage="AWSCURRENT",
        MoveToVersionId=versions["AWSPENDING"],
        RemoveFromVersionId=versions["AWSCURRENT"],
    )
    aws.needed_until.clear()
    assert aws.invoke("endPreviousNow")["outcome"] == "ended"
    assert aws.cognito.values == {aws.current}
    assert aws.current != FIRST


def test_rotate_leaked_waits_for_a_flood_of_two_minutes(
    aws: SimulatedAws, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Functions:
        """Lambda, with the rotation function in it."""

        def invoke(self, **request: Any) -> dict[str, Any]:
            answered = aws.invoke(json.loads(request["Payload"])["Step"])
            return {"Payload": io.BytesIO(json.dumps(answered).encode())}

    def carry_on(token: str) -> None:
        assert aws.carry_on(token)

    aws.secrets.on_rotate = carry_on
    aws._check = aws.needed_until.clear  # type: ignore[method-assign]
    monkeypatch.setattr(rotation_commands, "time", aws.clock)
    flood(aws, *PROBES, seconds=120)
    done = Rotator(secrets_manager=operator, functions=Functions(), secret_id=ARN).rotate(leaked=True)
    assert done.previous_ended
    assert aws.cognito.values == {aws.current}
    assert aws.current != FIRST


def test_the_command_line_waits_for_the_two_steps_that_ask_and_gives_up_no_rotation_that_is_at_it() -> None:
    assert MOST_SECONDS >= 2 * TIMEOUT
    assert IDLE_SECONDS >= 3 * TIMEOUT
