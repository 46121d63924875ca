"""Rotation on demand."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from cognito_proxy.app_clients import rotation_commands
from cognito_proxy.app_clients.rotation_commands import RotationRefused, Rotator
from rotation.errors import RotationError
from tests.rotation.secrets_manager import ARN, FUNCTION_ARN
from tests.rotation.simulated_aws import FIRST, OVERLAP, SimulatedAws


class Functions:
    """Lambda, with the rotation function in it."""

    def __init__(self, aws: SimulatedAws) -> None:
        self._aws = aws

    def invoke(self, **request: Any) -> dict[str, Any]:
        assert request["FunctionName"] == FUNCTION_ARN
        try:
            answered = self._aws.invoke(json.loads(request["Payload"])["Step"])
        except RotationError as error:
            failure = {"errorMessage": str(error), "errorType": "RotationError"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(failure).encode())}
        return {"Payload": io.BytesIO(json.dumps(answered).encode())}


@pytest.fixture
def rotator(aws: SimulatedAws, operator: Any, monkeypatch: pytest.MonkeyPatch) -> Rotator:
    """Secrets Manager runs a rotation while the command waits."""
    pending: list[str] = []
    aws.secrets.on_rotate = pending.append

    class Time:
        time = staticmethod(aws.clock.time)
        monotonic = staticmethod(aws.clock.time)

        @staticmethod
        def sleep(seconds: float) -> None:
            aws.clock.sleep(seconds)
            while pending:
                aws.carry_on(pending.pop())

    monkeypatch.setattr(rotation_commands, "time", Time)
    return Rotator(secrets_manager=operator, functions=Functions(aws), secret_id=ARN)


def test_a_rotation_on_demand_ends_with_the_new_secret_current(aws: SimulatedAws, rotator: Rotator) -> None:
    done = rotator.rotate()
    assert done.version == aws.secrets.labelled("AWSCURRENT")
    assert not done.previous_ended
    assert aws.cognito.values == {FIRST, aws.current}


@pytest.mark.proves("leaked-is-ended")
def test_a_leaked_secret_is_replaced_and_ended(aws: SimulatedAws, rotator: Rotator) -> None:
    aws.rotate()
    leaked = aws.current
    aws._check = aws.needed_until.clear  # type: ignore[method-assign]
    assert rotator.rotate(leaked=True).previous_ended
    assert aws.cognito.values == {aws.current}
    assert leaked != aws.current


@pytest.mark.proves("no-rotation-in-overlap")
def test_a_second_rotation_is_refused_until_the_overlap_is_over(aws: SimulatedAws, rotator: Rotator) -> None:
    rotator.rotate()
    with pytest.raises(RotationRefused, match=r"too fresh: .* until 2027-01-15 \d\d:\d\d:\d\d UTC"):
        rotator.rotate()
    aws.pass_time(OVERLAP)
    rotator.rotate()
    assert FIRST not in aws.cognito.values


@pytest.mark.proves("stuck-rotation-given-up")
def test_a_rotation_under_way_is_left_alone_and_a_stuck_one_is_given_up(aws: SimulatedAws, rotator: Rotator) -> None:
    stuck = aws.begin()
    with pytest.raises(RotationRefused, match="under way"):
        rotator.rotate()
    aws.pass_time(rotation_commands.IDLE_SECONDS)
    assert rotator.rotate().version != stuck


@pytest.mark.proves("leaked-in-seven-minutes", "failed-rotation-harmless")
def test_a_rotation_that_fails_is_told_and_the_secret_stays(aws: SimulatedAws, rotator: Rotator) -> None:
    aws.secrets.on_rotate = lambda token: None
    with pytest.raises(RotationRefused, match="not current after 420 seconds"):
        rotator.rotate()
    assert aws.current == FIRST


def test_a_secret_without_rotation_is_refused(aws: SimulatedAws, rotator: Rotator) -> None:
    aws.secrets.rotation_function = None
    with pytest.raises(RotationRefused, match="has no rotation"):
        rotator.rotate()


def refuses_the_clean_up(aws: SimulatedAws) -> None:
    aws.rotate()
    aws.pass_time(OVERLAP)
    aws.secrets.replicas = {"us-east-1": "Failed"}


@pytest.mark.parametrize(
    ("prepare", "secret_id", "told"),
    [
        (refuses_the_clean_up, ARN, "The rotation function failed: .* replica failed in us-east-1"),
        (lambda aws: None, "no-such-secret", "^DescribeSecret: ResourceNotFoundException$"),
    ],
)
def test_what_fails_is_told_in_one_line(
    aws: SimulatedAws, rotator: Rotator, prepare: Callable[[SimulatedAws], None], secret_id: str, told: str
) -> None:
    prepare(aws)
    other = Rotator(secrets_manager=rotator.secrets_manager, functions=rotator.functions, secret_id=secret_id)
    with pytest.raises(RotationRefused, match=told) as caught:
        other.rotate()
    assert "\n" not in str(caught.value)
